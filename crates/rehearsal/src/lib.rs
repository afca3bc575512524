//! A rehearsal: a copy of a tenant in the simulator, a house of its own with keys and passwords that are
//! made up, and the way of a domain to us and back walked over HTTP and with the very scripts that the
//! console shows. The tenant itself is read and never written; nothing outlives the rehearsal but what it
//! saw.

mod browser;
mod clients;
mod copy;
mod error;
mod html;
mod queue;
mod sample;
mod script;
mod stage;
mod steps;

use std::time::Instant;

use app::{Clock as _, House, SystemClock};
use model::{
    federated_domain::BrowserProtocol,
    ids::FederatedDomainId,
    rehearsal::{Outcome, Rehearsal, Step, Verdict},
};
use simulator::Simulator;

use error::Error;
pub use queue::play_wanted;
use stage::Stage;
use steps::Done;

/// What is rehearsed with.
#[derive(Debug, Clone)]
pub enum Source {
    /// The sample, with browsers that come by this protocol and every door open.
    Sample(BrowserProtocol),
    /// A domain of a house, with a copy of its tenant.
    House {
        /// Where the domain is planned.
        house: House,
        /// The domain.
        id: FederatedDomainId,
        /// Its name.
        domain: String,
    },
}

/// Who watches.
pub trait Audience: Send {
    /// A step is about to begin; from the second one on, with the copy.
    fn begins(&mut self, _step: Step, _copy: Option<&Simulator>) {}

    /// A step ended.
    fn ended(&mut self, _outcome: &Outcome) {}
}

/// Rehearses. The first step that fails is the last one that is tried.
pub async fn rehearse(source: Source, audience: &mut dyn Audience) -> Rehearsal {
    let (domain, with) = match &source {
        Source::Sample(_) => (sample::DOMAIN, "the sample"),
        Source::House { domain, .. } => (domain.as_str(), "a copy of the tenant"),
    };
    let mut rehearsal = Rehearsal::new(domain, with, SystemClock.now());
    let mut stage = None;
    for step in Step::ALL {
        let outcome = if rehearsal.failed().is_some() {
            Outcome { step, verdict: Verdict::NotTried, evidence: Vec::new(), millis: 0 }
        } else {
            audience.begins(step, stage.as_ref().map(Stage::copy));
            play(step, &source, &mut stage).await
        };
        audience.ended(&outcome);
        rehearsal.steps.push(outcome);
    }
    if let Some(stage) = stage {
        stage.close().await;
    }
    rehearsal
}

async fn play(step: Step, source: &Source, stage: &mut Option<Stage>) -> Outcome {
    let began = Instant::now();
    let done = match stage {
        None => set(source, stage).await,
        Some(stage) => steps::play(step, stage).await,
    };
    let (verdict, evidence) = match done {
        Ok(Done::Passed(evidence)) => (Verdict::Passed, evidence),
        Ok(Done::NotUsed(why)) => (Verdict::NotUsed, vec![why]),
        Err(error) => (Verdict::Failed, error.evidence()),
    };
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Outcome { step, verdict, evidence, millis }
}

/// The first step: what is there is read and copied.
async fn set(source: &Source, stage: &mut Option<Stage>) -> Result<Done, Error> {
    let (original, public_url) = match source {
        Source::Sample(protocol) => (sample::original(*protocol)?, sample::public_url()?),
        Source::House { house, id, .. } => {
            (house.copy_for_rehearsal(*id).await?, house.settings().public_url.clone())
        }
    };
    let set = Stage::set(&original, public_url).await?;
    let evidence = copy::described(&original, &set);
    *stage = Some(set);
    Ok(Done::Passed(evidence))
}
