//! Ids as types of their own, so that one can't be passed for another.
//!
//! Ours are `UUIDv7` (made by the caller); Entra's are GUIDs that Entra made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not a GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

id! {
    /// A person in our directory.
    UserId;
    /// A group in our directory.
    GroupId;
    /// A directory that checks passwords for us.
    DirectoryId;
    /// A piece of news for the webhook.
    DeliveryId;
    /// Another system that brings people and groups.
    ProgramId;
    /// What such a system proves itself with.
    ProgramTokenId;
    /// A person's enrolled factor.
    FactorId;
    /// A signed-in browser.
    SessionId;
    /// A browser in which somebody is not asked for a second factor for some days.
    RememberedDeviceId;
    /// A protocol request that waits for its person to sign in.
    PendingRequestId;
    /// What a person's sign-in at a client of OpenID Connect gave it.
    OidcGrantId;
    /// An application that people are assigned to.
    ApplicationId;
    /// A person's assignment to an application.
    AssignmentId;
    /// What a person or a group was given of an application.
    EntitlementId;
    /// A party that trusts our tokens.
    RelyingPartyId;
    /// One look at the people of a tenant.
    LookId;
    /// A connection to one Entra tenant (our row).
    TenantId;
    /// A DNS domain that we vouch for (our row).
    FederatedDomainId;
    /// A token-signing key.
    SigningKeyId;
    /// A journal row of an issued token.
    IssuedTokenId;
    /// One pass of the provisioning engine.
    RunId;
    /// One step of a plan.
    StepId;
    /// A row of durable work to do.
    OutboxId;
    /// A letter that waits to be sent.
    LetterId;
    /// A list of people that an admin brings along.
    ImportId;
    /// An audit row.
    AuditId;
    /// An alarm.
    AlarmId;
    /// A rule of the sign-in policy.
    RuleId;
    /// The sign-in policy as it was at one time.
    PolicyVersionId;
    /// An app registration for signing in with Microsoft (our row).
    RegistrationId;
    /// A Microsoft account that somebody linked.
    MicrosoftAccountId;
    /// A browser that was sent to Microsoft.
    MicrosoftRoundId;
    /// A directory tenant at Microsoft.
    EntraTenantId;
    /// An app registration at Microsoft (its client id).
    ClientId;
    /// An object in Entra (a user there).
    ObjectId;
    /// A product in Entra (subscribed SKU).
    SkuId;
    /// A part of a product in Entra.
    ServicePlanId;
}
