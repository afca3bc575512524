//! What programs prove themselves with: made by an admin, shown once, kept as a digest, good until a day.
//! Two at a time, so that one can take over from the other.

use std::time::Duration;

use authn::lockout::{self, Limit};
use model::{
    Actor, Ts,
    audit::{AuditKind, Outcome},
    ids::{ProgramId, ProgramTokenId},
    program::ProgramToken,
};
use store::{audit_log, guess_counters, programs};
use subtle::ConstantTimeEq as _;

use super::Caller;
use crate::{Admin, Error, House, Kind, Result, Visitor, visitor::Secret};

/// So many tokens of one program at a time.
pub const TOKENS: usize = 2;
/// So long may a token be good, in days.
const MOST_DAYS: u16 = 730;
/// What a token begins with, so that it is recognised where it doesn't belong.
const MARK: &str = "gatehouse_scim";
/// The use of a token is noted no more often than this.
const NOTED: Duration = Duration::from_mins(1);

/// What came of a token.
#[derive(Debug)]
pub enum Entry {
    /// It is this program's.
    Program(Box<Caller>),
    /// It opens nothing.
    Closed,
    /// Too many that opened nothing came before.
    TooMany(Duration),
}

impl House {
    /// Makes a token, which comes back this once. Needs a fresh second factor (R147): whoever holds it
    /// makes people, and blocks them.
    pub async fn make_program_token(
        &self,
        admin: &Admin,
        program: ProgramId,
        days: &str,
        visitor: &Visitor,
    ) -> Result<Secret> {
        self.may_let_in(admin)?;
        let days = days.trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
        let days = days.ok_or_else(|| {
            Error::invalid("days", format!("Type a number of days from 1 to {MOST_DAYS}."))
        })?;
        let (now, secret) = (self.now(), Secret::draw(self.random()));
        let token = ProgramToken {
            id: ProgramTokenId(self.new_id()),
            program_id: program,
            digest: secret.digest(),
            made_at: now,
            made_by: admin.user().id,
            expires_at: now + Duration::from_hours(24) * u32::from(days),
            used_at: None,
        };
        let whole = format!("{MARK}_{}_{}", token.id.0.simple(), secret.expose());
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                let found = programs::locked(tx, program)?;
                let program = found.ok_or_else(|| Error::not_found("system"))?;
                let live = |token: &&ProgramToken| token.expires_at > now;
                if programs::tokens(tx, program.id)?.iter().filter(live).count() >= TOKENS {
                    let public = "There are two tokens already. Take one back first.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                programs::add_token(tx, &token)?;
                let kind = AuditKind::ProgramTokenChanged;
                let mut row = visitor.audit(&house, admin.actor(), kind, &program.name);
                row.detail = format!("made {}, good for {days} days", token.id);
                Ok(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(Secret::from_cookie(&whole))
    }

    /// Takes a token back: it opens nothing from then on. Needs a fresh second factor.
    pub async fn revoke_program_token(
        &self,
        admin: &Admin,
        program: ProgramId,
        id: ProgramTokenId,
        visitor: &Visitor,
    ) -> Result<()> {
        self.may_let_in(admin)?;
        let (house, admin, visitor) = (self.clone(), admin.clone(), visitor.clone());
        self.store()
            .write(move |tx| {
                // Whatever the token began before is through by then.
                programs::locked(tx, program)?;
                let token = programs::token(tx, id)?.filter(|token| token.program_id == program);
                if token.is_none() || !programs::remove_token(tx, id)? {
                    return Err(Error::not_found("token"));
                }
                let name = programs::by_id(tx, program)?.map(|program| program.name);
                let kind = AuditKind::ProgramTokenChanged;
                let name = name.unwrap_or_default();
                let mut row = visitor.audit(&house, admin.actor(), kind, &name);
                row.detail = format!("took {id} back");
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Whose token it is. Wrong ones are counted for the token that they name and the address that they
    /// come from, and a right one that comes after too many of them is not looked at.
    pub async fn enter_program(&self, bearer: &str, visitor: &Visitor) -> Result<Entry> {
        let (now, presented) = (self.now(), read(bearer));
        let id = presented.as_ref().map(|(id, _)| *id);
        let found = self.store().read_briefly(move |tx| {
            let token = id.map(|id| programs::token(tx, id)).transpose()?.flatten();
            let program = match &token {
                Some(token) => programs::by_id(tx, token.program_id)?,
                None => None,
            };
            Ok::<_, Error>(token.zip(program))
        });
        let found = found.await?;
        let peer = &visitor.client.address;
        let key = lockout::program_token(found.as_ref().map(|(token, _)| token.id), peer);
        let held = key.clone();
        let counter =
            self.store().read_briefly(move |tx| Ok::<_, Error>(guess_counters::get(tx, &held)?));
        match lockout::count(counter.await?, Limit::CLIENT_SECRET, now) {
            lockout::Verdict::Allowed(..) => {}
            lockout::Verdict::Wait { until } => return Ok(Entry::TooMany(until.since(now))),
            lockout::Verdict::Exhausted => return Ok(Entry::Closed),
        }
        let proved = presented.zip(found).and_then(|((_, secret), (token, program))| {
            let same: bool = secret.digest().ct_eq(&token.digest).into();
            (same && token.expires_at > now).then_some((token, program))
        });
        let Some((token, program)) = proved else {
            return self.refuse_token(key, visitor).await;
        };
        if token.used_at.is_none_or(|at| now.since(at) >= NOTED) {
            let note = move |tx: &mut store::Tx| programs::touch_token(tx, token.id, now);
            self.store().write(move |tx| Ok::<_, Error>(note(tx)?)).await?;
        }
        Ok(Entry::Program(Box::new(Caller { program, token: token.id })))
    }

    async fn refuse_token(&self, key: model::guess::GuessKey, visitor: &Visitor) -> Result<Entry> {
        let now: Ts = self.now();
        let kind = AuditKind::RequestRefused;
        let mut row = visitor.audit(self, Actor::Anonymous, kind, "SCIM");
        row.outcome = Outcome::Refused;
        "a token of another system that opens nothing".clone_into(&mut row.detail);
        self.store()
            .write(move |tx| {
                let counter = guess_counters::lock(tx, &key)?;
                if let lockout::Verdict::Allowed(next, _) =
                    lockout::count(counter, Limit::CLIENT_SECRET, now)
                {
                    guess_counters::put(tx, &key, &next)?;
                    audit_log::record(tx, &row)?;
                }
                Ok::<_, Error>(Entry::Closed)
            })
            .await
    }
}

/// The id and the secret of a token.
fn read(bearer: &str) -> Option<(ProgramTokenId, Secret)> {
    let (id, secret) = bearer.strip_prefix(MARK)?.strip_prefix('_')?.split_once('_')?;
    Some((id.parse().ok()?, Secret::from_cookie(secret)))
}
