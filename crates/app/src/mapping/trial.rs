//! A rule, or all of them, tried on one person: what is there now, what would be written, and why.

use graph::Graph;
use model::{
    attribute::Attribute,
    entra::EntraAttributes,
    ids::{ApplicationId, TenantId},
    user::User,
};
use provisioning::Mapping;
use store::{applications, assignments, entra_links};

use super::{Draft, drafted, read};
use crate::{Admin, Error, House, Result, sync::objects_of};

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

    async fn tried(
        &self,
        id: ApplicationId,
        (mapping, attributes): (&Mapping, &[Attribute]),
        person: &str,
    ) -> Result<Trial> {
        let user = self.person_named(person.to_owned()).await?;
        let (tenant, is_assigned) = self.stands(id, &user).await?;
        let (there, seen) = match self.account_of(tenant, &user).await {
            Ok(Some(seen)) => (There::Seen, Some(seen)),
            Ok(None) => (There::None, None),
            Err(error) => (There::Unknown(error.public), None),
        };
        let rows = attributes.iter().map(|attribute| {
            let explained = mapping.explain(*attribute, &user, seen.as_ref());
            TrialRow {
                attribute: *attribute,
                now: seen.as_ref().and_then(|seen| seen.get(*attribute)).map(str::to_owned),
                value: explained.value,
                is_written: explained.is_written,
                why: explained.why,
            }
        });
        Ok(Trial { rows: rows.collect(), user, is_assigned, there })
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

    /// What their account says of itself, if they have one.
    async fn account_of(&self, tenant: TenantId, user: &User) -> Result<Option<EntraAttributes>> {
        let person = user.id;
        let links = self.store().read(move |tx| Ok::<_, Error>(entra_links::all(tx, tenant)?));
        let link = links.await?.into_iter().find(|link| link.user_id == person);
        let link = link.map(|link| link.object_id);
        let graph: Graph = self.graph(&self.tenant(tenant).await?, QUOTA)?;
        let found = objects_of(&graph, user, link).await?;
        let theirs = found.into_iter().find(|object| {
            Some(object.id) == link
                || object.immutable_id.as_deref() == Some(user.immutable_id.as_str())
        });
        Ok(theirs.map(|object| object.attributes))
    }
}

/// The share of Graph's quota that a look may use, as elsewhere in the console.
const QUOTA: u8 = 80;
