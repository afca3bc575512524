//! What an admin types about a relying party: into what is stored, and back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::saml2::sp_metadata;
use model::{
    Ts,
    relying_party::{PickedClaim, RelyingParty, SignOutBinding},
};

use super::registry::PartyWish;
use crate::{Error, Result};

/// A party as an admin would have typed it.
#[must_use]
pub fn as_typed(party: &RelyingParty) -> PartyWish {
    let settings = &party.settings;
    let wrapped = |base64: &String| wrapped_pem(base64);
    let sign_out = settings.sign_out.as_ref();
    PartyWish {
        name: party.name.clone(),
        entity_id: party.realm.clone(),
        replies: party.replies.join("\n"),
        reply_indexes: settings.reply_indexes.clone(),
        certificates: settings.certificates.iter().map(wrapped).collect::<Vec<_>>().join("\n"),
        requests: settings.requests,
        sha1_until: settings
            .sha1_until
            .map(|until| (until - DAY).to_string()[..10].to_owned())
            .unwrap_or_default(),
        name_id: settings.name_id,
        signs: settings.signs,
        access: settings.access,
        sign_out: sign_out.map(|service| service.location.clone()).unwrap_or_default(),
        sign_out_by_form: sign_out.is_some_and(|it| it.binding == SignOutBinding::Post),
        claims: settings.claims.clone(),
    }
}

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

pub(super) fn name(wish: &PartyWish) -> Result<String> {
    let name = wish.name.trim();
    if name.is_empty() || name.len() > 100 {
        return Err(Error::invalid("name", "Give the application a name of at most 100 letters."));
    }
    Ok(name.to_owned())
}

/// Compared byte for byte, so nothing is changed about it.
pub(super) fn entity_id(wish: &PartyWish) -> Result<String> {
    let id = &wish.entity_id;
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if id.is_empty() || id.len() > 1_024 || id.contains(odd) {
        let public = "The entity id must be the one the application sends, without spaces.";
        return Err(Error::invalid("entity_id", public));
    }
    Ok(id.clone())
}

/// Each certificate as base64 of its DER.
pub(super) fn certificates(text: &str) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for block in blocks(text) {
        let der = sp_metadata::certificate(&block).map_err(|_| {
            let public = "This is not a certificate whose key can be used. Paste it as PEM.";
            Error::invalid("certificates", public)
        })?;
        let base64 = STANDARD.encode(der);
        if !found.contains(&base64) {
            found.push(base64);
        }
    }
    if found.len() > 8 {
        return Err(Error::invalid("certificates", "Eight certificates are enough. Remove some."));
    }
    Ok(found)
}

/// The certificates in a text, each its own block.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("-----") {
            blocks.push(String::new());
        } else if let Some(last) = blocks.last_mut() {
            last.push_str(line);
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

pub(super) fn pem(der: &[u8]) -> String {
    wrapped_pem(&STANDARD.encode(der))
}

fn wrapped_pem(base64: &str) -> String {
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = base64;
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text.push_str("-----END CERTIFICATE-----");
    text
}

pub(super) fn picked(claims: &[PickedClaim]) -> Result<Vec<PickedClaim>> {
    let mut picked: Vec<PickedClaim> = Vec::new();
    for claim in claims {
        let name = claim.name.trim();
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if name.len() > 256 || name.contains(odd) {
            return Err(Error::invalid("claims", "A claim's name has no spaces. Correct it."));
        }
        if name.is_empty() {
            continue;
        }
        if picked.iter().any(|known| known.name == name) {
            return Err(Error::invalid("claims", "Two claims have the same name. Change one."));
        }
        picked.push(PickedClaim { name: name.to_owned(), source: claim.source });
    }
    Ok(picked)
}

/// The moment at which a day ends.
pub(super) fn last_day(text: &str) -> Result<Option<Ts>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let begun = Ts::from_rfc3339(&format!("{text}T00:00:00Z"));
    let wrong =
        || Error::invalid("sha1_until", "Type a day such as 2026-12-31, or leave it empty.");
    begun.map(|day| Some(day + DAY)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_found_however_they_are_pasted() {
        let der = include_bytes!("../../../federation/tests/data/test-certificate.der");
        let one = pem(der);
        let bare = STANDARD.encode(der);
        for text in
            [one.clone(), bare.clone(), format!("{one}\n\n{bare}\n"), one.replace('\n', "\r\n")]
        {
            assert_eq!(certificates(&text).unwrap(), std::slice::from_ref(&bare), "{text}");
        }
        assert_eq!(certificates(" \n").unwrap(), [""; 0]);
        assert!(certificates("AAAA").is_err());
    }

    #[test]
    fn a_day_reads_back_as_it_was_typed() {
        let until = last_day("2026-12-31").unwrap().unwrap();
        assert_eq!(until.to_string(), "2027-01-01T00:00:00Z");
        assert_eq!((until - DAY).to_string()[..10], *"2026-12-31");
        assert!(last_day("31.12.2026").is_err());
        assert_eq!(last_day("").unwrap(), None);
    }
}
