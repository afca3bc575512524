//! What of a person reaches Microsoft 365, by an admin's own rules: shown, tried on a real person, and
//! saved once it is known how many people change (F071, F072).

mod review;
mod rules;
mod trial;

use model::{
    Role,
    attribute::Attribute,
    audit::AuditKind,
    ids::{ApplicationId, UserId},
    mapping::{MappingTest, Mode, Rule},
    user::{User, UserState},
};
use provisioning::{Mapping, mapping};
use store::{Tx, applications, assignments, attribute_mappings, audit_log, users};

use crate::{Admin, Error, House, Kind, Result, Visitor};

pub use provisioning::expression::Fields;
pub use review::{Changed, Review, WITHOUT_ASKING};
pub(crate) use rules::{group_is_named, in_force, read, read_for};
pub use trial::{There, Trial, TrialRow};

/// What a table of the attributes shows.
#[derive(Debug, Clone)]
pub struct MappingView {
    /// Whose.
    pub application: ApplicationId,
    /// Each attribute, in the order of pages.
    pub rules: Vec<RuleView>,
    /// How many people are assigned and may sign in.
    pub assigned: usize,
}

/// An attribute of the table.
#[derive(Debug, Clone)]
pub struct RuleView {
    /// Which.
    pub attribute: Attribute,
    /// Its rule.
    pub rule: Rule,
    /// Whether somebody changed it.
    pub is_changed: bool,
    /// What it is made of.
    pub fields: Fields,
    /// The group that it asks for and that isn't there: it rests.
    pub missing_group: Option<String>,
    /// Of how many people who are assigned a value leaves.
    pub people: usize,
}

/// A rule as typed, with what else a form says.
#[derive(Debug, Clone)]
pub struct Draft {
    /// For which attribute.
    pub attribute: Attribute,
    /// The rule, with the tests that stay.
    pub rule: Rule,
    /// Another test: the sign-in name of somebody, and what must come out.
    pub test: Option<(String, String)>,
    /// How many people were shown to change before this was sent.
    pub confirmed: Option<usize>,
}

/// How saving ended.
#[derive(Debug, Clone)]
pub enum Saving {
    /// The rule is kept.
    Saved,
    /// Many people would change: somebody has to see how many.
    Asks(Review),
}

impl House {
    /// The rules of an application, with how many people each is about.
    pub async fn mapping(&self, _admin: &Admin, id: ApplicationId) -> Result<MappingView> {
        self.store().read(move |tx| view(tx, id)).await
    }

    /// Saves a rule, once it is known whom it changes: needs a fresh second factor, as other settings of
    /// the application do (R147).
    pub async fn save_mapping_rule(
        &self,
        admin: &Admin,
        id: ApplicationId,
        draft: Draft,
        visitor: &Visitor,
    ) -> Result<Saving> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        self.begin_mapping(id).await?;
        let draft = self.with_test(draft).await?;
        self.hold_to_tests(id, &draft).await?;
        let review = self.review(id, &draft).await?;
        if review.people > WITHOUT_ASKING.max(draft.confirmed.unwrap_or_default()) {
            return Ok(Saving::Asks(review));
        }
        self.keep_rule(admin, (id, draft, review.people), visitor).await?;
        Ok(Saving::Saved)
    }

    async fn keep_rule(
        &self,
        admin: &Admin,
        (id, draft, people): (ApplicationId, Draft, usize),
        visitor: &Visitor,
    ) -> Result<()> {
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let application = found(tx, id)?;
                attribute_mappings::lock(tx, id)?;
                let kept = attribute_mappings::of_application(tx, id)?;
                let old = kept.map(|kept| kept.mapping).unwrap_or_default();
                let before = old.rule(draft.attribute);
                let after = draft.rule;
                let new = old.with(draft.attribute, after.clone());
                attribute_mappings::put(tx, id, &new, house.now())?;
                let kind = AuditKind::ApplicationChanged;
                let mut row = visitor.audit(&house, actor, kind, &application);
                row.detail = format!(
                    "{}: {} -> {}; people who change: {people}",
                    draft.attribute.graph_name(),
                    said(&before),
                    said(&after)
                );
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// The draft with its new test among the others.
    async fn with_test(&self, mut draft: Draft) -> Result<Draft> {
        let Some((upn, expected)) = draft.test.take() else { return Ok(draft) };
        let user = self.person_named(upn).await?;
        draft.rule.tests.retain(|test| test.user_id != user.id);
        let expected = expected.trim().to_owned();
        draft.rule.tests.push(MappingTest { user_id: user.id, expected });
        if draft.rule.tests.len() > MOST_TESTS {
            let public = format!("A rule has at most {MOST_TESTS} tests. Take one away first.");
            return Err(Error::invalid("expected", public));
        }
        Ok(draft)
    }

    /// The person whom a form names.
    async fn person_named(&self, typed: String) -> Result<User> {
        let found = self.store().read(move |tx| Ok::<_, Error>(users::by_upn(tx, &typed)?)).await?;
        found.ok_or_else(|| {
            let public = "Nobody here has this sign-in name. Type one such as alice@contoso.com.";
            Error::invalid("person", public)
        })
    }

    /// What a rule must give for some people, it gives.
    async fn hold_to_tests(&self, id: ApplicationId, draft: &Draft) -> Result<()> {
        let draft = draft.clone();
        self.store().read(move |tx| hold_to_tests(tx, id, &draft)).await
    }
}

