//! Rehearsals that somebody asked for: taken, played, and kept as far as they have come.

use app::{Clock as _, House, SystemClock};
use model::rehearsal::{Outcome, Rehearsal};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{Audience, Source, rehearse};

/// Plays the one that has waited longest, if one does.
pub async fn play_wanted(house: &House) -> app::Result<()> {
    let Some(wanted) = house.take_rehearsal().await? else { return Ok(()) };
    let (to, mut seen) = unbounded_channel();
    let so_far = Rehearsal::new(&wanted.domain, "a copy of the tenant", SystemClock.now());
    let (id, domain) = (wanted.id, wanted.domain.clone());
    let source = Source::House { house: house.clone(), id, domain };
    let mut watching = Watching { so_far, to };
    // By itself: what is played goes on whatever becomes of what is kept meanwhile.
    let playing = tokio::spawn(async move { rehearse(source, &mut watching).await });
    while let Some(so_far) = seen.recv().await {
        house.note_rehearsal(&wanted, so_far).await?;
    }
    house.end_rehearsal(&wanted, playing.await?).await
}

/// Sends on what was seen so far after each step.
struct Watching {
    so_far: Rehearsal,
    to: UnboundedSender<Rehearsal>,
}

impl Audience for Watching {
    fn ended(&mut self, outcome: &Outcome) {
        self.so_far.steps.push(outcome.clone());
        // Whoever doesn't listen any more doesn't want to know.
        let _ = self.to.send(self.so_far.clone());
    }
}
