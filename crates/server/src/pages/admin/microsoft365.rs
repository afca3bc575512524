//! The connection to the tenant, and what was read there.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Check, Choice, Link, Problem, Tone, Verdict, When},
};

/// Connection, domains, licences. The form's fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct Microsoft365 {
    /// How the connection stands, in a sentence.
    pub verdict: Verdict,
    /// What admins call the connection.
    pub alias: String,
    /// The directory's id.
    pub entra_tenant_id: String,
    /// The app registration's id.
    pub client_id: String,
    /// The last day of the secret, as typed; empty keeps what is known.
    pub secret_ends: String,
    /// What is known of the secret, never itself ("Set on 18 Nov 2026, expires in 14 days").
    pub secret_note: String,
    /// It is reached with a certificate, no secret.
    pub certified: bool,
    /// Which cloud.
    pub cloud: Vec<Choice>,
    /// What the last test found; none before the first.
    pub checks: Vec<Check>,
    /// When it was tested.
    pub checked: Option<When>,
    /// A tenant is connected: an empty field `client_secret` keeps what is stored.
    pub connected: bool,
    /// Every write to the tenant is stopped.
    pub writes_stopped: bool,
    /// Who administers the tenant.
    pub tenant_admins: TenantAdmins,
    /// Where to confirm that it is you before the connection can be changed; `None` once done.
    pub confirm: Option<Link>,
    /// What was wrong with the form.
    pub problems: Vec<Problem>,
    /// The tenant's domains.
    pub domains: Vec<DomainRow>,
    /// The tenant's products.
    pub licences: Vec<LicenceRow>,
}

/// Who administers the tenant, as the last look saw it.
#[derive(Debug, Clone, Serialize)]
pub struct TenantAdmins {
    /// People here who held a role.
    pub people: Vec<Link>,
    /// When everybody was looked at; `None`: never yet.
    pub looked: Option<When>,
    /// What it means that nobody has looked.
    pub unknown: Verdict,
    /// They are kept from signing in to Microsoft by federation.
    pub kept_out: bool,
}

/// One domain.
#[derive(Debug, Clone, Serialize)]
pub struct DomainRow {
    /// The DNS name.
    pub name: String,
    /// How many domains of the list it stands beneath.
    pub depth: usize,
    /// Its page; `None` when it can't be federated.
    pub href: Option<String>,
    /// Federated here, federated elsewhere, or managed.
    pub authentication: Badge,
    /// Verified or not.
    pub verified: Badge,
    /// What else to know ("default; can't be federated").
    pub note: String,
    /// It can be federated and is not ours yet: the page offers to add it.
    pub may_add: bool,
}

/// One product.
#[derive(Debug, Clone, Serialize)]
pub struct LicenceRow {
    /// Its plain name.
    pub name: String,
    /// Microsoft's short name.
    pub part_number: String,
    /// Seats in use.
    pub used: u32,
    /// Seats in all.
    pub total: u32,
    /// Seats that are free, with a tone for few and none.
    pub free: Badge,
}

impl Page for Microsoft365 {
    const TEMPLATE: &'static str = "admin/microsoft365.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("new", Self::sample_new())]
    }
}

