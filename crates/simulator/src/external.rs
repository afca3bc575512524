//! The pages around an external MFA provider: who is sent there, and what comes back.

use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{self, Bytes, Data, ServiceConfig};

use crate::login::external_mfa::{self, ANSWER_PATH, ExternalMethod, Sending};
use crate::login::{Realm, realm};
use crate::odata::Query;
use crate::outlook::{COOKIE, denied, to};
use crate::page::{escape, page};
use crate::world::World;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/outlook/verify", web::post().to(send))
        .route(ANSWER_PATH, web::post().to(accept));
}

/// What somebody of a managed domain is offered: their password is taken as given here, since nobody
/// has one.
pub(crate) fn choices(address: &str, methods: &[ExternalMethod]) -> String {
    let one = |method: &ExternalMethod| {
        format!(
            r#"<form method="post" action="/outlook/verify">
<input type="hidden" name="username" value="{}">
<button type="submit" name="method" value="{}">Approve with {}</button>
</form>"#,
            escape(address),
            escape(&method.id),
            escape(&method.display_name)
        )
    };
    methods.iter().map(one).collect()
}

/// Leads to the provider by a form; these pages work without script, so it has a button.
async fn send(body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let (address, method) =
        (form.get("username").unwrap_or_default(), form.get("method").unwrap_or_default());
    // Whose domain is federated gives the first factor elsewhere.
    if let Realm::Federated { .. } = world.read(|tenant| realm(tenant, address.trim())) {
        return to("/outlook");
    }
    match external_mfa::send(&world, address.trim(), method).await {
        Ok(Sending { to, fields }) => {
            let inputs = fields.iter().map(|(name, value)| {
                format!(r#"<input type="hidden" name="{name}" value="{}">"#, escape(value))
            });
            let body = format!(
                r#"<main class="card">
<h1>Verify your identity</h1>
<form method="post" action="{}" id="provider">
{}
<button type="submit">Continue</button>
</form>
</main>"#,
                escape(&to),
                inputs.collect::<Vec<_>>().join("\n"),
            );
            page(200, "Verify your identity", &body)
        }
        Err(denial) => denied(&world, &denial),
    }
}

async fn accept(body: Bytes, world: Data<World>) -> HttpResponse {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let cookie = match external_mfa::accept(&world, &form).await {
        Ok(cookie) => cookie,
        Err(denial) => return denied(&world, &denial),
    };
    let cookie =
        Cookie::build(COOKIE, cookie).path("/").http_only(true).same_site(SameSite::Lax).finish();
    let mut response = to("/outlook/mailbox");
    match response.add_cookie(&cookie) {
        Ok(()) => response,
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
