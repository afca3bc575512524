//! Compares how people shall be with how they are, and writes down what to do.
//!
//! Pure, deterministic and independent of the order of its inputs: the same facts give the same
//! plan, byte for byte (ruling 35). Safety comes first (Y16). Deleting comes last, is due on a day
//! that `leaving` says, and only ever puts an object into Entra's bin (Y04).

mod adopt;
mod attributes;

use std::collections::{HashMap, HashSet};

use model::{
    Ts,
    application::Licence,
    attribute::Attribute,
    entra::{DeletedUser, EntraLink, EntraUser, SubscribedSku},
    ids::{ObjectId, SkuId, UserId},
    matches::Promise,
    plan::{Action, Conflict, Plan, Step},
    upn,
};

use crate::{
    desired::{Access, DesiredUser, UsageLocation, day},
    licenses::{Change, Seats},
    matching::{Index, Match},
    reasons,
};

/// What is there, as far as we looked.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The tenant's users, or the few that a run for one person looked at.
    pub users: Vec<EntraUser>,
    /// What was deleted and can be restored.
    pub bin: Vec<DeletedUser>,
    /// The tenant's products.
    pub skus: Vec<SubscribedSku>,
    /// Who is joined to which object.
    pub links: Vec<EntraLink>,
    /// Products that the application hands out, besides those in the newest assignments.
    pub managed_skus: HashSet<SkuId>,
    /// People whose last revocation failed, by the journal: it is tried again.
    pub revoke_again: HashSet<UserId>,
    /// People whose sessions shall end, whatever else holds for them: an admin wants everybody's ended
    /// (R129), or they said that somebody else signed in as them.
    pub revoke_asked: HashSet<UserId>,
    /// Nothing but that is to be done: an admin said yes to it for everybody at once, or the person did
    /// for themselves, and nobody to anything else that each of them waits for.
    pub revoke_alone: bool,
    /// People whose block in Entra isn't ours, by the journal: it is left alone.
    pub blocked_elsewhere: HashSet<UserId>,
    /// Which object an admin said is whose, for people without a link (Y09).
    pub accepted: HashMap<UserId, Promise>,
    /// Which object an admin said is not whose: not even an immutable id says otherwise.
    pub rejected: HashSet<(UserId, ObjectId)>,
    /// People whose object, if there is one without a link, is one that we made without hearing so, by
    /// the journal. Every other was there before us (Y09, Y27).
    pub made: HashSet<UserId>,
    /// Products that an object had when it was taken over and that no assignment of its person gave
    /// since: they stay (Y27).
    pub kept_skus: HashMap<ObjectId, HashSet<SkuId>>,
    /// Attributes that were set to this value again and again, by the journal, because somebody keeps
    /// changing them there: they are left to people (Y26).
    pub fought: HashMap<(UserId, Attribute), Option<String>>,
}

/// What must change.
#[must_use]
pub fn plan(desired: &[DesiredUser], observed: &Observed, now: Ts) -> Plan {
    let mut people: Vec<(String, &DesiredUser)> =
        desired.iter().map(|person| (upn::fold(&person.upn), person)).collect();
    people.sort_by(|(a, x), (b, y)| (a, x.user_id).cmp(&(b, y.user_id)));
    let mut draft = Draft {
        now,
        observed,
        index: Index::new(observed),
        seats: Seats::new(observed, desired),
        nicknames: observed.users.iter().map(|user| attributes::nickname(&user.upn)).collect(),
        names: HashSet::new(),
        kept: observed.kept_skus.clone(),
        lanes: Lanes::default(),
        conflicts: Vec::new(),
    };
    for (_, person) in &people {
        if observed.revoke_asked.contains(&person.user_id) {
            draft.revoke_as_asked(person);
        }
    }
    if observed.revoke_alone {
        return draft.finish();
    }
    for (_, person) in &people {
        if let Access::Blocked(why) = &person.access {
            draft.shut_out(person, why);
        }
    }
    for (name, person) in people {
        match person.access {
            Access::Open => draft.let_in(name, person),
            Access::Untouched => draft.adopt_only(person),
            Access::Blocked(_) => {}
        }
    }
    draft.finish()
}

/// Steps by urgency; each lane in the order of names.
#[derive(Default)]
struct Lanes {
    blocks: Vec<Step>,
    revocations: Vec<Step>,
    removals: Vec<Step>,
    rest: Vec<Step>,
    deletions: Vec<Step>,
}

struct Draft<'a> {
    now: Ts,
    observed: &'a Observed,
    index: Index<'a>,
    seats: Seats<'a>,
    nicknames: HashSet<String>,
    names: HashSet<String>,
    kept: HashMap<ObjectId, HashSet<SkuId>>,
    lanes: Lanes,
    conflicts: Vec<Conflict>,
}

