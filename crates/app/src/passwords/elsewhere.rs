//! Passwords that a directory checks. What it says decides. While it is away, a password that it found
//! right opens for the days that were set; whoever it says no to gets nothing from that.

use authn::{
    lockout::Permit,
    password::{Check, Hasher},
};
use model::{
    Actor, Ts,
    audit::{AuditKind, Outcome},
    credential::Credential,
    directory::{Answer, KeptPassword, Refusal, Verifier},
    user::User,
};
use secrecy::SecretString;
use store::{Tx, audit_log, credentials, kept_passwords, remembered_devices, sessions};

use super::{Checked, held::Elsewhere};
use crate::{Error, House, Result, Visitor};

/// What a directory said of a password, and what is to be remembered of it.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    answer: Answer,
    /// What it was held against here, and whether it is the same.
    held_against: Option<Verifier>,
    is_the_same: bool,
    /// By what it is known again from now on.
    verifier: Option<Verifier>,
    /// When it was asked.
    asked_at: Ts,
}

impl House {
    /// Asks the directory, and does the same work here whatever it says (R023).
    pub(super) async fn check_elsewhere(
        &self,
        user: &User,
        elsewhere: &Elsewhere,
        (password, may_ask, permit): (SecretString, bool, Permit),
    ) -> Result<Checked> {
        let (directory, asked_at) = (&elsewhere.directory, self.now());
        let answer = if may_ask {
            self.ask_directory(directory, user.upn.as_str(), password.clone(), &permit).await?
        } else {
            Answer::Refused(Refusal::NotAsked)
        };
        let kept = elsewhere.kept.as_ref();
        let held_against = match &answer {
            Answer::Away(absence) => kept
                .filter(|_| absence.silent)
                .and_then(|kept| kept.opening(directory, self.now()))
                .cloned(),
            _ => kept.and_then(|kept| kept.verifier.clone()),
        };
        let credential = held_against.clone().map(|it| as_credential(user, it));
        self.learn_pepper(credential.as_ref()).await?;
        let wanted = answer == Answer::Right;
        let salt = self.draw::<16>();
        let work = move |hasher: &Hasher| {
            let check = hasher.verify(credential.as_ref(), &password, &permit);
            let again = wanted && (!check.matches || check.rehash);
            let again = again.then(|| hasher.hash(&password, salt)).transpose()?;
            Ok::<_, Error>((check, again))
        };
        let of_account = matches!(&answer, Answer::Refused(why) if why.is_of_account());
        let (check, again) = match self.hash(work).await.flatten() {
            // A no to the account is not lost because too many hash just now.
            Err(_) if of_account => (Check { matches: false, rehash: false }, None),
            hashed => hashed?,
        };
        let new = again.map(|new| Verifier { phc: new.phc, pepper_id: new.pepper_id });
        let verifier = new.or(held_against.clone()).filter(|_| wanted);
        let is_the_same = check.matches;
        let matches = match answer {
            Answer::Right => true,
            Answer::Refused(_) => false,
            Answer::Away(_) => is_the_same,
        };
        let said = Said { answer, held_against, is_the_same, verifier, asked_at };
        let check = Check { matches, rehash: false };
        Ok(Checked { check, renewed: None, said: Some(said), turn: None })
    }

    /// Writes down what a directory said where it was more than right or wrong.
    pub(crate) fn audit_said(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        user: &User,
        (said, elsewhere): (&Said, &Elsewhere),
    ) -> Result<()> {
        self.ring_away(tx, elsewhere, &said.answer)?;
        let name = &elsewhere.directory.name;
        let detail = match &said.answer {
            Answer::Right | Answer::Refused(Refusal::WrongPassword) => return Ok(()),
            Answer::Refused(why) => format!("\"{name}\" says that {}", why.words()),
            Answer::Away(absence) => format!("\"{name}\" is away: {absence}"),
        };
        let actor = Actor::Person(user.id);
        let mut row = visitor.audit(self, actor, AuditKind::DirectoryAnswered, user.upn.as_str());
        row.outcome = Outcome::Refused;
        row.detail = detail;
        Ok(audit_log::record(tx, &row)?)
    }
}

