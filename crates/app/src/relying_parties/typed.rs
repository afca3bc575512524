//! What an admin types about a relying party: into what is stored, and back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    assertion::saml11,
    claims,
    metadata::party::{self, is_plain_address},
    oidc,
};
use model::{
    Ts, line,
    oidc::{ClientProof, OidcClient},
    relying_party::{
        ClaimSource, PartyProtocol, PartySettings, PickedClaim, RelyingParty, SignOutBinding,
        SignOutService, SignedRequests,
    },
};

use super::registry::PartyWish;
use crate::{Error, House, Result};

impl PartyWish {
    /// An application of this protocol of which nothing is typed yet.
    #[must_use]
    pub fn of(protocol: PartyProtocol) -> Self {
        let usual = [ClaimSource::Upn, ClaimSource::Mail, ClaimSource::DisplayName];
        let claims = match protocol {
            // Such applications know people by these names; without claims they know nobody.
            PartyProtocol::WsFed => usual.into_iter().filter_map(|source| {
                Some(PickedClaim { name: source.usual_name()?.to_owned(), source })
            }),
            PartyProtocol::Oidc => {
                let standard = [ClaimSource::GivenName, ClaimSource::Surname];
                let claims = usual.into_iter().chain(standard).filter_map(|source| {
                    let name = source.standard_claim()?.to_owned();
                    Some(PickedClaim { name, source })
                });
                let claims = claims.collect();
                return Self { protocol, claims, keeps_secret: true, ..Self::default() };
            }
            PartyProtocol::Saml2 => return Self { protocol, ..Self::default() },
        };
        Self { protocol, claims: claims.collect(), ..Self::default() }
    }
}

impl House {
    pub(super) fn replies(&self, wish: &PartyWish) -> Result<Vec<String>> {
        let replies = self.addresses_in(&wish.replies).filter(|replies| !replies.is_empty());
        let public = "Each reply address must be a plain https address. Write one a line.";
        replies.ok_or_else(|| Error::invalid("replies", public))
    }

    /// The addresses of a text, one a line, if each is one that we take.
    fn addresses_in(&self, text: &str) -> Option<Vec<String>> {
        let all: Vec<String> = lines(text).map(str::to_owned).collect();
        all.iter().all(|address| is_plain_address(address, self.loopback())).then_some(all)
    }

    pub(super) fn settings_of(&self, wish: &PartyWish) -> Result<PartySettings> {
        let settings = PartySettings {
            access: wish.access,
            name_id: wish.name_id,
            claims: picked(wish)?,
            start: self.start(wish)?,
            sign_out: self.sign_out_service(wish)?,
            ..PartySettings::default()
        };
        match wish.protocol {
            PartyProtocol::WsFed => return Ok(settings),
            PartyProtocol::Oidc => return self.client_settings(wish, settings),
            PartyProtocol::Saml2 => {}
        }
        let certificates = certificates(&wish.certificates)?;
        if wish.requests == SignedRequests::Required && certificates.is_empty() {
            let public = "Signed requests need a certificate to check them with. Paste it.";
            return Err(Error::invalid("certificates", public));
        }
        Ok(PartySettings {
            certificates,
            requests: wish.requests,
            sha1_until: last_day(&wish.sha1_until)?,
            signs: wish.signs,
            reply_indexes: wish.reply_indexes.clone(),
            ..settings
        })
    }

    /// A client names people by their immutable id.
    fn client_settings(&self, wish: &PartyWish, settings: PartySettings) -> Result<PartySettings> {
        let wrong = "Each address after a sign-out must be a plain https address. One a line.";
        let after_sign_out = self
            .addresses_in(&wish.after_sign_out)
            .ok_or_else(|| Error::invalid("after_sign_out", wrong))?;
        let back_channel = self.back_channel(wish)?;
        let pushes = wish.pushes;
        if pushes && !wish.keeps_secret {
            let public = "An application that keeps no secret can't bring its requests beforehand: \
                          they prove nothing. Let it send them along.";
            return Err(Error::invalid("pushes", public));
        }
        Ok(PartySettings {
            access: settings.access,
            claims: settings.claims,
            start: settings.start,
            oidc: OidcClient { after_sign_out, back_channel, pushes, ..OidcClient::default() },
            ..PartySettings::default()
        })
    }

    /// We call this address ourselves, so it must be one that we may call.
    fn back_channel(&self, wish: &PartyWish) -> Result<Option<String>> {
        let typed = wish.back_channel.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let wrong = |why: String| Error::invalid("back_channel", why);
        let url = hooks::destination(typed, self.settings().webhooks);
        Ok(Some(url.map_err(|error| wrong(error.to_string()))?.to_string()))
    }

    fn start(&self, wish: &PartyWish) -> Result<Option<String>> {
        let start = wish.start.trim();
        if start.is_empty() {
            return Ok(None);
        }
        if !is_plain_address(start, self.loopback()) {
            let public = "The start page must be a plain https address. Correct it.";
            return Err(Error::invalid("start", public));
        }
        Ok(Some(start.to_owned()))
    }

