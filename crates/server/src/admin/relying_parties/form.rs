//! The form of an application: from what is stored to fields, and back.

use app::relying_parties::registry::{PartyWish, Registered};
use model::{
    oidc::ClientProof,
    relying_party::{
        Access, ClaimSource, NameIdFormat, PartyKind, PartyProtocol, PickedClaim, RelyingParty,
        SignedParts, SignedRequests,
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
        parts::{Choice, Fact, Link, Problem, Tab, Tone, Verdict},
    },
};

/// The fields of every application; those of its claims come last, in the order of their sources.
const GENERAL: [&str; 13] = [
    "name",
    "replies",
    "access",
    "start",
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
const CLAIMS: usize = 4;
/// Fields that only those have a use for who take assertions.
const ASSERTIONS: [&str; 2] = ["name_id", "sign_out"];
/// Fields that only SAML 2.0 has a use for.
const SAML: [&str; 6] =
    ["reply_indexes", "certificates", "requests", "sha1_until", "signs", "sign_out_binding"];
/// Fields that only OpenID Connect has a use for.
const CLIENT: [&str; 3] = ["after_sign_out", "back_channel", "pushes"];

/// The fields of a protocol beside the general ones.
fn special(protocol: PartyProtocol) -> Vec<&'static str> {
    match protocol {
        PartyProtocol::Saml2 => [&ASSERTIONS[..], &SAML].concat(),
        PartyProtocol::WsFed => ASSERTIONS.to_vec(),
        PartyProtocol::Oidc => CLIENT.to_vec(),
    }
}

