//! A directory in memory that can be told to fail, and the journal beside it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    future::ready,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use model::{
    application::Licence,
    entra::{AttributeChanges, DeletedUser, EntraLink, EntraUser, NewEntraUser, Origin},
    ids::{ObjectId, SkuId, StepId, UserId},
    plan::{Action, Plan, StepOutcome, Verdict},
};
use provisioning::{Directory, Journal, PlannedStep, Sleep, Summary, Trouble, Work, apply};
use uuid::Uuid;

use crate::given::{Given, NOW};

/// Entra, our links and our journal, all in memory.
#[derive(Default)]
pub(crate) struct Tenant {
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Vec<EntraUser>,
    pub(crate) bin: Vec<DeletedUser>,
    pub(crate) links: HashMap<UserId, (ObjectId, Origin)>,
    /// What objects had when they were taken over.
    pub(crate) kept: HashMap<ObjectId, HashSet<SkuId>>,
    /// Whose account was blocked when it was taken over.
    pub(crate) foreign_blocks: HashSet<UserId>,
    /// Every call that arrived, as `verb object`.
    pub(crate) calls: Vec<String>,
    /// What happens to the calls to come: the number of the call, and the verdict.
    pub(crate) script: HashMap<usize, Verdict>,
    /// A call that fails is carried out all the same (its answer is lost).
    pub(crate) lost_answers: bool,
    /// The journal refuses from this record on.
    pub(crate) stop_at: Option<usize>,
    pub(crate) journal: Vec<(StepId, StepOutcome)>,
    pub(crate) slept: Vec<Duration>,
    /// The longest wait that is waited for.
    pub(crate) most: Option<Duration>,
}

impl State {
    /// Links an object that was there before, and keeps what it has and how it is.
    fn found(&mut self, user: UserId, object: ObjectId) {
        let there = self.users.iter().find(|there| there.id == object).unwrap();
        let held = there.licences.iter().map(|held| held.sku_id).collect();
        if !there.account_enabled {
            self.foreign_blocks.insert(user);
        }
        self.kept.entry(object).or_insert(held);
        self.links.insert(user, (object, Origin::Found));
    }

    /// Who is joined to which object.
    pub(crate) fn objects(&self) -> BTreeMap<UserId, ObjectId> {
        self.links.iter().map(|(user, (object, _))| (*user, *object)).collect()
    }
}

impl Tenant {
    pub(crate) fn of(given: &Given) -> Self {
        let links = &given.observed.links;
        let state = State {
            users: given.observed.users.clone(),
            bin: given.observed.bin.clone(),
            links: links.iter().map(|l| (l.user_id, (l.object_id, l.origin))).collect(),
            ..State::default()
        };
        Self { state: Mutex::new(state) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The facts as they are now.
    pub(crate) fn observe(&self, given: &mut Given) {
        let state = self.lock();
        given.observed.users.clone_from(&state.users);
        given.observed.bin.clone_from(&state.bin);
        let link = |(user_id, (object_id, origin)): (&UserId, &(ObjectId, Origin))| EntraLink {
            user_id: *user_id,
            object_id: *object_id,
            origin: *origin,
            deleted_at: None,
        };
        given.observed.links = state.links.iter().map(link).collect();
        given.observed.kept_skus.extend(state.kept.clone());
        given.observed.blocked_elsewhere.extend(&state.foreign_blocks);
        for sku in &mut given.observed.skus {
            let holds = |user: &&EntraUser| user.licences.iter().any(|l| l.sku_id == sku.sku_id);
            sku.consumed = u32::try_from(state.users.iter().filter(holds).count()).unwrap();
        }
    }

    pub(crate) fn apply(&self, plan: &Plan) -> Summary {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(apply(&numbered(plan), self, self, self))
    }

    /// People whose revocation did not end well, as `app` reads it from its journal.
    pub(crate) fn revoke_again(&self, plan: &Plan) -> Vec<UserId> {
        let state = self.lock();
        let done = |id: StepId| state.journal.contains(&(id, StepOutcome::Done));
        numbered(plan)
            .into_iter()
            .filter(|planned| planned.step.action == Action::RevokeSessions && !done(planned.id))
            .map(|planned| planned.step.user_id)
            .collect()
    }

    fn call(&self, name: &str, change: impl FnOnce(&mut State)) -> Result<(), Trouble> {
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(name.to_owned());
        let verdict = state.script.get(&number).cloned();
        if verdict.is_none() || state.lost_answers {
            change(&mut state);
        }
        verdict.map_or(Ok(()), |verdict| {
            Err(Trouble { verdict, detail: "the script says so".to_owned() })
        })
    }

    fn edit(
        &self,
        verb: &str,
        object: ObjectId,
        change: impl FnOnce(&mut EntraUser),
    ) -> Work<'_, Result<(), Trouble>> {
        let name = format!("{verb} {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            change(state.users.iter_mut().find(|user| user.id == object).unwrap());
        })))
    }

    fn name(&self, object: ObjectId) -> String {
        let state = self.lock();
        let all = state.users.iter().chain(state.bin.iter().map(|deleted| &deleted.user));
        let user = { all }.find(|user| user.id == object);
        user.map_or_else(
            || object.to_string(),
            |user| user.upn.split('@').next().unwrap().to_owned(),
        )
    }
}

