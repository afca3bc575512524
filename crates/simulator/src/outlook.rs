//! The browser's side: the Outlook page that asks for an address, `login.srf`, realm discovery,
//! sign-out. Works without script; the mailbox itself is in `mailbox`.

mod mailbox;
mod windows;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::login::{self, Demand, Denial, Form, Realm, Verdict};
use crate::odata::Query;
use crate::page::{escape, page};
use crate::world::World;
use crate::{clock, random};

/// The cookie of a mailbox session.
pub(crate) const COOKIE: &str = "ESTSAUTH";

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(|| async { to("/outlook") }))
        .route("/outlook", web::get().to(ask))
        .route("/outlook", web::post().to(discover))
        .route("/outlook/mailbox", web::get().to(mailbox::show))
        .route("/outlook/sign-out", web::get().to(sign_out))
        .route("/windows/setup", web::get().to(windows::ask))
        .route("/windows/setup", web::post().to(windows::begin))
        .route("/windows/ready", web::get().to(windows::ready))
        .route("/login.srf", web::post().to(accept))
        .route("/login.srf", web::get().to(clean_up))
        .route("/common/userrealm/{user}", web::get().to(user_realm))
        .route("/getuserrealm.srf", web::get().to(get_user_realm))
        .route("/common/GetCredentialType", web::post().to(credential_type));
}

/// 303 to an address.
pub(crate) fn to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", address)).finish()
}

async fn ask(request: HttpRequest) -> HttpResponse {
    let query = Query::parse(request.query_string());
    question(200, query.get("username").unwrap_or_default(), None)
}

