//! The assignment panel of a person's page.

use serde::Serialize;

use crate::pages::parts::{Badge, Tone};

/// Whether the person is assigned to Office 365, with what, and what could be chosen.
#[derive(Debug, Clone, Serialize)]
pub struct Assignment {
    /// The application ("Office 365").
    pub application: String,
    /// They are assigned.
    pub assigned: bool,
    /// They are assigned by themselves, whatever groups give them.
    pub by_themselves: bool,
    /// The groups that give it to them, with what each gives.
    pub through: Vec<Through>,
    /// How it stands in Entra ("In step", "Waiting for the next run", "Licence leaves in 12 days").
    pub state: Badge,
    /// Since when, in words; empty when not assigned.
    pub since: String,
    /// What the person has, in plain words, one line each.
    pub summary: Vec<String>,
    /// All products of the tenant; those of the assignment are `chosen`.
    pub products: Vec<Product>,
    /// Nothing is written to the tenant before its first plan is confirmed.
    pub awaits_plan: bool,
    /// What unassigning does, in a sentence, from the application's settings.
    pub consequence: String,
    /// What blocking the person here takes away later; empty when nothing.
    pub block_consequence: String,
}

/// A group that gives it.
#[derive(Debug, Clone, Serialize)]
pub struct Through {
    /// The group's page.
    pub href: String,
    /// Its name.
    pub group: String,
    /// What it gives, in plain words.
    pub gives: String,
}

/// A product that can be assigned. Sent as `sku={id}` when it is ticked.
#[derive(Debug, Clone, Serialize)]
pub struct Product {
    /// Microsoft's id of it.
    pub id: String,
    /// Its plain name.
    pub name: String,
    /// Seats, in words ("13 of 25 free").
    pub seats: String,
    /// Nobody more can have it.
    pub full: bool,
    /// It is (or is going to be) assigned.
    pub chosen: bool,
    /// Its parts.
    pub plans: Vec<ServicePlan>,
}

/// A part of a product. Sent as `plan={sku id}/{id}` while it is switched on.
#[derive(Debug, Clone, Serialize)]
pub struct ServicePlan {
    /// Microsoft's id of it.
    pub id: String,
    /// Its plain name.
    pub name: String,
    /// It is switched on.
    pub on: bool,
}

impl Assignment {
    /// Business Premium less Yammer.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            application: "Office 365".to_owned(),
            assigned: true,
            by_themselves: true,
            through: Vec::new(),
            state: Badge::new(Tone::Ok, "In step"),
            since: "since 18 Nov 2026".to_owned(),
            summary: vec!["Microsoft 365 Business Premium, without Viva Engage Core".to_owned()],
            products: Product::samples(),
            awaits_plan: false,
            consequence: "Sign-in is blocked and sessions are revoked at once; the licence is taken \
                          away after 30 days. The mailbox is kept until then, and nothing is deleted."
                .to_owned(),
            block_consequence: " Nothing is deleted.".to_owned(),
        }
    }

    /// Through a group alone.
    #[must_use]
    pub fn sample_through() -> Self {
        let through = Through {
            href: "/admin/groups/sales".to_owned(),
            group: "Sales".to_owned(),
            gives: "Microsoft 365 Business Premium".to_owned(),
        };
        Self {
            by_themselves: false,
            through: vec![through],
            products: vec![Product::sample(false), Product::sample_full()],
            ..Self::sample()
        }
    }

    /// Not assigned.
    #[must_use]
    pub fn sample_unassigned() -> Self {
        Self {
            assigned: false,
            by_themselves: false,
            awaits_plan: true,
            state: Badge::new(Tone::Neutral, "Not assigned"),
            since: String::new(),
            summary: Vec::new(),
            products: vec![Product::sample(false), Product::sample_full()],
            ..Self::sample()
        }
    }
}

impl Product {
    fn sample(chosen: bool) -> Self {
        let plan =
            |id: &str, name: &str, on| ServicePlan { id: id.to_owned(), name: name.to_owned(), on };
        Self {
            id: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46".to_owned(),
            name: "Microsoft 365 Business Premium".to_owned(),
            seats: "16 of 25 seats free".to_owned(),
            full: false,
            chosen,
            plans: vec![
                plan("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "Exchange Online (Plan 1)", true),
                plan("57ff2da0-773e-42df-b2af-ffb7a2317929", "Microsoft Teams", true),
                plan("c7699d2e-19aa-44de-8edf-1736da088ca1", "SharePoint (Plan 1)", true),
                plan("7547a3fe-08ee-4ccb-b430-5077c5041653", "Viva Engage Core", false),
            ],
        }
    }

    /// One that is chosen and one without a free seat.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self::sample(true), Self::sample_full()]
    }

    fn sample_full() -> Self {
        Self {
            id: "4b9405b0-7788-4568-add1-99614e613b69".to_owned(),
            name: "Exchange Online (Plan 1)".to_owned(),
            seats: "No seat free (10 of 10 in use)".to_owned(),
            full: true,
            chosen: false,
            plans: Vec::new(),
        }
    }
}
