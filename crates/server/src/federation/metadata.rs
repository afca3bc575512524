//! Federation metadata at `/d/{slug}/federationmetadata/2007-06/federationmetadata.xml`, and that of
//! SAML 2.0 alone at `/d/{slug}/saml/metadata`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ETag, EntityTag, Header as _, IfNoneMatch},
    web,
};
use app::issue::metadata::Document;

use crate::answer::{Answer, Desk, id};

/// Asked for again after an hour, which costs little: nothing is sent while nothing changed.
const KEEP: &str = "public, max-age=3600";

/// The signed document.
pub(crate) async fn document(desk: Desk, slug: web::Path<String>) -> Answer {
    let document = desk.counter.house.federation_metadata(&slug).await?;
    Ok(answer(&desk.request, &document))
}

/// The document for those who speak SAML 2.0 and nothing else.
pub(crate) async fn saml(desk: Desk, slug: web::Path<String>) -> Answer {
    let document = desk.counter.house.saml_metadata(&slug, None).await?;
    Ok(answer(&desk.request, &document))
}

/// The same as one relying party is to see it.
pub(crate) async fn saml_for(desk: Desk, path: web::Path<(String, String)>) -> Answer {
    let (slug, party) = path.into_inner();
    let document = desk.counter.house.saml_metadata(&slug, Some(id(&party)?)).await?;
    Ok(answer(&desk.request, &document))
}

/// A metadata document, unless the client has it already.
pub(crate) fn answer(request: &HttpRequest, document: &Document) -> HttpResponse {
    let tag = EntityTag::new_strong(hex::encode(document.digest));
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, KEEP));
    if is_known {
        return answer.finish();
    }
    answer.content_type("application/samlmetadata+xml; charset=utf-8").body(document.xml.clone())
}