    fn sign_out_service(&self, wish: &PartyWish) -> Result<Option<SignOutService>> {
        let location = wish.sign_out.trim();
        if location.is_empty() {
            return Ok(None);
        }
        if !is_plain_address(location, self.loopback()) {
            let public = "The sign-out address must be a plain https address. Correct it.";
            return Err(Error::invalid("sign_out", public));
        }
        let by_form = wish.sign_out_by_form && wish.protocol == PartyProtocol::Saml2;
        let binding = if by_form { SignOutBinding::Post } else { SignOutBinding::Redirect };
        Ok(Some(SignOutService { binding, location: location.to_owned(), response: None }))
    }
}

/// A party as an admin would have typed it.
#[must_use]
pub fn as_typed(party: &RelyingParty) -> PartyWish {
    let settings = &party.settings;
    let wrapped = |base64: &String| wrapped_pem(base64);
    let sign_out = settings.sign_out.as_ref();
    PartyWish {
        protocol: party.kind.protocol().unwrap_or(PartyProtocol::Saml2),
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
        start: settings.start.clone().unwrap_or_default(),
        sign_out: sign_out.map(|service| service.location.clone()).unwrap_or_default(),
        sign_out_by_form: sign_out.is_some_and(|it| it.binding == SignOutBinding::Post),
        claims: settings.claims.clone(),
        keeps_secret: settings.oidc.proof != ClientProof::Public,
        after_sign_out: settings.oidc.after_sign_out.join("\n"),
        back_channel: settings.oidc.back_channel.clone().unwrap_or_default(),
        pushes: settings.oidc.pushes,
    }
}

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

pub(super) fn name(wish: &PartyWish) -> Result<String> {
    let name = wish.name.trim();
    if name.is_empty() || name.len() > 100 || !line::is_plain(name) {
        return Err(Error::invalid(
            "name",
            "Give the application a name of at most 100 letters, in one line.",
        ));
    }
    Ok(name.to_owned())
}

/// What the protocol calls the name of a party.
pub(super) const fn realm_word(protocol: Option<PartyProtocol>) -> &'static str {
    match protocol {
        Some(PartyProtocol::WsFed) => "realm",
        Some(PartyProtocol::Oidc) => "client id",
        Some(PartyProtocol::Saml2) | None => "entity id",
    }
}

/// Compared byte for byte, so nothing is changed about it.
pub(super) fn entity_id(wish: &PartyWish) -> Result<String> {
    let id = &wish.entity_id;
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if id.is_empty() || id.len() > 1_024 || id.contains(odd) {
        let what = realm_word(Some(wish.protocol));
        let public = format!("The {what} must be the one the application sends, without spaces.");
        return Err(Error::invalid("entity_id", public));
    }
    if wish.protocol == PartyProtocol::WsFed && url::Url::parse(id).is_err() {
        let public = "The realm must be a URI, such as urn:contoso:wiki. Correct it.";
        return Err(Error::invalid("entity_id", public));
    }
    Ok(id.clone())
}

/// Each certificate as base64 of its DER.
fn certificates(text: &str) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for block in blocks(text) {
        let der = party::certificate(&block).map_err(|_| {
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

fn picked(wish: &PartyWish) -> Result<Vec<PickedClaim>> {
    let mut picked: Vec<PickedClaim> = Vec::new();
    for claim in &wish.claims {
        let name = claim.name.trim();
        if name.is_empty() {
            continue;
        }
        fit_name(name, wish.protocol)?;
        if picked.iter().any(|known| known.name == name) {
            return Err(Error::invalid("claims", "Two claims have the same name. Change one."));
        }
        picked.push(PickedClaim { name: name.to_owned(), source: claim.source });
    }
    Ok(picked)
}

/// Whether an admin may give a claim this name, in this protocol.
fn fit_name(name: &str, protocol: PartyProtocol) -> Result<()> {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if name.len() > 256 || name.contains(odd) {
        return Err(Error::invalid("claims", "A claim's name has no spaces. Correct it."));
    }
    let is_ours = claims::is_of_sign_in(name)
        || (protocol == PartyProtocol::Oidc && oidc::claims::is_reserved(name));
    if is_ours {
        let public = "How a person signed in is said by ourselves. Give the claim another name.";
        return Err(Error::invalid("claims", public));
    }
    let is_uri = saml11::is_claim_name(name) && url::Url::parse(name).is_ok();
    if protocol == PartyProtocol::WsFed && !is_uri {
        let public = "A claim of WS-Federation is named by a URI with a slash, such as \
                      http://schemas.xmlsoap.org/claims/Group. Correct it.";
        return Err(Error::invalid("claims", public));
    }
    Ok(())
}

/// The moment at which a day ends.
fn last_day(text: &str) -> Result<Option<Ts>> {
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
