//! The mailbox of a person who is signed in, as long as Entra would keep the session.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{cookie_of, denied, to, without_cookie};
use crate::clock;
use crate::login::{Denial, Session};
use crate::page::{escape, page};
use crate::tenant::{Tenant, User};
use crate::world::World;

pub(super) async fn show(request: HttpRequest, world: Data<World>) -> HttpResponse {
    let handle = cookie_of(&request);
    let Some(session) = handle.as_deref().and_then(|handle| world.sign_ins.session(handle)) else {
        return to("/outlook");
    };
    let person = world.read(|tenant| {
        let user = alive(tenant, &session)?;
        Ok((user.clone(), tenant.has_mailbox(user)))
    });
    match person {
        Ok((user, true)) => mailbox(&user, &session),
        Ok((user, false)) => no_mailbox(&user, &session),
        Err(denial) => {
            if let Some(handle) = handle {
                world.sign_ins.close(&handle);
            }
            without_cookie(denied(&world, &denial))
        }
    }
}

/// The person behind a session, unless they were deleted, blocked or signed out everywhere.
fn alive<'t>(tenant: &'t Tenant, session: &Session) -> Result<&'t User, Denial> {
    let user = tenant
        .user(&session.user_id)
        .ok_or_else(|| Denial::new(51004, "The user account does not exist in the directory."))?;
    if !user.account_enabled() {
        return Err(Denial::new(50057, "The user account is disabled."));
    }
    if session.begun_at < user.sessions_valid_from {
        return Err(Denial::new(
            50173,
            "The provided grant has expired due to it being revoked. The user must sign in again.",
        ));
    }
    Ok(user)
}

fn facts(user: &User, session: &Session) -> String {
    let factor = if session.did_mfa { "yes" } else { "no" };
    let methods = session.methods.iter().map(|method| escape(method)).collect::<Vec<_>>();
    format!(
        r#"<dl>
<dt>Name</dt><dd id="name">{}</dd>
<dt>User name</dt><dd id="upn">{}</dd>
<dt>Multifactor authentication</dt><dd id="mfa">{factor}</dd>
<dt>Proved at</dt><dd id="authenticated-at">{}</dd>
<dt>How</dt><dd id="methods">{}</dd>
</dl>"#,
        escape(user.display_name()),
        escape(user.upn()),
        clock::graph(session.authenticated_at),
        methods.join("<br>"),
    )
}

fn mailbox(user: &User, session: &Session) -> HttpResponse {
    let name = escape(user.text("givenName").unwrap_or_else(|| user.display_name()));
    let body = format!(
        r#"<main>
<h1 id="mailbox">Inbox of {}</h1>
<ul class="mails">
<li><b>Welcome to Contoso, {name}</b><span>IT Help Desk: your account is ready, and so is your laptop.</span></li>
<li><b>Friday: lunch in the courtyard</b><span>Facilities: soup, salad and the good bread.</span></li>
<li><b>Minutes of Monday's meeting</b><span>Carol Ng: decisions are in bold, as always.</span></li>
</ul>
<h2>How you signed in</h2>
{}
<p><a href="/outlook/sign-out">Sign out</a></p>
</main>"#,
        escape(user.display_name()),
        facts(user, session),
    );
    page(200, "Inbox", &body)
}

fn no_mailbox(user: &User, session: &Session) -> HttpResponse {
    let body = format!(
        r#"<main>
<h1 id="no-mailbox">You are signed in, but you have no mailbox</h1>
<p>No licence with Exchange Online is assigned to {}.</p>
{}
<p><a href="/outlook/sign-out">Sign out</a></p>
</main>"#,
        escape(user.upn()),
        facts(user, session),
    );
    page(200, "No mailbox", &body)
}
