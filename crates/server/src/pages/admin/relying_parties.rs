//! The applications that get tokens: the list, a new one, and one of them.

use serde::Serialize;

use super::domain::Property;
use crate::pages::{
    Page,
    parts::{Badge, Choice, Fact, Link, Problem, Tab, Tone, Verdict},
};

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct RelyingParties {
    /// How many there are, in a sentence.
    pub verdict: Verdict,
    /// The applications.
    pub rows: Vec<Row>,
}

/// One application.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub protocol: String,
    /// Its entity id or realm.
    pub entity_id: String,
    /// The domain that vouches for people there.
    pub domain: String,
    /// Who may use it.
    pub access: String,
    /// On or off.
    pub state: Badge,
}

/// Registering: metadata to read, or fields to fill.
#[derive(Debug, Clone, Serialize)]
pub struct RelyingPartyNew {
    /// Metadata was read: the fields say what it says.
    pub is_read: bool,
    /// The protocols to choose from.
    pub tabs: Vec<Tab>,
    /// The domain that vouches for people there.
    pub domain: Vec<Choice>,
    /// The fields.
    pub form: PartyForm,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// One application's page.
#[derive(Debug, Clone, Serialize)]
pub struct RelyingPartyPage {
    /// Its id, for the forms' addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether people can sign in there, in a sentence.
    pub verdict: Verdict,
    /// What its administrators need to know of us, and we of it.
    pub facts: Vec<Fact>,
    /// Microsoft: only the rules for its signatures can be changed.
    pub is_microsoft: bool,
    /// Microsoft: the domain whose script must be run when they are.
    pub script: Option<Link>,
    /// It has a secret, and may get another one.
    pub has_secret: bool,
    /// It gets tokens.
    pub is_on: bool,
    /// What metadata that was just read would change; nothing is stored yet.
    pub changes: Vec<Property>,
    /// The fields.
    pub form: PartyForm,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// The fields of an application. They are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct PartyForm {
    /// `saml2`, `ws-fed` or `openid-connect`.
    pub protocol: String,
    /// It has the fields of SAML 2.0.
    pub is_saml: bool,
    /// It has the fields of OpenID Connect.
    pub is_client: bool,
    /// Whether it keeps a secret: `secret` or `public`.
    pub proof: Vec<Choice>,
    /// Where people may go after a sign-out, one a line.
    pub after_sign_out: String,
    /// Where it hears that a session ended, or empty.
    pub back_channel: String,
    /// Whether it must bring its requests beforehand: `no` or `yes`.
    pub pushes: Vec<Choice>,
    /// What people call it.
    pub name: String,
    /// Its entity id or realm.
    pub entity_id: String,
    /// Reply addresses, one a line.
    pub replies: String,
    /// Their numbers in its metadata, with spaces between them.
    pub reply_indexes: String,
    /// Certificates as PEM.
    pub certificates: String,
    /// `optional` or `required`.
    pub requests: Vec<Choice>,
    /// The last day for SHA-1 (`2026-12-31`), or empty.
    pub sha1_until: String,
    /// How people are named.
    pub name_id: Vec<Choice>,
    /// What we sign.
    pub signs: Vec<Choice>,
    /// Who may use it.
    pub access: Vec<Choice>,
    /// Where people begin there, or empty.
    pub start: String,
    /// Where logout messages go, or empty.
    pub sign_out: String,
    /// `redirect` or `post`.
    pub sign_out_binding: Vec<Choice>,
    /// The claims that can be sent.
    pub claims: Vec<ClaimField>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A claim that can be sent: it is, when it has a name.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimField {
    /// The field's name.
    pub field: String,
    /// What of a person it is.
    pub label: String,
    /// The name that the application wants, or empty.
    pub name: String,
}

impl Page for RelyingParties {
    const TEMPLATE: &'static str = "admin/relying_parties.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl RelyingParties {
    /// Microsoft and a wiki.
    #[must_use]
    pub fn sample() -> Self {
        let microsoft = Row {
            href: "/admin/relying-parties/1".to_owned(),
            name: "Microsoft 365".to_owned(),
            protocol: "WS-Federation and SAML 2.0".to_owned(),
            entity_id: "urn:federation:MicrosoftOnline".to_owned(),
            domain: "contoso.com".to_owned(),
            access: "Who is assigned".to_owned(),
            state: Badge::new(Tone::Ok, "On"),
        };
        let wiki = Row {
            href: "/admin/relying-parties/2".to_owned(),
            name: "Wiki".to_owned(),
            protocol: "SAML 2.0".to_owned(),
            entity_id: "https://wiki.contoso.com/saml/metadata".to_owned(),
            access: "Everybody of the domain".to_owned(),
            state: Badge::new(Tone::Neutral, "Off"),
            ..microsoft.clone()
        };
        Self {
            verdict: Verdict::new(Tone::Neutral, "2 applications get tokens from here."),
            rows: vec![microsoft, wiki],
        }
    }
}

impl Page for RelyingPartyNew {
    const TEMPLATE: &'static str = "admin/relying_party_new.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "It names no address that takes answers by a form (HTTP-POST).";
        let problem = Problem::of_field("metadata", cause, "");
        let wrong = Self { problems: vec![problem], ..page.clone() };
        let read = Self { is_read: true, form: PartyForm::sample(), ..page.clone() };
        let tabs = Self::sample_tabs("ws-fed");
        let ws_fed = Self { tabs, form: PartyForm::sample_ws_fed(), ..page.clone() };
        let tabs = Self::sample_tabs("openid-connect");
        let oidc = Self { tabs, form: PartyForm::sample_client(), ..page.clone() };
        vec![("", page), ("wrong", wrong), ("read", read), ("ws-fed", ws_fed), ("oidc", oidc)]
    }
}

impl RelyingPartyNew {
    fn sample_tabs(chosen: &str) -> Vec<Tab> {
        let all = [
            ("SAML 2.0", "saml2"),
            ("WS-Federation", "ws-fed"),
            ("OpenID Connect", "openid-connect"),
        ];
        let tab = |(label, value): (&str, &str)| Tab {
            label: label.to_owned(),
            href: format!("/admin/relying-parties/new?protocol={value}"),
            active: value == chosen,
        };
        all.map(tab).into()
    }

