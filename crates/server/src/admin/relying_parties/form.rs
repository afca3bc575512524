//! The form of an application: from what is stored to fields, and back.

use app::relying_parties::registry::{PartyWish, Registered};
use model::{
    federated_domain::BrowserProtocol,
    relying_party::{
        Access, ClaimSource, NameIdFormat, PartyKind, PickedClaim, RelyingParty, SignedParts,
        SignedRequests,
    },
};

use crate::{
    answer::Desk,
    csrf::Form,
    error::Failure,
    pages::{
        admin::{
            domain::Property,
            relying_parties::{ClaimField, PartyForm, RelyingPartyPage},
        },
        parts::{Choice, Fact, Problem, Tab, Tone, Verdict},
    },
};

/// The fields of every application; those of its claims come last, in the order of their sources.
const GENERAL: [&str; 14] = [
    "name",
    "replies",
    "name_id",
    "access",
    "sign_out",
    "claim_upn",
    "claim_mail",
    "claim_display_name",
    "claim_given_name",
    "claim_surname",
    "claim_department",
    "claim_job_title",
    "claim_country",
    "claim_immutable_id",
];
const CLAIMS: usize = 5;
/// Fields that only SAML 2.0 has a use for.
const SAML: [&str; 6] =
    ["reply_indexes", "certificates", "requests", "sha1_until", "signs", "sign_out_binding"];
/// Fields that cannot be changed later.
const NEW: [&str; 3] = ["protocol", "entity_id", "domain"];

/// The form of a new application, and the domain that was chosen.
pub(super) fn read_new(form: &Form) -> Result<(PartyWish, String), Failure> {
    let [protocol, entity_id, domain] = form.with_lists(NEW, &[&GENERAL[..], &SAML].concat())?;
    let wish = wish(form, protocol_of(&protocol)?, &NEW)?;
    Ok((PartyWish { entity_id, ..wish }, domain))
}

/// The form of an application that is there.
pub(super) fn read_change(form: &Form, party: &RelyingParty) -> Result<PartyWish, Failure> {
    let Some(protocol) = party.kind.protocol() else {
        let [certificates, requests, sha1_until] =
            form.exactly(["certificates", "requests", "sha1_until"])?;
        let requests = one_of(&REQUESTS, &requests)?;
        let before = app::relying_parties::registry::as_typed(party);
        return Ok(PartyWish { certificates, requests, sha1_until, ..before });
    };
    Ok(PartyWish { entity_id: party.realm.clone(), ..wish(form, protocol, &[])? })
}

const PROTOCOLS: [(BrowserProtocol, &str, &str); 2] = [
    (BrowserProtocol::Saml2, "saml2", BrowserProtocol::Saml2.label()),
    (BrowserProtocol::WsFed, "ws-fed", BrowserProtocol::WsFed.label()),
];

/// The protocol by its value in forms and addresses.
pub(super) fn protocol_of(value: &str) -> Result<BrowserProtocol, Failure> {
    one_of(&PROTOCOLS, value)
}

/// The protocols that a new application may speak, and the one in view.
pub(super) fn protocol_tabs(chosen: BrowserProtocol) -> Vec<Tab> {
    let tab = |(protocol, value, label): &(BrowserProtocol, &str, &str)| Tab {
        label: (*label).to_owned(),
        href: format!("/admin/relying-parties/new?protocol={value}"),
        active: *protocol == chosen,
    };
    PROTOCOLS.iter().map(tab).collect()
}

const REQUESTS: [(SignedRequests, &str, &str); 2] = [
    (SignedRequests::Optional, "optional", "Need not be signed; a signature must hold"),
    (SignedRequests::Required, "required", "Must be signed"),
];
const NAME_IDS: [(NameIdFormat, &str, &str); 4] = [
    (NameIdFormat::Persistent, "persistent", "Immutable id (persistent)"),
    (NameIdFormat::EmailAddress, "email", "Sign-in name (emailAddress)"),
    (NameIdFormat::Unspecified, "unspecified", "Sign-in name (unspecified)"),
    (NameIdFormat::Transient, "transient", "A new name each time (transient)"),
];
const SIGNS: [(SignedParts, &str, &str); 2] = [
    (SignedParts::Assertion, "assertion", "The assertion"),
    (SignedParts::Both, "both", "The assertion and the response around it"),
];
const ACCESS: [(Access, &str, &str); 2] = [
    (Access::Assigned, "assigned", "Who is assigned to Office 365"),
    (Access::Everyone, "everyone", "Everybody with an address in the tenant's domains"),
];
const BINDINGS: [(bool, &str, &str); 2] =
    [(false, "redirect", "By redirect"), (true, "post", "By form")];

