//! Letters about alarms, to everybody who can do something about them (F119).

use std::collections::BTreeSet;

use model::{
    Role,
    alarm::{Alarm, Severity},
    user::{User, UserState},
};
use store::{Tx, users};

use super::{Words, mail_of};
use crate::{House, Result};

/// What is told of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It began, or got worse.
    Raised,
    /// What it was about is as it should be again.
    Ended,
}

impl House {
    /// Writes to every owner and security admin, and to whom the configuration names besides: where
    /// nobody can sign in any more, their own mailboxes may be out of reach.
    pub(crate) fn ring(&self, tx: &mut Tx, alarm: &Alarm, turn: Turn) -> Result<()> {
        if !self.sends_letters() {
            return Ok(());
        }
        let organisation = crate::setup::organisation(tx)?;
        let subject = format!("{organisation}: {}", title(alarm, turn));
        let text = self.text(alarm, turn);
        let acts = |user: &&User| {
            let acts = user.role.is_some_and(|role| role.covers(Role::SecurityAdmin));
            acts && user.state == UserState::Active
        };
        let mut recipients: BTreeSet<String> = self.settings().alarms_to.iter().cloned().collect();
        recipients.extend(
            users::with_role(tx)?.iter().filter(acts).map(|admin| mail_of(admin).to_owned()),
        );
        recipients.into_iter().try_for_each(|to| {
            self.post(tx, Words { to, subject: subject.clone(), text: text.clone() })
        })
    }

    fn text(&self, alarm: &Alarm, turn: Turn) -> String {
        let public_url = &self.settings().public_url;
        let when = self.now().datetime().format("%-d %B %Y at %H:%M UTC");
        let since = alarm.first_seen_at.datetime().format("%-d %B %Y at %H:%M UTC");
        let begin = match turn {
            Turn::Raised => "Hello,\n\n".to_owned(),
            Turn::Ended => {
                "Hello,\n\nthis is over, and you need do nothing more. It said:\n\n".to_owned()
            }
        };
        format!(
            "{begin}{}\n\nFirst seen: {since}\nWritten: {when}\n\nAll alarms, and what to do about \
             each: {public_url}admin/alarms\n",
            alarm.sentence()
        )
    }
}

/// What it is, without a name: subjects are shown on locked screens.
fn title(alarm: &Alarm, turn: Turn) -> &'static str {
    match (turn, alarm.cause.severity()) {
        (Turn::Raised, Severity::Danger) => "an alarm needs you now",
        (Turn::Raised, Severity::Warning) => "an alarm needs you soon",
        (Turn::Ended, _) => "an alarm is over",
    }
}