    /// Nothing typed yet.
    #[must_use]
    pub fn sample() -> Self {
        let empty = PartyForm {
            name: String::new(),
            entity_id: String::new(),
            replies: String::new(),
            reply_indexes: String::new(),
            certificates: String::new(),
            start: String::new(),
            sign_out: String::new(),
            ..PartyForm::sample()
        };
        Self {
            is_read: false,
            tabs: Self::sample_tabs("saml2"),
            domain: vec![Choice::new("contoso.com", "contoso.com", "contoso.com")],
            form: empty,
            problems: Vec::new(),
        }
    }
}

impl PartyForm {
    /// A wiki.
    #[must_use]
    pub fn sample() -> Self {
        let claim = |field: &str, label: &str, name: &str| ClaimField {
            field: field.to_owned(),
            label: label.to_owned(),
            name: name.to_owned(),
        };
        Self {
            protocol: "saml2".to_owned(),
            is_saml: true,
            is_client: false,
            proof: Vec::new(),
            after_sign_out: String::new(),
            back_channel: String::new(),
            pushes: Vec::new(),
            name: "Wiki".to_owned(),
            entity_id: "https://wiki.contoso.com/saml/metadata".to_owned(),
            replies: "https://wiki.contoso.com/saml/acs".to_owned(),
            reply_indexes: "0".to_owned(),
            certificates: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----".to_owned(),
            requests: vec![
                Choice::new("optional", "Need not be signed; a signature must hold", "required"),
                Choice::new("required", "Must be signed", "required"),
            ],
            sha1_until: String::new(),
            name_id: vec![Choice::new("persistent", "Immutable id (persistent)", "persistent")],
            signs: vec![Choice::new("assertion", "The assertion", "assertion")],
            access: vec![Choice::new("assigned", "Who is assigned to Office 365", "assigned")],
            start: "https://wiki.contoso.com/".to_owned(),
            sign_out: "https://wiki.contoso.com/saml/slo".to_owned(),
            sign_out_binding: vec![Choice::new("redirect", "By redirect", "redirect")],
            claims: vec![
                claim("claim_mail", "Mail address", "mail"),
                claim("claim_display_name", "Full name", ""),
            ],
            problems: Vec::new(),
        }
    }
}

impl PartyForm {
    /// A time sheet that speaks WS-Federation.
    #[must_use]
    pub fn sample_ws_fed() -> Self {
        let mut claims = Self::sample().claims;
        let name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
        name.clone_into(&mut claims[0].name);
        Self {
            protocol: "ws-fed".to_owned(),
            is_saml: false,
            name: "Time sheet".to_owned(),
            entity_id: "urn:contoso:timesheet".to_owned(),
            replies: "https://time.contoso.com/signin-wsfed".to_owned(),
            reply_indexes: String::new(),
            certificates: String::new(),
            sign_out: "https://time.contoso.com/signin-wsfed".to_owned(),
            claims,
            ..Self::sample()
        }
    }
}

impl Page for RelyingPartyPage {
    const TEMPLATE: &'static str = "admin/relying_party.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let old = "https://wiki.contoso.com/old";
        let read = Self {
            changes: vec![
                Property::new("Reply addresses", old, &page.form.replies),
                Property::new("Signed requests", "required", "required"),
            ],
            ..page.clone()
        };
        let microsoft = Self {
            name: "Microsoft 365".to_owned(),
            is_microsoft: true,
            script: Some(Link::new("contoso.com", "/admin/domains/contoso-com")),
            is_on: false,
            verdict: Verdict::new(Tone::Warn, "It is switched off: nobody gets a token for it."),
            ..page.clone()
        };
        let ws_fed = Self {
            name: "Time sheet".to_owned(),
            facts: vec![
                Fact::text("Protocol", "WS-Federation"),
                Fact::id("Realm there", "urn:contoso:timesheet"),
            ],
            form: PartyForm::sample_ws_fed(),
            ..page.clone()
        };
        let oidc = Self {
            name: "Tickets".to_owned(),
            facts: vec![
                Fact::text("Protocol", "OpenID Connect"),
                Fact::id("Client id", "019b0c5e-8d7a-7cc3-98a5-3c5a54a8e9b2"),
                Fact::id("Our issuer", "https://idp.contoso.com/d/contoso-com/oidc"),
            ],
            has_secret: true,
            form: PartyForm::sample_client(),
            ..page.clone()
        };
        vec![
            ("", page),
            ("read", read),
            ("microsoft", microsoft),
            ("ws-fed", ws_fed),
            ("oidc", oidc),
        ]
    }
}

impl RelyingPartyPage {
    /// A wiki.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            id: "2".to_owned(),
            name: "Wiki".to_owned(),
            verdict: Verdict::new(Tone::Ok, "People can sign in there."),
            facts: vec![
                Fact::text("Protocol", "SAML 2.0"),
                Fact::id("Entity id there", "https://wiki.contoso.com/saml/metadata"),
                Fact::id("Our metadata", "https://idp.contoso.com/d/contoso-com/saml/metadata/2"),
            ],
            is_microsoft: false,
            script: None,
            has_secret: false,
            is_on: true,
            changes: Vec::new(),
            form: PartyForm::sample(),
            problems: Vec::new(),
        }
    }
}
