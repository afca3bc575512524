//! Changing the draft: each change begins one from what counts, if there is none.

use model::{
    Role, Ts,
    audit::AuditKind,
    ids::{GroupId, PolicyVersionId, RuleId},
    policy::{Client, Factor, Place, PolicyVersion, Rule, Target, Then, When},
};
use store::{Tx, audit_log, groups, policy_versions, relying_parties};

use crate::{Admin, Error, House, Kind, Result, Visitor, typed::read_networks};

/// More rules than this nobody overlooks.
pub(super) const MOST_RULES: usize = 50;
/// More networks than this in one rule are a mistake.
pub(super) const MOST_NETWORKS: usize = 100;
const LONGEST_NAME: usize = 80;
const LONGEST_AGENT: usize = 100;
/// A session lasts no longer (30 days).
const MOST_HOURS: u16 = 720;
/// A browser is remembered no longer (R056).
const MOST_DAYS: u16 = 30;

/// A rule as an admin types it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleWish {
    /// What admins call it.
    pub name: String,
    /// For what somebody signs in.
    pub targets: Vec<Target>,
    /// People in one of these groups.
    pub groups: Vec<GroupId>,
    /// People with one of these roles.
    pub roles: Vec<Role>,
    /// From inside the networks, from outside, or from anywhere.
    pub inside: Option<bool>,
    /// Networks, one a line.
    pub networks: String,
    /// By what kind of program.
    pub clients: Vec<Client>,
    /// A part of what the program calls itself.
    pub agent: String,
    /// Whether the application asks for a second factor by itself.
    pub asked: Option<bool>,
    /// How much it takes; `None`: it is denied.
    pub factor: Option<Factor>,
    /// After how many hours it is proved anew; empty: when the session ends.
    pub hours: String,
    /// For how many days a browser may be remembered; empty: not at all.
    pub remember: String,
}

impl RuleWish {
    /// A stored rule as it would be typed.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        let when = rule.when.clone();
        let (factor, hours, remember) = match rule.then {
            Then::Deny => (None, None, None),
            Then::Allow { factor, hours, remember } => (Some(factor), hours, remember),
        };
        let number = |number: Option<u16>| number.map(|it| it.to_string()).unwrap_or_default();
        let networks = when.place.as_ref().map_or(&[][..], |place| &place.networks);
        Self {
            name: rule.name.clone(),
            inside: when.place.as_ref().map(|place| place.inside),
            networks: model::network::joined(networks, " "),
            targets: when.targets,
            groups: when.groups,
            roles: when.roles,
            clients: when.clients,
            agent: when.agent,
            asked: when.asked,
            factor,
            hours: number(hours),
            remember: number(remember),
        }
    }

    fn rule(self, id: RuleId, enabled: bool) -> Result<Rule> {
        let name = line(&self.name, LONGEST_NAME);
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
            Error::invalid("name", "Give the rule a name of at most 80 characters.")
        })?;
        let agent = line(&self.agent, LONGEST_AGENT).ok_or_else(|| {
            Error::invalid("agent", "Type at most 100 characters of the program's name.")
        })?;
        let then = match self.factor {
            None => Then::Deny,
            Some(factor) => Then::Allow {
                factor,
                hours: number(&self.hours, MOST_HOURS, "hours")?,
                remember: number(&self.remember, MOST_DAYS, "remember")?,
            },
        };
        may_remember(&then)?;
        let place = place(self.inside, &self.networks)?;
        let (targets, groups, roles) = (self.targets, self.groups, self.roles);
        let (clients, asked) = (self.clients, self.asked);
        let when = When { targets, groups, roles, place, clients, agent, asked };
        Ok(Rule { id, name, enabled, when, then })
    }
}

/// One line of text, without the blanks around it; `None`: it is too long, or no line.
fn line(typed: &str, longest: usize) -> Option<String> {
    let typed = typed.trim();
    let fits = typed.chars().count() <= longest && !typed.contains(char::is_control);
    fits.then(|| typed.to_owned())
}

