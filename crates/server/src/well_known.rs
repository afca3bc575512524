//! Addresses that programs know without asking.

use actix_web::{HttpResponse, http::header, web};

use crate::{answer::see_other, state::Counter};

/// Where people add and manage their passkeys, for password managers
/// (<https://www.w3.org/TR/passkey-endpoints/>).
pub(crate) async fn passkey_endpoints(counter: web::Data<Counter>) -> HttpResponse {
    let page = format!("{}/portal/security", counter.origin);
    // An origin of ours has nothing in it that JSON writes another way.
    let body = format!(r#"{{"enroll":"{page}","manage":"{page}"}}"#);
    HttpResponse::Ok()
        .content_type(header::ContentType::json())
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}

/// Where people change their password, for password managers
/// (<https://www.w3.org/TR/change-password-url/>).
pub(crate) async fn change_password() -> HttpResponse {
    see_other("/portal/security#password")
}
