//! Switching off what a tenant demands at sign-in besides us, and giving it back (`graph.md` 9.4). A
//! plan of its own: it touches the one switch, and the state before is saved beside the script.

use aws_lc_rs::digest::{SHA256, digest};
use model::{demand::Demand, ids::EntraTenantId, relying_party::Cloud};

use super::plan::{FederationPlan, Value, plain};

/// In which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Switch it off.
    Off,
    /// Give back what was saved.
    Back,
}

/// One switch of a tenant. It exists only with values that scripts may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandPlan {
    demand: Demand,
    turn: Turn,
    tenant: EntraTenantId,
    cloud: Cloud,
    domain: String,
}

impl Turn {
    /// The word that scripts and addresses know it by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Back => "back",
        }
    }
}

impl DemandPlan {
    /// A switch of the tenant that a domain's plan is for.
    #[must_use]
    pub fn new(plan: &FederationPlan, demand: Demand, turn: Turn) -> Self {
        let domain = plan.domain().to_owned();
        Self { demand, turn, tenant: plan.tenant(), cloud: plan.cloud(), domain }
    }

    /// Which switch.
    #[must_use]
    pub const fn demand(&self) -> Demand {
        self.demand
    }

    /// In which direction.
    #[must_use]
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Microsoft's id of the directory.
    #[must_use]
    pub const fn tenant(&self) -> EntraTenantId {
        self.tenant
    }

    /// The cloud that the directory lives in.
    #[must_use]
    pub const fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// The domain whose people it is about.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// SHA-256 of everything in the plan, in hex; every script carries it.
    #[must_use]
    pub fn hash(&self) -> String {
        let tenant = self.tenant.to_string();
        let words =
            [self.demand.word(), self.turn.word(), &tenant, self.cloud.as_str(), &self.domain];
        let text = format!("gatehouse demand plan 1\n{}", words.join("\n"));
        hex::encode(digest(&SHA256, text.as_bytes()))
    }

    /// What the script needs to know besides, by its name in sh and in PowerShell.
    pub(super) fn facts(&self) -> [(&'static str, &'static str, String); 3] {
        let permission = match self.demand {
            Demand::SecurityDefaults => "Policy.ReadWrite.SecurityDefaults",
            Demand::PerUserMfa => "Policy.ReadWrite.AuthenticationMethod",
            Demand::SelfReset => "Policy.ReadWrite.Authorization",
        };
        [
            ("demand", "Demand", self.demand.word().to_owned()),
            ("turn", "Turn", self.turn.word().to_owned()),
            ("permission", "Permission", permission.to_owned()),
        ]
    }

    /// The property that is the switch, as it shall be, under Graph's name.
    pub(super) fn properties(&self) -> [(&'static str, Value<'_>); 1] {
        [match self.demand {
            Demand::SecurityDefaults => ("isEnabled", Value::Flag(false)),
            Demand::PerUserMfa => ("perUserMfaState", plain("disabled")),
            Demand::SelfReset => ("allowedToUseSSPR", Value::Flag(false)),
        }]
    }
}
