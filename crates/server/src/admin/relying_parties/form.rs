//! The form of an application: from what is stored to fields, and back.

use app::relying_parties::registry::{PartyWish, Registered};
use model::relying_party::{
    Access, ClaimSource, NameIdFormat, PartyKind, PickedClaim, RelyingParty, SignedParts,
    SignedRequests,
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
        parts::{Choice, Fact, Problem, Tone, Verdict},
    },
};

const FIELDS: [&str; 20] = [
    "name",
    "replies",
    "reply_indexes",
    "certificates",
    "requests",
    "sha1_until",
    "name_id",
    "signs",
    "access",
    "sign_out",
    "sign_out_binding",
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

/// The form of a new application, and the domain that was chosen.
pub(super) fn read_new(form: &Form) -> Result<(PartyWish, String), Failure> {
    let mut names = [""; 22];
    names[..20].copy_from_slice(&FIELDS);
    names[20] = "entity_id";
    names[21] = "domain";
    let values = form.exactly(names)?;
    let wish = PartyWish { entity_id: values[20].clone(), ..wish(&values[..20])? };
    Ok((wish, values[21].clone()))
}

/// The form of an application that is there.
pub(super) fn read_change(form: &Form, party: &RelyingParty) -> Result<PartyWish, Failure> {
    if party.kind == PartyKind::Microsoft {
        let [certificates, requests, sha1_until] =
            form.exactly(["certificates", "requests", "sha1_until"])?;
        let requests = one_of(&REQUESTS, &requests)?;
        let before = app::relying_parties::registry::as_typed(party);
        return Ok(PartyWish { certificates, requests, sha1_until, ..before });
    }
    let values = form.exactly(FIELDS)?;
    Ok(PartyWish { entity_id: party.realm.clone(), ..wish(&values)? })
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

fn wish(values: &[String]) -> Result<PartyWish, Failure> {
    let text = |at: usize| values[at].clone();
    let claims = ClaimSource::ALL
        .into_iter()
        .zip(&values[11..])
        .map(|(source, name)| PickedClaim { name: name.clone(), source });
    let indexes = values[2].split_ascii_whitespace().map(str::parse);
    Ok(PartyWish {
        name: text(0),
        entity_id: String::new(),
        replies: text(1),
        reply_indexes: indexes
            .collect::<Result<_, _>>()
            .map_err(|_| Failure::bad_input("An index is no number."))?,
        certificates: text(3),
        requests: one_of(&REQUESTS, &values[4])?,
        sha1_until: text(5),
        name_id: one_of(&NAME_IDS, &values[6])?,
        signs: one_of(&SIGNS, &values[7])?,
        access: one_of(&ACCESS, &values[8])?,
        sign_out: text(9),
        sign_out_by_form: one_of(&BINDINGS, &values[10])?,
        claims: claims.collect(),
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
    let claims = ClaimSource::ALL.into_iter().zip(&FIELDS[11..]).map(|(source, field)| {
        let picked = wish.claims.iter().find(|claim| claim.source == source);
        ClaimField {
            field: (*field).to_owned(),
            label: label(source).to_owned(),
            name: picked.map(|claim| claim.name.clone()).unwrap_or_default(),
        }
    });
    PartyForm {
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
    let mut facts = vec![
        Fact::id("Entity id there", &party.realm),
        Fact::id("Our entity id", &addresses.issuer_uri),
        Fact::id("Our sign-in address", &addresses.passive_sign_in_uri),
        Fact::id("Our sign-out address", &format!("{root}/saml/slo")),
        Fact::id("Our metadata", &format!("{root}/saml/metadata/{}", party.id)),
    ];
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

/// What new metadata would change.
pub(super) fn changes(before: &PartyWish, after: &PartyWish) -> Vec<Property> {
    let by = |form: bool| if form { "form" } else { "redirect" }.to_owned();
    let must = |requests| match requests {
        SignedRequests::Required => "required".to_owned(),
        SignedRequests::Optional => "optional".to_owned(),
    };
    [
        ("Reply addresses", before.replies.clone(), after.replies.clone()),
        ("Certificates", before.certificates.clone(), after.certificates.clone()),
        ("Signed requests", must(before.requests), must(after.requests)),
        ("Sign-out address", before.sign_out.clone(), after.sign_out.clone()),
        ("Sign-out by", by(before.sign_out_by_form), by(after.sign_out_by_form)),
    ]
    .into_iter()
    .map(|(name, before, after)| Property::new(name, &before, &after))
    .collect()
}
