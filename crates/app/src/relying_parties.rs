//! Relying parties: what each is told about a person, and which keys it signs with.

mod imported;
pub mod registry;
mod typed;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    assertion::{Attribute, Description, Subject},
    claims, oidc, uris,
};
use model::{
    ids::RelyingPartyId,
    issued_token::Reason,
    oidc::Scope,
    relying_party::{NameIdFormat, PartyKind, RelyingParty, SignOutBinding, SignOutService},
    user::User,
};

use store::{Tx, relying_parties};

use crate::{Error, House, Kind, Result};

impl House {
    /// What people call a relying party.
    pub async fn relying_party_name(&self, id: RelyingPartyId) -> Result<String> {
        let find = move |tx: &mut Tx| Ok::<_, Error>(relying_parties::by_id(tx, id)?);
        let found = self.store().read_briefly(find).await?;
        Ok(found.ok_or_else(|| Error::not_found("application"))?.name)
    }
}

/// The registered certificates of a party, in DER.
pub(crate) fn certificates(party: &RelyingParty) -> Result<Vec<Vec<u8>>> {
    let decoded = party.settings.certificates.iter().map(|text| STANDARD.decode(text));
    decoded.collect::<std::result::Result<_, _>>().map_err(|_| {
        Error::new(Kind::Bug, "A certificate of this application is damaged in the database.")
    })
}

/// Where a party takes logout messages, if anywhere: Microsoft where it takes answers.
pub(crate) fn sign_out_of(party: &RelyingParty) -> Option<SignOutService> {
    match party.kind {
        PartyKind::Microsoft => party.replies.first().map(|reply| SignOutService {
            binding: SignOutBinding::Post,
            location: reply.clone(),
            response: None,
        }),
        PartyKind::Saml2 | PartyKind::WsFed => party.settings.sign_out.clone(),
        PartyKind::Oidc => None,
    }
}

/// How a person is named to a party.
pub(crate) fn subject(user: &User, format: NameIdFormat) -> Subject {
    let (value, reason) = match format {
        NameIdFormat::Persistent => (user.immutable_id.as_str().to_owned(), Reason::ImmutableId),
        NameIdFormat::EmailAddress | NameIdFormat::Unspecified => {
            (user.upn.to_string(), Reason::SignInName)
        }
        NameIdFormat::Transient => return Subject::Transient,
    };
    Subject::Named { format: format.uri(), value, reason }
}

/// What a token of SAML 2.0 tells a party about a person: Microsoft their sign-in name
/// (`federation.md` 2.3), others what an admin picked.
pub(crate) fn about_in_saml20(
    party: &RelyingParty,
    user: &User,
    format: NameIdFormat,
) -> Description {
    let attributes = match party.kind {
        PartyKind::Microsoft => {
            vec![said("IDPEmail", user.upn.to_string(), Reason::SignInName)]
        }
        PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc => picked(party, user),
    };
    Description { subject: subject(user, format), attributes }
}

/// What a token of SAML 1.1 tells a party about a person: Microsoft their sign-in name and their
/// immutable id (`federation.md` 1.4), others what an admin picked.
pub(crate) fn about_in_saml11(party: &RelyingParty, user: &User) -> Description {
    let immutable_id = || user.immutable_id.as_str().to_owned();
    match party.kind {
        PartyKind::Microsoft => Description {
            subject: Subject::Named {
                format: uris::NAME_ID_UNSPECIFIED,
                value: immutable_id(),
                reason: Reason::ImmutableId,
            },
            attributes: vec![
                said(uris::CLAIM_UPN, user.upn.to_string(), Reason::SignInName),
                said(uris::CLAIM_IMMUTABLE_ID, immutable_id(), Reason::ImmutableId),
            ],
        },
        PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc => Description {
            subject: subject(user, party.settings.name_id),
            attributes: picked(party, user),
        },
    }
}

/// What an ID token tells a client about a person: their immutable id, which is never another's
/// (Core 5.7), and of what an admin picked whatever the scopes ask for.
pub(crate) fn about_in_oidc(party: &RelyingParty, user: &User, scopes: &[Scope]) -> Description {
    let asked = |said: &Attribute| {
        let scope = Scope::of_claim(&said.name);
        !oidc::claims::is_reserved(&said.name) && scope.is_none_or(|it| scopes.contains(&it))
    };
    Description {
        subject: subject(user, NameIdFormat::Persistent),
        attributes: picked(party, user).into_iter().filter(asked).collect(),
    }
}

fn said(name: &str, value: String, reason: Reason) -> Attribute {
    Attribute { reason, name: name.to_owned(), name_format: None, values: vec![value] }
}

/// A claim without a value is left out.
fn picked(party: &RelyingParty, user: &User) -> Vec<Attribute> {
    // One that was stored before such names were refused says nothing (R094).
    let claims = party.settings.claims.iter().filter(|claim| !claims::is_of_sign_in(&claim.name));
    let with_value = claims.filter_map(|claim| {
        let value = claim.source.of(user).filter(|value| !value.is_empty())?;
        let is_uri = claim.name.contains(':');
        let name_format = if is_uri { uris::ATTRIBUTE_URI } else { uris::ATTRIBUTE_BASIC };
        let said = said(&claim.name, value, Reason::Chosen);
        Some(Attribute { name_format: Some(name_format), ..said })
    });
    with_value.collect()
}