pub(crate) fn numbered(plan: &Plan) -> Vec<PlannedStep> {
    let number = |(n, step): (u128, &_)| PlannedStep {
        id: StepId(Uuid::from_u128(n)),
        step: model::plan::Step::clone(step),
    };
    (0..).zip(&plan.steps).map(number).collect()
}

impl Directory for Tenant {
    fn block_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        self.edit("block", object, |user| user.account_enabled = false)
    }

    fn revoke_sessions(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        self.edit("revoke", object, |_| {})
    }

    fn link(
        &self,
        user: UserId,
        object: ObjectId,
        origin: Origin,
    ) -> Work<'_, Result<(), Trouble>> {
        let name = format!("link {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            state.links.insert(user, (object, origin));
        })))
    }

    fn link_found(&self, user: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        let name = format!("link {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            state.found(user, object);
        })))
    }

    fn adopt(
        &self,
        user: UserId,
        object: ObjectId,
        immutable_id: String,
    ) -> Work<'_, Result<(), Trouble>> {
        let name = format!("adopt {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            let there = state.users.iter_mut().find(|there| there.id == object).unwrap();
            there.immutable_id = Some(immutable_id);
            state.found(user, object);
        })))
    }

    fn create(
        &self,
        user: UserId,
        new: NewEntraUser,
    ) -> Work<'_, Result<(ObjectId, Origin), Trouble>> {
        let fresh = ObjectId(Uuid::from_u128(user.0.as_u128() + (1 << 100)));
        let name = format!("create {}", new.upn.split('@').next().unwrap());
        let there = |user: &&EntraUser| user.immutable_id.as_ref() == Some(&new.immutable_id);
        let id = self.lock().users.iter().find(there).map_or(fresh, |user| user.id);
        let done = self.call(&name, |state| {
            if state.users.iter().all(|user| user.id != id) {
                state.users.push(created(id, &new));
            }
        });
        Box::pin(ready(done.map(|()| (id, Origin::Made))))
    }

    fn update(&self, object: ObjectId, to: AttributeChanges) -> Work<'_, Result<(), Trouble>> {
        self.edit("update", object, |user| {
            user.attributes = std::mem::take(&mut user.attributes).after(&to);
        })
    }

    fn rename(&self, _: UserId, object: ObjectId, to: String) -> Work<'_, Result<(), Trouble>> {
        self.edit("rename", object, |user| user.upn = to)
    }

    fn set_usage_location(&self, object: ObjectId, to: String) -> Work<'_, Result<(), Trouble>> {
        self.edit("place", object, |user| user.usage_location = Some(to))
    }

    fn unblock_sign_in(&self, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        self.edit("unblock", object, |user| user.account_enabled = true)
    }

    fn set_licences(
        &self,
        _: UserId,
        object: ObjectId,
        add: Vec<Licence>,
        remove: Vec<SkuId>,
    ) -> Work<'_, Result<(), Trouble>> {
        self.edit("license", object, |user| {
            let placed = add.is_empty() || user.usage_location.is_some();
            assert!(placed, "Entra refuses licences without a location");
            let replaced = |held: &Licence| add.iter().any(|new| new.sku_id == held.sku_id);
            user.licences.retain(|held| !remove.contains(&held.sku_id) && !replaced(held));
            user.licences.extend(add);
            user.licences.sort();
        })
    }

    fn restore(&self, _: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        let name = format!("restore {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            if let Some(at) = state.bin.iter().position(|deleted| deleted.user.id == object) {
                let back = state.bin.remove(at);
                state.users.push(back.user);
            }
        })))
    }

    fn soft_delete(&self, _: UserId, object: ObjectId) -> Work<'_, Result<(), Trouble>> {
        let name = format!("delete {}", self.name(object));
        Box::pin(ready(self.call(&name, |state| {
            if let Some(at) = state.users.iter().position(|user| user.id == object) {
                let user = EntraUser { licences: vec![], ..state.users.remove(at) };
                state.bin.push(DeletedUser { user, deleted_at: NOW });
            }
        })))
    }
}

fn created(id: ObjectId, new: &NewEntraUser) -> EntraUser {
    EntraUser {
        id,
        upn: new.upn.clone(),
        immutable_id: Some(new.immutable_id.clone()),
        account_enabled: true,
        usage_location: Some(new.usage_location.clone()),
        licences: vec![],
        synced_from_elsewhere: false,
        guest: false,
        protected: false,
        attributes: new.attributes.clone(),
    }
}

impl Journal for Tenant {
    fn before(&self, step: StepId) -> Work<'_, Result<(), String>> {
        let mut state = self.lock();
        let refused = state.stop_at.is_some_and(|at| state.journal.len() >= at);
        state.journal.push((step, StepOutcome::Sending));
        let said = if refused { Err("writes were stopped".to_owned()) } else { Ok(()) };
        Box::pin(ready(said))
    }

    fn after(&self, step: StepId, outcome: StepOutcome) -> Work<'_, Result<(), String>> {
        self.lock().journal.push((step, outcome));
        Box::pin(ready(Ok(())))
    }
}

impl Sleep for Tenant {
    fn sleep(&self, time: Duration) -> Work<'_, ()> {
        self.lock().slept.push(time);
        Box::pin(ready(()))
    }

    fn most(&self) -> Duration {
        self.lock().most.unwrap_or(Duration::MAX)
    }
}
