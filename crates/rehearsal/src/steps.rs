//! The steps, one after the other. Each does what an administrator, a person or a program does, and then
//! looks at the copy whether it came to what it should.

use app::{
    keys::{Keeper, Promotion, Unseen},
    office365::DomainCheck,
    rehearsal::Player,
    sync::Lane,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Actor,
    federated_domain::{BrowserProtocol, MfaBehavior},
    plan::Scope,
    rehearsal::Step,
    signing_key::SigningKeyState,
    wstrust::PasswordDoor,
};
use serde_json::{Map, Value};
use simulator::Domain;

use crate::{
    clients,
    error::{Error, Result},
    stage::Stage,
};

/// How a step went that did not fail.
pub(crate) enum Done {
    /// As it should; what was seen.
    Passed(Vec<String>),
    /// There is nothing of the kind; why.
    NotUsed(String),
}

/// Plays any step but the first, which sets the stage.
pub(crate) async fn play(step: Step, stage: &Stage) -> Result<Done> {
    let evidence = match step {
        Step::Copy => Vec::new(),
        Step::Sync => sync(stage).await?,
        Step::Federate => federate(stage).await?,
        Step::WsFed => return browse(stage, BrowserProtocol::WsFed).await,
        Step::Saml2 => return browse(stage, BrowserProtocol::Saml2).await,
        Step::WsTrust if !opens(stage, PasswordDoor::WsTrust) => return Ok(closed("WS-Trust")),
        Step::WsTrust => clients::sign_in_by_wstrust(stage, first(stage)).await?,
        Step::Ecp if !opens(stage, PasswordDoor::Ecp) => return Ok(closed("SAML ECP")),
        Step::Ecp => clients::sign_in_by_ecp(stage, first(stage)).await?,
        Step::StepUp => return step_up(stage).await,
        Step::Provision => provision(stage).await?,
        Step::RollOver => roll_over(stage).await?,
        Step::Revert => revert(stage).await?,
    };
    Ok(Done::Passed(evidence))
}

fn first(stage: &Stage) -> &Player {
    &stage.cast().players[0]
}

/// Microsoft names a door for programs only where browsers come by the same family of protocols.
fn opens(stage: &Stage, door: PasswordDoor) -> bool {
    let family = match door {
        PasswordDoor::WsTrust => BrowserProtocol::WsFed,
        PasswordDoor::Ecp => BrowserProtocol::Saml2,
    };
    stage.opens(door) && stage.protocol() == family
}

fn closed(door: &str) -> Done {
    Done::NotUsed(format!("{door} is off for this domain."))
}

async fn sync(stage: &Stage) -> Result<Vec<String>> {
    let (house, cast) = (stage.house(), stage.cast());
    house.sync(cast.tenant, Scope::Everyone, Actor::Operator).await?;
    drain(stage).await?;
    let mut evidence = Vec::new();
    for player in &cast.players {
        match arrived(stage, player) {
            Ok(seen) => evidence.push(seen),
            Err(error) => {
                let mut seen = error.evidence();
                seen.extend(house.troubles_of_sync(cast.tenant).await?);
                return Err(Error::Seen(seen));
            }
        }
    }
    Ok(evidence)
}

async fn drain(stage: &Stage) -> Result<()> {
    for lane in [Lane::Safety, Lane::Rest] {
        while stage.house().drain_outbox(lane).await? {}
    }
    Ok(())
}

/// Whether somebody is in the copy as they should be.
fn arrived(stage: &Stage, player: &Player) -> Result<String> {
    let tenant = stage.copy().tenant();
    let upn = &player.upn;
    let user = tenant.user(upn).ok_or_else(|| Error::seen(format!("{upn} is not there.")))?;
    if user.immutable_id() != Some(player.immutable_id.as_str()) {
        return Err(Error::seen(format!("{upn} has another immutable id there.")));
    }
    if !user.account_enabled() {
        return Err(Error::seen(format!("{upn} is blocked there.")));
    }
    let wanted = player.licences.iter().map(|licence| licence.sku_id.to_string());
    let (held, missing): (Vec<_>, Vec<_>) = wanted.partition(|id| user.license(id).is_some());
    let named = |ids: Vec<String>| -> String {
        let name = |id: String| {
            let sku = tenant.skus.iter().find(|(sku, _)| sku.id == id);
            sku.map_or(id, |(sku, _)| sku.part_number.clone())
        };
        ids.into_iter().map(name).collect::<Vec<_>>().join(", ")
    };
    if !missing.is_empty() {
        return Err(Error::seen(format!("{upn} has no licence of {}.", named(missing))));
    }
    let licences = if held.is_empty() { "without a licence".to_owned() } else { named(held) };
    Ok(format!("{upn} is there, with the immutable id and {licences}."))
}

