//! What happened: the rows of the audit log (R151).

use serde::{Deserialize, Serialize};

use crate::{Actor, Ts, ids::AuditId};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Our id.
    pub id: AuditId,
    /// When.
    pub at: Ts,
    /// Who did it.
    pub actor: Actor,
    /// What, as a dotted name from the catalogue ([`AuditKind`]).
    pub kind: AuditKind,
    /// Whom or what it was done to: a sign-in name, a domain, an id.
    pub subject: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, or what changed, in words (never a secret).
    pub detail: String,
    /// From which address.
    pub client_address: String,
    /// Joins it with the log and with what the person saw.
    pub correlation_id: String,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The catalogue of audited events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum AuditKind { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl AuditKind {
            /// Every kind, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The dotted name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The kind with this dotted name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
            }
        }
    };
}

kinds! {
    /// A password was given at sign-in.
    PasswordChecked = "sign_in.password",
    /// A second factor was given at sign-in.
    FactorChecked = "sign_in.second_factor",
    /// A passkey or security key was used.
    PasskeyChecked = "sign_in.passkey",
    /// Somebody came back from Microsoft.
    MicrosoftChecked = "sign_in.microsoft",
    /// Entra asked for somebody's second factor.
    ExternalMfaAsked = "external_mfa.asked",
    /// A second factor that somebody gave here was vouched for to Entra.
    ExternalMfaAnswered = "external_mfa.answered",
    /// It was changed whether a tenant's people prove their second factor here.
    ExternalMfaChanged = "external_mfa.changed",
    /// A session began.
    SessionOpened = "session.opened",
    /// A session ended.
    SessionEnded = "session.ended",
    /// A person said that somebody else signed in as them.
    SignInDisowned = "session.disowned",
    /// A client was told that a session ended.
    ClientTold = "session.client_told",
    /// A token was issued or refused.
    TokenIssued = "token.issued",
    /// A protocol message was refused.
    RequestRefused = "request.refused",
    /// A limiter stopped a guess.
    Throttled = "sign_in.throttled",
    /// A factor was enrolled.
    FactorEnrolled = "factor.enrolled",
    /// A factor got another name.
    FactorRenamed = "factor.renamed",
    /// A factor was removed or reset.
    FactorRemoved = "factor.removed",
    /// Recovery codes were made anew.
    RecoveryCodesMade = "factor.recovery_codes",
    /// An enrolment code was handed out.
    EnrollmentCodeMade = "factor.enrollment_code",
    /// The campaign in which people set up a second factor was changed.
    CampaignChanged = "factor.campaign",
    /// Everybody who has no second factor yet was written to.
    CampaignInvited = "factor.campaign_invited",
    /// Somebody put setting up a second factor off.
    FactorPutOff = "factor.put_off",
    /// Somebody needs no second factor for a while.
    ExemptionGranted = "factor.exemption",
    /// Such an exemption was ended before its day.
    ExemptionEnded = "factor.exemption_ended",
    /// Somebody at the command line let an owner in again.
    OwnerRecovered = "user.owner_recovered",
    /// An admin let passwords and codes of somebody be tried again.
    UserUnlocked = "user.unlocked",
    /// A temporary access pass was given.
    AccessPassGiven = "factor.access_pass",
    /// A temporary access pass was taken back before it was used.
    AccessPassWithdrawn = "factor.access_pass_withdrawn",
    /// Codes by e-mail were allowed, or were not any more.
    MailedCodesChanged = "factor.mailed_codes",
    /// A code was sent to somebody's mailbox.
    MailedCodeSent = "factor.mailed_code",
    /// A browser was remembered: no second factor is asked for there for some days.
    DeviceRemembered = "device.remembered",
    /// Such a browser was forgotten.
    DeviceForgotten = "device.forgotten",
    /// A Microsoft account was linked to a person.
    MicrosoftLinked = "microsoft.linked",
    /// Such a link was taken away.
    MicrosoftUnlinked = "microsoft.unlinked",
    /// A registration for signing in with Microsoft was added, changed or removed.
    RegistrationChanged = "registration.changed",
    /// A password was changed or set.
    PasswordChanged = "password.changed",
    /// Somebody asked for a link to choose a new password.
    ResetAsked = "password.reset_asked",
    /// Such a link was used.
    ResetLinkUsed = "password.reset_link",
    /// A person was created.
    UserCreated = "user.created",
    /// A person was changed.
    UserChanged = "user.changed",
    /// A person was blocked.
    UserBlocked = "user.blocked",
    /// A person was unblocked.
    UserUnblocked = "user.unblocked",
    /// A person who never signed in was removed.
    UserRemoved = "user.removed",
    /// An import of people began, ended, or was taken back.
    PeopleImported = "import.people",
    /// First passwords and enrolment codes of imported people were made.
    FirstSignInsMade = "import.first_sign_ins",
    /// Another system was let in to bring people, was changed, or is let in no more.
    ProgramChanged = "program.changed",
    /// Another system got a token, or one was taken back.
    ProgramTokenChanged = "program.token",
    /// Another system wanted to take something from too many people.
    ProgramHeld = "program.held",
    /// Another system lets a person or a group go.
    ProgramLetGo = "program.let_go",
    /// A group was made.
    GroupCreated = "group.created",
    /// A group got another name, or other members.
    GroupChanged = "group.changed",
    /// A group was removed.
    GroupRemoved = "group.removed",
    /// Somebody was assigned to an application.
    Assigned = "assignment.added",
    /// Somebody who is assigned has lost a product, or a part of one.
    AssignmentReduced = "assignment.reduced",
    /// Somebody was unassigned from an application.
    Unassigned = "assignment.ended",
    /// Somebody was put under a legal hold.
    HoldPlaced = "hold.placed",
    /// A legal hold was lifted.
    HoldLifted = "hold.lifted",
    /// An application's settings were changed.
    ApplicationChanged = "application.changed",
    /// A connection to a tenant was changed.
    TenantChanged = "tenant.changed",
    /// A federated domain was added or changed.
    DomainChanged = "domain.changed",
    /// A relying party was registered, changed or removed.
    RelyingPartyChanged = "relying_party.changed",
    /// The draft of the sign-in policy was changed or discarded.
    PolicyDrafted = "policy.drafted",
    /// A sign-in policy began to count.
    PolicyPublished = "policy.published",
    /// A federation script was made.
    ScriptMade = "domain.script",
    /// A domain and its tenant were looked at before its people are sent here.
    PreflightDone = "domain.preflight",
    /// A domain was rehearsed with a copy of its tenant, or is going to be.
    DomainRehearsed = "domain.rehearsal",
    /// A pepper for passwords was made.
    PepperMade = "pepper.made",
    /// Everything that is sealed was moved to another master key.
    MasterKeyRotated = "master_key.rotated",
    /// A signing key was made.
    KeyMade = "key.made",
    /// The next signing key became the active one.
    KeyPromoted = "key.promoted",
    /// Both signing keys were replaced at once.
    KeysReplaced = "key.emergency",
    /// An alarm began, or got worse.
    AlarmRaised = "alarm.raised",
    /// An alarm went away.
    AlarmEnded = "alarm.ended",
    /// A directory was away, or said of an account more than that a password is wrong.
    DirectoryAnswered = "directory.answered",
    /// A directory that checks passwords was added, changed or removed.
    DirectoryChanged = "directory.changed",
    /// A directory was tried out.
    DirectoryTested = "directory.tested",
    /// It was changed where somebody's password is checked.
    PasswordDelegated = "user.password_delegated",
    /// Alarms go to another system, or do so no more.
    WebhookChanged = "alarm.webhook",
    /// An admin said that they know of an alarm.
    AlarmAcknowledged = "alarm.acknowledged",
    /// An admin said that an object in Entra is somebody's.
    MatchAccepted = "match.accepted",
    /// An admin said that it isn't.
    MatchRejected = "match.rejected",
    /// An admin took back what they said of it.
    MatchReopened = "match.reopened",
    /// An object in Entra got the immutable id of its person and was linked.
    UserAdopted = "match.adopted",
    /// A sync run began or ended.
    SyncRun = "sync.run",
    /// A write to the tenant.
    SyncStep = "sync.step",
    /// A plan was stopped by the guard.
    GuardTripped = "sync.guard",
    /// A plan was approved.
    PlanApproved = "sync.approved",
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R151
    #[test]
    fn names_are_unique_and_read_back() {
        for kind in AuditKind::ALL {
            assert_eq!(AuditKind::from_name(kind.as_str()), Some(*kind));
        }
    }
}