/// The most tests of a rule.
const MOST_TESTS: usize = 10;

/// A rule as the audit log says it.
fn said(rule: &Rule) -> String {
    let mode = rule.mode.label().to_lowercase();
    match rule.tests.len() {
        0 => format!("{mode} {}", rule.expression),
        1 => format!("{mode} {} (1 test)", rule.expression),
        tests => format!("{mode} {} ({tests} tests)", rule.expression),
    }
}

/// The name of an application.
fn found(tx: &mut Tx, id: ApplicationId) -> Result<String> {
    let found = applications::by_id(tx, id)?;
    Ok(found.ok_or_else(|| Error::not_found("application"))?.name)
}

fn view(tx: &mut Tx, id: ApplicationId) -> Result<MappingView> {
    let kept = attribute_mappings::of_application(tx, id)?;
    let typed = kept.map(|kept| kept.mapping).unwrap_or_default();
    let mapping = read(tx, id, None)?;
    let people = assigned(tx, id)?;
    let wishes: Vec<_> = people.iter().map(|user| mapping.wishes(user)).collect();
    let rule = |attribute: Attribute| {
        let rule = typed.rule(attribute);
        let has = |wishes: &&mapping::Wishes| {
            wishes.of.get(&attribute).is_some_and(|wish| wish.value.is_some())
        };
        RuleView {
            attribute,
            is_changed: typed.0.contains_key(&attribute),
            fields: mapping.fields(attribute),
            missing_group: mapping.missing(attribute),
            people: wishes.iter().filter(has).count(),
            rule,
        }
    };
    let rules = Attribute::ALL.into_iter().map(rule).collect();
    Ok(MappingView { application: id, rules, assigned: people.len() })
}

/// Everybody who is assigned and may sign in.
fn assigned(tx: &mut Tx, id: ApplicationId) -> Result<Vec<User>> {
    let open: std::collections::HashSet<UserId> = assignments::latest(tx, id)?
        .into_iter()
        .filter(|assignment| assignment.ended_at.is_none())
        .map(|assignment| assignment.user_id)
        .collect();
    let wanted = |user: &User| user.state == UserState::Active && open.contains(&user.id);
    Ok(users::all(tx)?.into_iter().filter(wanted).collect())
}

fn hold_to_tests(tx: &mut Tx, id: ApplicationId, draft: &Draft) -> Result<()> {
    let mapping = drafted(tx, id, draft)?;
    // What is never written is held to nothing: saving it is how data stops leaving.
    if draft.rule.mode == Mode::Never {
        return Ok(());
    }
    for test in &draft.rule.tests {
        // Whoever is gone since tests nothing any more.
        let Some(user) = users::by_id(tx, test.user_id)? else { continue };
        let value = mapping.value(draft.attribute, &user).unwrap_or_else(Some);
        let value = value.unwrap_or_default();
        if user.state != UserState::Deleted && value != test.expected {
            let shown = |text: &str| match text {
                "" => "nothing".to_owned(),
                text => format!("\"{text}\""),
            };
            let public = format!(
                "For {} this gives {}, and its test wants {}. Change the expression, or take the test \
                 away.",
                user.upn,
                shown(&value),
                shown(&test.expected)
            );
            return Err(Error::invalid("expression", public));
        }
    }
    Ok(())
}

/// The rules with the draft's among them.
fn drafted(tx: &mut Tx, id: ApplicationId, draft: &Draft) -> Result<Mapping> {
    mapping::check(draft.attribute, &draft.rule)
        .map_err(|why| Error::invalid("expression", why.fault.to_string()))?;
    let kept = attribute_mappings::of_application(tx, id)?;
    let typed = kept.map(|kept| kept.mapping).unwrap_or_default();
    let mapping = read(tx, id, Some(&typed.with(draft.attribute, draft.rule.clone())))?;
    match mapping.missing(draft.attribute) {
        Some(group) => {
            let public = format!("There is no group {group}. Correct the name, or make the group.");
            Err(Error::invalid("expression", public))
        }
        None => Ok(mapping),
    }
}

/// Trouble that a page shows beside its form.
fn unusable() -> Error {
    let public = "A rule of the attribute mapping can't be read. Change it under Office 365.";
    Error::new(Kind::Conflict, public)
}