/// A number of hours or days, or none.
fn number(typed: &str, most: u16, field: &'static str) -> Result<Option<u16>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let number = typed.parse().ok().filter(|number| (1..=most).contains(number));
    let public = || format!("Type a number from 1 to {most}, or nothing.");
    number.map(Some).ok_or_else(|| Error::invalid(field, public()))
}

/// What takes a key takes it each time, and what takes none has nothing to leave out.
fn may_remember(then: &Then) -> Result<()> {
    match then {
        Then::Allow { factor, remember: Some(_), .. } if *factor != Factor::Always => {
            let public = "Only a rule that takes a password and a second factor can leave it out.";
            Err(Error::invalid("remember", public))
        }
        _ => Ok(()),
    }
}

fn place(inside: Option<bool>, typed: &str) -> Result<Option<Place>> {
    let networks = read_networks(typed, "networks")?;
    match inside {
        None if networks.is_empty() => Ok(None),
        None => {
            let public = "Say whether it is for sign-ins from these networks or from elsewhere.";
            Err(Error::invalid("networks", public))
        }
        Some(_) if networks.is_empty() || networks.len() > MOST_NETWORKS => {
            let public = "Type the networks, at least one and at most 100.";
            Err(Error::invalid("networks", public))
        }
        Some(inside) => Ok(Some(Place { inside, networks })),
    }
}

