//! The portal: what employees have to themselves, and where they keep their own sign-in safe.

mod authenticator;
mod home;
mod microsoft;
mod passkeys;
mod recent_sign_ins;
mod remembered;
pub(crate) mod security;
mod sessions;
mod step_up;

use actix_web::web::{self, ServiceConfig};

/// The addresses of the portal.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/portal", web::get().to(home::show))
        .route("/portal/security", web::get().to(security::show))
        .route("/portal/security/password", web::post().to(security::change_password))
        .route("/portal/security/recovery-codes", web::post().to(security::replace_recovery_codes))
        .route("/portal/security/app", web::get().to(authenticator::show))
        .route("/portal/security/app/new", web::post().to(authenticator::begin))
        .route("/portal/security/app/remove", web::post().to(authenticator::remove))
        .route("/portal/security/app/{id}", web::get().to(authenticator::show_new))
        .route("/portal/security/app/{id}", web::post().to(authenticator::add))
        .route("/portal/security/passkeys", web::post().to(passkeys::add))
        .route("/portal/security/passkeys/{id}", web::get().to(passkeys::show))
        .route("/portal/security/passkeys/{id}", web::post().to(passkeys::rename))
        .route("/portal/security/passkeys/{id}/remove", web::post().to(passkeys::remove))
        .route("/portal/security/microsoft", web::post().to(microsoft::link))
        .route("/portal/security/microsoft/{id}/remove", web::post().to(microsoft::unlink))
        .route("/portal/remembered/{id}/forget", web::post().to(remembered::forget))
        .route("/portal/sessions/{id}/end", web::post().to(sessions::end))
        .route("/portal/sign-ins", web::get().to(recent_sign_ins::show))
        .route("/portal/sign-ins/not-me", web::post().to(recent_sign_ins::disown))
        .route("/portal/step-up", web::get().to(step_up::ask))
        .route("/portal/step-up", web::post().to(step_up::check))
        .route("/portal/step-up/passkey", web::post().to(step_up::check_passkey));
}
