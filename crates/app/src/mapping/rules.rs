//! The rules of an application as the planner reads them: with who is in which group, and with what
//! makes pseudonyms.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::hmac;
use model::{
    attribute::Attribute,
    ids::{ApplicationId, GroupId, TenantId, UserId},
    mapping::AttributeMapping,
    plan::Scope,
    upn::fold,
    user::Group,
};
use provisioning::{
    Mapping,
    mapping::{Members, Pseudonyms},
};
use secrecy::{ExposeSecret as _, SecretSlice};
use store::{Tx, applications, assignments, attribute_mappings, groups, outbox};

use super::{WITHOUT_ASKING, unusable};
use crate::{Error, House, Result, sync::Lane};

/// As many characters as an employee number may have.
const PSEUDONYM: usize = 16;

impl House {
    /// From now on the application has a key for pseudonyms, so that trying and keeping a rule give the
    /// same ones.
    pub(crate) async fn begin_mapping(&self, id: ApplicationId) -> Result<()> {
        let house = self.clone();
        self.store().write(move |tx| begin(tx, &house, id)).await
    }

    /// Work for people of whom something else is written since they joined or left a group that the
    /// mapping asks for. Of many it is one look at everybody, which the guard weighs.
    pub(crate) fn put_work_for_mapped(&self, tx: &mut Tx, people: &[UserId]) -> Result<()> {
        for application in applications::all(tx)? {
            let tenant = application.tenant_id;
            if people.len() > WITHOUT_ASKING {
                self.put_work(tx, tenant, Scope::Everyone, Lane::Rest)?;
                continue;
            }
            for id in people {
                let scope = Scope::Person(*id);
                if assignments::active(tx, *id, application.id)?.is_none() {
                    continue;
                }
                // Whom something urgent waits for stays first in line.
                let is_urgent = outbox::is_urgent(tx, tenant, &scope)?;
                let lane = if is_urgent { Lane::Safety } else { Lane::Rest };
                self.put_work(tx, tenant, scope, lane)?;
            }
        }
        Ok(())
    }
}

fn begin(tx: &mut Tx, house: &House, id: ApplicationId) -> Result<()> {
    let key = SecretSlice::from(house.draw::<32>().to_vec());
    Ok(attribute_mappings::begin(tx, id, &key, house.now())?)
}

/// The rules of an application, or these in their place.
pub(crate) fn read(
    tx: &mut Tx,
    id: ApplicationId,
    instead: Option<&AttributeMapping>,
) -> Result<Mapping> {
    let mut mapping = read_without_groups(tx, id, instead)?;
    if mapping.asks_for_groups() {
        mapping.members = members(tx)?;
    }
    Ok(mapping)
}

/// The rules of an application for one person, without reading who else is in which group; or for
/// everybody.
pub(crate) fn read_for(tx: &mut Tx, id: ApplicationId, one: Option<UserId>) -> Result<Mapping> {
    let Some(person) = one else { return read(tx, id, None) };
    let mut mapping = read_without_groups(tx, id, None)?;
    let mut asked = HashSet::new();
    for name in mapping.asked_groups() {
        if groups::by_name(tx, &name)?.is_some() {
            asked.insert(name);
        }
    }
    if !asked.is_empty() {
        let theirs = groups::of_user(tx, person)?.iter().map(|group| fold(&group.name)).collect();
        mapping.members = Members { groups: asked, of: HashMap::from([(person, theirs)]) };
    }
    Ok(mapping)
}

fn read_without_groups(
    tx: &mut Tx,
    id: ApplicationId,
    instead: Option<&AttributeMapping>,
) -> Result<Mapping> {
    let kept = attribute_mappings::of_application(tx, id)?;
    let typed = match (instead, &kept) {
        (Some(typed), _) => typed.clone(),
        (None, Some(kept)) => kept.mapping.clone(),
        (None, None) => AttributeMapping::default(),
    };
    let mut mapping = Mapping::read(&typed)
        .map_err(|why| unusable().because(format!("{:?}: {}", why.attribute, why.fault)))?;
    if let Some(kept) = kept {
        mapping.pseudonyms = pseudonyms(&kept.key);
    }
    Ok(mapping)
}

/// The rules of a tenant's application as they are now, without who is in which group.
pub(crate) fn in_force(tx: &mut Tx, tenant: TenantId) -> Result<Mapping> {
    let application = applications::of_tenant(tx, tenant)?;
    let id = application.ok_or_else(|| Error::not_found("application"))?.id;
    let kept = attribute_mappings::of_application(tx, id)?;
    let typed = kept.map(|kept| kept.mapping).unwrap_or_default();
    Mapping::read(&typed).map_err(|_| unusable())
}

fn members(tx: &mut Tx) -> Result<Members> {
    let names: HashMap<GroupId, String> = groups::all(tx)?
        .into_iter()
        .map(|(group, _): (Group, i64)| (group.id, fold(&group.name)))
        .collect();
    let called = |ids: Vec<GroupId>| -> HashSet<String> {
        ids.iter().filter_map(|id| names.get(id).cloned()).collect()
    };
    let of = groups::memberships(tx)?.into_iter().map(|(user, ids)| (user, called(ids))).collect();
    Ok(Members { groups: names.into_values().collect(), of })
}

/// The beginning of an HMAC: nobody without the key finds who it is by trying every number.
fn pseudonyms(key: &SecretSlice<u8>) -> Pseudonyms {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
    Pseudonyms::by(move |text| {
        let mut hex = hex::encode(hmac::sign(&key, text.as_bytes()));
        hex.truncate(PSEUDONYM);
        hex
    })
}

/// The attribute whose rule asks who is in the group with this name, if one does: such a group keeps its
/// name, and stays.
pub(crate) fn group_is_named(tx: &mut Tx, name: &str) -> Result<Option<Attribute>> {
    for application in applications::all(tx)? {
        let Some(kept) = attribute_mappings::of_application(tx, application.id)? else { continue };
        let mapping = Mapping::read(&kept.mapping).map_err(|_| unusable())?;
        if let Some(attribute) = mapping.asks_for(name) {
            return Ok::<_, Error>(Some(attribute));
        }
    }
    Ok(None)
}
