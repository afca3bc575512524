//! The nine steps from nothing to a federated domain, and what can be said of each.

use model::Ts;

/// A step, in the order of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The app registration and the connection by it.
    Connection,
    /// The application *Office 365* and a domain of the tenant.
    Application,
    /// The provisioning settings and the products.
    Provisioning,
    /// *Sync users*: whose the accounts are that were there before.
    Matches,
    /// Somebody is assigned and there.
    Pilot,
    /// The pre-flight.
    Preflight,
    /// The script that federates.
    Script,
    /// Everything is as planned, and somebody has signed in by it.
    Verified,
    /// Who asks for the second factor.
    SecondFactor,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 9] = [
        Self::Connection,
        Self::Application,
        Self::Provisioning,
        Self::Matches,
        Self::Pilot,
        Self::Preflight,
        Self::Script,
        Self::Verified,
        Self::SecondFactor,
    ];

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize + 1
    }
}

/// How far a step is, as what was last seen proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it is there.
    NotBegun,
    /// Something is there, and something is missing.
    Begun,
    /// It is proved.
    Done,
    /// It was there once, as a row shows, and isn't any more.
    Undone,
}

/// How much what was seen is still worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Age {
    /// It is what is stored here, or was seen within a day.
    Fresh,
    /// It was seen more than a day ago.
    Old,
    /// The last try to see it failed; why, in a sentence.
    Lost(String),
}

/// Where a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The connection of the tenant.
    Connection,
    /// Its domains.
    Domains,
    /// Whether anything is written to it.
    Writes,
    /// The settings of the application.
    Settings,
    /// The match table.
    Matches,
    /// The import of the tenant's accounts.
    Import,
    /// The list of people.
    People,
    /// The sync runs, with the preview of the first plan.
    Plans,
    /// The pre-flight of the domain.
    Preflight,
    /// The script that federates the domain.
    Script,
    /// The overview of the domain.
    Domain,
    /// Where somebody signs in to Microsoft.
    Outlook,
    /// Who asks for the second factor.
    SecondFactor,
}

/// What is known of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepState {
    /// Which.
    pub step: Step,
    /// How far it is.
    pub standing: Standing,
    /// What proves it, or what is missing, in a sentence or two.
    pub says: String,
    /// When the evidence was seen, where it isn't simply what is stored here.
    pub seen_at: Option<Ts>,
    /// What the evidence is still worth.
    pub age: Age,
    /// Where it is taken, or mended.
    pub place: Place,
}
