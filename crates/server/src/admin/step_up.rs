//! Asks for a fresh code before something dangerous, then leads back (R032, R147).
//!
//! The way back is a path of ours and nothing else: it is checked when it is made and again when it
//! comes back from the browser.

use actix_web::{
    HttpRequest,
    http::{Method, header},
    web,
};
use app::{portal::StepUp as Who, visitor::Secret};
use url::{Url, form_urlencoded};

use crate::{
    answer::{Answer, Desk, see_other},
    cookies::Jar,
    csrf::Form,
    error::Failure,
    pages::{
        admin::step_up::StepUp,
        parts::{Link, Problem},
    },
    sign_in::set_cookie,
    state::Counter,
    visitor::Console,
};

/// The step-up page for a request that was refused for want of a fresh factor. A page is asked for
/// again afterwards; after a form, the page that it was on.
pub(crate) fn address(request: &HttpRequest) -> String {
    let door = if request.path().starts_with("/portal") { "/portal" } else { "/admin" };
    let back = if request.method() == Method::GET {
        page_of(request.path()).to_owned()
    } else {
        came_from(request).map_or_else(|| door.to_owned(), |path| format!("{path}?done=stepped-up"))
    };
    link(door, &back)
}

/// The step-up page of a door, with the way back.
pub(crate) fn link(door: &str, back: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
    format!("{door}/step-up?{query}")
}

/// The link of a page whose form needs a fresh code.
pub(crate) fn confirm(door: &str, page: &str) -> Link {
    Link::new("Confirm that it is you", &link(door, page))
}

/// What a form says when the factor became too old while it was filled in; what was typed stays.
pub(crate) fn problem(door: &str, page: &str) -> Problem {
    let action = "Confirm that it is you: that opens beside this page. Then send the form again.";
    let problem =
        Problem::of_form("Your code or passkey was given more than five minutes ago.", action);
    Problem { link: Some(confirm(door, page)), ..problem }
}

/// The same where only a passkey will do, for people who have one.
pub(crate) fn confirm_by_key(door: &str, page: &str) -> Link {
    Link::new("Confirm with your passkey", &format!("{}&with=key", link(door, page)))
}

/// Downloads lead back to the page with their link: a browser would stay on the form.
fn page_of(path: &str) -> &str {
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match path.rsplit_once('/') {
        Some((page, _)) if is_file => page,
        _ => path,
    }
}

/// The path of our own page that a form was on.
fn came_from(request: &HttpRequest) -> Option<String> {
    let origin = &request.app_data::<web::Data<Counter>>()?.origin;
    let referer = Url::parse(request.headers().get(header::REFERER)?.to_str().ok()?).ok()?;
    let ours = referer.origin().ascii_serialization() == *origin;
    (ours && is_ours(referer.path())).then(|| referer.path().to_owned())
}

/// A way back that is a page of the console or the portal, on this site.
fn is_ours(back: &str) -> bool {
    let path = back.split_once('?').map_or(back, |(path, _)| path);
    let below = |door: &str| {
        path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '#' | '"' | '<' | '>');
    (below("/admin") || below("/portal"))
        && back.chars().all(plain)
        && !path.contains("//")
        && !path.split('/').any(|part| part == ".." || part == "step-up")
}

/// The way back from the browser, or the door itself.
pub(crate) fn way_back(asked: &str, door: &str) -> String {
    if is_ours(asked) { asked.to_owned() } else { door.to_owned() }
}

/// The page.
pub(crate) async fn ask(admin: Console, desk: Desk) -> Answer {
    let back = way_back(&desk.asked("back"), "/admin");
    let page = page(&desk, Who::Admin(&admin), back, None).await?;
    desk.page(&desk.chrome().await?, &page)
}

/// Takes the code: the session gets a new secret.
pub(crate) async fn check(admin: Console, desk: Desk, form: Form) -> Answer {
    take(&desk, &form, Who::Admin(&admin)).await
}

/// Takes a passkey: the session gets a new secret.
pub(crate) async fn check_passkey(admin: Console, desk: Desk, form: Form) -> Answer {
    take_passkey(&desk, &form, Who::Admin(&admin)).await
}

/// Tries a code for either door.
pub(crate) async fn take(desk: &Desk, form: &Form, who: Who<'_>) -> Answer {
    let [back, code] = form.exactly(["back", "code"])?;
    let secret = desk.counter.house.step_up(who, &code, desk.guest.visitor()).await?;
    let sentence = "That code isn't right, or it was used before. Wait for the next one in \
                    your authenticator app and type that.";
    go_on(desk, who, &back, secret, crate::sign_in::problem("code", sentence)).await
}

