//! Who is asking. [`Employee`] and [`Admin`] are proofs: only a checked session makes one, and the
//! verbs that need one take it as a parameter.

use std::time::Duration;

use authn::policy::is_live;
pub use federation::loop_guard::Bounces;
use model::{
    Actor, Role, Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    ids::AuditId,
    session::{ClientInfo, Session, SessionAudience},
    user::{User, UserState},
};
use sha2::{Digest, Sha256};
use store::{Tx, sessions, users};

use crate::{Error, House, Kind, Result};

/// A browser that asks for something; it may be anybody.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Where the request came from.
    pub client: ClientInfo,
    /// What a mail server says of the program behind it. A hint for the help desk; nothing is decided
    /// by it.
    pub behind: String,
    /// Joins log, audit and what the person sees.
    pub correlation_id: String,
    /// Microsoft's id of the attempt, where a request of its own said one. Anybody can send that; it
    /// joins our rows with Microsoft's sign-in log, and nothing is decided by it.
    pub client_request_id: Option<String>,
    /// The cookie that binds pending requests to this browser.
    pub browser: Secret,
    /// The cookie of a browser that somebody has signed in with before, if any.
    pub device: Option<Secret>,
    /// The cookie of a browser in which somebody is asked for no second factor, if any (R056).
    pub remembered: Option<Secret>,
    /// The tokens that this browser got lately.
    pub bounces: Bounces,
}

/// A random cookie value, known by its digest in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a cookie's value as it came.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// A new 256-bit value.
    #[must_use]
    pub fn draw(random: &dyn crate::Random) -> Self {
        Self(hex::encode(crate::clock::draw::<32>(random)))
    }

    /// The value for the cookie or the address.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the full value; what the database knows.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The house itself at work, under a correlation id.
pub(crate) fn inside(correlation_id: &str) -> Visitor {
    Visitor {
        client: ClientInfo::default(),
        behind: String::new(),
        correlation_id: correlation_id.to_owned(),
        client_request_id: None,
        browser: Secret(String::new()),
        device: None,
        remembered: None,
        bounces: Bounces::default(),
    }
}

impl Visitor {
    /// Somebody at the command line of the server.
    #[must_use]
    pub fn at_the_command_line(house: &House) -> Self {
        let client = ClientInfo { address: "console".to_owned(), user_agent: String::new() };
        Self { client, ..inside(&house.new_id().to_string()) }
    }

    /// The same visitor, asking under an id of Microsoft's.
    #[must_use]
    pub(crate) fn asking_under(&self, client_request_id: Option<&str>) -> Self {
        Self { client_request_id: client_request_id.map(str::to_owned), ..self.clone() }
    }

    /// The audit row of something this visitor did.
    #[must_use]
    pub fn audit(&self, house: &House, actor: Actor, kind: AuditKind, subject: &str) -> AuditEvent {
        AuditEvent {
            id: AuditId(house.new_id()),
            at: house.now(),
            actor,
            kind,
            subject: subject.to_owned(),
            outcome: Outcome::Done,
            detail: String::new(),
            client_address: self.client.address.clone(),
            correlation_id: self.correlation_id.clone(),
        }
    }
}