impl<'a> Draft<'a> {
    /// Blocking goes by link or immutable id alone: a new name must not save a leaver from it.
    fn shut_out(&mut self, person: &DesiredUser, why: &str) {
        let (object, linked) = match self.index.find(person) {
            Match::Linked(object) => (object, true),
            Match::Unlinked(object) => (object, false),
            Match::Accepted(_) => return self.conflict(person, reasons::not_while(why)),
            Match::InBin { .. } | Match::Absent { .. } | Match::Refused(_) => return,
        };
        // An object that we never worked on has nothing of ours.
        let ours = linked || self.observed.made.contains(&person.user_id);
        let due = person.licences_until.filter(|until| ours && *until <= self.now);
        if let Some(reason) = reasons::untouchable(object) {
            if object.account_enabled {
                self.conflict(person, format!("{reason}, so sign-in stays open ({why})"));
            }
            return;
        }
        let here = Some(object.id);
        if object.account_enabled {
            let words = Words::new(why, "may sign in", "may not sign in");
            self.lanes.blocks.push(step(person, here, Action::BlockSignIn, words));
        }
        let again = self.observed.revoke_again.contains(&person.user_id);
        let asked = self.observed.revoke_asked.contains(&person.user_id) && linked;
        if (object.account_enabled || again) && !asked {
            let words = Words::new(why, "sessions live on", "sessions ended");
            self.lanes.revocations.push(step(person, here, Action::RevokeSessions, words));
        }
        if let Some(until) = due {
            let kept = self.kept_of(object.id).into_iter();
            let kept = kept.filter(|id| !person.licences.iter().any(|l| l.sku_id == *id)).collect();
            let change = self.seats.nothing(object, &kept);
            let why = format!("{why}; the licences were kept until {}", day(until));
            let step = self.licence_step(person, here, (&change, &object.licences), &why);
            self.lanes.removals.extend(step);
        }
        if linked {
            self.delete(person, object, why);
        }
    }

    /// By the link alone, as a block goes. What may not be touched is said elsewhere.
    fn revoke_as_asked(&mut self, person: &DesiredUser) {
        if let Match::Linked(object) = self.index.find(person)
            && reasons::untouchable(object).is_none()
        {
            let why = "their sessions were asked to end";
            let words = Words::new(why, "sessions live on", "sessions ended");
            let revoked = step(person, Some(object.id), Action::RevokeSessions, words);
            self.lanes.revocations.push(revoked);
        }
    }

    /// Whoever could still sign in when we looked isn't deleted in the same plan: somebody in Entra
    /// opened the account, and gets the time to say why.
    fn delete(&mut self, person: &DesiredUser, object: &EntraUser, why: &str) {
        let Some(due) = person.delete_at.filter(|due| *due <= self.now) else { return };
        if object.account_enabled {
            return;
        }
        if let Some(reason) = reasons::mismatch(person, object) {
            return self.conflict(person, format!("{reason}, so the account isn't deleted"));
        }
        let why = format!("{why}; the account was kept until {}", day(due));
        let words = Words::new(&why, "there, may not sign in", "in Entra's bin for 30 days");
        self.lanes.deletions.push(step(person, Some(object.id), Action::SoftDelete, words));
    }

    fn let_in(&mut self, name: String, person: &DesiredUser) {
        if !person.in_tenant {
            let domain = person.upn.rsplit('@').next().unwrap_or_default();
            return self.conflict(person, format!("{domain} is no verified domain of this tenant"));
        }
        if !self.names.insert(name) {
            return self.conflict(person, "another person has the same sign-in name".to_owned());
        }
        match self.index.find(person) {
            Match::Refused(reason) => self.conflict(person, reason),
            Match::Absent { was_linked } => self.create(person, was_linked),
            Match::InBin { deleted, linked } => self.restore(person, deleted, linked),
            Match::Linked(object) => self.bring_in_step(person, object),
            Match::Accepted(object) => self.adopt(person, object),
            Match::Unlinked(object) => self.join(person, object),
        }
    }

    fn link(&mut self, person: &DesiredUser, object: &EntraUser) {
        if reasons::mismatch(person, object).is_some() {
            return;
        }
        let words = Words::new(
            "the object carries this person's immutable id",
            "not linked",
            &format!("linked to {}", object.id),
        );
        self.lanes.rest.push(step(person, Some(object.id), Action::Link, words));
    }

    /// A new object would be an empty mailbox beside the old one.
    fn restore(&mut self, person: &DesiredUser, deleted: &'a DeletedUser, linked: bool) {
        let object = &deleted.user;
        if reasons::mismatch(person, object).is_none() {
            let before = format!("in Entra's bin since {}", day(deleted.deleted_at));
            let words = Words::new("assigned, and the account was deleted", &before, "there");
            self.lanes.rest.push(step(person, Some(object.id), Action::Restore, words));
        }
        if linked {
            return self.bring_in_step(person, object);
        }
        self.link(person, object);
        self.keep_as_found(person, object);
    }

    fn create(&mut self, person: &DesiredUser, was_linked: bool) {
        let reason = if was_linked {
            "assigned, and the linked object is gone from Entra"
        } else {
            "assigned, and not in Entra yet"
        };
        let country = person.usage_location.country();
        let attributes = attributes::named(person);
        let after = format!("{}, usage location {country}", attributes.display_name());
        let action = Action::Create {
            mail_nickname: self.free_nickname(person),
            immutable_id: person.immutable_id.clone(),
            usage_location: country.to_owned(),
            attributes,
        };
        let words = Words::new(reason, "not there", &after);
        self.lanes.rest.push(step(person, None, action, words));
        self.unfit(person);
        self.licences(person, None, &[]);
    }

