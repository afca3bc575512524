//! What is known here: people with their factors, keys, the end of the secret, mail.

use std::collections::HashSet;

use federation::keyring;
use model::{
    Role,
    federated_domain::FederatedDomain,
    ids::UserId,
    tenant::Tenant,
    user::{User, UserState},
};
use provisioning::preflight::{MailWay, OurPerson, Ours};
use store::{Tx, applications, assignments, letters, signing_keys, users};

use crate::{Error, House, Result};

pub(super) async fn read(house: &House, domain: &FederatedDomain, tenant: &Tenant) -> Result<Ours> {
    let (house, domain, tenant) = (house.clone(), domain.clone(), tenant.clone());
    house.store().clone().read(move |tx| ours(&house, tx, (&domain, &tenant))).await
}

fn ours(house: &House, tx: &mut Tx, (domain, tenant): (&FederatedDomain, &Tenant)) -> Result<Ours> {
    let everybody = Everybody::read(tx, tenant)?;
    let all = users::all(tx)?;
    let owners =
        all.iter().filter(|user| user.role == Some(Role::Owner) && user.state == UserState::Active);
    let signing = signing_keys::active(tx)?.ok_or_else(|| Error::not_found("signing key"))?;
    let waiting = letters::waiting(tx)?;
    Ok(Ours {
        owners: owners.map(|user| everybody.noun(user)).collect(),
        people: all.iter().map(|user| everybody.noun(user)).collect(),
        issuer_uri: domain.issuer_uri.clone(),
        mfa_behavior: domain.mfa_behavior,
        secret_ends_at: tenant.credential_ends_at,
        signing: keyring::form(&signing),
        next: house.usable_next(tx)?.as_ref().map(keyring::form),
        mail: house.postman().map_or(MailWay::None, |_| MailWay::Server { waiting }),
    })
}

/// Everybody who is not deleted, with whether they are assigned and have a second factor.
pub(crate) fn everybody(tx: &mut Tx, tenant: &Tenant) -> Result<Vec<OurPerson>> {
    let known = Everybody::read(tx, tenant)?;
    Ok(users::all(tx)?.iter().map(|user| known.noun(user)).collect())
}

/// What tells of everybody whether they are assigned and have a second factor.
struct Everybody {
    assigned: HashSet<UserId>,
    without_factor: HashSet<UserId>,
}

impl Everybody {
    fn read(tx: &mut Tx, tenant: &Tenant) -> Result<Self> {
        let application = applications::of_tenant(tx, tenant.id)?
            .ok_or_else(|| Error::not_found("application"))?;
        let newest = assignments::latest(tx, application.id)?;
        let assigned = newest.into_iter().filter(|it| it.ended_at.is_none()).map(|it| it.user_id);
        let without_factor = users::without_factor(tx, None, i64::MAX)?;
        Ok(Self {
            assigned: assigned.collect(),
            without_factor: without_factor.into_iter().map(|user| user.id).collect(),
        })
    }

    fn noun(&self, user: &User) -> OurPerson {
        OurPerson {
            upn: user.upn.as_str().to_lowercase(),
            immutable_id: user.immutable_id.as_str().to_owned(),
            assigned: user.state == UserState::Active && self.assigned.contains(&user.id),
            has_factor: !self.without_factor.contains(&user.id),
        }
    }
}
