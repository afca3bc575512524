//! Which settings of the application make sense, and what a form can't set.

use model::{
    Ts,
    application::{Office365Settings, OnUnassign},
};

use crate::{Error, Result};

const MOST_DAYS: u32 = 3650;

/// Settings to be saved: a form confirms no plan, and with each change of what takes something away
/// its days begin anew.
pub(super) fn kept(old: &Office365Settings, new: Office365Settings, now: Ts) -> Office365Settings {
    // Who is left as they are or not, and who is blocked and loses nothing, decides about both.
    let both = |it: &Office365Settings| (it.on_unassign, it.blocked_licence_days);
    let licences = |it: &Office365Settings| (both(it), it.licence_grace_days);
    let deletes = |it: &Office365Settings| (both(it), it.delete_days, it.blocked_delete_days);
    let at = |changed: bool, before: Option<Ts>| if changed { Some(now) } else { before };
    Office365Settings {
        first_plan_confirmed: old.first_plan_confirmed,
        saved_at: Some(now),
        licences_changed_at: at(licences(old) != licences(&new), old.licences_changed_at),
        deletion_changed_at: at(deletes(old) != deletes(&new), old.deletion_changed_at),
        ..new
    }
}

pub(super) fn check_settings(settings: &Office365Settings) -> Result<()> {
    let country = &settings.usage_location;
    if country.len() != 2 || !country.chars().all(|c| c.is_ascii_uppercase()) {
        let public = "Type the usage location as two capital letters, such as US.";
        return Err(Error::invalid("usage_location", public));
    }
    if !(1..=100).contains(&settings.quota_percent) {
        return Err(Error::invalid("quota_percent", "Type 1 to 100 percent."));
    }
    check_unassigned(settings)?;
    check_blocked(settings)
}

fn check_unassigned(settings: &Office365Settings) -> Result<()> {
    days("licence_grace_days", Some(settings.licence_grace_days), 0)?;
    days("delete_days", settings.delete_days, 1)?;
    if settings.delete_days.is_some() && settings.on_unassign == OnUnassign::Keep {
        let public = "Who is left as they are can't be deleted. Leave this empty, or have sign-in \
                      blocked first.";
        return Err(Error::invalid("delete_days", public));
    }
    let licences = Some(settings.licence_grace_days);
    not_before_licences("delete_days", settings.delete_days, licences)
}

fn check_blocked(settings: &Office365Settings) -> Result<()> {
    days("blocked_licence_days", settings.blocked_licence_days, 0)?;
    days("blocked_delete_days", settings.blocked_delete_days, 1)?;
    let (delete, licences) = (settings.blocked_delete_days, settings.blocked_licence_days);
    not_before_licences("blocked_delete_days", delete, licences)
}

fn days(field: &'static str, days: Option<u32>, least: u32) -> Result<()> {
    if days.is_none_or(|days| (least..=MOST_DAYS).contains(&days)) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("Type {least} to {MOST_DAYS} days.")))
}

/// Deleting takes the licences, too.
fn not_before_licences(
    field: &'static str,
    delete: Option<u32>,
    licences: Option<u32>,
) -> Result<()> {
    if delete.is_none() || licences.is_some_and(|licences| delete >= Some(licences)) {
        return Ok(());
    }
    let public = "An account isn't deleted before its licences are taken away. Type as many days or \
                  more, and give the licences a day as well.";
    Err(Error::invalid(field, public))
}