/// Tries a passkey for either door.
pub(crate) async fn take_passkey(desk: &Desk, form: &Form, who: Who<'_>) -> Answer {
    let [back, answer] = form.exactly(["back", "answer"])?;
    let secret = desk.counter.house.step_up_by_passkey(who, &answer, desk.guest.visitor()).await?;
    let sentence = "That passkey wasn't accepted. Try again, or use another way.";
    let problem = Problem { field: None, ..crate::sign_in::problem("", sentence) };
    go_on(desk, who, &back, secret, problem).await
}

async fn go_on(
    desk: &Desk,
    who: Who<'_>,
    back: &str,
    secret: Option<Secret>,
    problem: Problem,
) -> Answer {
    let (door, jar) = door(who);
    let back = way_back(back, door);
    let Some(secret) = secret else {
        let page = page(desk, who, back, Some(problem)).await?;
        return desk.again(&desk.chrome().await?, &page);
    };
    let mut answer = see_other(&back);
    set_cookie(&mut answer, &jar.set(&secret, desk.counter.is_secure()))?;
    Ok(answer)
}

const fn door(who: Who<'_>) -> (&'static str, Jar) {
    match who {
        Who::Employee(_) => ("/portal", Jar::Session),
        Who::Admin(_) => ("/admin", Jar::Admin),
    }
}

pub(crate) async fn page(
    desk: &Desk,
    who: Who<'_>,
    back: String,
    problem: Option<Problem>,
) -> Result<StepUp, Failure> {
    let asked = desk.counter.house.what_steps_up(who, desk.guest.visitor()).await?;
    Ok(StepUp {
        action: format!("{}/step-up", door(who).0),
        upn: who.user().upn.to_string(),
        purpose: purpose(&back).to_owned(),
        cancel: cancel(&back).to_owned(),
        back,
        with_app: asked.app && desk.asked("with") != "key",
        passkey: asked.passkey,
        problem,
    })
}

/// What the person is about to do, as far as the address tells.
fn purpose(back: &str) -> &'static str {
    let path = back.split('?').next().unwrap_or_default();
    let is_script = path.starts_with("/admin/domains/") && path.matches('/').count() > 3;
    match path {
        _ if is_script => "see the federation script",
        "/admin/microsoft365" => "change the connection to Microsoft 365",
        "/admin/keys" => "turn the signing keys",
        "/portal/security" => "change how you sign in",
        _ if path.starts_with("/admin/registrations") => "change how people sign in with Microsoft",
        _ if path.starts_with("/admin/sync-runs") => "approve or download this plan",
        _ if path.starts_with("/admin/imports") => "import people",
        _ if path.starts_with("/admin/users") => "change how somebody signs in",
        _ => "go on",
    }
}

/// Away from a page that itself asks for a code, to the one above it.
fn cancel(back: &str) -> &str {
    let path = back.split('?').next().unwrap_or_default();
    let is_script = path.starts_with("/admin/domains/") && path.matches('/').count() > 3;
    match path.rsplit_once('/') {
        Some((above, _)) if is_script => above,
        _ => path,
    }
}

/// Stops a handler unless a second factor was given in the last five minutes.
pub(super) fn require(admin: &Console, desk: &Desk) -> Result<(), Failure> {
    Ok(admin.require_fresh(desk.counter.house.now())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_a_way_back() {
        for good in ["/admin", "/admin/users?page=2", "/portal/security", "/admin/domains/a-b/sh"] {
            assert_eq!(way_back(good, "/x"), good);
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example/admin",
            "/administrator",
            "/admin//evil.example",
            "/admin\\evil",
            "/admin/../sign-out",
            "/admin/step-up",
            "/admin\r\nSet-Cookie: a=b",
            "/sign-in",
            "javascript:alert(1)",
        ] {
            assert_eq!(way_back(bad, "/x"), "/x", "{bad}");
        }
    }

    #[test]
    fn cancelling_does_not_lead_to_the_same_question() {
        assert_eq!(cancel("/admin/domains/contoso-com/powershell"), "/admin/domains/contoso-com");
        assert_eq!(cancel("/admin/keys?done=stepped-up"), "/admin/keys");
    }

    #[test]
    fn a_download_leads_back_to_its_page() {
        assert_eq!(page_of("/admin/domains/a/federate.ps1"), "/admin/domains/a");
        assert_eq!(page_of("/admin/domains/a/sh"), "/admin/domains/a/sh");
    }
}
