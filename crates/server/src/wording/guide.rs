//! The steps of the guided path in words, and where each is taken.

use app::guide::{Age, Place, Standing, Step, StepState};
use model::Role;

use crate::pages::parts::{Badge, Link, Tone};

/// What is done in a step, in the order and the words of the path.
pub(crate) const fn title(step: Step) -> &'static str {
    match step {
        Step::Connection => "Register an app and connect the tenant",
        Step::Application => "Office 365 and its domain",
        Step::Provisioning => "Provisioning settings and licences",
        Step::Matches => "Sync users",
        Step::Pilot => "Assign a pilot",
        Step::Preflight => "Pre-flight",
        Step::Script => "Show and run the PowerShell script",
        Step::Verified => "Verify",
        Step::SecondFactor => "Second factor",
    }
}

/// How far a step is.
pub(crate) fn standing(standing: Standing) -> Badge {
    match standing {
        Standing::NotBegun => Badge::new(Tone::Neutral, "Not begun"),
        Standing::Begun => Badge::new(Tone::Warn, "Begun"),
        Standing::Done => Badge::new(Tone::Ok, "Done"),
        Standing::Undone => Badge::new(Tone::Danger, "Came undone"),
    }
}

/// What to know of the evidence.
pub(crate) fn age(state: &StepState) -> String {
    match &state.age {
        Age::Fresh => String::new(),
        Age::Old => "That is more than a day ago: look again.".to_owned(),
        // It is what the step says already.
        Age::Lost(why) if state.says.contains(why.as_str()) => String::new(),
        Age::Lost(why) => format!("The last try failed: {why}"),
    }
}

/// Whose role opens the place.
pub(crate) const fn opened_by(place: Place) -> Role {
    match place {
        Place::Script => Role::SecurityAdmin,
        Place::Import => Role::UserAdmin,
        _ => Role::Auditor,
    }
}

/// The way there; `slug` is the domain's.
pub(crate) fn link(place: Place, slug: &str, outlook: &str) -> Link {
    let of_domain = |view: &str| {
        if slug.is_empty() {
            return "/admin/microsoft365#domains".to_owned();
        }
        format!("/admin/domains/{slug}{view}")
    };
    let (label, href) = match place {
        Place::Connection => ("Connection", "/admin/microsoft365#connection".to_owned()),
        Place::Domains => ("Domains", "/admin/microsoft365#domains".to_owned()),
        Place::Writes => ("Writes to the tenant", "/admin/microsoft365#writes".to_owned()),
        Place::Settings => ("Settings of Office 365", "/admin/applications/office365".to_owned()),
        Place::Matches => ("Sync users", "/admin/matches".to_owned()),
        Place::Import => ("Import from Microsoft 365", "/admin/tenant-people".to_owned()),
        Place::People => ("People", "/admin/users".to_owned()),
        Place::Plans => ("Sync runs", "/admin/sync-runs".to_owned()),
        Place::Preflight => ("Pre-flight", of_domain("/preflight")),
        Place::Script => ("Show PowerShell script", of_domain("/powershell")),
        Place::Domain => ("The domain", of_domain("")),
        Place::Outlook => ("Open Outlook", outlook.to_owned()),
        Place::SecondFactor => ("Second factor", of_domain("/second-factor")),
    };
    Link::new(label, &href)
}
