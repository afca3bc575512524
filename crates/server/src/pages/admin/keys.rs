//! The token-signing keys, their dates, and what turns them.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Problem, Tone, Verdict, When},
};

/// The keys.
#[derive(Debug, Clone, Serialize)]
pub struct Keys {
    /// How they stand, in a sentence.
    pub verdict: Verdict,
    /// There is no next key: the page offers to make one.
    pub may_make_next: bool,
    /// The next key, if it can be promoted.
    pub promote: Option<Promote>,
    /// The id of the active key, for the emergency's form; empty when there is none.
    pub active: String,
    /// The domains that are federated with us.
    pub domains: Vec<Domain>,
    /// The tenants that have second factors proved here; empty when there is none.
    pub asking: String,
    /// Active, next, retired.
    pub rows: Vec<Row>,
    /// The tenants where everybody's sessions can be ended.
    pub tenants: Vec<Sessions>,
    /// What stopped the last form.
    pub problems: Vec<Problem>,
}

/// The next key before its promotion.
#[derive(Debug, Clone, Serialize)]
pub struct Promote {
    /// Its id.
    pub next: String,
    /// Whether Microsoft is ready for it, in a sentence.
    pub readiness: Verdict,
    /// A box must be ticked: Microsoft may not know it yet.
    pub must_accept: bool,
}

/// A federated domain.
#[derive(Debug, Clone, Serialize)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
}

/// Everybody's sessions in a tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Sessions {
    /// Its id.
    pub tenant: String,
    /// What admins call it.
    pub alias: String,
    /// How many people have an account there.
    pub people: usize,
    /// How far ending them has come, in a sentence.
    pub progress: Option<Verdict>,
    /// Whose have not ended.
    pub left: Vec<String>,
}

/// One key.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its state.
    pub state: Badge,
    /// SHA-256 of its certificate, in hex.
    pub thumbprint: String,
    /// SHA-1 of its certificate, in capital hex digits, as Entra shows it.
    pub entra_thumbprint: String,
    /// Kind and size ("RSA 2048").
    pub kind: String,
    /// When it runs out.
    pub not_after: When,
    /// When metadata first showed it.
    pub published: Option<When>,
    /// Since when Entra has been seen to trust it.
    pub seen_by_entra: Option<When>,
    /// When it retired.
    pub retired: Option<When>,
    /// Where its certificate is downloaded.
    pub download: String,
}

impl Page for Keys {
    const TEMPLATE: &'static str = "admin/keys.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("", Self::sample()),
            ("unseen", Self::sample_unseen()),
            ("without next", Self::sample_without_next()),
        ]
    }
}

impl Keys {
    /// An active key and the next one, which Entra has had for a week; one is retired.
    #[must_use]
    pub fn sample() -> Self {
        let earlier = || Some(When::sample_earlier());
        let row = |state: Badge, thumbprint: &str, seen, retired| Row {
            state,
            thumbprint: thumbprint.to_owned(),
            entra_thumbprint: "3F0A7C5B11D1A47C1E7B0A9F6E2F1F0A7C5B1199".to_owned(),
            kind: "RSA 2048".to_owned(),
            not_after: When::sample_later(),
            published: earlier(),
            seen_by_entra: seen,
            retired,
            download: "/admin/keys/0199d1a4/certificate.cer".to_owned(),
        };
        let active = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let next = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
        let old = "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13";
        let domain = |name: &str| Domain {
            name: name.to_owned(),
            href: format!("/admin/domains/{}", name.replace('.', "-")),
        };
        let readiness = "Microsoft has trusted the next key since 18 Nov 2026.";
        Self {
            verdict: Verdict::new(
                Tone::Ok,
                "Tokens are signed with a key whose certificate is good until 24 Nov 2028.",
            ),
            may_make_next: false,
            promote: Some(Promote {
                next: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
                readiness: Verdict::new(Tone::Ok, readiness),
                must_accept: false,
            }),
            active: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b12".to_owned(),
            domains: vec![domain("contoso.com"), domain("fabrikam.com")],
            asking: "Contoso".to_owned(),
            tenants: vec![Sessions {
                tenant: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b13".to_owned(),
                alias: "Contoso".to_owned(),
                people: 12,
                progress: Some(Verdict::new(
                    Tone::Neutral,
                    "Asked 3 minutes ago: the sessions of 11 of 12 people have ended.",
                )),
                left: vec!["dan@contoso.com".to_owned()],
            }],
            rows: vec![
                row(Badge::new(Tone::Ok, "Active"), active, earlier(), None),
                row(Badge::new(Tone::Neutral, "Next"), next, earlier(), None),
                row(Badge::new(Tone::Neutral, "Retired"), old, None, Some(When::sample())),
            ],
            problems: Vec::new(),
        }
    }

    /// Promoting was refused, as Entra has not been seen to have the next key.
    #[must_use]
    pub fn sample_unseen() -> Self {
        let mut page = Self::sample();
        page.rows[1].seen_by_entra = None;
        if let Some(promote) = &mut page.promote {
            promote.must_accept = true;
            promote.readiness = Verdict::new(
                Tone::Warn,
                "Microsoft was not seen to trust the next key. Promoted now, it would lock \
                 everybody out of Microsoft 365 until Microsoft learns it.",
            );
        }
        page.problems = vec![Problem::of_field(
            "unseen",
            "Microsoft was not seen to trust the next key for contoso.com; nothing was changed.",
            "Run the script that hands it over, then look again. Or tick the box.",
        )];
        page
    }

    /// Nothing is federated yet, and there is no next key.
    #[must_use]
    pub fn sample_without_next() -> Self {
        let mut page = Self::sample();
        page.rows.drain(1..);
        page.verdict =
            Verdict::new(Tone::Warn, "There is no next key that Microsoft could learn in time.");
        Self { may_make_next: true, promote: None, domains: Vec::new(), ..page }
    }
}
