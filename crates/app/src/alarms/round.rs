//! One round of the watch: what every look finds, held against the open alarms.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::keyring;
use model::{
    Ts,
    alarm::{AlarmKind, Cause, Change, Notice},
    federated_domain::{BrowserProtocol, FederatedDomain},
    program::Program,
    relying_party::{PartyKind, SignedRequests},
    signing_key::{SigningKey, SigningKeyState},
    tenant::Tenant,
    watch::{Sight, Watch, WatchKind},
};
use sha2::{Digest as _, Sha256};
use store::{
    Tx, federated_domains, programs, registrations, relying_parties, signing_keys, tenants,
    watches, wstrust_permits,
};

use super::{
    audit,
    raise::{Finding, settle},
    sign_ins,
    spray::spray,
};
use crate::{
    House, Result,
    keys::Looked,
    office365::{Difference, DomainCheck},
};

impl House {
    /// Looks at everything that alarms watch over, and brings the alarms in step (R122, R131).
    pub async fn keep_watch(&self) -> Result<()> {
        let now = self.now();
        let looked = self.look_at_domains().await?;
        let sign_ins = self.look_at_sign_ins(now).await?;
        let directories = self.look_at_directories().await?;
        let keys = self.look_at_keys().await?;
        // Read beside the writes: after a flood of guesses this takes a while.
        let spray = self.store().read(move |tx| spray(tx, now)).await?;
        let house = self.clone();
        self.store()
            .write(move |tx| {
                let mut seen = directories;
                seen.extend(keys);
                seen.extend(spray);
                settle_round(tx, &house, (&looked, seen), now)?;
                sign_ins::settle(tx, &house, &sign_ins, now)?;
                note(tx, &looked, now)
            })
            .await
    }
}

fn settle_round(
    tx: &mut Tx,
    house: &House,
    (looked, seen): (&[Looked], Vec<Finding>),
    now: Ts,
) -> Result<()> {
    let mut findings = certificates(&signing_keys::all(tx)?, now);
    findings.extend(seen);
    findings.extend(house.look_at_clock(tx)?);
    findings.extend(audit::findings(tx, now)?);
    findings.extend(programs::all(tx)?.into_iter().filter_map(held));
    findings.extend(tenants::all(tx)?.iter().filter_map(|tenant| credential(tenant, now)));
    findings.extend(registrations::ends(tx)?.into_iter().filter_map(|of| sign_in_secret(of, now)));
    for domain in federated_domains::all(tx)? {
        findings.extend(permit(tx, &domain, now)?);
        findings.extend(request_signatures(tx, &domain, now)?);
    }
    let seen = looked.iter().filter_map(|(domain, found)| Some((domain, found.as_ref().ok()?)));
    findings.extend(seen.flat_map(|(domain, check)| federation(&domain.name, check)));
    let unseen = looked.iter().filter(|(_, found)| found.is_err());
    let unseen: HashSet<&str> = unseen.map(|(domain, _)| domain.name.as_str()).collect();
    settle(tx, house, findings, |alarm| {
        let of_federation = [AlarmKind::FederationDiffers, AlarmKind::KeyUntrusted];
        of_federation.contains(&alarm.cause.kind()) && unseen.contains(alarm.subject.as_str())
    })
}

/// Writes down what was looked at, and what could not be seen.
fn note(tx: &mut Tx, looked: &[Looked], now: Ts) -> Result<()> {
    for (domain, found) in looked {
        let sight = found.as_ref().err().map_or(Sight::Seen, |why| Sight::Blind(why.clone()));
        let (kind, subject) = (WatchKind::Federation, domain.name.clone());
        watches::put(tx, &Watch { kind, subject, tried_at: now, sight, read_until: None })?;
    }
    watches::forget_before(tx, WatchKind::Federation, now)?;
    let (kind, subject) = (WatchKind::Round, String::new());
    let (sight, read_until) = (Sight::Seen, None);
    Ok(watches::put(tx, &Watch { kind, subject, tried_at: now, sight, read_until })?)
}

/// Certificates that end soon, of the keys that sign or will.
fn certificates(keys: &[SigningKey], now: Ts) -> Vec<Finding> {
    let alive = keys.iter().filter(|key| key.state != SigningKeyState::Retired);
    let ending = alive.filter_map(|key| {
        let notice = Notice::due(key.not_after, now)?;
        let subject = keyring::thumbprint(&key.certificate);
        let cause = Cause::CertificateEnds { key: key.state, ends_at: key.not_after, notice };
        Some(Finding { subject, cause })
    });
    ending.collect()
}

/// A client secret or certificate that ends soon, where it is known when it does.
fn credential(tenant: &Tenant, now: Ts) -> Option<Finding> {
    let ends_at = tenant.credential_ends_at?;
    let notice = Notice::due(ends_at, now)?;
    let certificate = tenant.credential.is_certificate();
    let cause = Cause::SecretEnds { ends_at, notice, certificate };
    Some(Finding { subject: tenant.alias.clone(), cause })
}

