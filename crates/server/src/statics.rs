//! `/static/…`: the embedded files, under addresses that hold a hash of their bytes.

use actix_web::{HttpResponse, http::header};

use crate::{
    answer::{Answer, Desk},
    error::Failure,
};

/// One file, cacheable for a year because a changed one gets a new address.
pub(crate) async fn file(desk: Desk) -> Answer {
    let asset = desk.counter.assets.by_url(desk.request.path()).ok_or(Failure::NoSuchPage)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, asset.media_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.bytes.to_vec()))
}
