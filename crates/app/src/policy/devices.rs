//! Devices that join by themselves: Windows sends a name and a password by WS-Trust when somebody signs
//! in to a computer of the tenant. Two rules let it do that from the networks that are named, and
//! nothing else that calls itself otherwise.

use std::time::Duration;

use authn::policy::is_broad_for_programs;
use model::{
    Ts,
    federated_domain::FederatedDomain,
    ids::RuleId,
    policy::{Client, Factor, Place, Rule, Then, When},
    user::User,
    wstrust::{PasswordDoor, WsTrustPermit},
};
use store::{
    Tx, federated_domains,
    issued_tokens::{self, TokensOfProgram},
    policy_versions, users, wstrust_permits,
};

use super::draft::{MOST_NETWORKS, MOST_RULES};
use crate::{Admin, Error, House, Kind, Result, Visitor, typed::read_networks};

/// What Windows calls itself there.
const WINDOWS: &str = "Windows-AzureAD-Authentication-Provider";
/// How far back devices are looked for.
const SEEN_WITHIN: Duration = Duration::from_hours(30 * 24);
const LETS_IN: &str = "Windows computers that join by themselves";
const KEEPS_OUT: &str = "No other program with a password alone";

/// What the page of devices shows.
#[derive(Debug, Clone)]
pub struct Devices {
    /// Sign-ins to computers in the last 30 days, the latest first.
    pub seen: Vec<(TokensOfProgram, Option<User>)>,
    /// Each domain with its permit, while that lets Windows in.
    pub doors: Vec<(FederatedDomain, Option<WsTrustPermit>)>,
    /// How far the rules for Windows have come.
    pub rules: DeviceRules,
}

/// How far the two rules have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceRules {
    /// There are none.
    Missing,
    /// They are in the draft alone: nothing counts until it is published.
    Drafted,
    /// A rule for Windows counts, but other programs are not kept out, or Windows is: a rule is switched
    /// off, is gone, stands in the wrong place or leaves something out.
    Broken,
    /// They count.
    InForce,
}

impl House {
    /// Computers that sign people in by themselves, and what stands in their way.
    pub async fn devices(&self, _admin: &Admin) -> Result<Devices> {
        let now = self.now();
        self.store()
            .read(move |tx| {
                let tokens = issued_tokens::by_program(tx, WINDOWS, now - SEEN_WITHIN)?;
                let named = tokens.into_iter().map(|tokens| {
                    let user = users::by_id(tx, tokens.user_id)?;
                    Ok::<_, Error>((tokens, user))
                });
                let seen = named.collect::<Result<_>>()?;
                let doors = doors(tx, now)?;
                let mail = doors.iter().any(|(_, permit)| permit.as_ref().is_some_and(|it| it.ecp));
                let rules = standing(tx, mail)?;
                Ok(Devices { seen, doors, rules })
            })
            .await
    }

    /// Puts the two rules before all others of the draft: Windows from these networks gets in with a
    /// password, other programs with a password do not.
    pub async fn add_device_rules(
        &self,
        admin: &Admin,
        networks: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        let networks = read_networks(networks, "networks")?;
        if networks.is_empty() || networks.len() > MOST_NETWORKS {
            let public =
                "Type the networks in which the computers are, at least one and at most 100.";
            return Err(Error::invalid("networks", public));
        }
        if networks.iter().any(model::network::Network::is_vast) {
            let public = "That is larger than any organisation’s network. Name your own.";
            return Err(Error::invalid("networks", public));
        }
        let ids = [RuleId(self.new_id()), RuleId(self.new_id())];
        self.redraft(admin, visitor, move |_, rules| {
            if rules.iter().any(names_windows) {
                let public = "There is a rule for Windows computers already. Change that one.";
                return Err(Error::new(Kind::Conflict, public));
            }
            if rules.len() + 2 > MOST_RULES {
                let public = "There are 50 rules already. Put some of them together first.";
                return Err(Error::new(Kind::Conflict, public));
            }
            let place = Place { inside: true, networks };
            rules.splice(0..0, pair(ids, place));
            Ok(format!("rules added: {LETS_IN}; {KEEPS_OUT}"))
        })
        .await
    }
}

