//! A new computer (Autopilot) that sets Windows Hello up: it asks the identity provider for a second
//! factor by `wauth`, and takes the claim for it.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::{cookie_of, posting, to};
use crate::login::{self, Demand, Realm};
use crate::odata::Query;
use crate::page::{escape, page};
use crate::world::World;

pub(super) async fn ask() -> HttpResponse {
    let body = r#"<main class="card">
<h1>Set up this computer</h1>
<form method="post" action="/windows/setup">
<label for="username">Work address</label>
<input id="username" name="username" type="email" autocomplete="username" required>
<button type="submit">Next</button>
</form>
</main>"#;
    page(200, "Set up this computer", body)
}

pub(super) async fn begin(body: Bytes, world: Data<World>) -> HttpResponse {
    let form = Query::parse(&String::from_utf8_lossy(&body));
    let username = form.get("username").unwrap_or_default().trim();
    let Realm::Federated { federation, .. } = world.read(|tenant| login::realm(tenant, username))
    else {
        return to("/windows/setup");
    };
    let now = world.now();
    let context = world.sign_ins.begin_setup(username, now);
    let demand = Demand { username, context: &context, wants_mfa: true, now };
    if federation.speaks_saml() {
        return posting(&login::request_form(&federation, &demand));
    }
    let address = federation.sign_in_address(demand);
    HttpResponse::Found().insert_header(("Location", address)).finish()
}

pub(super) async fn ready(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let session = cookie_of(&request).and_then(|handle| world.sign_ins.session(&handle));
    let Some(session) = session.filter(|session| session.did_mfa) else {
        return to("/windows/setup");
    };
    let upn = world.read(|tenant| tenant.user(&session.user_id).map(|user| user.upn().to_owned()));
    let body = format!(
        r#"<main class="card"><h1 id="ready">Windows Hello is set up</h1><p id="upn">{}</p></main>"#,
        escape(&upn.unwrap_or_default()),
    );
    page(200, "Windows Hello is set up", &body)
}
