//! *Step 3 of 9, back to the guide*: shown on the pages of a step while the browser remembers an open
//! path. What it remembers is no secret and decides nothing but this line.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};
use app::guide::Step;

use crate::pages::WayBack;

/// Which path is open, and at which step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The domain's path segment; empty while there is none.
    pub(crate) slug: String,
    /// The first step that isn't proved.
    pub(crate) step: Step,
}

impl Note {
    /// The cookie that carries it; it ends with the browser.
    pub(crate) fn set(&self, secure: bool) -> Cookie<'static> {
        cookie(format!("{}.{}", self.step.number(), self.slug), secure)
    }

    /// The cookie that removes itself.
    pub(crate) fn clear(secure: bool) -> Cookie<'static> {
        let mut cookie = cookie(String::new(), secure);
        cookie.make_removal();
        cookie
    }

    fn read(request: &HttpRequest, secure: bool) -> Option<Self> {
        let cookie = request.cookie(name(secure))?;
        Self::parse(cookie.value())
    }

    fn parse(text: &str) -> Option<Self> {
        let (number, slug) = text.split_once('.')?;
        let step = Step::ALL.into_iter().find(|step| step.number().to_string() == number)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = slug.len() <= 253 && slug.bytes().all(plain);
        fits.then(|| Self { slug: slug.to_owned(), step })
    }
}

fn cookie(value: String, secure: bool) -> Cookie<'static> {
    Cookie::build(name(secure), value)
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .finish()
}

const fn name(secure: bool) -> &'static str {
    if secure { "__Host-gh_guide" } else { "gh_guide" }
}

/// The line for the page that was asked for, if it belongs to a step of the open path.
pub(crate) fn way_back(request: &HttpRequest, secure: bool) -> Option<WayBack> {
    let note = Note::read(request, secure)?;
    let steps = steps_of(request.path(), &note.slug);
    let step = steps.iter().find(|step| **step == note.step).or(steps.first())?;
    let query = if note.slug.is_empty() { String::new() } else { format!("?domain={}", note.slug) };
    Some(WayBack { step: step.number(), of: Step::ALL.len(), href: format!("/admin/setup{query}") })
}

/// The steps that a page is part of; the first is the one that it is mostly for.
fn steps_of(path: &str, slug: &str) -> &'static [Step] {
    use Step::{
        Application, Connection, Matches, Pilot, Preflight, Provisioning, Script, SecondFactor,
        Verified,
    };
    let rest = path.strip_prefix("/admin/").unwrap_or_default();
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    match first {
        "microsoft365" => &[Connection, Application, Provisioning],
        "applications" => &[Provisioning, Application],
        "matches" | "tenant-people" => &[Matches],
        "users" | "groups" | "imports" | "sync-runs" => &[Pilot, Matches],
        "domains" => match view_of(below, slug) {
            Some("") => &[Verified, Application, Script],
            Some("/preflight" | "/rehearsal") => &[Preflight],
            Some("/second-factor") => &[SecondFactor],
            Some("/powershell" | "/sh" | "/revert" | "/revert-sh" | "/protocols") => &[Script],
            _ => &[],
        },
        _ => &[],
    }
}

/// What follows the domain in an address. A path that began without one is that of the first.
fn view_of<'p>(below: &'p str, slug: &str) -> Option<&'p str> {
    let end = below.find('/').unwrap_or(below.len());
    let (domain, view) = below.split_at(end);
    (slug.is_empty() || slug == domain).then_some(view)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn shown(cookie: &str, path: &str) -> Option<(usize, String)> {
        let request = TestRequest::with_uri(path)
            .cookie(Cookie::new("gh_guide", cookie.to_owned()))
            .to_http_request();
        way_back(&request, false).map(|line| (line.step, line.href))
    }

    #[test]
    fn a_page_says_its_own_step_and_the_open_one_where_it_has_several() {
        let home = |step: usize| Some((step, "/admin/setup?domain=contoso-com".to_owned()));
        assert_eq!(shown("3.contoso-com", "/admin/applications/office365"), home(3));
        assert_eq!(shown("2.contoso-com", "/admin/microsoft365"), home(2));
        assert_eq!(shown("6.contoso-com", "/admin/microsoft365"), home(1));
        assert_eq!(shown("4.contoso-com", "/admin/users/new?x=y"), home(4));
        assert_eq!(shown("7.contoso-com", "/admin/domains/contoso-com/preflight"), home(6));
        assert_eq!(shown("7.contoso-com", "/admin/domains/contoso-com"), home(7));
        let nowhere = |step: usize| Some((step, "/admin/setup".to_owned()));
        assert_eq!(shown("1.", "/admin/microsoft365"), nowhere(1));
        assert_eq!(shown("2.", "/admin/domains/contoso-com"), nowhere(2), "it was just added");
    }

    #[test]
    fn no_line_where_there_is_no_step_or_no_open_path() {
        for path in ["/admin", "/admin/policy", "/admin/setup", "/portal", "/admin/domains/other"] {
            assert_eq!(shown("7.contoso-com", path), None, "{path}");
        }
        assert_eq!(shown("7.contoso", "/admin/domains/contoso-com/preflight"), None);
        for note in ["", "7", "0.contoso-com", "10.contoso-com", "7.\"><b>", "7.A", "07.a", "7.a/b"]
        {
            assert_eq!(shown(note, "/admin/matches"), None, "{note}");
        }
    }
}
