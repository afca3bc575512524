//! The letter that asks somebody to set up a second factor (F048).

use model::{Ts, user::User};
use store::Tx;

use super::{Words, mail_of};
use crate::{House, Result};

impl House {
    /// Asks a person to set up a second factor until the end of a day.
    pub(crate) fn invite(&self, tx: &mut Tx, person: &User, last_day: Ts) -> Result<()> {
        let organisation = crate::setup::organisation(tx)?;
        let public_url = &self.settings().public_url;
        let day = last_day.datetime().format("%-d %B %Y");
        let text = format!(
            "Hello {},\n\nplease set up a second factor for your account until {day}. It keeps your \
             account yours when somebody learns your password, and takes two minutes: sign in at\n\n\
             {public_url}portal\n\nand follow the page, with your phone or your computer's fingerprint \
             reader at hand. After that day you need a code from your admin to sign in.\n\nAccount: {}\n\n\
             We never ask for a password or a code by mail or phone.\n",
            person.profile.display_name, person.upn
        );
        let subject = format!("{organisation}: set up your second factor until {day}");
        self.post(tx, Words { to: mail_of(person).to_owned(), subject, text })
    }
}
