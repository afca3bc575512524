//! Alarms: what needs an admin before it hurts.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Check, Link, Problem, Tone, Verdict, When},
};

/// The alarms, open and ended.
#[derive(Debug, Clone, Serialize)]
pub struct Alarms {
    /// How many need somebody, in a sentence.
    pub verdict: Verdict,
    /// What is open, the worst first.
    pub open: Vec<Open>,
    /// What ended last, the newest first.
    pub ended: Vec<Ended>,
    /// When everything was last looked at.
    pub looked: Option<When>,
    /// What was looked at, and what could not be seen.
    pub looks: Vec<Check>,
    /// Why looking now did not work.
    pub problems: Vec<Problem>,
}

/// An open alarm.
#[derive(Debug, Clone, Serialize)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// How bad it is, or that it is known.
    pub badge: Badge,
    /// Its sort ("A certificate ends").
    pub title: String,
    /// A domain or a thumbprint.
    pub subject: String,
    /// What is wrong and what to do.
    pub text: String,
    /// When it was first seen.
    pub first_seen: When,
    /// When it was last seen.
    pub last_seen: When,
    /// Who knows of it, and since when; empty when nobody does.
    pub known_to: String,
    /// What differs, if that is what is wrong.
    pub changes: Vec<Changed>,
    /// Where it is mended.
    pub mend: Link,
    /// It ends when somebody says that they know of it.
    pub puts_away: bool,
}

/// A property that is not as planned.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// Its name.
    pub property: String,
    /// What the plan says.
    pub planned: String,
    /// What Entra has.
    pub found: String,
}

/// An alarm that ended.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// Its sort.
    pub title: String,
    /// A domain or a thumbprint.
    pub subject: String,
    /// What was wrong.
    pub text: String,
    /// When it was first seen.
    pub first_seen: When,
    /// When it ended.
    pub ended: When,
    /// Who knew of it.
    pub known_to: String,
}

impl Page for Alarms {
    const TEMPLATE: &'static str = "admin/alarms.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let quiet = Self {
            verdict: Verdict::new(Tone::Ok, "No alarm is open."),
            open: Vec::new(),
            ended: Vec::new(),
            looks: vec![Check::new(
                Tone::Ok,
                "Federation of contoso.com",
                "Compared with the plan on 25 Nov 2026, 09:05 UTC.",
            )],
            ..page.clone()
        };
        let problem = Problem::of_form("Microsoft did not answer in time.", "Try again.");
        let late = Self { problems: vec![problem], looked: None, ..quiet.clone() };
        vec![("", page), ("quiet", quiet), ("unanswered", late)]
    }
}

impl Alarms {
    /// A bad morning.
    #[must_use]
    pub fn sample() -> Self {
        let differing = |property: &str, planned: &str, found: &str| Changed {
            property: property.to_owned(),
            planned: planned.to_owned(),
            found: found.to_owned(),
        };
        let ours = "SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let theirs = "SHA-256 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
        let changes = vec![
            differing("signingCertificate", ours, theirs),
            differing("federatedIdpMfaBehavior", "acceptIfMfaDoneByFederatedIdp", "rejectMfa"),
        ];
        Self {
            verdict: Verdict::new(Tone::Danger, "2 alarms need somebody now."),
            open: Open::samples(changes),
            ended: vec![Ended {
                title: "A permit ends".to_owned(),
                subject: "contoso.com".to_owned(),
                text: "The permit of contoso.com for programs without a browser ends on 1 Dec \
                       2026: they stop working then. Grant it anew if it is still needed."
                    .to_owned(),
                first_seen: When::sample_earlier(),
                ended: When::sample(),
                known_to: "Olivia Owens knows since 18 Nov 2026, 16:45 UTC".to_owned(),
            }],
            looked: Some(When::sample()),
            looks: vec![
                Check::new(
                    Tone::Ok,
                    "Federation of contoso.com",
                    "Compared with the plan on 25 Nov 2026, 09:05 UTC.",
                ),
                Check::new(
                    Tone::Neutral,
                    "Sign-ins at Contoso",
                    "Not looked at: the tenant needs Microsoft Entra ID P1 for it.",
                ),
                Check::new(
                    Tone::Danger,
                    "Federation of fabrikam.com",
                    "It can't be read, so nothing is known of it: Microsoft did not answer.",
                ),
            ],
            problems: Vec::new(),
        }
    }
}

impl Open {
    fn samples(changes: Vec<Changed>) -> Vec<Self> {
        let open = |badge: Badge, title: &str, subject: &str, text: &str| Self {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            badge,
            title: title.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            first_seen: When::sample_earlier(),
            last_seen: When::sample(),
            known_to: String::new(),
            changes: Vec::new(),
            mend: Link::new("Signing keys", "/admin/keys"),
            puts_away: false,
        };
        let danger = || Badge::new(Tone::Danger, "Act now");
        let differs = open(
            danger(),
            "The federation was changed",
            "contoso.com",
            "Microsoft federates contoso.com another way than planned (signingCertificate, \
             federatedIdpMfaBehavior). If this is not a change of yours that is under way, somebody \
             may be taking the domain over: look into Entra's audit log, then run the script of \
             the domain again.",
        );
        let lost = open(
            danger(),
            "A domain is federated with us no more",
            "fabrikam.com",
            "Microsoft federates fabrikam.com with this house no more; its people sign in at \
             Microsoft. If this was not you, find out who did it in Entra's audit log, then run \
             the script of the domain again.",
        );
        let ends = open(
            Badge::new(Tone::Neutral, "Known"),
            "A certificate ends",
            "3D2F1A0C5B4E9A7766554433221100FFEEDDCCBB",
            "The certificate of the active signing key ends on 24 Dec 2026. Roll the keys over: \
             hand the next key to Microsoft and promote it.",
        );
        let known_to = "Olivia Owens knows since 24 Nov 2026, 08:02 UTC".to_owned();
        vec![
            Self { changes, ..differs },
            Self { puts_away: true, ..lost },
            Self { known_to, ..ends },
        ]
    }
}
