//! How passwords are hashed here: parameters measured once and kept, and peppers that can be
//! replaced while people go on signing in (R002, R003); or asked for at a directory.

mod elsewhere;
mod held;

use std::{sync::Arc, time::Instant};

use authn::{
    lockout::Permit,
    password::{Check, Hashed, Hasher, Params, Pepper},
};
use model::{Actor, Ts, audit::AuditKind, credential::Credential, user::User};
use secrecy::{SecretSlice, SecretString};
use store::{Store, Tx, audit_log, peppers, settings};

pub(crate) use self::{
    elsewhere::Said,
    held::{Elsewhere, Held, directory_of, held, held_of},
};
use crate::{
    Clock, Error, House, Kind, Random, Result, Settings, Visitor, clock::draw, queue::Turn,
    sign_in::Guess,
};

/// Where directories check passwords, nobody who is refused hears it sooner: how long a directory takes
/// would tell whose password it checks (R023).
const PACE: std::time::Duration = std::time::Duration::from_secs(1);

/// How long a weak password that was brought along still opens the page that asks for another one.
const WEAK_FOR: std::time::Duration = std::time::Duration::from_hours(7 * 24);

/// The setting that keeps what was measured at the first start.
const PARAMS: &str = "password_params";

/// The hasher of a house, with every pepper that the store knows.
pub(crate) async fn hasher(
    store: &Store,
    given: &Settings,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<Hasher> {
    let (id, key, now) = (new_id(random), new_key(random), clock.now());
    let known = store.read(|tx| Ok::<_, Error>(peppers::all(tx)?)).await?;
    if known.is_empty() {
        let first = move |tx: &mut Tx| {
            // Another node may have been first.
            if peppers::current(tx)?.is_none() {
                peppers::create(tx, &id, &key, now)?;
            }
            Ok::<_, Error>(())
        };
        store.write(first).await?;
    }
    let params = match given.password_params {
        Some(params) => params,
        None => kept_params(store).await?,
    };
    with_peppers(store, params).await
}

async fn with_peppers(store: &Store, params: Params) -> Result<Hasher> {
    let known = store.read(|tx| Ok::<_, Error>(peppers::all(tx)?)).await?;
    let mut newest_first = known.into_iter().map(|(id, key)| Pepper { id, key });
    let current = newest_first.next().ok_or_else(|| Error::not_found("pepper"))?;
    Ok(Hasher::new(params, current, newest_first.collect())?)
}

/// What was measured at the first start, on whichever node it was. Measured anew at each start it
/// would have hashes made anew for nothing.
async fn kept_params(store: &Store) -> Result<Params> {
    let kept = store.read(|tx| Ok::<_, Error>(settings::get(tx, PARAMS)?)).await?;
    if let Some(text) = kept {
        return Ok(text.parse()?);
    }
    let measured = tokio::task::spawn_blocking(measure).await??;
    let kept = store.write(move |tx| {
        if settings::get(tx, PARAMS)?.is_none() {
            settings::put(tx, PARAMS, &measured.to_string())?;
        }
        Ok::<_, Error>(settings::get(tx, PARAMS)?)
    });
    Ok(kept.await?.ok_or_else(|| Error::not_found("setting"))?.parse()?)
}

/// Parameters with which one hash takes 20 to 50 ms on this machine (R002); the better of three.
fn measure() -> Result<Params> {
    let nobody = Pepper { id: String::new(), key: vec![0; 32].into() };
    let hasher = Hasher::new(Params::FLOOR, nobody, Vec::new())?;
    let round = || {
        let began = Instant::now();
        hasher.hash(&SecretString::from("how long does it take?"), [0; 16])?;
        Ok::<_, Error>(began.elapsed())
    };
    let took = round()?.min(round()?).min(round()?);
    Ok(Params::FLOOR.fitted(took))
}

fn new_id(random: &dyn Random) -> String {
    hex::encode(draw::<4>(random))
}

fn new_key(random: &dyn Random) -> SecretSlice<u8> {
    draw::<32>(random).to_vec().into()
}

/// How a password that was checked fared.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) check: Check,
    /// The password hashed anew where the stored hash is of an older kind.
    pub(crate) renewed: Option<Renewed>,
    /// What a directory said, where one checks it.
    pub(crate) said: Option<Said>,
    /// Kept until a right guess has been taken back, so that no more are counted at once.
    #[expect(dead_code, reason = "it ends the turn when it is dropped")]
    pub(crate) turn: Option<Turn>,
}