/// The form of a new application, and the domain that was chosen. What cannot be changed later is
/// asked for here alone.
pub(super) fn read_new(form: &Form) -> Result<(PartyWish, String), Failure> {
    let protocol = form.list("protocol").pop().unwrap_or_default();
    let protocol = protocol_of(&protocol)?;
    let own = if protocol == PartyProtocol::Oidc { "proof" } else { "entity_id" };
    let new = ["protocol", "domain", own];
    let others = [&GENERAL[..], &special(protocol)].concat();
    let [_, domain, own] = form.with_lists(new, &others)?;
    let wish = wish(form, protocol, &new)?;
    Ok(match protocol {
        PartyProtocol::Oidc => (PartyWish { keeps_secret: one_of(&PROOFS, &own)?, ..wish }, domain),
        PartyProtocol::Saml2 | PartyProtocol::WsFed => {
            (PartyWish { entity_id: own, ..wish }, domain)
        }
    })
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

const PROTOCOLS: [(PartyProtocol, &str, &str); 3] = [
    (PartyProtocol::Saml2, "saml2", PartyProtocol::Saml2.label()),
    (PartyProtocol::WsFed, "ws-fed", PartyProtocol::WsFed.label()),
    (PartyProtocol::Oidc, "openid-connect", PartyProtocol::Oidc.label()),
];

/// The protocol by its value in forms and addresses.
pub(super) fn protocol_of(value: &str) -> Result<PartyProtocol, Failure> {
    one_of(&PROTOCOLS, value)
}

/// The protocols that a new application may speak, and the one in view.
pub(super) fn protocol_tabs(chosen: PartyProtocol) -> Vec<Tab> {
    let tab = |(protocol, value, label): &(PartyProtocol, &str, &str)| Tab {
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

const PUSHES: [(bool, &str, &str); 2] = [
    (false, "no", "It may send them along with the browser"),
    (true, "yes", "It must bring them beforehand (PAR)"),
];
const PROOFS: [(bool, &str, &str); 2] = [
    (true, "secret", "It keeps a secret: it runs on a server"),
    (false, "public", "It can't keep one: it runs in a browser (PKCE binds its codes)"),
];

fn one_of<T: Copy>(list: &[(T, &str, &str)], chosen: &str) -> Result<T, Failure> {
    let found = list.iter().find(|(_, value, _)| *value == chosen);
    found.map(|(it, ..)| *it).ok_or_else(|| Failure::bad_input("There is no such choice."))
}

fn choices<T: Copy + PartialEq>(list: &[(T, &str, &str)], chosen: T) -> Vec<Choice> {
    let value = list.iter().find(|(it, ..)| *it == chosen).map_or("", |(_, value, _)| *value);
    list.iter().map(|(_, it, label)| Choice::new(it, label, value)).collect()
}

/// The fields of a protocol; `beside` names others that the form has.
fn wish(form: &Form, protocol: PartyProtocol, beside: &[&str]) -> Result<PartyWish, Failure> {
    let values = form.with_lists(GENERAL, &[&special(protocol), beside].concat())?;
    let claims = ClaimSource::ALL
        .into_iter()
        .zip(&values[CLAIMS..])
        .map(|(source, name)| PickedClaim { name: name.clone(), source });
    let general = PartyWish {
        protocol,
        name: values[0].clone(),
        replies: values[1].clone(),
        access: one_of(&ACCESS, &values[2])?,
        start: values[3].clone(),
        claims: claims.collect(),
        ..PartyWish::default()
    };
    let beside = [&GENERAL[..], beside].concat();
    match protocol {
        PartyProtocol::Oidc => {
            let [after_sign_out, back_channel, pushes] = form.with_lists(CLIENT, &beside)?;
            let pushes = one_of(&PUSHES, &pushes)?;
            Ok(PartyWish { after_sign_out, back_channel, pushes, ..general })
        }
        PartyProtocol::WsFed => assertions(form, general, &beside),
        PartyProtocol::Saml2 => {
            let general = assertions(form, general, &[&SAML[..], &beside].concat())?;
            saml(form, general, &[&ASSERTIONS[..], &beside].concat())
        }
    }
}

fn assertions(form: &Form, general: PartyWish, beside: &[&str]) -> Result<PartyWish, Failure> {
    let [name_id, sign_out] = form.with_lists(ASSERTIONS, beside)?;
    Ok(PartyWish { name_id: one_of(&NAME_IDS, &name_id)?, sign_out, ..general })
}

fn saml(form: &Form, general: PartyWish, beside: &[&str]) -> Result<PartyWish, Failure> {
    let [indexes, certificates, requests, sha1_until, signs, binding] =
        form.with_lists(SAML, beside)?;
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
        is_saml: wish.protocol == PartyProtocol::Saml2,
        is_client: wish.protocol == PartyProtocol::Oidc,
        proof: choices(&PROOFS, wish.keeps_secret),
        after_sign_out: wish.after_sign_out.clone(),
        back_channel: wish.back_channel.clone(),
        pushes: choices(&PUSHES, wish.pushes),
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
        start: wish.start.clone(),
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
    let sign_in = &addresses.passive_sign_in_uri;
    let mut facts = vec![Fact::text("Protocol", protocols(party.kind))];
    let keeps_secret = party.settings.oidc.proof != ClientProof::Public;
    facts.extend(match party.kind {
        PartyKind::Microsoft | PartyKind::Saml2 => vec![
            Fact::id("Entity id there", &party.realm),
            Fact::id("Our entity id", &addresses.issuer_uri),
            Fact::id("Our sign-in address", sign_in),
            Fact::id("Our sign-out address", &format!("{root}/saml/slo")),
            Fact::id("Our metadata", &format!("{root}/saml/metadata/{}", party.id)),
        ],
        PartyKind::WsFed => vec![
            Fact::id("Realm there", &party.realm),
            Fact::id("Our issuer", &addresses.issuer_uri),
            Fact::id("Our sign-in address", sign_in),
            Fact::id("Our sign-out address", &format!("{sign_in}?wa=wsignout1.0")),
            Fact::id("Our metadata", &addresses.metadata_url),
        ],
        PartyKind::Oidc => vec![
            Fact::id("Client id", &party.realm),
            Fact::text(
                "Client secret",
                if keeps_secret { "Shown once, when made" } else { "None" },
            ),
            Fact::id("Our issuer", &format!("{root}/oidc")),
            Fact::id("Our metadata", &format!("{root}/oidc/.well-known/openid-configuration")),
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
        script: is_microsoft
            .then(|| Link::new(&domain.name, &format!("/admin/domains/{}", domain.slug))),
        has_secret: party.kind == PartyKind::Oidc && keeps_secret,
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
    if before.protocol == PartyProtocol::Saml2 {
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