/// The same of a registration that the sign-in page offers.
fn sign_in_secret((alias, ends_at): (String, Ts), now: Ts) -> Option<Finding> {
    let notice = Notice::due(ends_at, now)?;
    Some(Finding { subject: alias, cause: Cause::SignInSecretEnds { ends_at, notice } })
}

/// A program that takes nothing from anybody until an admin looks.
fn held(program: Program) -> Option<Finding> {
    let cause = Cause::ProgramHeld { since: program.held_at? };
    Some(Finding { subject: program.name, cause })
}

/// A permit that ends within two weeks; one that has ended needs nobody.
fn permit(tx: &mut Tx, domain: &FederatedDomain, now: Ts) -> Result<Option<Finding>> {
    let permit = wstrust_permits::of_domain(tx, domain.id)?.filter(|permit| permit.is_live(now));
    Ok(permit.and_then(|permit| {
        let notice = Notice::due(permit.expires_at, now).filter(|it| *it <= Notice::TWO_WEEKS)?;
        let cause = Cause::PermitEnds { ends_at: permit.expires_at, notice };
        Some(Finding { subject: domain.name.clone(), cause })
    }))
}

/// Microsoft's signatures, where it must sign and they count no more soon.
fn request_signatures(tx: &mut Tx, domain: &FederatedDomain, now: Ts) -> Result<Option<Finding>> {
    let is_saml = domain.browser_protocol == BrowserProtocol::Saml2;
    let parties = relying_parties::of_domain(tx, domain.id)?;
    let must_sign = parties.into_iter().find(|party| {
        let must = party.settings.requests == SignedRequests::Required;
        is_saml && must && party.kind == PartyKind::Microsoft
    });
    Ok(must_sign.and_then(|party| party.settings.sha1_until).and_then(|ends_at| {
        let notice = Notice::due(ends_at, now)?;
        let cause = Cause::RequestSignaturesEnd { ends_at, notice };
        Some(Finding { subject: domain.name.clone(), cause })
    }))
}

/// What is wrong with a federation that is with us. Under another issuer it is none of ours: that
/// it was, and is no more, is said where it is noticed.
fn federation(domain: &str, check: &DomainCheck) -> Vec<Finding> {
    let DomainCheck::Differs(differences) = check else { return Vec::new() };
    let of = |property: &str| differences.iter().find(|found| found.property == property);
    if of("issuerUri").is_some() {
        return Vec::new();
    }
    let finding = |cause| Finding { subject: domain.to_owned(), cause };
    let changes = differences.iter().map(change).collect();
    let mut findings = vec![finding(Cause::FederationDiffers { changes })];
    if let Some(active) = of("signingCertificate") {
        let next = of("nextSigningCertificate");
        if next.is_none_or(|next| next.theirs != active.ours) {
            findings.push(finding(Cause::KeyUntrusted));
        }
    }
    findings
}

fn change(difference: &Difference) -> Change {
    let readable = |value: &str| match STANDARD.decode(value) {
        Ok(der) if difference.property.ends_with("Certificate") && !der.is_empty() => {
            format!("SHA-256 {}", hex::encode(Sha256::digest(der)))
        }
        _ => value.to_owned(),
    };
    Change {
        property: difference.property.to_owned(),
        planned: readable(&difference.ours),
        found: readable(&difference.theirs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(pairs: &[(&'static str, &str, &str)]) -> DomainCheck {
        let difference = |(property, ours, theirs): &(&'static str, &str, &str)| Difference {
            property,
            ours: (*ours).to_owned(),
            theirs: (*theirs).to_owned(),
        };
        DomainCheck::Differs(pairs.iter().map(difference).collect())
    }

    fn kinds(check: &DomainCheck) -> Vec<AlarmKind> {
        federation("contoso.com", check).iter().map(|found| found.cause.kind()).collect()
    }

    #[test]
    fn a_key_that_entra_has_in_its_second_place_is_trusted() {
        use AlarmKind::{FederationDiffers, KeyUntrusted};
        let promoted = differs(&[
            ("signingCertificate", "bmV3", "b2xk"),
            ("nextSigningCertificate", "bmV4dA==", "bmV3"),
        ]);
        assert_eq!(kinds(&promoted), [FederationDiffers]);
        let replaced = differs(&[("signingCertificate", "bmV3", "Zm9yZ2Vk")]);
        assert_eq!(kinds(&replaced), [FederationDiffers, KeyUntrusted]);
        let elsewhere = differs(&[("issuerUri", "a", "b"), ("signingCertificate", "bmV3", "eA==")]);
        assert!(kinds(&elsewhere).is_empty());
        assert!(kinds(&DomainCheck::InStep).is_empty() && kinds(&DomainCheck::Managed).is_empty());
    }
}
