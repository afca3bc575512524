//! Explanations of Microsoft's codes: where each is found, and where things are mended.

use app::explain::explain;
use model::{
    explanation::{Explanation, Place, Site},
    relying_party::Cloud,
};
use url::form_urlencoded::byte_serialize;

use crate::pages::parts::{Check, Link, Problem};

/// The page of a query.
pub(crate) fn address(query: &str) -> String {
    format!("/admin/explain?q={}", byte_serialize(query.as_bytes()).collect::<String>())
}

/// The link to an entry, under its title.
pub(crate) fn link(entry: &Explanation) -> Link {
    Link::new(&format!("{}: {}", entry.code, entry.title), &address(&entry.query()))
}

/// The link to what explains a sentence of Microsoft's, if a code in it is explained.
pub(crate) fn of_sentence(sentence: &str) -> Option<Link> {
    let explained = explain(sentence);
    let entry = explained.entries.first()?;
    Some(Link::new(&format!("What {} means", entry.code), &address(&entry.query())))
}

/// A check of something at Microsoft, with what explains its answer.
pub(crate) fn check(check: Check) -> Check {
    Check { link: of_sentence(&check.detail), ..check }
}

/// A problem that Microsoft has with a form, with what explains its answer.
pub(crate) fn problem(problem: Problem) -> Problem {
    Problem { link: of_sentence(&problem.cause), ..problem }
}

/// The page of ours that a place is, if it is one.
pub(crate) fn page(place: Place) -> Option<&'static str> {
    match place {
        Place::People => Some("/admin/users"),
        Place::Matches => Some("/admin/matches"),
        Place::Campaign => Some("/admin/policy/second-factors"),
        Place::Domains => Some("/admin/microsoft365#domains"),
        Place::Connection => Some("/admin/microsoft365#connection"),
        Place::Office365 => Some("/admin/applications/office365"),
        Place::Runs => Some("/admin/sync-runs"),
        Place::Keys => Some("/admin/keys"),
        Place::Policy => Some("/admin/policy"),
        Place::Audit => Some("/admin/audit"),
        Place::Portal => Some("/portal/security"),
        _ => None,
    }
}

/// Where a place is: a page of ours, or the admin center of the worldwide cloud.
pub(crate) fn href(place: Place, cloud: Option<Cloud>) -> Option<&'static str> {
    let worldwide = matches!(cloud, None | Some(Cloud::Global | Cloud::Simulator));
    match place.named().0 {
        Site::Console | Site::Portal => page(place),
        Site::Entra if worldwide => Some("https://entra.microsoft.com"),
        Site::Microsoft365 if worldwide => Some("https://admin.microsoft.com"),
        Site::Entra | Site::Microsoft365 => None,
    }
}

/// What Microsoft itself says of a number.
pub(crate) fn at_microsoft(number: &str) -> String {
    format!("https://login.microsoftonline.com/error?code={number}")
}