/// What takes the place of a stored hash of an older kind.
#[derive(Debug)]
pub(crate) struct Renewed {
    hashed: Hashed,
    /// By when the person must choose another password, where their own is too weak for us.
    must_change_before: Option<Ts>,
}

impl Renewed {
    /// The credential with the new hash in it.
    pub(crate) fn of(self, old: &Credential) -> Credential {
        Credential {
            user_id: old.user_id,
            phc: self.hashed.phc,
            pepper_id: self.hashed.pepper_id,
            must_change_before: self.must_change_before.or(old.must_change_before),
            set_at: old.set_at,
        }
    }
}

impl House {
    /// Checks a guess that was counted in its turn, here or at the directory that knows.
    pub(crate) async fn check_password(
        &self,
        turn: Turn,
        (guess, permit): (&Guess, Permit),
        password: SecretString,
    ) -> Result<Checked> {
        let began = tokio::time::Instant::now();
        let checked = match guess.person.clone() {
            Some((user, Some(Held::Elsewhere(elsewhere)))) => {
                // Nobody else waits for somebody's directory.
                drop(turn);
                self.check_elsewhere(&user, &elsewhere, (password, guess.may_ask, permit)).await?
            }
            Some((user, Some(Held::Here(credential)))) => {
                self.check_here(Some((user, credential)), (password, permit), turn).await?
            }
            Some((_, None)) | None => self.check_here(None, (password, permit), turn).await?,
        };
        if guess.paced && !checked.check.matches {
            // Up to the next whole step: what took a little longer is not told either.
            let steps = u32::try_from(began.elapsed().as_millis() / PACE.as_millis()).unwrap_or(0);
            tokio::time::sleep_until(began + PACE * (steps + 1)).await;
        }
        Ok(checked)
    }

    /// Checks a person's password, and hashes it anew when it is right but was hashed in an older
    /// way. One that was brought along from another system is held against our rules then.
    async fn check_here(
        &self,
        person: Option<(User, Credential)>,
        (password, permit): (SecretString, Permit),
        turn: Turn,
    ) -> Result<Checked> {
        let (user, credential) = person.unzip();
        self.learn_pepper(credential.as_ref()).await?;
        let salt = self.draw::<16>();
        let brought = credential.as_ref().is_some_and(Credential::is_imported);
        let typed = password.clone();
        let work = move |hasher: &Hasher| {
            let check = hasher.verify(credential.as_ref(), &password, &permit);
            let again = (check.matches && check.rehash).then(|| hasher.hash(&password, salt));
            Ok::<_, Error>((check, again.transpose()?))
        };
        let (check, again) = self.hash(work).await??;
        let turn = Some(turn).filter(|_| check.matches);
        let Some(hashed) = again else {
            return Ok(Checked { check, renewed: None, said: None, turn });
        };
        let weak = match user.filter(|_| brought) {
            Some(user) => self.is_weak(&user, &typed).await?,
            None => false,
        };
        let must_change_before = weak.then(|| self.now() + WEAK_FOR);
        let renewed = Some(Renewed { hashed, must_change_before });
        Ok(Checked { check, renewed, said: None, turn })
    }

    async fn is_weak(&self, user: &User, password: &SecretString) -> Result<bool> {
        match self.accept_new(user, password).await {
            Err(error) if matches!(error.kind, Kind::Invalid { .. }) => Ok(true),
            judged => judged.map(|()| false),
        }
    }

    /// Another node may have made a pepper since this one started.
    async fn learn_pepper(&self, credential: Option<&Credential>) -> Result<()> {
        let hasher = self.hasher();
        let known = |held: &Credential| held.is_imported() || hasher.knows(&held.pepper_id);
        if credential.is_none_or(known) {
            return Ok(());
        }
        let renewed = with_peppers(self.store(), hasher.params()).await?;
        self.use_hasher(Arc::new(renewed));
        Ok(())
    }

    /// Makes a new pepper. Passwords that were hashed with an older one still open, and are hashed
    /// anew when their people next sign in.
    pub async fn rotate_pepper(&self, visitor: &Visitor) -> Result<()> {
        let (id, key, now) = (new_id(self.random()), new_key(self.random()), self.now());
        let row = visitor.audit(self, Actor::Operator, AuditKind::PepperMade, &id);
        self.store()
            .write(move |tx| {
                peppers::create(tx, &id, &key, now)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        let renewed = with_peppers(self.store(), self.hasher().params()).await?;
        self.use_hasher(Arc::new(renewed));
        Ok(())
    }
}
