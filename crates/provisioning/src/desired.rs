//! How each person shall be in Entra, from our own facts alone: person, assignment, settings.
//!
//! It doesn't know what is there; `planner` compares (Y04, Y07, Y26).

use std::collections::{HashMap, HashSet};

use model::{
    Ts,
    application::{Assignment, Licence, Office365Settings, OnUnassign},
    attribute::Attribute,
    entra::EntraLink,
    ids::UserId,
    matches::Promise,
    user::{Profile, User, UserState},
};

use crate::{
    leaving::{self, Leaving, Past},
    mapping::{Mapping, Wishes},
};

/// Our facts about the people of one application.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// People with their newest assignment, if they ever had one.
    pub people: &'a [(User, Option<Assignment>)],
    /// How the application is provisioned.
    pub settings: &'a Office365Settings,
    /// What of people reaches Entra.
    pub mapping: &'a Mapping,
    /// The tenant's verified domains, in which people may have their sign-in name.
    pub domains: &'a [String],
    /// Who is joined to an object already.
    pub links: &'a [EntraLink],
    /// For whom an admin said which object is theirs.
    pub accepted: &'a HashMap<UserId, Promise>,
    /// The sign-in names that people had before, folded.
    pub former_names: &'a HashMap<UserId, HashSet<String>>,
    /// What the days of leavers are counted from.
    pub past: &'a Past,
    /// Whether accounts may be deleted: only where the guard sees all of them together (Y01).
    pub may_delete: bool,
}

/// How one person shall be in Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredUser {
    /// Our person.
    pub user_id: UserId,
    /// Their sign-in name.
    pub upn: String,
    /// The names that they had before, folded: an account that is called so is renamed.
    pub former_names: HashSet<String>,
    /// Their join value.
    pub immutable_id: String,
    /// May they sign in?
    pub access: Access,
    /// The describing attributes.
    pub attributes: Wishes,
    /// Where their licences are used.
    pub usage_location: UsageLocation,
    /// The products of their newest assignment.
    pub licences: Vec<Licence>,
    /// When those products are taken away, for people who left.
    pub licences_until: Option<Ts>,
    /// When the account is deleted, for people who left.
    pub delete_at: Option<Ts>,
    /// The domain of the sign-in name belongs to this tenant.
    pub in_tenant: bool,
}

/// What Entra shall let a person do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// They exist and may sign in.
    Open,
    /// They may not sign in; the text says why.
    Blocked(String),
    /// They are left as they are (`OnUnassign::Keep`), but for being taken over.
    Untouched,
}

/// An ISO 3166 country, and how strongly we mean it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageLocation {
    /// The person's own country: always set.
    Own(String),
    /// The application's fallback: set only where nothing is.
    Fallback(String),
}

impl UsageLocation {
    /// The country.
    #[must_use]
    pub fn country(&self) -> &str {
        match self {
            Self::Own(country) | Self::Fallback(country) => country,
        }
    }
}

/// How everybody shall be. People whom the application never had anything to do with are left out.
#[must_use]
pub fn from(input: &Input<'_>) -> Vec<DesiredUser> {
    let links: HashMap<UserId, &EntraLink> =
        input.links.iter().map(|link| (link.user_id, link)).collect();
    let domains: HashSet<String> = input.domains.iter().map(|name| name.to_lowercase()).collect();
    let wanted = |(user, assignment): &(User, Option<Assignment>)| {
        let (assignment, link) = (assignment.as_ref(), links.get(&user.id).copied());
        let accepted = input.accepted.contains_key(&user.id);
        let access = access(user, assignment, input.settings, (link.is_some(), accepted))?;
        let leaving = leaving::of(user, assignment, input.settings, link, input.past);
        let delete_at = leaving.as_ref().and_then(Leaving::delete_at);
        Some(DesiredUser {
            user_id: user.id,
            upn: user.upn.as_str().to_owned(),
            former_names: input.former_names.get(&user.id).cloned().unwrap_or_default(),
            immutable_id: user.immutable_id.as_str().to_owned(),
            access,
            attributes: attributes(user, input.mapping),
            usage_location: usage_location(&user.profile, input.settings),
            licences: assignment.map(|a| a.licences.clone()).unwrap_or_default(),
            licences_until: leaving.and_then(|leaving| leaving.licences_at),
            delete_at: delete_at.filter(|_| input.may_delete),
            in_tenant: domains.contains(&user.upn.domain()),
        })
    };
    input.people.iter().filter_map(wanted).collect()
}

/// How many people are assigned and may sign in: what the guard compares between runs (Y03).
#[must_use]
pub fn open_count(desired: &[DesiredUser]) -> usize {
    desired.iter().filter(|person| person.access == Access::Open).count()
}

fn access(
    user: &User,
    assignment: Option<&Assignment>,
    settings: &Office365Settings,
    (linked, accepted): (bool, bool),
) -> Option<Access> {
    let known = assignment.is_some() || linked || accepted;
    match (user.state, assignment) {
        (UserState::Blocked, _) => known.then(|| blocked("blocked in Gatehouse by an admin")),
        (UserState::Deleted, _) => known.then(|| blocked("no longer in Gatehouse")),
        (UserState::Active, None) => accepted.then_some(Access::Untouched),
        (UserState::Active, Some(assignment)) => {
            Some(match (assignment.ended_at, settings.on_unassign) {
                (None, _) => Access::Open,
                (Some(at), OnUnassign::Block) => blocked(&format!("unassigned on {}", day(at))),
                (Some(_), OnUnassign::Keep) => Access::Untouched,
            })
        }
    }
}

fn blocked(reason: &str) -> Access {
    Access::Blocked(reason.to_owned())
}

pub(crate) fn day(at: Ts) -> String {
    at.datetime().format("%Y-%m-%d").to_string()
}

/// By the mapping; whoever has no name at all is called by their sign-in name.
fn attributes(user: &User, mapping: &Mapping) -> Wishes {
    let mut wishes = mapping.wishes(user);
    if let Some(name) = wishes.of.get_mut(&Attribute::DisplayName) {
        name.value.get_or_insert_with(|| user.upn.name().to_owned());
    }
    wishes
}

fn usage_location(profile: &Profile, settings: &Office365Settings) -> UsageLocation {
    let two_letters =
        |text: &&String| text.len() == 2 && text.chars().all(|c| c.is_ascii_alphabetic());
    match profile.country.as_ref().filter(two_letters) {
        Some(country) => UsageLocation::Own(country.to_uppercase()),
        None => UsageLocation::Fallback(settings.usage_location.to_uppercase()),
    }
}
