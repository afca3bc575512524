//! A rule, or all of them, tried on one person: what is there now, what would be written, and why.

use std::collections::BTreeMap;

use model::{
    attribute::Attribute,
    entra::EntraAttributes,
    ids::{ApplicationId, TenantId},
    plan::{Action, Scope, Step},
    user::{User, UserState},
};
use provisioning::{Mapping, mapping::Explained};
use store::{applications, assignments};

use super::{Draft, drafted, read};
use crate::{
    Admin, Error, House, Result,
    sync::{Looking, Seen, planned_by},
};

/// What became of a trial.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The person.
    pub user: User,
    /// Whether they are assigned: nothing is written of others.
    pub is_assigned: bool,
    /// Whether their account was seen.
    pub there: There,
    /// One row for each attribute that was tried.
    pub rows: Vec<TrialRow>,
}

/// Whether the person's account was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    /// It was.
    Seen,
    /// They have none.
    None,
    /// Microsoft gave no answer; the text says why.
    Unknown(String),
}

/// An attribute of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRow {
    /// Which.
    pub attribute: Attribute,
    /// What is there now; of a nickname nobody asks.
    pub now: Option<String>,
    /// What the rule gives.
    pub value: Option<String>,
    /// Whether it would be written.
    pub is_written: bool,
    /// Why, or why not, in a sentence.
    pub why: String,
}

impl House {
    /// Tries all rules on a person.
    pub async fn try_mapping(
        &self,
        _admin: &Admin,
        id: ApplicationId,
        person: &str,
    ) -> Result<Trial> {
        let mapping = self.store().read(move |tx| read(tx, id, None)).await?;
        self.tried(id, (&mapping, &Attribute::ALL), person).await
    }

    /// Tries a rule on a person before it is saved.
    pub async fn try_rule(
        &self,
        admin: &Admin,
        id: ApplicationId,
        draft: &Draft,
        person: &str,
    ) -> Result<Trial> {
        admin.require(model::Role::UserAdmin)?;
        self.begin_mapping(id).await?;
        let typed = draft.clone();
        let mapping = self.store().read(move |tx| drafted(tx, id, &typed)).await?;
        self.tried(id, (&mapping, &[draft.attribute]), person).await
    }

    /// What a run would do now: planned from a look at this person, as every run is.
    async fn tried(
        &self,
        id: ApplicationId,
        (mapping, attributes): (&Mapping, &[Attribute]),
        person: &str,
    ) -> Result<Trial> {
        let user = self.person_named(person.to_owned()).await?;
        let (tenant, is_assigned) = self.stands(id, &user).await?;
        let looked = match self.look(tenant, Scope::Person(user.id), Looking::On).await {
            Ok(seen) => Looked::of(&seen, mapping, &user),
            Err(error) => Looked::nothing(error.public),
        };
        let row = |attribute: &Attribute| {
            let explained = mapping.explain(*attribute, &user, looked.account.as_ref());
            looked.row(*attribute, explained, (&user, is_assigned))
        };
        let rows = attributes.iter().map(row).collect();
        Ok(Trial { rows, user, is_assigned, there: looked.there })
    }

    /// The application's tenant, and whether somebody is assigned.
    async fn stands(&self, id: ApplicationId, user: &User) -> Result<(TenantId, bool)> {
        let user = user.id;
        self.store()
            .read(move |tx| {
                let found = applications::by_id(tx, id)?;
                let application = found.ok_or_else(|| Error::not_found("application"))?;
                let newest = assignments::newest(tx, user, id)?;
                let is_assigned = newest.is_some_and(|newest| newest.ended_at.is_none());
                Ok((application.tenant_id, is_assigned))
            })
            .await
    }
}

/// What was seen of a person, and what a run would do.
struct Looked {
    there: There,
    account: Option<EntraAttributes>,
    /// What would be written, by attribute.
    planned: BTreeMap<Attribute, Option<String>>,
    /// Values that are left to whoever keeps changing them there.
    fought: BTreeMap<Attribute, Option<String>>,
    /// Why a run leaves them alone, if it says so.
    against: Option<String>,
}

impl Looked {
    fn nothing(why: String) -> Self {
        Self {
            there: There::Unknown(why),
            account: None,
            planned: BTreeMap::new(),
            fought: BTreeMap::new(),
            against: None,
        }
    }

    fn of(seen: &Seen, mapping: &Mapping, user: &User) -> Self {
        let links = &seen.observed.links;
        let link = links.iter().find(|link| link.user_id == user.id).map(|link| link.object_id);
        let theirs = seen.observed.users.iter().find(|object| {
            Some(object.id) == link
                || object.immutable_id.as_deref() == Some(user.immutable_id.as_str())
        });
        let account = theirs.map(|object| object.attributes.clone());
        let plan = planned_by(seen, mapping);
        let steps = plan.steps.iter().filter(|step| step.user_id == user.id);
        let fought = seen.observed.fought.iter().filter(|((whose, _), _)| *whose == user.id);
        let against = plan.conflicts.into_iter().find(|conflict| conflict.user_id == user.id);
        Self {
            there: if account.is_some() { There::Seen } else { There::None },
            account,
            planned: steps.flat_map(written).collect(),
            fought: fought.map(|((_, it), value)| (*it, value.clone())).collect(),
            against: against.map(|conflict| conflict.reason),
        }
    }

    /// A rule's row: it says "written" only where the plan does.
    fn row(&self, attribute: Attribute, by_rule: Explained, whose: (&User, bool)) -> TrialRow {
        let Explained { value, is_written: is_wanted, why } = by_rule;
        let planned = self.planned.get(&attribute);
        TrialRow {
            attribute,
            now: self.account.as_ref().and_then(|seen| seen.get(attribute)).map(str::to_owned),
            why: match planned {
                None if is_wanted => self.hindrance(attribute, value.as_deref(), whose),
                _ => why,
            },
            value: planned.cloned().unwrap_or(value),
            is_written: planned.is_some(),
        }
    }

    /// Why what a rule wants isn't written now.
    fn hindrance(
        &self,
        attribute: Attribute,
        value: Option<&str>,
        (user, is_assigned): (&User, bool),
    ) -> String {
        if !is_assigned {
            return "They aren't assigned, so nothing is written.".to_owned();
        }
        if user.state != UserState::Active {
            return "They may not sign in here, so nothing is written.".to_owned();
        }
        if let There::Unknown(_) = self.there {
            return "Nobody knows what is there, so nobody knows what would be written.".to_owned();
        }
        if self.fought.get(&attribute).map(Option::as_deref) == Some(value) {
            return "Somebody keeps changing it there, so it is left to them for a week."
                .to_owned();
        }
        match &self.against {
            Some(why) => format!("Nothing is written now: {why}."),
            None => "No run would write it now.".to_owned(),
        }
    }
}

/// What a step sends of the describing attributes.
fn written(step: &Step) -> Vec<(Attribute, Option<String>)> {
    match &step.action {
        Action::Update { attributes } => attributes.0.clone().into_iter().collect(),
        Action::Create { attributes, mail_nickname, .. } => {
            let nickname = (Attribute::MailNickname, Some(mail_nickname.clone()));
            let sent = attributes.iter().map(|(it, value)| (it, Some(value.to_owned())));
            sent.chain([nickname]).collect()
        }
        _ => Vec::new(),
    }
}