fn one_of<T: Copy>(list: &[(T, &str, &str)], chosen: &str) -> Result<T, Failure> {
    let found = list.iter().find(|(_, value, _)| *value == chosen);
    found.map(|(it, ..)| *it).ok_or_else(|| Failure::bad_input("There is no such choice."))
}

fn choices<T: Copy + PartialEq>(list: &[(T, &str, &str)], chosen: T) -> Vec<Choice> {
    let value = list.iter().find(|(it, ..)| *it == chosen).map_or("", |(_, value, _)| *value);
    list.iter().map(|(_, it, label)| Choice::new(it, label, value)).collect()
}

/// The fields of a protocol; `beside` names others that the form has.
fn wish(form: &Form, protocol: BrowserProtocol, beside: &[&str]) -> Result<PartyWish, Failure> {
    let of_saml: &[&str] = if protocol == BrowserProtocol::Saml2 { &SAML } else { &[] };
    let values = form.with_lists(GENERAL, &[of_saml, beside].concat())?;
    let claims = ClaimSource::ALL
        .into_iter()
        .zip(&values[CLAIMS..])
        .map(|(source, name)| PickedClaim { name: name.clone(), source });
    let general = PartyWish {
        protocol,
        name: values[0].clone(),
        replies: values[1].clone(),
        name_id: one_of(&NAME_IDS, &values[2])?,
        access: one_of(&ACCESS, &values[3])?,
        sign_out: values[4].clone(),
        claims: claims.collect(),
        ..PartyWish::default()
    };
    if of_saml.is_empty() {
        return Ok(general);
    }
    let [indexes, certificates, requests, sha1_until, signs, binding] =
        form.with_lists(SAML, &[&GENERAL, beside].concat())?;
    let indexes = indexes.split_ascii_whitespace().map(str::parse);
    Ok(PartyWish {
        reply_indexes: indexes
            .collect::<Result<_, _>>()
            .map_err(|_| Failure::bad_input("An index is no number."))?,
        certificates,
        requests: one_of(&REQUESTS, &requests)?,
        sha1_until,
        signs: one_of(&SIGNS, &signs)?,
        sign_out_by_form: one_of(&BINDINGS, &binding)?,
        ..general
    })
}

const fn label(source: ClaimSource) -> &'static str {
    match source {
        ClaimSource::Upn => "Sign-in name",
        ClaimSource::Mail => "Mail address",
        ClaimSource::DisplayName => "Full name",
        ClaimSource::GivenName => "First name",
        ClaimSource::Surname => "Family name",
        ClaimSource::Department => "Department",
        ClaimSource::JobTitle => "Job title",
        ClaimSource::Country => "Country",
        ClaimSource::ImmutableId => "Immutable id",
    }
}

/// The fields with what is wished.
pub(super) fn filled(wish: &PartyWish, problems: Vec<Problem>) -> PartyForm {
    let indexes: Vec<String> = wish.reply_indexes.iter().map(ToString::to_string).collect();
    let claims = ClaimSource::ALL.into_iter().zip(&GENERAL[CLAIMS..]).map(|(source, field)| {
        let picked = wish.claims.iter().find(|claim| claim.source == source);
        ClaimField {
            field: (*field).to_owned(),
            label: label(source).to_owned(),
            name: picked.map(|claim| claim.name.clone()).unwrap_or_default(),
        }
    });
    let protocol = PROTOCOLS.iter().find(|(it, ..)| *it == wish.protocol);
    PartyForm {
        protocol: protocol.map(|(_, value, _)| (*value).to_owned()).unwrap_or_default(),
        is_saml: wish.protocol == BrowserProtocol::Saml2,
        name: wish.name.clone(),
        entity_id: wish.entity_id.clone(),
        replies: wish.replies.clone(),
        reply_indexes: indexes.join(" "),
        certificates: wish.certificates.clone(),
        requests: choices(&REQUESTS, wish.requests),
        sha1_until: wish.sha1_until.clone(),
        name_id: choices(&NAME_IDS, wish.name_id),
        signs: choices(&SIGNS, wish.signs),
        access: choices(&ACCESS, wish.access),
        sign_out: wish.sign_out.clone(),
        sign_out_binding: choices(&BINDINGS, wish.sign_out_by_form),
        claims: claims.collect(),
        problems,
    }
}

