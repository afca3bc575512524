//! Who can mend the tenant when sign-in through this house stands still (Y08).

use model::{
    entra::EntraDomain,
    explanation::Place,
    preflight::{Check, Finding},
    tenant::is_microsofts,
    tenant_state::{DirectoryPerson, RoleHolder, Seen},
};

use super::{Observed, failed, named, passed, people, unseen, warning};

/// So many are needed (Y08).
const ENOUGH: usize = 2;

pub(super) fn findings(observed: &Observed) -> Vec<Finding> {
    vec![emergency_accounts(observed), administrators_inside(observed)]
}

fn emergency_accounts(observed: &Observed) -> Finding {
    let check = Check::EmergencyAccounts;
    let (domains, globals) = match everything(observed) {
        Ok(seen) => seen,
        Err(why) => return unseen(check, &why),
    };
    let judged = globals.iter().map(|person| (person, unfit(person, domains)));
    let (fit, unfit): (Vec<_>, Vec<_>) = judged.partition(|(_, unfit)| unfit.is_none());
    let fit: Vec<&str> = fit.iter().map(|(person, _)| person.upn.as_str()).collect();
    if fit.len() >= ENOUGH {
        let evidence = format!("These are outside the federation: {}.", named(&fit));
        return passed(check, evidence);
    }
    let unfit: Vec<String> = unfit
        .iter()
        .map(|(person, why)| format!("{} ({})", person.upn, why.unwrap_or_default()))
        .collect();
    let found = match fit.first() {
        None => "There is no emergency account.".to_owned(),
        Some(one) => format!("There is only one emergency account, {one}."),
    };
    let evidence = if unfit.is_empty() {
        found
    } else {
        format!("{found} Other global administrators can't serve: {}.", named(&unfit))
    };
    let fix = "Make two Global Administrators on the onmicrosoft.com domain, not synchronised, each \
               with a passkey at Microsoft, and try both. Without them nobody could undo the \
               federation.";
    failed(check, evidence, (fix, Place::EntraUsers))
}

/// The domains, and the people who are global administrators.
fn everything(observed: &Observed) -> Seen<(&[EntraDomain], Vec<&DirectoryPerson>)> {
    let tenant = &observed.tenant;
    let domains = tenant.domains.as_ref().map_err(Clone::clone)?;
    let roles = tenant.roles.as_ref().map_err(Clone::clone)?;
    let people = tenant.people.as_ref().map_err(Clone::clone)?;
    let global =
        |it: &&DirectoryPerson| roles.iter().any(|held| held.is_global() && held.object == it.id);
    Ok((domains, people.iter().filter(global).collect()))
}

/// What keeps a global administrator from being an emergency account.
fn unfit(person: &DirectoryPerson, domains: &[EntraDomain]) -> Option<&'static str> {
    let domain = domains.iter().find(|domain| domain.name == person.domain());
    let microsofts = |domain: &EntraDomain| domain.initial || is_microsofts(&domain.name);
    match domain {
        _ if !person.enabled => Some("blocked"),
        _ if person.guest => Some("a guest"),
        _ if person.synchronised => Some("synchronised from elsewhere"),
        Some(domain) if domain.federated => Some("in a federated domain"),
        Some(domain) if microsofts(domain) => None,
        _ => Some("not on the onmicrosoft.com domain"),
    }
}

fn administrators_inside(observed: &Observed) -> Finding {
    let check = Check::AdministratorsInside;
    let roles = match &observed.tenant.roles {
        Ok(roles) => roles,
        Err(why) => return unseen(check, why),
    };
    let inside = match observed.inside() {
        Ok(inside) => inside,
        Err(why) => return unseen(check, &why),
    };
    let held = |person: &DirectoryPerson| -> Option<String> {
        let held: Vec<&str> = roles_of(roles, person);
        (!held.is_empty()).then(|| format!("{} ({})", person.upn, held.join(", ")))
    };
    let names: Vec<String> = inside.into_iter().filter_map(held).collect();
    if names.is_empty() {
        return passed(check, format!("Nobody of {} holds a directory role.", observed.domain));
    }
    let fix = "Give their administrator's work to accounts on the onmicrosoft.com domain. Gatehouse \
               never writes people who hold a role.";
    let evidence = format!(
        "{} of {} would sign in here and could not mend the tenant while this house stands still: {}.",
        people(names.len()),
        observed.domain,
        named(&names)
    );
    warning(check, evidence, (fix, Place::EntraUsers))
}

fn roles_of<'r>(roles: &'r [RoleHolder], person: &DirectoryPerson) -> Vec<&'r str> {
    roles.iter().filter(|held| held.object == person.id).map(|held| held.role.as_str()).collect()
}
