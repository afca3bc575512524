//! An application that people are assigned to, and what an assignment gives.

use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{ApplicationId, AssignmentId, ServicePlanId, SkuId, TenantId, UserId},
};

/// An application; the only kind so far is *Office 365* of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Our id.
    pub id: ApplicationId,
    /// What people call it.
    pub name: String,
    /// Whose directory it provisions.
    pub tenant_id: TenantId,
    /// Its provisioning settings.
    pub settings: Office365Settings,
}

/// How *Office 365* is provisioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office365Settings {
    /// ISO 3166 country for people who have none of their own.
    pub usage_location: String,
    /// Block sign-in and revoke sessions when somebody is unassigned.
    pub on_unassign: OnUnassign,
    /// How long an unassigned person keeps their licences, in days (Y04: 30).
    pub licence_grace_days: u32,
    /// After how many days an unassigned person's account is deleted; `None` is never (Y04).
    #[serde(default)]
    pub delete_days: Option<u32>,
    /// After how many days somebody who is blocked here loses their licences; `None` is never.
    #[serde(default)]
    pub blocked_licence_days: Option<u32>,
    /// After how many days the account of somebody who is blocked here is deleted; `None` is never.
    #[serde(default)]
    pub blocked_delete_days: Option<u32>,
    /// When what decides about taking licences was last changed: their days are counted from then
    /// for whoever left before.
    #[serde(default)]
    pub licences_changed_at: Option<Ts>,
    /// When what decides about deleting was last changed: the same.
    #[serde(default)]
    pub deletion_changed_at: Option<Ts>,
    /// Which share of Graph's write quota we use, in percent.
    pub quota_percent: u8,
    /// Set once the first plan was confirmed (Y06); until then nothing is written.
    pub first_plan_confirmed: bool,
    /// When an admin last saved these settings; `None`: they are those that it began with.
    #[serde(default)]
    pub saved_at: Option<Ts>,
}

impl Default for Office365Settings {
    fn default() -> Self {
        Self {
            usage_location: "US".to_owned(),
            on_unassign: OnUnassign::Block,
            licence_grace_days: 30,
            delete_days: None,
            blocked_licence_days: None,
            blocked_delete_days: None,
            licences_changed_at: None,
            deletion_changed_at: None,
            quota_percent: 80,
            first_plan_confirmed: false,
            saved_at: None,
        }
    }
}

/// What happens in Entra when an assignment ends. Deleting is a switch of its own (Y04).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnassign {
    /// Block sign-in and revoke sessions at once; what else is taken follows after some days.
    Block,
    /// Leave the account as it is.
    Keep,
}

/// A person may use an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Our id.
    pub id: AssignmentId,
    /// Who.
    pub user_id: UserId,
    /// What.
    pub application_id: ApplicationId,
    /// The products that come with it.
    pub licences: Vec<Licence>,
    /// When it began.
    pub assigned_at: Ts,
    /// When it ended; ended rows stay, so that licences can follow after the grace time.
    pub ended_at: Option<Ts>,
}

/// A product for a person, less the parts that are switched off.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Licence {
    /// The product.
    pub sku_id: SkuId,
    /// Service plans that are switched off.
    pub disabled_plans: Vec<ServicePlanId>,
}