fn question(code: u16, address: &str, complaint: Option<&str>) -> HttpResponse {
    let complaint = complaint.map_or(String::new(), |sentence| {
        format!(r#"<p class="code" role="alert" id="complaint">{}</p>"#, escape(sentence))
    });
    let body = format!(
        r#"<main class="card">
<h1>Sign in to Outlook</h1>
<p class="quiet">Use your work address.</p>
{complaint}
<form method="post" action="/outlook">
<label for="username">Email address</label>
<input id="username" name="username" type="email" autocomplete="username" required autofocus value="{}">
<button type="submit">Next</button>
</form>
</main>"#,
        escape(address)
    );
    page(code, "Sign in to Outlook", &body)
}

/// Realm discovery: who signs this address in?
async fn discover(body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let address = form.get("username").unwrap_or_default().trim();
    match world.read(|tenant| login::realm(tenant, address)) {
        Realm::Federated { federation, .. } => {
            let context = world.sign_ins.begin(address, false, world.now());
            let demand =
                Demand { username: address, context: &context, wants_mfa: false, now: world.now() };
            if federation.speaks_saml() && form.get("binding") != Some("redirect") {
                return posting(&login::request_form(&federation, &demand));
            }
            let address = if federation.speaks_saml() {
                login::redirect(&federation, &demand)
            } else {
                federation.sign_in_address(demand)
            };
            HttpResponse::Found()
                .insert_header(("Location", address))
                .insert_header(("Cache-Control", "no-store"))
                .finish()
        }
        Realm::Managed { domain, .. } => {
            let methods = world.read(|tenant| tenant.policies.external_methods.clone());
            let methods: Vec<_> = methods.into_iter().filter(|method| method.enabled).collect();
            let end = if methods.is_empty() {
                "so nobody can sign in here until the domain is federated."
            } else {
                "so it is taken as given, and the second factor is asked for."
            };
            let body = format!(
                r#"<main class="card">
<h1>{0} is managed by Microsoft</h1>
<p>People of <b>{0}</b> sign in with a Microsoft password. This simulator has none, {end}</p>
{1}
<p><a class="button" href="/outlook">Use another address</a></p>
</main>"#,
                escape(&domain),
                crate::external::choices(address, &methods),
            );
            page(200, "Managed domain", &body)
        }
        Realm::Unknown => {
            question(400, address, Some("We couldn't find an account with that address."))
        }
    }
}

/// A page whose form goes to another site; these pages work without script, so it has a button.
fn posting(form: &Form) -> HttpResponse {
    let state = form.relay_state.as_ref().map_or(String::new(), |state| {
        format!(r#"<input type="hidden" name="RelayState" value="{}">"#, escape(state))
    });
    let body = format!(
        r#"<main class="card">
<h1>On to your organisation's page</h1>
<form method="post" action="{}" id="saml">
<input type="hidden" name="{}" value="{}">
{state}
<button type="submit">Continue</button>
</form>
</main>"#,
        escape(&form.to),
        form.name,
        escape(&form.message),
    );
    page(200, "Continue", &body)
}

async fn accept(body: Bytes, world: Data<World>) -> HttpResponse {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let verdict = match field("SAMLRequest") {
        Some(message) => login::log_out(&world, message, field("RelayState")),
        None => login::accept(&world, &form),
    };
    match verdict {
        Verdict::SignedOut => without_cookie(signed_out()),
        Verdict::LoggedOut(form) => without_cookie(posting(&form)),
        Verdict::SignedIn { cookie, is_setup } => {
            let context = field("wctx").or_else(|| field("RelayState")).unwrap_or_default();
            if let Some(answer) = go_on(&world, context, &cookie) {
                return answer;
            }
            let cookie = Cookie::build(COOKIE, cookie)
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .finish();
            let mut response = to(if is_setup { "/windows/ready" } else { "/outlook/mailbox" });
            match response.add_cookie(&cookie) {
                Ok(()) => response,
                Err(_) => HttpResponse::InternalServerError().finish(),
            }
        }
        Verdict::Back { address } => {
            HttpResponse::Found().insert_header(("Location", address)).finish()
        }
        Verdict::Denied(denial) => denied(&world, &denial),
    }
}

/// Back to the client of an OpenID sign-in that waited for this one, if one did.
fn go_on(world: &World, context: &str, cookie: &str) -> Option<HttpResponse> {
    let session = world.sign_ins.session(cookie)?;
    let gone = login::openid::go_on(world, context, &session.user_id, session.did_mfa)?;
    world.sign_ins.close(cookie);
    Some(match gone {
        Ok(address) => HttpResponse::Found().insert_header(("Location", address)).finish(),
        Err(denial) => denied(world, &denial),
    })
}

/// The page that people photograph for their help desk.
pub(crate) fn denied(world: &World, denial: &Denial) -> HttpResponse {
    let Denial { code, sentence } = denial;
    tracing::info!(code, sentence, "sign-in refused");
    let body = format!(
        r#"<main class="card">
<h1>Sorry, but we're having trouble signing you in.</h1>
<p><span class="code" id="code">AADSTS{code}</span>: <span id="sentence">{}</span></p>
<dl><dt>Request Id</dt><dd>{}</dd><dt>Correlation Id</dt><dd>{}</dd>
<dt>Timestamp</dt><dd>{}</dd></dl>
<p><a class="button" href="/outlook">Try again</a></p>
</main>"#,
        escape(sentence),
        random::guid(),
        random::guid(),
        clock::graph(world.now()),
    );
    page(400, "Sign in to your account", &body)
}

/// The session that a request's cookie names.
fn cookie_of(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

fn without_cookie(mut response: HttpResponse) -> HttpResponse {
    let mut gone = Cookie::build(COOKIE, "").path("/").http_only(true).finish();
    gone.make_removal();
    // A cookie of letters always fits into a header.
    let _ = response.add_cookie(&gone);
    response
}

async fn sign_out(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let session = cookie_of(&request).and_then(|handle| world.sign_ins.close(&handle));
    let address = session.and_then(|session| {
        world.read(|tenant| {
            let user = tenant.user(&session.user_id)?;
            let federation = tenant.domain_of(user.upn())?.federation.as_ref()?;
            if federation.speaks_saml() {
                let immutable_id = user.immutable_id()?;
                return login::logout_redirect(federation, immutable_id, &session, world.now());
            }
            federation.sign_out_address()
        })
    });
    without_cookie(match address {
        Some(address) => HttpResponse::Found().insert_header(("Location", address)).finish(),
        None => signed_out(),
    })
}

fn signed_out() -> HttpResponse {
    let body = r#"<main class="card"><h1>You signed out of your account</h1>
<p><a class="button" href="/outlook">Sign in again</a></p></main>"#;
    page(200, "Signed out", body)
}

/// `wsignoutcleanup1.0` ends the session; everything else begins a sign-in.
async fn clean_up(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let query = Query::parse(request.query_string());
    match query.get("wa") {
        Some("wsignoutcleanup1.0" | "wsignout1.0") => {
            if let Some(handle) = cookie_of(&request) {
                world.sign_ins.close(&handle);
            }
            without_cookie(signed_out())
        }
        _ => to("/outlook"),
    }
}

async fn user_realm(request: HttpRequest, user: Path<String>, world: Data<World>) -> HttpResponse {
    let query = Query::parse(request.query_string());
    let version = query.get("api-version").unwrap_or("1.0");
    let realm = world.read(|tenant| login::realm(tenant, &user));
    HttpResponse::Ok().json(login::user_realm(&realm, &user, version))
}

async fn get_user_realm(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let query = Query::parse(request.query_string());
    let address = query.get("login").unwrap_or_default();
    let realm = world.read(|tenant| login::realm(tenant, address));
    if query.get("xml") == Some("1") {
        let xml = login::get_user_realm_xml(&realm, address);
        return HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(xml);
    }
    HttpResponse::Ok().json(login::get_user_realm(&realm, address))
}

async fn credential_type(body: Bytes, world: Data<World>) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let username = body["username"].as_str().unwrap_or_default();
    let (realm, exists) =
        world.read(|tenant| (login::realm(tenant, username), tenant.user(username).is_some()));
    HttpResponse::Ok().json(login::credential_type(&realm, username, exists))
}
