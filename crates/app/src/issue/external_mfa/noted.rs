//! What the audit log keeps of requests that are not answered, and by which rule. Anybody can bring a
//! request that is not Entra's: of those from one place so many are written down and no more, and all
//! are refused alike.

use authn::lockout;
use federation::external_mfa::Refusal;
use model::{
    Actor,
    audit::{AuditKind, Outcome},
    pending_request::PendingRequest,
    user::User,
};
use store::{Tx, audit_log};

use super::{super::wsfed::Refused, Declined, Entered};
use crate::{
    House, Result, Visitor,
    premises::Asking,
    sign_in::{Key, place_keys},
};

impl House {
    /// Writes down that Entra asked for somebody's second factor, and why it gets no answer.
    pub(super) fn audit_asked(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        asking: &Asking,
        (actor, subject): (Actor, &str),
        why: Option<&str>,
    ) -> Result<()> {
        let subject = crate::sign_in::subject(subject);
        let mut row = visitor.audit(self, actor, AuditKind::ExternalMfaAsked, &subject);
        row.detail = format!("by {}", asking.alias);
        if let Some(why) = why {
            row.outcome = Outcome::Refused;
            row.detail = format!("by {}: {why}", asking.alias);
        }
        Ok(audit_log::record(tx, &row)?)
    }

    /// Why a person's factor is not answered with: the rule's name, where one denies it.
    pub(super) fn words(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        whose: (&PendingRequest, &User),
        why: Declined,
    ) -> Result<String> {
        match why {
            Declined::Denied(reason) => self.denial_words(tx, visitor, whose, reason),
            plain => Ok(plain.as_str().to_owned()),
        }
    }

    /// Writes down that a request that may be believed is not answered; a name is the account's where
    /// the person is not known.
    pub(super) async fn note_decline(
        &self,
        (asking, name, person): (Asking, String, Option<User>),
        why: &str,
        visitor: &Visitor,
    ) -> Result<()> {
        let (house, visitor, why) = (self.clone(), visitor.clone(), why.to_owned());
        self.store()
            .write(move |tx| {
                let whose = match &person {
                    Some(person) => (Actor::Person(person.id), person.upn.as_str()),
                    None => (Actor::Anonymous, name.as_str()),
                };
                house.audit_asked(tx, &visitor, &asking, whose, Some(&why))
            })
            .await
    }

    /// Writes down that it could not be known whose request it is.
    pub(super) async fn note_silence(&self, asking: Asking, visitor: &Visitor) -> Result<()> {
        if !self.is_noted(visitor).await? {
            return Ok(());
        }
        let whose = (asking, "Entra".to_owned(), None);
        self.note_decline(whose, Declined::Silent.as_str(), visitor).await
    }

    /// Refuses a request that can't be taken for Entra's.
    pub(super) async fn refuse_external_mfa(
        &self,
        visitor: &Visitor,
        refusal: Refusal,
        detail: &str,
    ) -> Result<Entered> {
        let refused = Refused::from(refusal);
        if self.is_noted(visitor).await? {
            let mut written = refused.clone();
            if !detail.is_empty() {
                written.sentence = format!("{} ({detail})", written.sentence);
            }
            self.record_request_refusal(visitor, "Entra", &written).await?;
        }
        Ok(Entered::Refused(refused))
    }

    /// Counts a request that is not believed; whether it is written down.
    async fn is_noted(&self, visitor: &Visitor) -> Result<bool> {
        let (house, keys) = (self.clone(), hint_keys(visitor));
        let counted = self.store().write(move |tx| house.count(tx, &keys)).await?;
        Ok(counted.is_some())
    }
}

/// Where such requests come from, counted apart from passwords.
fn hint_keys(visitor: &Visitor) -> Vec<Key> {
    let place = place_keys(visitor).into_iter();
    place.map(|(key, limit)| (lockout::by_hint(&key), limit)).collect()
}
