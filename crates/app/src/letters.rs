//! Mail to people: written in the transaction of what it tells of, sealed while it waits, and sent
//! by whichever node is quicker. Without a mail server none is written.

mod alarm;
mod invitation;
mod words;

use std::time::Duration;

pub(crate) use alarm::Turn;
use mail::Postman;
use model::{ids::LetterId, letter::Letter, user::User};
use store::{Tx, letters, letters::Waiting};
pub(crate) use words::News;

use crate::{Error, House, Kind, Result, Settings, Visitor};

/// How many letters are sent in one go.
const PORTION: i64 = 20;
/// How long a node may take for a letter before another one tries it.
const TAKEN_FOR: Duration = Duration::from_mins(2);
/// The longest time between two tries.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// A letter that nobody takes for so long is given up; what it says is stale by then.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

/// A letter before it has an id.
struct Words {
    to: String,
    subject: String,
    text: String,
}

impl House {
    /// Whether there is a mail server.
    #[must_use]
    pub fn sends_letters(&self) -> bool {
        self.postman().is_some()
    }

    /// Writes a letter to a person (R035); it is sent once the transaction is through.
    pub(crate) fn inform(
        &self,
        tx: &mut Tx,
        person: &User,
        news: &News<'_>,
        visitor: &Visitor,
    ) -> Result<()> {
        if !self.sends_letters() {
            return Ok(());
        }
        let organisation = crate::setup::organisation(tx)?;
        let (public, now) = (&self.settings().public_url, self.now());
        let (subject, text) = words::write(news, (person, &organisation), public, visitor, now);
        let to = mail_of(person).to_owned();
        self.post(tx, Words { to, subject, text })
    }

    /// Keeps a letter until it is sent.
    fn post(&self, tx: &mut Tx, Words { to, subject, text }: Words) -> Result<()> {
        let letter = Letter { id: LetterId(self.new_id()), to, subject, text };
        Ok(letters::put(tx, &letter, self.now())?)
    }

    /// Sends the letters that are due, and says how many went.
    pub async fn send_letters(&self) -> Result<usize> {
        let Some(postman) = self.postman() else { return Ok(0) };
        let now = self.now();
        let due = self.store().read(move |tx| Ok::<_, Error>(letters::due(tx, now, PORTION)?));
        let mut sent = 0;
        for waiting in due.await? {
            let (taken, now) = (waiting.clone(), self.now());
            let take = move |tx: &mut Tx| {
                Ok::<_, Error>(letters::take(tx, &taken, now + TAKEN_FOR + wait(taken.attempts))?)
            };
            if self.store().write(take).await? && self.deliver(postman, &waiting).await? {
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// Tries one letter; it is forgotten when it was taken, or when trying again makes no sense.
    async fn deliver(&self, postman: &Postman, waiting: &Waiting) -> Result<bool> {
        let id = waiting.letter.id;
        let tried = postman.send(&waiting.letter).await;
        if let Err(error) = &tried {
            let stale = self.now().since(waiting.made_at) > GIVE_UP_AFTER;
            let cause = error as &dyn std::error::Error;
            if error.is_passing() && !stale {
                tracing::warn!(%id, error = cause, "a letter waits to be tried again");
                return Ok(false);
            }
            tracing::error!(%id, error = cause, "a letter was given up");
        }
        self.store().write(move |tx| Ok::<_, Error>(letters::forget(tx, id)?)).await?;
        Ok(tried.is_ok())
    }
}

/// Sends a letter that says that letters arrive; needs no house.
pub async fn try_out(settings: &Settings, address: &str) -> Result<()> {
    let none = || Error::new(Kind::Unavailable, "No mail server is configured: set [mail].");
    let postman = Postman::new(settings.mail.as_ref().ok_or_else(none)?)?;
    let letter = Letter {
        id: LetterId(uuid::Uuid::nil()),
        to: address.to_owned(),
        subject: "Gatehouse can send mail".to_owned(),
        text: format!("This letter was sent by Gatehouse at {}.\n", settings.public_url),
    };
    Ok(postman.send(&letter).await?)
}

/// How long to wait after so many tries that failed.
pub(crate) fn wait(attempts: u32) -> Duration {
    LONGEST_WAIT.min(Duration::from_secs(30) * 2_u32.saturating_pow(attempts.min(10)))
}

/// Where mail reaches a person.
pub(crate) fn mail_of(person: &User) -> &str {
    person.profile.mail.as_deref().unwrap_or_else(|| person.upn.as_str())
}