async fn federate(stage: &Stage) -> Result<Vec<String>> {
    let id = stage.cast().domain;
    let scripts = stage.house().render_scripts(id).await?;
    stage.run("federate", &scripts.federate_unasked().sh).await?;
    in_step(stage).await?;
    Ok(vec![
        format!("The script of the console ran; its plan has the SHA-256 {}.", scripts.plan_hash),
        "Microsoft shows every property as planned.".to_owned(),
    ])
}

async fn in_step(stage: &Stage) -> Result<()> {
    match stage.house().check_domain(stage.cast().domain).await? {
        DomainCheck::InStep => Ok(()),
        DomainCheck::Managed => Err(Error::seen("Microsoft shows the domain as managed.")),
        DomainCheck::Unknown => Err(Error::seen("Microsoft does not know the domain.")),
        DomainCheck::Differs(list) => {
            let names: Vec<&str> = list.iter().map(|it| it.property).collect();
            Err(Error::seen(format!("Not as planned at Microsoft: {}.", names.join(", "))))
        }
    }
}

/// Everybody who takes part, each with a browser of their own.
async fn browse(stage: &Stage, protocol: BrowserProtocol) -> Result<Done> {
    if stage.protocol() != protocol {
        let used = stage.protocol().label();
        return Ok(Done::NotUsed(format!("Browsers of this domain come by {used}.")));
    }
    let mut evidence = Vec::new();
    for player in &stage.cast().players {
        let asked = clients::open_outlook(stage, player).await?;
        evidence.push(format!(
            "{}: asked for {}, and let into the mailbox.",
            player.upn,
            asked.join(" and ")
        ));
    }
    Ok(Done::Passed(evidence))
}

async fn step_up(stage: &Stage) -> Result<Done> {
    if stage.mfa() == MfaBehavior::Reject {
        let sentence = "Microsoft alone does the second factor of this domain.";
        return Ok(Done::NotUsed(sentence.to_owned()));
    }
    let player = first(stage);
    let asked = clients::set_computer_up(stage, player).await?;
    if !asked.contains(&"code") {
        return Err(Error::seen(format!("{} was asked for no second factor.", player.upn)));
    }
    Ok(Done::Passed(vec![format!(
        "{}: Microsoft demanded a second factor, a code was asked for here, and Microsoft took the \
         claim of it.",
        player.upn
    )]))
}

async fn provision(stage: &Stage) -> Result<Vec<String>> {
    let (house, cast) = (stage.house(), stage.cast());
    let newcomer = &cast.newcomer;
    if newcomer.licences.is_empty() {
        return Err(Error::seen("No product of the tenant has a free seat."));
    }
    house.assign_in_rehearsal(cast).await?;
    drain(stage).await?;
    let seen = match arrived(stage, newcomer) {
        Ok(seen) => seen,
        Err(error) => {
            let mut seen = error.evidence();
            seen.extend(house.troubles_of_sync(cast.tenant).await?);
            return Err(Error::Seen(seen));
        }
    };
    clients::open_outlook(stage, newcomer).await?;
    Ok(vec![seen, format!("{} signed in.", newcomer.upn)])
}

async fn roll_over(stage: &Stage) -> Result<Vec<String>> {
    let (house, player) = (stage.house(), first(stage));
    let mut evidence = Vec::new();
    clients::open_outlook(stage, player).await?;
    evidence.push("Before: a sign-in with the key that signs now.".to_owned());
    let [stage_script, _] = rollover(stage).await?;
    stage.run("stage", &stage_script).await?;
    in_step(stage).await?;
    evidence.push("Staged: Microsoft knows the next certificate.".to_owned());
    let keys = house.signing_keys(Keeper::Operator).await?;
    let next = keys.iter().find(|key| key.state == SigningKeyState::Next);
    let next = next.ok_or_else(|| Error::seen("There is no next key."))?;
    let visitor = app::Visitor::at_the_command_line(house);
    match house.promote_key(Keeper::Operator, next.id, Unseen::Refuse, &visitor).await? {
        Promotion::Done => evidence.push(format!("Promoted: {} signs.", next.thumbprint)),
        Promotion::Unseen { .. } => {
            return Err(Error::seen("Microsoft was not seen to trust the next key."));
        }
    }
    clients::open_outlook(stage, player).await?;
    evidence.push("Between: a sign-in with the key that was the next one.".to_owned());
    let [_, swap] = rollover(stage).await?;
    stage.run("swap", &swap).await?;
    in_step(stage).await?;
    let active = STANDARD.encode(house.active_certificate().await?);
    let trusted = stage.domain()?.federation.and_then(|held| held.signing_certificate);
    if trusted.as_deref() != Some(active.as_str()) {
        return Err(Error::seen("Microsoft's first certificate is not the one that signs."));
    }
    clients::open_outlook(stage, player).await?;
    evidence.push("Swapped, and after: another sign-in; the key before counts no more.".to_owned());
    Ok(evidence)
}

