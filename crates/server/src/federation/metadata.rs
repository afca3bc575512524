//! Federation metadata at `/d/{slug}/federationmetadata/2007-06/federationmetadata.xml`.

use actix_web::{HttpResponse, http::header, web};

use crate::answer::{Answer, Desk};

/// The signed document; cacheable for an hour.
pub(crate) async fn document(desk: Desk, slug: web::Path<String>) -> Answer {
    let xml = desk.counter.house.federation_metadata(&slug).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/samlmetadata+xml; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(xml))
}
