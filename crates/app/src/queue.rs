//! Work that costs much is done in turn: so many at once, so many who wait, for so long (R157).

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Kind, Result};

/// How many people may wait (ruling 13).
const WAITING: usize = 1_200;
/// How long they wait at most.
const DEADLINE: Duration = Duration::from_secs(25);

/// A queue with a bound.
#[derive(Debug)]
pub(crate) struct Queue {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    deadline: Duration,
}

/// Somebody's turn; it is over when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn(
    #[expect(dead_code, reason = "given back with it")] [OwnedSemaphorePermit; 2],
);

impl Queue {
    /// `at_once` of them at once, and at least one.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once.max(1))),
            places: Arc::new(Semaphore::new(WAITING)),
            deadline: DEADLINE,
        }
    }

    /// Waits for a turn. A full queue or a passed deadline is "try again". Who hangs up leaves the
    /// queue.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        let busy = || {
            Error::new(Kind::Unavailable, "Very many people are signing in. Try again in a moment.")
        };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(self.deadline, turn).await;
        Ok(Turn([turn.map_err(|_| busy())?.map_err(|_| busy())?, place]))
    }

    /// How many turns are free.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.turns.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_busy(turn: &Result<Turn>) -> bool {
        matches!(turn, Err(error) if error.kind == Kind::Unavailable)
    }

    /// R157
    #[tokio::test]
    async fn who_waits_too_long_is_sent_away_and_the_next_has_their_turn() {
        let queue = Queue { deadline: Duration::from_millis(20), ..Queue::new(1) };
        let first = queue.turn().await.unwrap();
        assert!(is_busy(&queue.turn().await));
        drop(first);
        queue.turn().await.unwrap();
    }

    /// R157
    #[tokio::test]
    async fn a_full_queue_takes_nobody_else() {
        let queue = Arc::new(Queue::new(1));
        let first = queue.turn().await.unwrap();
        let waiting: Vec<_> = std::iter::repeat_with(|| Arc::clone(&queue))
            .take(WAITING - 1)
            .map(|queue| tokio::spawn(async move { queue.turn().await.map(drop) }))
            .collect();
        while queue.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(is_busy(&queue.turn().await));
        drop(first);
        for turn in waiting {
            turn.await.unwrap().unwrap();
        }
    }
}