/// The two scripts of a roll-over: stage and swap.
async fn rollover(stage: &Stage) -> Result<[String; 2]> {
    let scripts = stage.house().render_scripts(stage.cast().domain).await?;
    let both = scripts.rollover.ok_or_else(|| Error::seen("There is no next key."))?;
    Ok(both.map(|step| step.script.sh))
}

async fn revert(stage: &Stage) -> Result<Vec<String>> {
    let scripts = stage.house().render_scripts(stage.cast().domain).await?;
    stage.run("revert", &scripts.revert.sh).await?;
    let (before, after) = (stage.before(), stage.domain()?);
    let differing = differences(before, &after);
    let (kept, lost): (Vec<_>, Vec<_>) =
        differing.into_iter().partition(|name| stays(before, name));
    if !lost.is_empty() {
        return Err(Error::seen(format!("Not as it was before: {}.", lost.join(", "))));
    }
    let mut evidence = vec!["One command ran: the script that takes it back.".to_owned()];
    let back = if before.federation.is_some() {
        "The federation from before is back, property by property."
    } else {
        "The domain is managed again: Microsoft asks for the password itself."
    };
    evidence.push(back.to_owned());
    if !kept.is_empty() {
        let names = kept.join(", ");
        evidence.push(format!("Never set before, and Microsoft unsets it no more: {names}."));
    }
    Ok(evidence)
}

/// Whether a property was never set, and is one that Microsoft sets once and for all.
fn stays(before: &Domain, name: &str) -> bool {
    let once = ["federatedIdpMfaBehavior", "promptLoginBehavior"];
    before.federation.is_some() && once.contains(&name) && !properties(before).contains_key(name)
}

/// The properties of a domain that are not as they were.
fn differences(before: &Domain, after: &Domain) -> Vec<String> {
    let (before, after) = (properties(before), properties(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    names.into_iter().filter(differs).cloned().collect()
}

/// What a domain is; the id of a federation and what Microsoft notes about it are Microsoft's own.
fn properties(domain: &Domain) -> Map<String, Value> {
    let federation = serde_json::to_value(&domain.federation).unwrap_or_default();
    let mut all = federation.as_object().cloned().unwrap_or_default();
    all.retain(|name, value| {
        !value.is_null() && !["id", "signingCertificateUpdateStatus"].contains(&name.as_str())
    });
    all.insert("authenticationType".to_owned(), domain.authentication_type().into());
    all
}

#[cfg(test)]
mod tests {
    use simulator::FederationConfiguration;

    use super::*;

    fn federated(issuer: &str, behavior: Option<&str>) -> Domain {
        Domain {
            name: "contoso.com".to_owned(),
            is_default: false,
            is_initial: false,
            is_verified: true,
            is_broken: false,
            federation: Some(FederationConfiguration {
                id: issuer.to_owned(),
                issuer_uri: issuer.to_owned(),
                federated_idp_mfa_behavior: behavior.map(str::to_owned),
                ..FederationConfiguration::default()
            }),
        }
    }

    #[test]
    fn each_property_that_is_not_back_is_named() {
        let before = federated("a", None);
        let managed = Domain { federation: None, ..before.clone() };
        assert!(differences(&before, &before.clone()).is_empty());
        assert_eq!(differences(&before, &federated("b", None)), ["issuerUri"]);
        let set = differences(&before, &federated("a", Some("x")));
        assert_eq!(set, ["federatedIdpMfaBehavior"]);
        assert!(stays(&before, &set[0]) && !stays(&federated("a", Some("y")), &set[0]));
        let lost = differences(&managed, &before);
        assert!(lost.contains(&"authenticationType".to_owned()), "{lost:?}");
        assert!(lost.iter().all(|name| !stays(&managed, name)), "{lost:?}");
    }
}
