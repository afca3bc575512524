//! Sign-ins under way and mailbox sessions: contexts issued and not yet used, assertions already
//! seen, cookies. All of it bounded, none of it kept on disk.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use crate::clock::SECOND;
use crate::locked;
use crate::random;

/// How long a context waits for its token.
const CONTEXT_LIFE: i64 = 3600 * SECOND;
/// Contexts and sessions that are kept at most.
const MOST: usize = 100_000;

/// A redirect to an identity provider that has not come back yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) username: String,
    pub(crate) was_asked_for_mfa: bool,
    /// A computer is being set up, which takes a second factor.
    pub(crate) is_setup: bool,
    /// The request of SAML 2.0 that it sent, and where the answer goes, when not the usual ones.
    pub(crate) request: Option<(String, String)>,
    begun_at: i64,
}

/// A person signed in to the mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user_id: String,
    pub(crate) did_mfa: bool,
    pub(crate) methods: Vec<String>,
    pub(crate) authenticated_at: i64,
    pub(crate) begun_at: i64,
    /// The assertion that opened it, by which SAML 2.0 names the session.
    pub(crate) index: String,
}

/// What is under way.
#[derive(Debug, Default)]
pub(crate) struct SignIns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    contexts: HashMap<Arc<str>, Pending>,
    context_order: VecDeque<(i64, Arc<str>)>,
    assertions: HashSet<String>,
    assertion_order: VecDeque<(i64, String)>,
    sessions: HashMap<String, Session>,
    session_order: VecDeque<String>,
}

impl State {
    /// Assertions past their time need no remembering.
    fn forget_assertions(&mut self, now: i64) {
        while self.assertion_order.front().is_some_and(|(until, _)| *until < now) {
            if let Some((_, old)) = self.assertion_order.pop_front() {
                self.assertions.remove(&old);
            }
        }
    }
}

impl SignIns {
    /// Issues a context of the recorded shape: long, and not to be foreseen.
    pub(crate) fn begin(&self, username: &str, was_asked_for_mfa: bool, now: i64) -> String {
        self.begin_as((username, was_asked_for_mfa, false), now)
    }

    /// The same for a computer that is being set up: the second factor is always asked for.
    pub(crate) fn begin_setup(&self, username: &str, now: i64) -> String {
        self.begin_as((username, true, true), now)
    }

    fn begin_as(
        &self,
        (username, was_asked_for_mfa, is_setup): (&str, bool, bool),
        now: i64,
    ) -> String {
        let blob = random::blob::<900>();
        let context = format!("LoginOptions=3&estsredirect=2&estsrequest=rQQIARAA{blob}");
        let username = username.to_owned();
        let pending =
            Pending { username, was_asked_for_mfa, is_setup, request: None, begun_at: now };
        self.keep(&context, pending, now);
        context
    }

    /// A sign-in whose request was sent by somebody else, long ago.
    pub(crate) fn plant(&self, context: &str, username: &str, request: (&str, &str), now: i64) {
        let pending = Pending {
            username: username.to_owned(),
            was_asked_for_mfa: false,
            is_setup: false,
            request: Some((request.0.to_owned(), request.1.to_owned())),
            begun_at: now,
        };
        self.keep(context, pending, now);
    }

    fn keep(&self, context: &str, pending: Pending, now: i64) {
        let mut state = locked(&self.0);
        while state.context_order.len() >= MOST
            || state.context_order.front().is_some_and(|(at, _)| at + CONTEXT_LIFE < now)
        {
            if let Some((_, old)) = state.context_order.pop_front() {
                state.contexts.remove(&old);
            }
        }
        let key: Arc<str> = Arc::from(context);
        state.context_order.push_back((now, key.clone()));
        state.contexts.insert(key, pending);
    }

    /// The sign-in that a context belongs to, while it may be used.
    pub(crate) fn pending(&self, context: &str, now: i64) -> Option<Pending> {
        let state = locked(&self.0);
        let pending = state.contexts.get(context)?;
        (pending.begun_at + CONTEXT_LIFE >= now).then(|| pending.clone())
    }

    /// Uses a context and an assertion up. Fails when either was used in the meantime.
    /// The assertion is remembered until `until`, when it is past its time anyway.
    pub(crate) fn use_up(
        &self,
        context: &str,
        (assertion, until): (&str, i64),
        now: i64,
    ) -> Result<(), Spent> {
        let mut state = locked(&self.0);
        state.forget_assertions(now);
        if state.assertions.contains(assertion) {
            return Err(Spent::Assertion);
        }
        if state.contexts.remove(context).is_none() {
            return Err(Spent::Context);
        }
        state.assertions.insert(assertion.to_owned());
        state.assertion_order.push_back((until, assertion.to_owned()));
        Ok(())
    }

    /// Uses an assertion up that came without a context; false when it was used before.
    pub(crate) fn spend(&self, assertion: &str, until: i64, now: i64) -> bool {
        let mut state = locked(&self.0);
        state.forget_assertions(now);
        let is_new = state.assertions.insert(assertion.to_owned());
        if is_new {
            state.assertion_order.push_back((until, assertion.to_owned()));
        }
        is_new
    }

    /// Opens a mailbox session and gives its cookie's value.
    pub(crate) fn open(&self, session: Session) -> String {
        let handle = random::blob::<32>();
        let mut state = locked(&self.0);
        while state.session_order.len() >= MOST {
            if let Some(old) = state.session_order.pop_front() {
                state.sessions.remove(&old);
            }
        }
        state.session_order.push_back(handle.clone());
        state.sessions.insert(handle.clone(), session);
        handle
    }

    /// The session of a cookie.
    pub(crate) fn session(&self, handle: &str) -> Option<Session> {
        locked(&self.0).sessions.get(handle).cloned()
    }

    /// Ends the sessions that this assertion opened.
    pub(crate) fn close_by_index(&self, index: &str) {
        locked(&self.0).sessions.retain(|_, session| session.index != index);
    }

    /// Ends a session.
    pub(crate) fn close(&self, handle: &str) -> Option<Session> {
        locked(&self.0).sessions.remove(handle)
    }
}

/// What was used already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    Context,
    Assertion,
}
