//! The guided path: each step with what proves it, what is missing, and the way there.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Link, Tab, Tone, Verdict, When},
};

/// The path of one domain.
#[derive(Debug, Clone, Serialize)]
pub struct Setup {
    /// How far it is, in a sentence.
    pub verdict: Verdict,
    /// The domains, where there are several.
    pub tabs: Vec<Tab>,
    /// The domain's path segment; empty while there is none.
    pub slug: String,
    /// A tenant is connected, and whoever reads this may have it looked at.
    pub may_look: bool,
    /// The steps, in order.
    pub steps: Vec<GuideStep>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct GuideStep {
    /// What is done in it.
    pub title: String,
    /// How far it is.
    pub state: Badge,
    /// What proves it, or what is missing.
    pub says: String,
    /// When that was seen, where it isn't what is stored here.
    pub seen: Option<When>,
    /// What to know of the evidence: it is old, or the last try to see it failed.
    pub age: String,
    /// Where it is taken, for whom that is open.
    pub link: Option<Link>,
    /// Who takes it, in the name of their role.
    pub whose: String,
    /// It is the first that isn't proved.
    pub next: bool,
}

impl Page for Setup {
    const TEMPLATE: &'static str = "admin/setup.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("new", Self::sample_new())]
    }
}

impl Setup {
    /// In the middle, with two domains and evidence of each age.
    #[must_use]
    pub fn sample() -> Self {
        let tab = |label: &str, href: &str, active| Tab {
            label: label.to_owned(),
            href: href.to_owned(),
            active,
        };
        let step = |title: &str, state, says: &str| GuideStep {
            title: title.to_owned(),
            state,
            says: says.to_owned(),
            seen: None,
            age: String::new(),
            link: Some(Link::new("Open it", "/admin/microsoft365")),
            whose: "Security admin".to_owned(),
            next: false,
        };
        let done = || Badge::new(Tone::Ok, "Done");
        let steps = vec![
            GuideStep {
                seen: Some(When::sample_earlier()),
                age: "That is more than a day ago: look again.".to_owned(),
                ..step("App registration", done(), "Microsoft lets us in.")
            },
            GuideStep {
                seen: Some(When::sample()),
                age: "The last try to look failed: Microsoft did not answer.".to_owned(),
                ..step("Office 365", done(), "Office 365 is there, with contoso.com.")
            },
            GuideStep {
                next: true,
                ..step(
                    "Provisioning and licences",
                    Badge::new(Tone::Warn, "Begun"),
                    "2 products are loaded. Say in which country people are, and save.",
                )
            },
            step("Sync users", Badge::new(Tone::Neutral, "Not begun"), "Nobody has looked yet."),
            GuideStep {
                link: None,
                ..step(
                    "Show and run the PowerShell script",
                    Badge::new(Tone::Danger, "Came undone"),
                    "contoso.com is federated no more. Run the script again.",
                )
            },
        ];
        Self {
            verdict: Verdict::new(Tone::Neutral, "2 of 5 steps are proved."),
            tabs: vec![
                tab("contoso.com", "/admin/setup?domain=contoso-com", true),
                tab("contoso.de", "/admin/setup?domain=contoso-de", false),
            ],
            slug: "contoso-com".to_owned(),
            may_look: true,
            steps,
        }
    }

    /// Before anything is there.
    #[must_use]
    pub fn sample_new() -> Self {
        let mut page = Self::sample();
        page.tabs.clear();
        page.slug.clear();
        page.may_look = false;
        page.steps.truncate(1);
        page
    }
}
