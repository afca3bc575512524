//! Reads the metadata of a relying party into a wish that an admin looks at; nothing is stored
//! before they say so (R143).

use federation::{
    metadata::party::{Loopback, PartyMetadata},
    saml2::sp_metadata,
    wsfed::rp_metadata,
};
use model::{
    Role,
    relying_party::{ClaimSource, PartyProtocol, PickedClaim, SignOutBinding, SignedRequests},
};

use super::{registry::PartyWish, typed::pem};
use crate::{Admin, Error, House, Result};

impl House {
    /// What metadata says, for the admin to look at.
    pub fn read_party_metadata(
        &self,
        admin: &Admin,
        protocol: PartyProtocol,
        xml: &str,
    ) -> Result<PartyWish> {
        admin.require(Role::SecurityAdmin)?;
        let (now, loopback) = (self.now(), self.loopback());
        let found = match protocol {
            PartyProtocol::Saml2 => sp_metadata::read(xml, now, loopback),
            PartyProtocol::WsFed => rp_metadata::read(xml, now, loopback),
            PartyProtocol::Oidc => {
                let public = "A client of OpenID Connect has no metadata. Fill in its fields.";
                return Err(Error::invalid("metadata", public));
            }
        };
        let said = found.map_err(|flaw| Error::invalid("metadata", flaw.to_string()))?;
        Ok(wish(protocol, said))
    }

    /// Whether addresses of this machine count.
    pub(super) fn loopback(&self) -> Loopback {
        if self.is_demo() { Loopback::Allowed } else { Loopback::Refused }
    }
}

fn wish(protocol: PartyProtocol, said: PartyMetadata) -> PartyWish {
    let certificates: Vec<String> = said.certificates.iter().map(|der| pem(der)).collect();
    let sign_out = said.sign_out.as_ref();
    let asked = asked_claims(&said.claims);
    let usual = PartyWish::of(protocol);
    PartyWish {
        name: said.name.clone().unwrap_or_else(|| host(&said)),
        replies: said.replies.join("\n"),
        reply_indexes: said.reply_indexes,
        certificates: certificates.join("\n"),
        requests: if said.signs_requests {
            SignedRequests::Required
        } else {
            SignedRequests::Optional
        },
        name_id: said.name_id.unwrap_or_default(),
        sign_out: sign_out.map(|service| service.location.clone()).unwrap_or_default(),
        sign_out_by_form: sign_out.is_some_and(|it| it.binding == SignOutBinding::Post),
        claims: if asked.is_empty() { usual.claims.clone() } else { asked },
        entity_id: said.entity_id,
        ..usual
    }
}

/// The host of an entity id, which most often says what it is.
fn host(said: &PartyMetadata) -> String {
    let url = url::Url::parse(&said.entity_id).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    host.unwrap_or(&said.entity_id).to_owned()
}

/// Of the claims that it asks for, those whose usual names we know.
fn asked_claims(names: &[String]) -> Vec<PickedClaim> {
    let known = ClaimSource::ALL.into_iter().filter_map(|source| {
        let name = source.usual_name().filter(|usual| names.iter().any(|name| name == usual))?;
        Some(PickedClaim { name: name.to_owned(), source })
    });
    known.collect()
}