/// What an audit row says, with Microsoft's id of the attempt if there is one.
pub(crate) fn detail(said: &str, client_request_id: Option<&str>) -> String {
    let joined = client_request_id.map(|id| format!("Microsoft's number {id}"));
    let parts = [Some(said.to_owned()).filter(|it| !it.is_empty()), joined];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A person who has signed in; made only from a live session.
#[derive(Debug, Clone)]
pub struct Employee {
    user: User,
    session: Session,
}

/// A person with a role who has signed in to the console with a second factor (R146).
#[derive(Debug, Clone)]
pub struct Admin {
    user: User,
    session: Session,
    role: Role,
}

/// How recent a second factor must be for dangerous things (R147, R032).
const STEP_UP: Duration = Duration::from_mins(5);

impl Employee {
    /// Who it is.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Their session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether a second factor was verified in the last five minutes.
    pub fn require_fresh(&self, now: Ts) -> Result<()> {
        require_fresh(&self.session, now)
    }

    /// Whether it was a passkey or security key: a code can be given away to a false page, and must
    /// not add or remove what can not (R032).
    pub fn require_fresh_key(&self, now: Ts) -> Result<()> {
        let at = self.session.proof().and_then(|proof| proof.key_at());
        fresh(at, now, "Confirm it is you with a passkey that you have first.")
    }
}

impl Admin {
    /// Who it is.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Their session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What they may do.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// As audit rows name them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Admin(self.user.id)
    }

    /// Stops unless their role includes what `needed` may do.
    pub fn require(&self, needed: Role) -> Result<()> {
        if self.role.covers(needed) {
            return Ok(());
        }
        let public =
            format!("This needs the role {}; yours is {}.", needed.label(), self.role.label());
        Err(Error::new(Kind::Forbidden, public))
    }

    /// Stops unless a second factor was verified in the last five minutes (R147).
    pub fn require_fresh(&self, now: Ts) -> Result<()> {
        require_fresh(&self.session, now)
    }
}

fn require_fresh(session: &Session, now: Ts) -> Result<()> {
    let at = session.proof().and_then(|proof| proof.second_factor_at());
    fresh(at, now, "Confirm it is you with a fresh code first.")
}

fn fresh(at: Option<Ts>, now: Ts, else_say: &str) -> Result<()> {
    match at {
        Some(at) if now.since(at) <= STEP_UP => Ok(()),
        _ => Err(Error::new(Kind::StepUp, else_say)),
    }
}

impl House {
    /// The person behind an employee cookie, if the session lives and they may sign in.
    pub async fn employee(&self, token: &Secret) -> Result<Option<Employee>> {
        let found = self.live_session(token, SessionAudience::Employee).await?;
        Ok(found.map(|(session, user)| Employee { user, session }))
    }

    /// The admin behind a console cookie: a live session, a second factor in it, and a role.
    pub async fn admin(&self, token: &Secret) -> Result<Option<Admin>> {
        let found = self.live_session(token, SessionAudience::Admin).await?;
        Ok(found.and_then(|(session, user)| {
            let role = user.role?;
            let proof = session.proof()?;
            proof.mfa()?;
            proof.has_second_factor_here().then_some(())?;
            Some(Admin { user, session, role })
        }))
    }

    async fn live_session(
        &self,
        token: &Secret,
        audience: SessionAudience,
    ) -> Result<Option<(Session, User)>> {
        let (digest, now) = (token.digest(), self.now());
        let limits = self.session_limits(audience);
        let found = self
            .store()
            .read_briefly(move |tx| {
                live_session(tx, &digest, |s| s.audience == audience && is_live(s, &limits, now))
            })
            .await?;
        if let Some((session, _)) = &found {
            self.touch(session, now).await?;
        }
        Ok(found)
    }

    /// Remembers that a session is in use.
    async fn touch(&self, session: &Session, now: Ts) -> Result<()> {
        if !is_use_unnoted(session, now) {
            return Ok(());
        }
        let id = session.id;
        self.store().write(move |tx| Ok(sessions::touch(tx, id, now)?)).await
    }
}

/// Whether the use of a session is to be written down: once a minute is enough.
pub(crate) fn is_use_unnoted(session: &Session, now: Ts) -> bool {
    now.since(session.last_seen_at) >= Duration::from_mins(1)
}

/// The session with this token and its person, if `is_live` and the person may sign in.
pub(crate) fn live_session(
    tx: &mut Tx,
    digest: &[u8; 32],
    is_live: impl Fn(&Session) -> bool,
) -> Result<Option<(Session, User)>> {
    let opened = sessions::by_token(tx, digest)?;
    live(tx, opened, is_live)
}

/// The same of a session that was found by something else than its token.
pub(crate) fn live(
    tx: &mut Tx,
    opened: Option<Session>,
    is_live: impl Fn(&Session) -> bool,
) -> Result<Option<(Session, User)>> {
    let Some(session) = opened.filter(is_live) else { return Ok(None) };
    let Some(user) = users::by_id(tx, session.user_id)? else { return Ok(None) };
    Ok((user.state == UserState::Active).then_some((session, user)))
}
