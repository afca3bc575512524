//! Microsoft's own sign-in page, as far as it is needed: an address, and a tick for the second factor.
//! Nobody has a password here.

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::login::openid::{Asked, Authorization, Consent, sign_in};
use crate::login::{Denial, openid};
use crate::odata::Query;
use crate::outlook::denied;
use crate::page::{escape, page};
use crate::world::World;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{tenant}/oauth2/v2.0/authorize", web::get().to(ask))
        .route("/{tenant}/oauth2/v2.0/authorize", web::post().to(answer))
        .route("/{tenant}/v2.0/adminconsent", web::get().to(ask_consent))
        .route("/{tenant}/v2.0/adminconsent", web::post().to(answer_consent))
        .route("/{tenant}/discovery/v2.0/keys", web::get().to(keys))
        .route("/simulator/app-registrations", web::get().to(apps))
        .route("/simulator/app-registrations", web::post().to(add_redirect_uri));
}

async fn keys(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(openid::key_set(&world))
}

async fn ask(request: HttpRequest, tenant: Path<String>, world: Data<World>) -> HttpResponse {
    let query = request.query_string();
    match Authorization::read(&world, &tenant, query) {
        Ok(asked) if asked.is_silent => found(&asked.nobody()),
        Ok(asked) => question(200, query, &asked.login_hint, None),
        Err(denial) => denied(&world, &denial),
    }
}

fn question(code: u16, query: &str, address: &str, complaint: Option<&Denial>) -> HttpResponse {
    let complaint = complaint.map_or(String::new(), |denial| {
        format!(
            r#"<p class="code" role="alert" id="complaint">AADSTS{}: {}</p>"#,
            denial.code,
            escape(&denial.sentence)
        )
    });
    let body = format!(
        r#"<main class="card">
<h1>Sign in with your Microsoft account</h1>
{complaint}
<form method="post" action="?">
<input type="hidden" name="query" value="{}">
<label for="username">Email address</label>
<input id="username" name="username" type="email" autocomplete="username" required autofocus value="{}">
<p><label><input type="checkbox" name="mfa" value="yes"> Give a second factor, too</label></p>
<button type="submit">Sign in</button>
</form>
<form method="post" action="?">
<input type="hidden" name="query" value="{0}">
<button type="submit" name="cancel" value="yes">Cancel</button>
</form>
</main>"#,
        escape(query),
        escape(address)
    );
    page(code, "Sign in to your account", &body)
}

async fn answer(tenant: Path<String>, body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let query = form.get("query").unwrap_or_default();
    let asked = match Authorization::read(&world, &tenant, query) {
        Ok(asked) => asked,
        Err(denial) => return denied(&world, &denial),
    };
    if form.get("cancel").is_some() {
        return found(&asked.cancelled());
    }
    let address = form.get("username").unwrap_or_default().trim();
    match sign_in(&world, &asked, (address, form.get("mfa").is_some())) {
        Ok(Asked::Back(to) | Asked::Elsewhere(to)) => found(&to),
        Err(denial) => question(400, query, address, Some(&denial)),
    }
}

/// The consent page: an admin of a directory says yes or no for everybody there.
async fn ask_consent(
    request: HttpRequest,
    tenant: Path<String>,
    world: Data<World>,
) -> HttpResponse {
    let query = request.query_string();
    if let Err(denial) = Consent::read(&world, &tenant, query) {
        return denied(&world, &denial);
    }
    let body = format!(
        r#"<main class="card">
<h1>Permissions requested</h1>
<p>Consent on behalf of your organization: sign you in and read your profile.</p>
<form method="post" action="?">
<input type="hidden" name="query" value="{0}">
<label for="username">Email address of an admin</label>
<input id="username" name="username" type="email" required autofocus>
<button type="submit">Accept</button>
</form>
<form method="post" action="?">
<input type="hidden" name="query" value="{0}">
<button type="submit" name="cancel" value="yes">Cancel</button>
</form>
</main>"#,
        escape(query)
    );
    page(200, "Permissions requested", &body)
}

async fn answer_consent(tenant: Path<String>, body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let asked = match Consent::read(&world, &tenant, form.get("query").unwrap_or_default()) {
        Ok(asked) => asked,
        Err(denial) => return denied(&world, &denial),
    };
    if form.get("cancel").is_some() {
        return found(&asked.declined());
    }
    match asked.give(&world, form.get("username").unwrap_or_default().trim()) {
        Ok(to) => found(&to),
        Err(denial) => denied(&world, &denial),
    }
}

pub(crate) fn found(address: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", address))
        .insert_header(("Cache-Control", "no-store"))
        .finish()
}

/// What the portal of Entra shows of app registrations.
async fn apps(world: Data<World>) -> HttpResponse {
    let rows = world.read(|tenant| {
        let one = |app: &crate::tenant::SignInApp| {
            let uris: Vec<String> =
                app.redirect_uris.iter().map(|uri| format!("<li>{}</li>", escape(uri))).collect();
            format!(
                r#"<section><h2>{0}</h2><ul>{1}</ul>
<form method="post"><input type="hidden" name="client_id" value="{0}">
<label for="uri-{0}">Redirect URI</label> <input id="uri-{0}" name="uri" required>
<button type="submit">Add</button></form></section>"#,
                escape(&app.client_id),
                uris.concat()
            )
        };
        tenant.sign_in_apps.iter().map(one).collect::<String>()
    });
    let body = format!("<main><h1>App registrations</h1>{rows}</main>");
    page(200, "App registrations", &body)
}

async fn add_redirect_uri(body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let (client, uri) = (form.get("client_id"), form.get("uri").unwrap_or_default());
    world.change(|tenant| {
        let mut apps = tenant.sign_in_apps.iter_mut();
        if let Some(app) = apps.find(|app| Some(app.client_id.as_str()) == client) {
            app.redirect_uris.push(uri.trim().to_owned());
        }
    });
    HttpResponse::SeeOther().insert_header(("Location", "/simulator/app-registrations")).finish()
}
