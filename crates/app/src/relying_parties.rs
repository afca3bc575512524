//! Relying parties: what each is told about a person, and which keys it signs with.

pub mod registry;
mod typed;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    assertion::saml20::{Attribute, Subject},
    uris,
};
use model::{
    ids::RelyingPartyId,
    issued_token::Reason,
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
        PartyKind::Saml2 => party.settings.sign_out.clone(),
    }
}

/// How a person is named to a party.
pub(crate) fn subject(user: &User, format: NameIdFormat) -> Subject {
    let value = match format {
        NameIdFormat::Persistent => user.immutable_id.as_str().to_owned(),
        NameIdFormat::EmailAddress | NameIdFormat::Unspecified => user.upn.to_string(),
        NameIdFormat::Transient => return Subject::Transient,
    };
    Subject::Named { format: format.uri(), value }
}

/// How a person is named to a party, and what else it is told: to Microsoft their sign-in name
/// (`federation.md` 2.3), to others what an admin picked.
pub(crate) fn subject_and_attributes(
    party: &RelyingParty,
    user: &User,
    format: NameIdFormat,
) -> (Subject, Vec<Attribute>) {
    let attributes = match party.kind {
        PartyKind::Microsoft => vec![Attribute {
            reason: Reason::SignInName,
            name: "IDPEmail".to_owned(),
            name_format: None,
            values: vec![user.upn.to_string()],
        }],
        PartyKind::Saml2 => picked(party, user),
    };
    (subject(user, format), attributes)
}

/// A claim without a value is left out.
fn picked(party: &RelyingParty, user: &User) -> Vec<Attribute> {
    let claims = party.settings.claims.iter();
    let with_value = claims.filter_map(|claim| {
        let value = claim.source.of(user).filter(|value| !value.is_empty())?;
        let is_uri = claim.name.contains(':');
        let name_format = if is_uri { uris::ATTRIBUTE_URI } else { uris::ATTRIBUTE_BASIC };
        Some(Attribute {
            reason: Reason::Chosen,
            name: claim.name.clone(),
            name_format: Some(name_format),
            values: vec![value],
        })
    });
    with_value.collect()
}
