//! What if: which rule decides for a person, an application, a place and a program, and why the
//! others do not (F043).

use authn::policy::{Circumstances, Misfit, Policy, Verdict, misfit};
use model::{
    Ts,
    pending_request::Demand,
    policy::{Client, PolicyVersion, Rule, Target},
    user::{User, UserState},
};
use store::{Tx, policy_versions, users};

use super::{group_ids, has_passkey, heeds_exemptions, may_ask};
use crate::{Admin, Error, House, Result, campaign, remembered};

/// A sign-in that an admin imagines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Whose, by their sign-in name.
    pub person: String,
    /// For what.
    pub target: Target,
    /// From which address.
    pub address: String,
    /// By what kind of program.
    pub client: Client,
    /// What the program calls itself.
    pub agent: String,
    /// The application asks for a second factor by itself.
    pub asked: bool,
}

/// One rule, asked for the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The rule.
    pub rule: Rule,
    /// The first thing that keeps it from fitting; `None`: it fits.
    pub misfit: Option<Misfit>,
    /// It is the one that decides.
    pub decides: bool,
}

/// What one version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is the draft.
    pub is_draft: bool,
    /// Every rule in its order.
    pub rules: Vec<Asked>,
    /// What it comes to.
    pub verdict: Verdict,
    /// It takes a passkey or security key, and the person has none.
    pub lacks_passkey: bool,
    /// A password is enough because the person is exempt, until then.
    pub exempt_until: Option<Ts>,
    /// In a browser of theirs that is remembered a password is enough, for so many days.
    pub remembers_for: Option<u16>,
}

impl House {
    /// What the published policy, and the draft if there is one, say of a scenario. The console
    /// demands a second factor besides, whatever they say.
    pub async fn what_if(&self, _admin: &Admin, scenario: Scenario) -> Result<Vec<Answer>> {
        if scenario.address.parse::<std::net::IpAddr>().is_err() {
            let public = "Type an address such as 203.0.113.7 or 2001:db8::7.";
            return Err(Error::invalid("address", public));
        }
        let (house, now) = (self.clone(), self.now());
        self.store()
            .read(move |tx| {
                let found = users::by_upn(tx, &scenario.person)?;
                let person =
                    found.filter(|user| user.state != UserState::Deleted).ok_or_else(|| {
                        Error::invalid("person", "Nobody has that sign-in name; type it whole.")
                    })?;
                let groups = group_ids(tx, &person)?;
                let at = Circumstances {
                    target: house.premises(tx)?.counts_as(scenario.target, &person),
                    groups: &groups,
                    role: person.role,
                    address: &scenario.address,
                    client: scenario.client,
                    agent: &scenario.agent,
                    asked: may_ask(scenario.target, scenario.client, scenario.asked),
                };
                let [published, draft] = versions(tx)?;
                let exemption = campaign::exemption(tx, &person, now)?;
                let known = Known {
                    has_passkey: has_passkey(tx, &person)?,
                    exempt_until: exemption
                        .filter(|_| heeds_exemptions(at.target, at.client))
                        .map(|exemption| exemption.until),
                    person: &person,
                };
                let answer = |rules, is_draft| answer(rules, is_draft, &at, known);
                let mut answers = vec![answer(published.unwrap_or_default(), false)];
                answers.extend(draft.map(|rules| answer(rules, true)));
                Ok::<_, Error>(answers)
            })
            .await
    }
}

/// The rules that count, and those of the draft.
fn versions(tx: &mut Tx) -> Result<[Option<Vec<Rule>>; 2]> {
    let rules = |version: PolicyVersion| version.rules;
    Ok([policy_versions::published(tx)?.map(rules), policy_versions::draft(tx)?.map(rules)])
}

/// What counts of the person besides the circumstances.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    person: &'a User,
    has_passkey: bool,
    exempt_until: Option<Ts>,
}

fn answer(rules: Vec<Rule>, is_draft: bool, at: &Circumstances<'_>, known: Known<'_>) -> Answer {
    let policy = Policy { rules, ..Policy::default() };
    let (usual, exempt) = (policy.ruling(at), policy.ruling(at).spared());
    let ruling = if known.exempt_until.is_some() { exempt } else { usual };
    let exempt_until = known.exempt_until.filter(|_| exempt.verdict != usual.verdict);
    let (verdict, decides) = (ruling.verdict, ruling.rule.map(|rule| rule.id));
    let ask = |rule: &Rule| Asked {
        misfit: misfit(rule, at),
        decides: decides == Some(rule.id),
        rule: rule.clone(),
    };
    let rules = policy.rules.iter().map(ask).collect();
    let lacks_passkey = verdict.takes_a_passkey() && !known.has_passkey;
    let demand = Demand { mfa: at.asked, ..Demand::default() };
    let remembers_for = remembered::allowed(verdict, known.person, demand);
    Answer { is_draft, rules, verdict, lacks_passkey, exempt_until, remembers_for }
}
