//! Devices that join by themselves: Windows sends a name and a password by WS-Trust when somebody signs
//! in to a computer of the tenant. Two rules let it do that from the networks that are named, and
//! nothing else that calls itself otherwise.

use std::time::Duration;

use model::{
    federated_domain::FederatedDomain,
    ids::RuleId,
    policy::{Client, Factor, Place, Rule, Target, Then, When},
    relying_party::PartyKind,
    user::User,
    wstrust::{PasswordDoor, WsTrustPermit},
};
use store::{
    Tx, federated_domains,
    issued_tokens::{self, TokensOfProgram},
    policy_versions, relying_parties, users, wstrust_permits,
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
    /// A rule for Windows is in the draft, or counts.
    pub has_rule: bool,
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
                let domains = federated_domains::all(tx)?.into_iter();
                let doors = domains.map(|domain| {
                    let permit = wstrust_permits::of_domain(tx, domain.id)?;
                    Ok::<_, Error>((
                        domain,
                        permit.filter(|it| it.opens(PasswordDoor::WsTrust, now)),
                    ))
                });
                let doors = doors.collect::<Result<_>>()?;
                let draft = policy_versions::draft(tx)?.map(|draft| draft.rules);
                let rules = draft.map_or_else(|| policy_versions::rules(tx), Ok)?;
                Ok(Devices { seen, doors, has_rule: rules.iter().any(is_for_windows) })
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
        self.redraft(admin, visitor, move |tx, rules| {
            if rules.iter().any(is_for_windows) {
                let public = "There is a rule for Windows computers already. Change that one.";
                return Err(Error::new(Kind::Conflict, public));
            }
            if rules.len() + 2 > MOST_RULES {
                let public = "There are 50 rules already. Put some of them together first.";
                return Err(Error::new(Kind::Conflict, public));
            }
            let place = Place { inside: true, networks };
            rules.splice(0..0, pair(ids, microsoft(tx)?, place));
            Ok(format!("rules added: {LETS_IN}; {KEEPS_OUT}"))
        })
        .await
    }
}

fn is_for_windows(rule: &Rule) -> bool {
    rule.when.agent == WINDOWS
}

fn pair([lets_in, keeps_out]: [RuleId; 2], targets: Vec<Target>, place: Place) -> [Rule; 2] {
    let when = When { targets, clients: vec![Client::WsTrust], ..When::default() };
    let rule =
        |id, name: &str, when, then| Rule { id, name: name.to_owned(), enabled: true, when, then };
    let alone = Then::Allow { factor: Factor::WhenAsked, hours: None, remember: None };
    let windows = When { place: Some(place), agent: WINDOWS.to_owned(), ..when.clone() };
    [rule(lets_in, LETS_IN, windows, alone), rule(keeps_out, KEEPS_OUT, when, Then::Deny)]
}

/// Microsoft, as each domain knows it: no other application comes by WS-Trust.
fn microsoft(tx: &mut Tx) -> Result<Vec<Target>> {
    let parties = relying_parties::all(tx)?.into_iter();
    let microsoft = parties.filter(|party| party.kind == PartyKind::Microsoft);
    let targets: Vec<_> = microsoft.map(|party| Target::Party(party.id)).collect();
    if targets.is_empty() {
        return Err(Error::new(
            Kind::Conflict,
            "Connect a domain first; no computer can join yet.",
        ));
    }
    Ok(targets)
}
