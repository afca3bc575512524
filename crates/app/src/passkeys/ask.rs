//! Questions to authenticators. Each is stored with its place, its purpose and its person, and is taken
//! away with the first answer, right or wrong (R036).

use authn::passkey::{self, Holder, Question, Site};
use model::passkey::Ceremony;
use store::{Tx, passkey_ceremonies, passkeys, users};

use super::Asked;
use crate::{House, Result};

impl House {
    /// Asks whoever is there for any passkey of this house.
    pub(crate) fn ask_anybody(&self, tx: &mut Tx, asked: Asked) -> Result<Option<String>> {
        let Some(site) = self.site(tx)? else { return Ok(None) };
        self.keep_question(tx, asked, site.ask_anybody()?).map(Some)
    }

    /// Asks for one of a person's passkeys.
    pub(crate) fn ask_holder(&self, tx: &mut Tx, asked: Asked) -> Result<Option<String>> {
        let mine = match asked.person {
            Some(person) => passkeys::of_user(tx, person)?,
            None => Vec::new(),
        };
        let (Some(site), false) = (self.site(tx)?, mine.is_empty()) else { return Ok(None) };
        let question = site.ask_holder(mine.iter().map(|known| known.credential.as_str()))?;
        self.keep_question(tx, asked, question).map(Some)
    }

    /// Asks a person for a new passkey.
    pub(crate) fn ask_to_register(&self, tx: &mut Tx, asked: Asked) -> Result<Option<String>> {
        let Some(id) = asked.person else { return Ok(None) };
        let (Some(site), Some(person)) = (self.site(tx)?, users::by_id(tx, id)?) else {
            return Ok(None);
        };
        let known = passkeys::of_user(tx, id)?;
        let holder = Holder {
            handle: id.0.as_bytes(),
            name: person.upn.as_str(),
            display_name: &person.profile.display_name,
        };
        let known = known.into_iter().map(|passkey| passkey.credential_id).collect();
        self.keep_question(tx, asked, site.ask_to_register(holder, known)?).map(Some)
    }

    fn keep_question(&self, tx: &mut Tx, asked: Asked, question: Question) -> Result<String> {
        let ceremony = Ceremony {
            place: asked.place,
            kind: asked.kind,
            user_id: asked.person,
            state: question.state,
            expires_at: self.now() + passkey::LIFETIME,
        };
        passkey_ceremonies::put(tx, &ceremony)?;
        Ok(question.options)
    }

    /// Takes the question away that an answer is for, if it was asked of the same person.
    pub(super) fn take_question(&self, tx: &mut Tx, asked: Asked) -> Result<Option<Ceremony>> {
        let taken = passkey_ceremonies::take(tx, asked.place, asked.kind, self.now())?;
        Ok(taken.filter(|ceremony| ceremony.user_id == asked.person))
    }

    /// The site that passkeys of this house are made for.
    pub(super) fn site(&self, tx: &mut Tx) -> Result<Option<Site>> {
        Ok(Site::new(&crate::setup::organisation(tx)?, &self.settings().public_url))
    }
}