/// Each domain with its permit, while that lets Windows in.
fn doors(tx: &mut Tx, now: Ts) -> Result<Vec<(FederatedDomain, Option<WsTrustPermit>)>> {
    let domains = federated_domains::all(tx)?;
    let with_permit = |domain: FederatedDomain| {
        let permit = wstrust_permits::of_domain(tx, domain.id)?;
        Ok((domain, permit.filter(|it| it.opens(PasswordDoor::WsTrust, now))))
    };
    domains.into_iter().map(with_permit).collect()
}

/// What counts is judged; a draft is only mentioned.
fn standing(tx: &mut Tx, mail: bool) -> Result<DeviceRules> {
    let rules = policy_versions::rules(tx)?;
    if are_in_force(&rules, mail) {
        return Ok(DeviceRules::InForce);
    }
    let draft = policy_versions::draft(tx)?;
    Ok(if draft.is_some_and(|draft| are_in_force(&draft.rules, mail)) {
        DeviceRules::Drafted
    } else if rules.iter().any(names_windows) {
        DeviceRules::Broken
    } else {
        DeviceRules::Missing
    })
}

/// Whether Windows is let in, everything else that sends a password is denied after it, and no rule
/// before lets any program in. `mail`: a permit opens the door for mail programs, too.
fn are_in_force(rules: &[Rule], mail: bool) -> bool {
    let denies = |client| rules.iter().position(|rule| keeps_out(rule, client));
    let Some(last) = denies(Client::WsTrust) else { return false };
    let before = &rules[..last];
    let mail_denied =
        || denies(Client::Ecp).is_some_and(|at| !rules[..at].iter().any(is_broad_for_programs));
    before.iter().any(lets_windows_in)
        && !before.iter().any(is_broad_for_programs)
        && (!mail || mail_denied())
}

fn names_windows(rule: &Rule) -> bool {
    rule.when.agent.eq_ignore_ascii_case(WINDOWS)
}

fn lets_windows_in(rule: &Rule) -> bool {
    let alone = matches!(rule.then, Then::Allow { factor: Factor::WhenAsked, .. });
    rule.enabled && alone && names_windows(rule) && is_for(rule, Client::WsTrust)
}

/// Whether a rule denies whoever comes this way, whoever it is, from wherever and for whatever.
fn keeps_out(rule: &Rule, client: Client) -> bool {
    let When { targets, groups, roles, place, clients: _, agent, asked } = &rule.when;
    let everything = targets.is_empty() && agent.is_empty() && asked.is_none();
    let everybody = groups.is_empty() && roles.is_empty() && place.is_none();
    rule.enabled && rule.then == Then::Deny && is_for(rule, client) && everything && everybody
}

fn is_for(rule: &Rule, client: Client) -> bool {
    rule.when.clients.is_empty() || rule.when.clients.contains(&client)
}

/// Neither rule names applications: a domain that is added later is covered as well. Only programs
/// that send a password are meant, so neither reaches the portal or the console.
fn pair([lets_in, keeps_out]: [RuleId; 2], place: Place) -> [Rule; 2] {
    let rule =
        |id, name: &str, when, then| Rule { id, name: name.to_owned(), enabled: true, when, then };
    let windows = When {
        clients: vec![Client::WsTrust],
        place: Some(place),
        agent: WINDOWS.to_owned(),
        ..When::default()
    };
    let alone = Then::Allow { factor: Factor::WhenAsked, hours: None, remember: None };
    let others = When { clients: vec![Client::WsTrust, Client::Ecp], ..When::default() };
    [rule(lets_in, LETS_IN, windows, alone), rule(keeps_out, KEEPS_OUT, others, Then::Deny)]
}

#[cfg(test)]
mod tests;
