//! Every address of the product, in one table.

use actix_web::web::{self, ServiceConfig};

use crate::{
    admin, answer, error::Failure, federation, health, metrics, portal, scim, sign_in, statics,
    well_known,
};

/// The table. `tests/it/access.rs` knows each row and who may use it.
pub(crate) fn all(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(|| async { answer::see_other("/portal") }))
        .route("/static/{file:.*}", web::get().to(statics::file))
        .route("/.well-known/change-password", web::get().to(well_known::change_password))
        .route("/.well-known/passkey-endpoints", web::get().to(well_known::passkey_endpoints))
        .route("/health/live", web::get().to(health::live))
        .route("/health/ready", web::get().to(health::ready))
        .route("/health/alarms", web::get().to(health::alarms))
        .route("/metrics", web::get().to(metrics::show))
        .configure(protocols)
        .configure(sign_in_pages)
        .configure(portal::routes)
        .configure(admin::routes)
        .configure(scim::routes)
        .default_service(web::to(|| async { Err::<String, _>(Failure::NoSuchPage) }));
}

fn protocols(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/d/{slug}/adfs/ls/")
                .get(federation::enter)
                .post(federation::enter_by_post),
        )
        .service(
            web::resource("/d/{slug}/saml/slo")
                .get(federation::saml2::log_out)
                .post(federation::saml2::log_out_by_post),
        )
        .route("/d/{slug}/saml/ecp", web::post().to(federation::ecp::answer))
        .route("/d/{slug}/saml/metadata", web::get().to(federation::metadata::saml))
        .route("/d/{slug}/saml/metadata/{id}", web::get().to(federation::metadata::saml_for))
        .service(
            web::resource("/d/{slug}/oidc/authorize")
                .get(federation::oidc::enter)
                .post(federation::oidc::enter_by_post),
        )
        .route("/d/{slug}/oidc/par", web::post().to(federation::oidc::clients::push))
        .route("/d/{slug}/oidc/token", web::post().to(federation::oidc::clients::token))
        .service(
            web::resource("/d/{slug}/oidc/userinfo")
                .get(federation::oidc::clients::user_info)
                .post(federation::oidc::clients::user_info),
        )
        .service(
            web::resource("/d/{slug}/oidc/end-session")
                .get(federation::oidc::sign_out)
                .post(federation::oidc::sign_out_by_post),
        )
        .route("/d/{slug}/oidc/jwks", web::get().to(federation::oidc::clients::keys))
        .route(
            "/d/{slug}/oidc/.well-known/openid-configuration",
            web::get().to(federation::oidc::clients::discovery),
        )
        .route(
            "/eam/.well-known/openid-configuration",
            web::get().to(federation::external_mfa::discovery),
        )
        .route("/eam/jwks", web::get().to(federation::external_mfa::keys))
        .route("/eam/authorize", web::post().to(federation::external_mfa::enter))
        .route("/continue", web::get().to(federation::resume))
        .route("/sign-out/next", web::get().to(federation::saml2::next))
        .route("/d/{slug}/adfs/services/trust/mex", web::get().to(federation::wstrust::describe))
        .route(
            "/d/{slug}/adfs/services/trust/13/usernamemixed",
            web::post().to(federation::wstrust::answer_13),
        )
        .route(
            "/d/{slug}/adfs/services/trust/2005/usernamemixed",
            web::post().to(federation::wstrust::answer_2005),
        )
        .route(
            "/d/{slug}/federationmetadata/2007-06/federationmetadata.xml",
            web::get().to(federation::metadata::document),
        );
}

fn sign_in_pages(config: &mut ServiceConfig) {
    config
        .route("/sign-in", web::get().to(sign_in::current))
        .route("/sign-in/address", web::get().to(sign_in::other_address))
        .route("/sign-in/address", web::post().to(sign_in::address))
        .route("/sign-in/password", web::post().to(sign_in::password::check))
        .route("/sign-in/second-factor", web::get().to(sign_in::current))
        .route("/sign-in/second-factor", web::post().to(sign_in::second_factor::check))
        .route("/sign-in/recovery-code", web::get().to(sign_in::second_factor::ask_recovery_code))
        .route(
            "/sign-in/recovery-code",
            web::post().to(sign_in::second_factor::check_recovery_code),
        )
        .route("/sign-in/mailed-code", web::get().to(sign_in::mailed_code::ask))
        .route("/sign-in/mailed-code", web::post().to(sign_in::mailed_code::check))
        .route("/sign-in/mailed-code/send", web::post().to(sign_in::mailed_code::send))
        .route("/sign-in/enrollment-code", web::post().to(sign_in::enroll::check_enrollment_code))
        .route("/sign-in/enroll", web::post().to(sign_in::enroll::check))
        .route("/sign-in/enroll/later", web::post().to(sign_in::enroll::later))
        .route("/sign-in/recovery-codes", web::post().to(sign_in::enroll::codes_seen))
        .route("/sign-in/passkey", web::post().to(sign_in::passkey::check))
        .route("/sign-in/enroll/passkey", web::post().to(sign_in::passkey::enroll))
        .route("/sign-in/microsoft", web::post().to(sign_in::microsoft::leave))
        .route("/sign-in/microsoft/{id}", web::get().to(sign_in::microsoft::come_back))
        .route("/sign-in/new-password", web::post().to(sign_in::new_password::choose))
        .route("/forgotten", web::get().to(sign_in::reset::ask))
        .route("/forgotten", web::post().to(sign_in::reset::write))
        .route("/reset", web::get().to(sign_in::reset::open))
        .route("/reset", web::post().to(sign_in::reset::begin))
        .route("/sign-out", web::post().to(sign_in::sign_out::by_form));
}