impl House {
    /// Puts a rule into the draft: at the end, or in the place of the one with this id.
    pub async fn save_rule(
        &self,
        admin: &Admin,
        id: Option<RuleId>,
        wish: RuleWish,
        visitor: &Visitor,
    ) -> Result<()> {
        let rule = wish.rule(id.unwrap_or_else(|| RuleId(self.new_id())), true)?;
        self.redraft(admin, visitor, move |tx, rules| {
            must_exist(tx, &rule)?;
            let name = rule.name.clone();
            match id {
                None if rules.len() >= MOST_RULES => {
                    let public = "There are 50 rules already. Put some of them together first.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                None => rules.push(rule),
                Some(id) => {
                    let old = find(rules, id)?;
                    must_not_widen(&rules[old].when, &rule.when)?;
                    let enabled = rules[old].enabled;
                    rules[old] = Rule { enabled, ..rule };
                }
            }
            Ok(format!("{}: {name}", if id.is_some() { "rule changed" } else { "rule added" }))
        })
        .await
    }

    /// Moves a rule of the draft one place up or down.
    pub async fn move_rule(
        &self,
        admin: &Admin,
        id: RuleId,
        up: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        self.redraft(admin, visitor, move |_, rules| {
            let at = find(rules, id)?;
            let to = if up { at.checked_sub(1) } else { Some(at + 1) };
            if let Some(to) = to.filter(|to| *to < rules.len()) {
                rules.swap(at, to);
            }
            let direction = if up { "up" } else { "down" };
            Ok(format!(
                "rule moved {direction}: {}",
                rules[to.unwrap_or(at).min(rules.len() - 1)].name
            ))
        })
        .await
    }

    /// Switches a rule of the draft on or off.
    pub async fn switch_rule(
        &self,
        admin: &Admin,
        id: RuleId,
        on: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        self.redraft(admin, visitor, move |_, rules| {
            let at = find(rules, id)?;
            rules[at].enabled = on;
            Ok(format!("rule switched {}: {}", if on { "on" } else { "off" }, rules[at].name))
        })
        .await
    }

    /// Takes a rule out of the draft.
    pub async fn remove_rule(&self, admin: &Admin, id: RuleId, visitor: &Visitor) -> Result<()> {
        self.redraft(admin, visitor, move |_, rules| {
            let at = find(rules, id)?;
            Ok(format!("rule removed: {}", rules.remove(at).name))
        })
        .await
    }

    /// Makes the rules of an older version the draft.
    pub async fn restore_policy(
        &self,
        admin: &Admin,
        id: PolicyVersionId,
        visitor: &Visitor,
    ) -> Result<()> {
        self.redraft(admin, visitor, move |tx, rules| {
            let old = policy_versions::by_id(tx, id)?.ok_or_else(|| Error::not_found("version"))?;
            *rules = old.rules;
            Ok(format!("taken from the version of {}", old.published_at.unwrap_or(old.made_at)))
        })
        .await
    }

    /// Throws the draft away.
    pub async fn discard_policy(&self, admin: &Admin, visitor: &Visitor) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                policy_versions::lock(tx)?;
                if !policy_versions::discard_draft(tx)? {
                    return Err(super::no_draft());
                }
                let mut row = visitor.audit(&house, actor, AuditKind::PolicyDrafted, "policy");
                "discarded".clone_into(&mut row.detail);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Changes the rules of the draft; `change` says what it did.
    pub(super) async fn redraft(
        &self,
        admin: &Admin,
        visitor: &Visitor,
        change: impl FnOnce(&mut Tx, &mut Vec<Rule>) -> Result<String> + Send + 'static,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let (house, by, visitor) = (self.clone(), admin.user().id, visitor.clone());
        self.store()
            .write(move |tx| {
                policy_versions::lock(tx)?;
                let draft = policy_versions::draft(tx)?;
                // No two states of a draft are of the same moment: by it they are told apart.
                let known = draft.as_ref().map(|draft| (draft.id, Ts(draft.made_at.0 + 1)));
                let (id, later) = known.unzip();
                let before = match draft {
                    Some(draft) => Some(draft),
                    None => policy_versions::published(tx)?,
                };
                let mut rules = before.map(|version| version.rules).unwrap_or_default();
                let detail = change(tx, &mut rules)?;
                let draft = PolicyVersion {
                    id: id.unwrap_or_else(|| PolicyVersionId(house.new_id())),
                    rules,
                    made_by: Some(by),
                    made_at: later.map_or(house.now(), |later| later.max(house.now())),
                    published_at: None,
                };
                policy_versions::put_draft(tx, &draft)?;
                let actor = model::Actor::Admin(by);
                let mut row = visitor.audit(&house, actor, AuditKind::PolicyDrafted, "policy");
                row.detail = detail;
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }
}

fn find(rules: &[Rule], id: RuleId) -> Result<usize> {
    let at = rules.iter().position(|rule| rule.id == id);
    at.ok_or_else(|| Error::new(Kind::Conflict, "That rule is gone; somebody removed it."))
}

/// Stops when a list that named something names nothing any more: what is empty is satisfied by every
/// sign-in, and who leaves out an application that is gone does not mean that.
fn must_not_widen(old: &When, new: &When) -> Result<()> {
    let public = "Nothing would be left of this condition, so the rule would fit everybody. If you \
                  mean that, remove the rule and add another.";
    let lists = [
        ("targets", old.targets.is_empty(), new.targets.is_empty()),
        ("groups", old.groups.is_empty(), new.groups.is_empty()),
        ("roles", old.roles.is_empty(), new.roles.is_empty()),
    ];
    match lists.iter().find(|(_, before, now)| !before && *now) {
        Some((field, ..)) => Err(Error::invalid(field, public)),
        None => Ok(()),
    }
}

/// Stops when a rule speaks of an application or a group that is not there.
fn must_exist(tx: &mut Tx, rule: &Rule) -> Result<()> {
    let parties = relying_parties::all(tx)?;
    let known = |target: &Target| match target {
        Target::Party(id) => parties.iter().any(|party| party.id == *id),
        Target::Portal | Target::Console => true,
    };
    if !rule.when.targets.iter().all(known) {
        let public = "One of the applications is gone; load the page again.";
        return Err(Error::invalid("targets", public));
    }
    let groups = groups::all(tx)?;
    let known = |id: &GroupId| groups.iter().any(|(group, _)| group.id == *id);
    if !rule.when.groups.iter().all(known) {
        return Err(Error::invalid("groups", "One of the groups is gone; load the page again."));
    }
    Ok(())
}
