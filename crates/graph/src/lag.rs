//! What was written a moment ago and isn't seen yet: replicas come later.

use std::time::Duration;

use model::ids::ObjectId;

use crate::{
    client::{Graph, locked},
    error::Error,
};

/// How long an object that was just written may stay invisible (`graph.md` 2.9).
const LAG: Duration = Duration::from_mins(10);

impl Graph {
    /// An object that was written a moment ago isn't gone but late.
    pub(crate) fn late(&self, object: ObjectId) -> Option<Error> {
        let at = *locked(&self.inner.written).get(&object)?;
        let age = self.inner.timer.passed().saturating_sub(at);
        (age < LAG).then(|| Error::NotYetVisible { wait: lag_wait(age) })
    }

    /// Remembers that an object was written: until replicas have it, a 404 is lag.
    pub(crate) fn written(&self, object: ObjectId) {
        let mut written = locked(&self.inner.written);
        let now = self.inner.timer.passed();
        written.retain(|_, at| now.saturating_sub(*at) < LAG);
        written.insert(object, now);
    }

    /// Forgets that an object was written: it was deleted since.
    pub(crate) fn gone(&self, object: ObjectId) {
        locked(&self.inner.written).remove(&object);
    }
}

/// As long again as it took so far: soon where replicas are quick, patient where they aren't.
fn lag_wait(age: Duration) -> Duration {
    age.clamp(Duration::from_millis(500), Duration::from_secs(32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_outlast_half_a_minute_of_lag_and_the_first_come_soon() {
        let mut ages = vec![Duration::from_millis(100)];
        for _ in 1..8 {
            let age = *ages.last().unwrap();
            ages.push(age + lag_wait(age));
        }
        assert!(ages[3] < Duration::from_secs(3), "{ages:?}");
        assert!(ages[7] > Duration::from_secs(35), "{ages:?}");
    }
}
