//! The last resort of an issuance: when changes come faster than signatures are made, they wait for
//! this one. So no issuance runs out of tries, however often keys are promoted.

use model::session::ClientInfo;
use store::{issued_tokens, revision};

use super::{Answers, Ask, Decision, Issuance, journal::Undone};
use crate::{House, Result};

impl House {
    /// Decides, signs and journals in one transaction that holds the revision. The use of the session
    /// stays unnoted: its row would be locked after the revision.
    pub(super) async fn issue_undisturbed(
        &self,
        ask: &Ask,
        client: &ClientInfo,
        answers: Answers,
    ) -> Result<Issuance> {
        let (house, asked, client) = (self.clone(), ask.clone(), client.clone());
        let ended = self.store().write(move |tx| {
            let first = answers.use_up(tx, house.now())?;
            // The revision comes last of all locks.
            revision::hold(tx)?;
            match house.decide(tx, &asked, &client)? {
                Decision::Issue(facts) if !first && !asked.came_before(&facts.grounds.proof) => {
                    Err(Undone::Answer(Issuance::Replayed))
                }
                Decision::Issue(facts) => {
                    let (issued, row) = house.sign(&facts, &asked, &client)?;
                    issued_tokens::record(tx, &row)?;
                    Ok(Issuance::Issued(issued))
                }
                // Nothing is issued, and the request stays unused.
                Decision::SignInFirst => Err(Undone::Answer(Issuance::SignInFirst)),
                Decision::Denied(denial) => Err(Undone::Answer(Issuance::Denied(denial))),
            }
        });
        match ended.await {
            Ok(answer) | Err(Undone::Answer(answer)) => Ok(answer),
            Err(Undone::Trouble(error)) => Err(error),
        }
    }
}