impl Said {
    /// By what the password was found right, for the audit log.
    pub(crate) fn proof(&self, elsewhere: &Elsewhere) -> String {
        let name = &elsewhere.directory.name;
        match self.answer {
            Answer::Away(_) => format!("by what was kept of it; \"{name}\" is away"),
            _ => format!("by the directory \"{name}\""),
        }
    }

    /// What a try heard, which holds nothing against what is kept.
    pub(crate) fn of_a_try(answer: Answer, asked_at: Ts) -> Self {
        Self { answer, held_against: None, is_the_same: false, verifier: None, asked_at }
    }

    /// Whether the directory was away.
    pub(crate) const fn is_away(&self) -> bool {
        matches!(self.answer, Answer::Away(_))
    }

    /// Whether there was nothing to guess at: the directory is away, and nothing opens without it.
    pub(crate) fn was_held_against_nothing(&self) -> bool {
        matches!(self.answer, Answer::Away(_)) && self.held_against.is_none()
    }

    /// Whether it still holds: a later no, or another password, may have come meanwhile.
    pub(crate) fn holds(&self, before: &Elsewhere, now: &Elsewhere) -> bool {
        let since = |it: &Elsewhere| it.kept.as_ref().map(|kept| kept.since);
        let opens = |it: &Elsewhere| it.kept.as_ref().is_some_and(|kept| kept.may_open);
        let kept = now.kept.as_ref().and_then(|kept| kept.verifier.as_ref());
        let is_there = match self.answer {
            Answer::Away(_) => opens(now) && kept == self.held_against.as_ref(),
            _ => true,
        };
        since(before) == since(now) && is_there
    }

    /// Remembers what follows from a right password, and gives it back.
    pub(crate) fn remember(
        &self,
        tx: &mut Tx,
        user: &User,
        mut now: Elsewhere,
        at: Ts,
    ) -> Result<Elsewhere> {
        if self.answer != Answer::Right {
            return Ok(now);
        }
        // One of which nothing is left to compare with may be another one, too.
        let changed = now.kept.is_some() && !self.is_the_same;
        if changed {
            // As for a password that is changed here (R053): what the old one opened ends.
            sessions::end_all_of(tx, user.id, None, at)?;
            remembered_devices::forget_all_of(tx, user.id)?;
        }
        let before = now.kept.as_ref().filter(|_| !changed);
        let kept = KeptPassword {
            user_id: user.id,
            directory_id: now.directory.id,
            since: before.map_or(at, |kept| kept.since),
            confirmed_at: self.asked_at,
            verifier: self.verifier.clone(),
            may_open: now.directory.keep_days > 0,
        };
        kept_passwords::put(tx, &kept)?;
        // Another password of theirs would open again one day, when nobody thinks of it.
        credentials::forget(tx, user.id)?;
        now.kept = Some(kept);
        Ok(now)
    }

    /// Lets nothing open any more where the directory says no to that very password, or to the account.
    /// Whatever that password opened ends (R053).
    pub(crate) fn drop_kept(
        &self,
        tx: &mut Tx,
        user: &User,
        (now, holds): (&Elsewhere, bool),
        at: Ts,
    ) -> Result<()> {
        let (Answer::Refused(why), Some(kept)) = (&self.answer, &now.kept) else { return Ok(()) };
        let is_of_it = holds && self.is_the_same && why.is_a_judgement();
        if !is_of_it && !why.is_of_account() {
            return Ok(());
        }
        let mut kept = KeptPassword { since: at, may_open: false, ..kept.clone() };
        if is_of_it && why.ends_the_password() {
            sessions::end_all_of(tx, user.id, None, at)?;
            remembered_devices::forget_all_of(tx, user.id)?;
            kept.verifier = None;
        }
        Ok(kept_passwords::put(tx, &kept)?)
    }
}

fn as_credential(user: &User, verifier: Verifier) -> Credential {
    Credential {
        user_id: user.id,
        phc: verifier.phc,
        pepper_id: verifier.pepper_id,
        must_change_before: None,
        set_at: Ts(0),
    }
}
