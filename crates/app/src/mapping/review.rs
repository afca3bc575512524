//! Whom a changed rule changes, before it is saved: planned twice from one look, as it is and as it
//! would be.

use std::collections::BTreeMap;

use model::{
    attribute::Attribute,
    ids::{ApplicationId, TenantId, UserId},
    mapping::Mode,
    plan::{Action, Plan, Scope, Step},
};
use provisioning::{Mapping, mapping::unfit};
use store::applications;

use super::{Draft, drafted};
use crate::{
    Error, House, Result,
    sync::{Looking, Seen, planned_by},
};

/// Up to so many people a change is its own approval (ruling 17).
pub const WITHOUT_ASKING: usize = 5;
/// How many of them are shown.
const SHOWN: usize = 10;

/// Whom a rule changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// How many people.
    pub people: usize,
    /// Some of them.
    pub examples: Vec<Changed>,
}

/// What a rule changes of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Their sign-in name.
    pub upn: String,
    /// What is there now.
    pub now: Option<String>,
    /// What will be, or why it isn't written.
    pub then: Option<String>,
}

impl House {
    /// Whom a draft changes in the tenant. One that never writes changes nobody, and nobody is asked.
    pub(super) async fn review(&self, id: ApplicationId, draft: &Draft) -> Result<Review> {
        if draft.rule.mode == Mode::Never {
            return Ok(Review::default());
        }
        let typed = draft.clone();
        let (tenant, mapping): (TenantId, Mapping) = self
            .store()
            .read(move |tx| {
                let mapping = drafted(tx, id, &typed)?;
                let found = applications::by_id(tx, id)?;
                Ok::<_, Error>((
                    found.ok_or_else(|| Error::not_found("application"))?.tenant_id,
                    mapping,
                ))
            })
            .await?;
        let seen = self.look(tenant, Scope::Everyone, Looking::On).await?;
        Ok(compared(&seen, &mapping, draft.attribute))
    }
}

fn compared(seen: &Seen, mapping: &Mapping, attribute: Attribute) -> Review {
    let before = changes(&planned_by(seen, &seen.mapping), attribute);
    let mut after = changes(&planned_by(seen, mapping), attribute);
    after.retain(|user, changed| before.get(user) != Some(changed));
    let objects: BTreeMap<UserId, _> =
        seen.observed.links.iter().map(|link| (link.user_id, link.object_id)).collect();
    let now = |user: &UserId| {
        let object = objects.get(user)?;
        let there = seen.observed.users.iter().find(|there| there.id == *object)?;
        there.attributes.get(attribute).map(str::to_owned)
    };
    let examples = after.iter().take(SHOWN).map(|(user, (upn, then))| Changed {
        upn: upn.clone(),
        now: now(user),
        then: then.clone(),
    });
    Review { people: after.len(), examples: examples.collect() }
}

/// What a plan does to one attribute: of accounts that are there, and of those that it makes. Of whom
/// the value isn't written because Microsoft doesn't take it, it says so.
fn changes(plan: &Plan, attribute: Attribute) -> BTreeMap<UserId, (String, Option<String>)> {
    let of = |step: &Step| {
        let value = match &step.action {
            Action::Update { attributes } => attributes.0.get(&attribute)?.clone(),
            Action::Create { mail_nickname, .. } if attribute == Attribute::MailNickname => {
                Some(mail_nickname.clone())
            }
            Action::Create { attributes, .. } => attributes.get(attribute).map(str::to_owned),
            _ => return None,
        };
        Some((step.user_id, (step.upn.clone(), value)))
    };
    let unfit = unfit(attribute);
    let refused = plan.conflicts.iter().filter(|conflict| conflict.reason.starts_with(&unfit));
    let refused = refused.map(|it| (it.user_id, (it.upn.clone(), Some(it.reason.clone()))));
    plan.steps.iter().filter_map(of).chain(refused).collect()
}