    fn bring_in_step(&mut self, person: &DesiredUser, object: &'a EntraUser) {
        if let Some(reason) = reasons::mismatch(person, object) {
            return self.conflict(person, reason);
        }
        let blocked_elsewhere = self.observed.blocked_elsewhere.contains(&person.user_id);
        self.align(person, object, blocked_elsewhere);
    }

    fn align(&mut self, person: &DesiredUser, object: &EntraUser, blocked_elsewhere: bool) {
        self.rename(person, object);
        self.place(person, object);
        if !object.account_enabled {
            if blocked_elsewhere {
                self.conflict(person, reasons::BLOCKED_ELSEWHERE.to_owned());
            } else {
                let words = Words::new("assigned again", "may not sign in", "may sign in");
                self.lanes.rest.push(step(person, Some(object.id), Action::UnblockSignIn, words));
            }
        }
        self.licences(person, Some(object.id), &object.licences);
        // Last: Entra may refuse a phone number, and what is refused keeps nothing else back.
        self.update(person, object);
    }

    /// Only from a name that they had here: whoever gave them another one at Microsoft meant it.
    fn rename(&mut self, person: &DesiredUser, object: &EntraUser) {
        if reasons::renamed(&person.upn, object).is_none() {
            return;
        }
        if let Some(other) = self.index.named(&person.upn) {
            return self.conflict(person, reasons::new_name_taken(other));
        }
        let words = Words::new("has another sign-in name here", &object.upn, &person.upn);
        let action = Action::Rename { upn: person.upn.clone() };
        self.lanes.rest.push(step(person, Some(object.id), action, words));
    }

    fn place(&mut self, person: &DesiredUser, object: &EntraUser) {
        let there = object.usage_location.as_deref();
        let (country, reason) = match (&person.usage_location, there) {
            (UsageLocation::Own(own), there) if there != Some(own) => (own, "the person's country"),
            (UsageLocation::Fallback(fallback), None) => {
                (fallback, "licences need one, and the person has no country")
            }
            _ => return,
        };
        let action = Action::SetUsageLocation { usage_location: country.clone() };
        let words = Words::new(reason, there.unwrap_or("none"), country);
        self.lanes.rest.push(step(person, Some(object.id), action, words));
    }

    fn kept_of(&self, object: ObjectId) -> HashSet<SkuId> {
        self.kept.get(&object).cloned().unwrap_or_default()
    }

    fn licences(&mut self, person: &DesiredUser, object: Option<ObjectId>, held: &[Licence]) {
        let kept = object.map(|object| self.kept_of(object)).unwrap_or_default();
        let change = self.seats.exactly(&person.licences, held, &kept);
        let step = self.licence_step(person, object, (&change, held), "by the assignment");
        self.lanes.rest.extend(step);
        for refusal in change.refusals {
            self.conflict(person, refusal);
        }
    }

    fn licence_step(
        &self,
        person: &DesiredUser,
        object: Option<ObjectId>,
        (change, held): (&Change, &[Licence]),
        reason: &str,
    ) -> Option<Step> {
        if change.is_empty() {
            return None;
        }
        let replaced = |id: &SkuId| change.add.iter().any(|licence| licence.sku_id == *id);
        let kept = |licence: &&Licence| {
            !change.remove.contains(&licence.sku_id) && !replaced(&licence.sku_id)
        };
        let mut after: Vec<Licence> = held.iter().filter(kept).cloned().collect();
        after.extend(change.add.iter().cloned());
        let words = Words::new(reason, &self.seats.describe(held), &self.seats.describe(&after));
        let action = Action::SetLicences { add: change.add.clone(), remove: change.remove.clone() };
        Some(step(person, object, action, words))
    }

    fn conflict(&mut self, person: &DesiredUser, reason: String) {
        self.conflicts.push(Conflict { user_id: person.user_id, upn: person.upn.clone(), reason });
    }

    fn finish(mut self) -> Plan {
        let lanes = self.lanes;
        self.conflicts.sort_by_cached_key(|c| (upn::fold(&c.upn), c.user_id, c.reason.clone()));
        let steps = [lanes.blocks, lanes.revocations, lanes.removals, lanes.rest, lanes.deletions];
        Plan { steps: steps.into_iter().flatten().collect(), conflicts: self.conflicts }
    }
}

/// What people read about a step.
struct Words {
    reason: String,
    before: String,
    after: String,
}

impl Words {
    fn new(reason: &str, before: &str, after: &str) -> Self {
        Self { reason: reason.to_owned(), before: before.to_owned(), after: after.to_owned() }
    }
}

fn step(person: &DesiredUser, object_id: Option<ObjectId>, action: Action, words: Words) -> Step {
    Step {
        user_id: person.user_id,
        upn: person.upn.clone(),
        object_id,
        action,
        reason: words.reason,
        before: words.before,
        after: words.after,
    }
}
