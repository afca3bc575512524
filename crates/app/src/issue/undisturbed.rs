//! The last resort of an issuance: when changes come faster than signatures are made, they wait for
//! this one. So no issuance runs out of tries, however often keys are promoted.

use model::{pending_request::PendingRequest, session::ClientInfo};
use store::{issued_tokens, revision};

use super::{Ask, Decision, Issuance, redeem};
use crate::{Error, House, Result};

/// Why the transaction was undone: there is no token, or there is trouble.
enum Undone {
    Answer(Issuance),
    Trouble(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Trouble(error)
    }
}

impl From<store::Error> for Undone {
    fn from(error: store::Error) -> Self {
        Self::Trouble(error.into())
    }
}

impl House {
    /// Decides, signs and journals in one transaction that holds the revision.
    pub(super) async fn issue_undisturbed(
        &self,
        ask: &Ask,
        client: &ClientInfo,
        pending: Option<&PendingRequest>,
    ) -> Result<Issuance> {
        let (house, asked, client) = (self.clone(), ask.clone(), client.clone());
        let pending = pending.map(|pending| pending.id);
        let ended = self.store().write(move |tx| {
            // The revision comes last of all locks.
            redeem(tx, pending, house.now())?;
            revision::hold(tx)?;
            match house.decide(tx, &asked)? {
                Decision::Issue(facts) => {
                    let (issued, row) = house.sign(&facts, &asked, &client)?;
                    issued_tokens::record(tx, &row)?;
                    Ok(issued)
                }
                // Nothing is issued, and the request stays unused.
                Decision::SignInFirst => Err(Undone::Answer(Issuance::SignInFirst)),
                Decision::Denied(denial) => Err(Undone::Answer(Issuance::Denied(denial))),
            }
        });
        match ended.await {
            Ok(issued) => Ok(Issuance::Issued(issued)),
            Err(Undone::Answer(answer)) => Ok(answer),
            Err(Undone::Trouble(error)) => Err(error),
        }
    }
}
