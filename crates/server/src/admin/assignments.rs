//! Assigning a person to *Office 365* with products in plain words, and ending it.

use std::collections::HashSet;

use actix_web::web;
use app::{accounts::PersonDetails, office365::Office365View};
use model::{
    Ts,
    application::Licence,
    entitlement::{Entitlement, Holder},
    entra::{ServicePlan, SubscribedSku},
    ids::{ServicePlanId, SkuId},
};

use super::{leavers, user};
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::user::{Assignment, Product, ServicePlan as Part, Through},
        parts::{Badge, Tone},
    },
    visitor::Console,
    wording::{products, times},
};

/// Assigns, or changes the products.
pub(super) async fn assign(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.with_lists([], &["sku", "plan"])?;
    let (person, house) = (id(&path)?, &desk.counter.house);
    let view = office365(&admin, &desk).await?;
    let licences = chosen(&form, &view.skus)?;
    let application = view.application.id;
    let visitor = desk.guest.visitor();
    let assigned = match check_whole(&licences, &view.skus) {
        Ok(()) => house.assign(&admin, person, application, licences.clone(), visitor).await,
        Err(error) => Err(error),
    };
    match assigned {
        Ok(()) => {
            let confirmed = view.application.settings.first_plan_confirmed;
            let done = if confirmed { "assigned" } else { "assigned-first" };
            Ok(see_other(&format!("/admin/users/{person}?done={done}")))
        }
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let mut page = user::page(&admin, &desk, person).await?;
            page.problems.push(problem);
            page.assignment.products = offered(&view, Some(&licences));
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Unassigns.
pub(super) async fn unassign(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let application = office365(&admin, &desk).await?.application.id;
    let (person, visitor) = (id(&path)?, desk.guest.visitor());
    let has_ended = desk.counter.house.unassign(&admin, person, application, visitor).await?;
    let done = if has_ended { "unassigned" } else { "unassigned-alone" };
    Ok(see_other(&format!("/admin/users/{person}?done={done}")))
}

/// The application that there is.
pub(super) async fn office365(admin: &Console, desk: &Desk) -> Result<Office365View, Failure> {
    let view = desk.counter.house.office365(admin).await?.into_iter().next();
    Ok(view.ok_or_else(|| app::Error::not_found("application"))?)
}

/// A product with every part switched off costs a seat and gives nothing.
pub(super) fn check_whole(licences: &[Licence], skus: &[SubscribedSku]) -> app::Result<()> {
    let is_hollow = licences.iter().any(|licence| {
        let sku = skus.iter().find(|sku| sku.sku_id == licence.sku_id);
        let parts = sku.map_or(0, |sku| offered_plans(sku).count());
        parts > 0 && licence.disabled_plans.len() == parts
    });
    if is_hollow {
        let public =
            "A product needs at least one of its parts. Untick the product to take it away.";
        return Err(app::Error::invalid("sku", public));
    }
    Ok(())
}

/// The products that were ticked, less the parts that were not. Parts that apply to the whole
/// company are not offered and stay on.
pub(super) fn chosen(form: &Form, skus: &[SubscribedSku]) -> Result<Vec<Licence>, Failure> {
    let ticked: HashSet<String> = form.list("plan").into_iter().collect();
    let mut licences = Vec::new();
    for sku_id in form.list("sku") {
        let sku_id: SkuId =
            sku_id.parse().map_err(|_| Failure::bad_input("A product has no such id."))?;
        let plans = skus.iter().find(|sku| sku.sku_id == sku_id).map(offered_plans);
        let is_off = |id: &ServicePlanId| !ticked.contains(&format!("{sku_id}/{id}"));
        let disabled_plans =
            plans.into_iter().flatten().map(|plan| plan.id).filter(is_off).collect();
        licences.push(Licence { sku_id, disabled_plans });
    }
    Ok(licences)
}

fn offered_plans(sku: &SubscribedSku) -> impl Iterator<Item = &ServicePlan> {
    sku.service_plans.iter().filter(|plan| plan.per_user)
}

/// The panel of a person's page.
pub(super) fn panel(person: &PersonDetails, view: Option<&Office365View>, now: Ts) -> Assignment {
    let application = view.map(|view| &view.application);
    let assignment = person
        .assignments
        .iter()
        .find(|assignment| application.is_some_and(|app| app.id == assignment.application_id));
    let licences = assignment.map(|assignment| assignment.licences.as_slice());
    let given: Vec<&Entitlement> = person
        .entitlements
        .iter()
        .filter(|given| application.is_some_and(|app| app.id == given.application_id))
        .collect();
    let own = given.iter().find(|given| matches!(given.to, Holder::Person(_)));
    let since = assignment.map(|assignment| {
        let ago = times::relative(assignment.assigned_at, now);
        format!("since {} ({ago})", times::day(assignment.assigned_at))
    });
    let awaits_plan = application.is_some_and(|app| !app.settings.first_plan_confirmed);
    Assignment {
        application: application.map_or_else(|| "Office 365".to_owned(), |app| app.name.clone()),
        assigned: assignment.is_some(),
        by_themselves: own.is_some(),
        through: given.iter().filter_map(|given| through(given, person, view)).collect(),
        state: match (assignment, person.object_id) {
            (None, _) => Badge::new(Tone::Neutral, "Not assigned"),
            (Some(_), Some(_)) => Badge::new(Tone::Ok, "In Microsoft 365"),
            (Some(_), None) if awaits_plan => Badge::new(Tone::Warn, "Waits for the first plan"),
            (Some(_), None) => Badge::new(Tone::Warn, "On its way"),
        },
        since: since.unwrap_or_default(),
        summary: summary(licences, view),
        products: view
            .map(|view| offered(view, own.map(|given| given.licences.as_slice())))
            .unwrap_or_default(),
        awaits_plan,
        consequence: application.map(|app| leavers::unassigning(&app.settings)).unwrap_or_default(),
        block_consequence: application
            .map(|app| leavers::blocking(&app.settings))
            .unwrap_or_default(),
    }
}

/// A group that gives it, and what.
fn through(
    given: &Entitlement,
    person: &PersonDetails,
    view: Option<&Office365View>,
) -> Option<Through> {
    let Holder::Group(id) = given.to else { return None };
    let group = person.groups.iter().find(|group| group.id == id)?;
    Some(Through {
        href: format!("/admin/groups/{id}"),
        group: group.name.clone(),
        gives: summary(Some(&given.licences), view).join("; "),
    })
}

fn summary(licences: Option<&[Licence]>, view: Option<&Office365View>) -> Vec<String> {
    let (Some(licences), Some(view)) = (licences, view) else { return Vec::new() };
    if licences.is_empty() {
        return vec!["An account without a product".to_owned()];
    }
    licences.iter().map(|licence| products::licence(licence, &view.skus)).collect()
}

/// The tenant's products; those of `licences` are ticked, with the parts that are on.
pub(super) fn offered(view: &Office365View, licences: Option<&[Licence]>) -> Vec<Product> {
    let licences = licences.unwrap_or_default();
    // Nobody loses a product because its subscription rests just now.
    let has = |sku: &SubscribedSku| licences.iter().any(|licence| licence.sku_id == sku.sku_id);
    let shown = view.skus.iter().filter(|sku| sku.usable || has(sku));
    shown.map(|sku| product(sku, licences)).collect()
}

fn product(sku: &SubscribedSku, licences: &[Licence]) -> Product {
    let licence = licences.iter().find(|licence| licence.sku_id == sku.sku_id);
    let is_off = |id| licence.is_some_and(|licence| licence.disabled_plans.contains(&id));
    let free = products::free(sku);
    let mut plans: Vec<Part> = offered_plans(sku)
        .map(|plan| Part {
            id: plan.id.to_string(),
            name: products::part(plan),
            on: !is_off(plan.id),
        })
        .collect();
    plans.sort_by(|a, b| a.name.cmp(&b.name));
    Product {
        id: sku.sku_id.to_string(),
        name: products::product(sku).to_owned(),
        seats: match free {
            0 => format!("No seat free ({} of {} in use)", sku.consumed, sku.enabled),
            _ => format!("{free} of {} seats free", sku.enabled),
        },
        full: free == 0,
        chosen: licence.is_some(),
        plans,
    }
}
