//! The rules of an application as the planner reads them: with who is in which group, and with what
//! makes pseudonyms.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::hmac;
use model::{
    attribute::Attribute,
    ids::{ApplicationId, GroupId},
    mapping::AttributeMapping,
    upn::fold,
    user::Group,
};
use provisioning::{
    Mapping,
    mapping::{Members, Pseudonyms},
};
use secrecy::{ExposeSecret as _, SecretSlice};
use store::{Tx, applications, attribute_mappings, groups};

use super::unusable;
use crate::{Error, House, Result};

/// As many characters as an employee number may have.
const PSEUDONYM: usize = 16;

impl House {
    /// From now on the application has a key for pseudonyms, so that trying and keeping a rule give the
    /// same ones.
    pub(crate) async fn begin_mapping(&self, id: ApplicationId) -> Result<()> {
        let house = self.clone();
        self.store().write(move |tx| begin(tx, &house, id)).await
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
    let kept = attribute_mappings::of_application(tx, id)?;
    let typed = match (instead, &kept) {
        (Some(typed), _) => typed.clone(),
        (None, Some(kept)) => kept.mapping.clone(),
        (None, None) => AttributeMapping::default(),
    };
    let mut mapping = Mapping::read(&typed)
        .map_err(|why| unusable().because(format!("{:?}: {}", why.attribute, why.fault)))?;
    if mapping.asks_for_groups() {
        mapping.members = members(tx)?;
    }
    if let Some(kept) = kept {
        mapping.pseudonyms = pseudonyms(&kept.key);
    }
    Ok(mapping)
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