/// The page of an application.
pub(super) async fn page(
    desk: &Desk,
    registered: &Registered,
    wish: &PartyWish,
    problems: Vec<Problem>,
) -> Result<RelyingPartyPage, Failure> {
    let (party, domain) = (&registered.party, &registered.domain);
    let addresses = desk.counter.house.addresses(&domain.name).await?;
    let root = addresses.metadata_url.split("/federationmetadata").next().unwrap_or_default();
    let is_microsoft = party.kind == PartyKind::Microsoft;
    let mut facts = vec![Fact::text("Protocol", protocols(party.kind))];
    let sign_in = &addresses.passive_sign_in_uri;
    facts.extend(match party.kind {
        PartyKind::Microsoft | PartyKind::Saml2 => [
            Fact::id("Entity id there", &party.realm),
            Fact::id("Our entity id", &addresses.issuer_uri),
            Fact::id("Our sign-in address", sign_in),
            Fact::id("Our sign-out address", &format!("{root}/saml/slo")),
            Fact::id("Our metadata", &format!("{root}/saml/metadata/{}", party.id)),
        ],
        PartyKind::WsFed => [
            Fact::id("Realm there", &party.realm),
            Fact::id("Our issuer", &addresses.issuer_uri),
            Fact::id("Our sign-in address", sign_in),
            Fact::id("Our sign-out address", &format!("{sign_in}?wa=wsignout1.0")),
            Fact::id("Our metadata", &addresses.metadata_url),
        ],
    });
    facts.extend(is_microsoft.then(|| Fact::id("Answers go to", &party.replies.join(" "))));
    let verdict = if party.enabled {
        Verdict::new(Tone::Ok, "People can sign in there.")
    } else {
        Verdict::new(Tone::Warn, "It is switched off: nobody gets a token for it.")
    };
    Ok(RelyingPartyPage {
        id: party.id.to_string(),
        name: party.name.clone(),
        verdict,
        facts,
        is_microsoft,
        is_on: party.enabled,
        changes: Vec::new(),
        form: filled(wish, problems.clone()),
        problems,
    })
}

/// What an application speaks, in words.
pub(super) const fn protocols(kind: PartyKind) -> &'static str {
    match kind.protocol() {
        Some(protocol) => protocol.label(),
        None => "WS-Federation and SAML 2.0",
    }
}

/// What new metadata would change.
pub(super) fn changes(before: &PartyWish, after: &PartyWish) -> Vec<Property> {
    let mut changes = vec![
        Property::new("Reply addresses", &before.replies, &after.replies),
        Property::new("Sign-out address", &before.sign_out, &after.sign_out),
    ];
    if before.protocol == BrowserProtocol::Saml2 {
        changes.extend(changes_of_saml(before, after));
    }
    changes
}

fn changes_of_saml(before: &PartyWish, after: &PartyWish) -> [Property; 3] {
    let by = |form: bool| if form { "form" } else { "redirect" }.to_owned();
    let must = |requests| match requests {
        SignedRequests::Required => "required".to_owned(),
        SignedRequests::Optional => "optional".to_owned(),
    };
    let (travels, now) = (by(before.sign_out_by_form), by(after.sign_out_by_form));
    [
        Property::new("Certificates", &before.certificates, &after.certificates),
        Property::new("Signed requests", &must(before.requests), &must(after.requests)),
        Property::new("Sign-out by", &travels, &now),
    ]
}