impl Microsoft365 {
    /// Contoso, connected.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            verdict: Verdict::new(Tone::Ok, "Connected to contoso.onmicrosoft.com."),
            alias: "Contoso production".to_owned(),
            entra_tenant_id: "3aa4a235-b6e2-48d5-9195-7fcf05b459b0".to_owned(),
            client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            secret_ends: String::new(),
            secret_note: "Set on 18 Nov 2026, expires in 14 days.".to_owned(),
            certified: false,
            cloud: Self::clouds(),
            checks: vec![
                Check::new(Tone::Ok, "Token", "Microsoft gave a token in 212 ms."),
                Check::new(
                    Tone::Ok,
                    "Permissions",
                    "User.ReadWrite.All, Domain.Read.All, LicenseAssignment.ReadWrite.All.",
                ),
                Check::new(
                    Tone::Warn,
                    "Secret",
                    "Expires on 9 Dec 2026: make a new one in the app registration and paste it here.",
                ),
            ],
            checked: Some(When::sample()),
            connected: true,
            writes_stopped: false,
            tenant_admins: TenantAdmins {
                people: vec![Link::new("Olivia Owens (olivia@contoso.com)", "/admin/users/x")],
                looked: Some(When::sample()),
                kept_out: true,
                ..TenantAdmins::unknown()
            },
            confirm: Some(Link::new("Confirm that it is you", "/admin/step-up")),
            problems: Vec::new(),
            domains: DomainRow::samples(),
            licences: LicenceRow::samples(),
        }
    }

    /// Before anything is connected.
    #[must_use]
    pub fn sample_new() -> Self {
        let problem = Problem::of_field(
            "client_secret",
            "Microsoft refused the secret (AADSTS7000215).",
            "Copy the secret's value, not its id, from the app registration.",
        );
        Self {
            verdict: Verdict::new(Tone::Neutral, "No tenant is connected yet."),
            alias: String::new(),
            entra_tenant_id: String::new(),
            client_id: String::new(),
            secret_ends: String::new(),
            secret_note: String::new(),
            certified: false,
            cloud: Self::clouds(),
            checks: Vec::new(),
            checked: None,
            connected: false,
            writes_stopped: false,
            tenant_admins: TenantAdmins::unknown(),
            confirm: None,
            problems: vec![problem],
            domains: Vec::new(),
            licences: Vec::new(),
        }
    }

    fn clouds() -> Vec<Choice> {
        vec![
            Choice::new("global", "Worldwide", "global"),
            Choice::new("us_gov", "US Government (GCC High)", "global"),
            Choice::new("us_gov_dod", "US Department of Defense", "global"),
            Choice::new("china", "China (21Vianet)", "global"),
        ]
    }
}

impl TenantAdmins {
    /// Before anybody has looked.
    #[must_use]
    pub fn unknown() -> Self {
        let unknown = Verdict::new(Tone::Warn, "Nobody has looked yet who holds a role.");
        Self { people: Vec::new(), looked: None, unknown, kept_out: false }
    }
}

impl DomainRow {
    fn samples() -> Vec<Self> {
        let verified = || Badge::new(Tone::Ok, "Verified");
        vec![
            Self {
                name: "contoso.com".to_owned(),
                depth: 0,
                href: Some("/admin/domains/contoso-com".to_owned()),
                authentication: Badge::new(Tone::Ok, "Federated here"),
                verified: verified(),
                note: "Certificate good until 24 Nov 2028".to_owned(),
                may_add: false,
            },
            Self {
                name: "eu.contoso.com".to_owned(),
                depth: 1,
                href: None,
                authentication: Badge::new(Tone::Ok, "Federated here"),
                verified: verified(),
                note: "Follows contoso.com".to_owned(),
                may_add: false,
            },
            Self {
                name: "contoso.onmicrosoft.com".to_owned(),
                depth: 0,
                href: None,
                authentication: Badge::new(Tone::Neutral, "Managed"),
                verified: verified(),
                note: "Initial and default: can't be federated".to_owned(),
                may_add: false,
            },
            Self {
                name: "contoso.de".to_owned(),
                depth: 0,
                href: None,
                authentication: Badge::new(Tone::Neutral, "Managed"),
                verified: verified(),
                note: String::new(),
                may_add: true,
            },
        ]
    }
}

impl LicenceRow {
    fn samples() -> Vec<Self> {
        vec![
            Self {
                name: "Microsoft 365 Business Premium".to_owned(),
                part_number: "SPB".to_owned(),
                used: 9,
                total: 25,
                free: Badge::new(Tone::Ok, "16 free"),
            },
            Self {
                name: "Exchange Online (Plan 1)".to_owned(),
                part_number: "EXCHANGESTANDARD".to_owned(),
                used: 10,
                total: 10,
                free: Badge::new(Tone::Danger, "None free"),
            },
        ]
    }
}
