//! Passwords that a directory checks. What it says decides. While it is away, a password that it found
//! right opens for the days that were set; whoever it says no to gets nothing from that.

use authn::password::{Check, Hasher};
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
}

impl House {
    /// Asks the directory, and does the same work here whatever it says (R023).
    pub(super) async fn check_elsewhere(
        &self,
        user: &User,
        elsewhere: &Elsewhere,
        password: SecretString,
    ) -> Result<Checked> {
        let directory = &elsewhere.directory;
        let answer = self.ask_directory(directory, user.upn.as_str(), password.clone()).await?;
        let kept = elsewhere.kept.as_ref();
        let held_against = match &answer {
            Answer::Away(_) => kept.and_then(|kept| kept.opening(directory, self.now())).cloned(),
            _ => kept.and_then(|kept| kept.verifier.clone()),
        };
        let credential = held_against.clone().map(|it| as_credential(user, it));
        self.learn_pepper(credential.as_ref()).await?;
        let wanted = answer == Answer::Right && directory.keep_days > 0;
        let salt = self.draw::<16>();
        let work = move |hasher: &Hasher| {
            let check = hasher.verify(credential.as_ref(), &password);
            let again = wanted && (!check.matches || check.rehash);
            let again = again.then(|| hasher.hash(&password, salt)).transpose()?;
            Ok::<_, Error>((check, again))
        };
        let (check, again) = self.hash(work).await??;
        let new = again.map(|new| Verifier { phc: new.phc, pepper_id: new.pepper_id });
        let verifier = new.or(held_against.clone()).filter(|_| wanted);
        let is_the_same = check.matches;
        let matches = match answer {
            Answer::Right => true,
            Answer::Refused(_) => false,
            Answer::Away(_) => is_the_same,
        };
        let said = Said { answer, held_against, is_the_same, verifier };
        let check = Check { matches, rehash: false };
        Ok(Checked { check, renewed: None, said: Some(said) })
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

    /// Whether it still holds: what it was held against here may have been dropped meanwhile.
    pub(crate) fn holds(&self, now: &Elsewhere) -> bool {
        let kept = now.kept.as_ref().and_then(|kept| kept.verifier.as_ref());
        !matches!(self.answer, Answer::Away(_)) || kept == self.held_against.as_ref()
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
        let changed = self.held_against.is_some() && !self.is_the_same;
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
            confirmed_at: at,
            verifier: self.verifier.clone(),
        };
        kept_passwords::put(tx, &kept)?;
        // Another password of theirs would open again one day, when nobody thinks of it.
        credentials::forget(tx, user.id)?;
        now.kept = Some(kept);
        Ok(now)
    }

    /// Drops what was kept where the directory says no to that very password, or to the account.
    pub(crate) fn drop_kept(&self, tx: &mut Tx, now: &Elsewhere, at: Ts) -> Result<()> {
        let (Answer::Refused(why), Some(kept)) = (&self.answer, &now.kept) else { return Ok(()) };
        if !self.is_the_same && !why.is_of_account() {
            return Ok(());
        }
        let changed = self.is_the_same && *why == Refusal::WrongPassword;
        let since = if changed { at } else { kept.since };
        Ok(kept_passwords::put(tx, &KeptPassword { since, verifier: None, ..kept.clone() })?)
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
