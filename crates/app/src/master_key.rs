//! The master key changes while the house runs (R130): whatever is sealed moves to the current key,
//! a few values in each transaction. A move that is stopped, by a kill too, goes on with the next
//! one: what has moved is skipped.

use std::time::Duration;

use model::{
    Actor,
    audit::{AuditEvent, AuditKind},
};
pub use store::sealed_columns::SealedColumn;
use store::{
    Store, Tx, audit_log,
    sealed_columns::{self, Portion},
};

use crate::{Error, House, Kind, Result, Visitor, settings::StoreSettings};

/// How many values one transaction looks at.
const PORTION: i64 = 32;
/// Between two portions that wrote: SQLite has one writer, and people sign in meanwhile.
const PAUSE: Duration = Duration::from_millis(10);
/// How often everything is gone through at most. Twice is enough unless a node still seals with
/// another key.
const ROUNDS: usize = 5;

/// How many values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Which one.
    pub column: SealedColumn,
    /// How many are under the current master key.
    pub current: usize,
    /// How many of these were moved to it just now.
    pub moved: usize,
    /// How many are under an additional key still.
    pub behind: usize,
}

/// What is sealed, and with what.
#[derive(Debug)]
pub struct Inventory {
    /// The id of the current master key.
    pub key: String,
    /// Every column.
    pub columns: Vec<Tally>,
    /// Why each of the others opens with no key that is configured; names tables and rows.
    pub unopened: Vec<store::Error>,
}

impl Inventory {
    /// How many values need an additional key.
    #[must_use]
    pub fn behind(&self) -> usize {
        self.columns.iter().map(|tally| tally.behind).sum()
    }

    fn moved(&self) -> usize {
        self.columns.iter().map(|tally| tally.moved).sum()
    }
}

/// Opens every sealed value. It needs the store only: it says what is wrong when a house does not
/// open.
pub async fn check(settings: &StoreSettings) -> Result<Inventory> {
    let settings = settings.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&settings)).await??;
    go_through(&store, SealedColumn::ALL, Deed::Look).await
}

impl House {
    /// Moves everything that is sealed to the current master key, while this and other nodes run;
    /// they must know that key. Written down once, when it is done.
    pub async fn rotate_master_key(&self, visitor: &Visitor) -> Result<Inventory> {
        let values: Vec<SealedColumn> =
            SealedColumn::ALL.iter().copied().filter(|at| *at != SealedColumn::Canary).collect();
        let mut moved = vec![0; values.len()];
        for _ in 0..ROUNDS {
            let mut round = go_through(self.store(), &values, Deed::Move).await?;
            for (sum, tally) in moved.iter_mut().zip(&round.columns) {
                *sum += tally.moved;
            }
            if round.moved() + round.behind() == 0 {
                for (tally, sum) in round.columns.iter_mut().zip(moved) {
                    tally.moved = sum;
                }
                return self.conclude(round, visitor).await;
            }
        }
        Err(Error::new(
            Kind::Conflict,
            "Values that are sealed with another master key keep coming: a node runs that was not \
             restarted with the new key as its current one. Restart it, and run this again.",
        ))
    }

    /// Moves the canary, so that from now on a node starts without the former key, and not without
    /// the current one.
    async fn conclude(&self, mut done: Inventory, visitor: &Visitor) -> Result<Inventory> {
        let row = visitor.audit(self, Actor::Operator, AuditKind::MasterKeyRotated, &done.key);
        let row = AuditEvent { detail: summary(&done), ..row };
        let before = done.moved();
        let canary = self
            .store()
            .write(move |tx| {
                let canary = sealed_columns::rewrap(tx, SealedColumn::Canary, "", 1)?;
                if before + canary.moved > 0 {
                    audit_log::record(tx, &row)?;
                }
                Ok::<_, Error>(canary)
            })
            .await?;
        done.add(SealedColumn::Canary, canary);
        Ok(done)
    }
}

impl Inventory {
    fn add(&mut self, column: SealedColumn, portion: Portion) {
        let Portion { current, moved, behind, unopened, .. } = portion;
        self.unopened.extend(unopened);
        match self.columns.iter_mut().find(|tally| tally.column == column) {
            Some(tally) => {
                tally.current += current;
                tally.moved += moved;
                tally.behind += behind;
            }
            None => self.columns.push(Tally { column, current, moved, behind }),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Look,
    Move,
}

async fn go_through(store: &Store, columns: &[SealedColumn], deed: Deed) -> Result<Inventory> {
    let key = store.master_key_id().to_owned();
    let mut found = Inventory { key, columns: Vec::new(), unopened: Vec::new() };
    for column in columns.iter().copied() {
        let mut next = Some(String::new());
        while let Some(after) = next.take() {
            let portion = portion(store, column, after, deed).await?;
            if portion.moved > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            next.clone_from(&portion.last);
            found.add(column, portion);
        }
    }
    Ok(found)
}

/// Looks first: where there is nothing to move, no lock is taken.
async fn portion(
    store: &Store,
    column: SealedColumn,
    after: String,
    deed: Deed,
) -> Result<Portion> {
    let begin = after.clone();
    let look = move |tx: &mut Tx| sealed_columns::survey(tx, column, &begin, PORTION);
    let found = store.read(look).await?;
    if deed == Deed::Look || found.behind == 0 {
        return Ok(found);
    }
    let rewrap = move |tx: &mut Tx| sealed_columns::rewrap(tx, column, &after, PORTION);
    Ok(store.write(rewrap).await?)
}

/// `signing_keys.private_key 2, peppers.key 1`
fn summary(done: &Inventory) -> String {
    let count = |tally: &Tally| {
        format!("{}.{} {}", tally.column.table(), tally.column.column(), tally.current)
    };
    done.columns.iter().map(count).collect::<Vec<_>>().join(", ")
}
