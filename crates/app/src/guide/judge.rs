//! What the evidence proves of each step. Pure: the same evidence says the same.

mod domain;
mod people;
mod tenant;
#[cfg(test)]
mod tests;

use std::time::Duration;

use model::{Ts, look::Look};

use super::{
    evidence::Evidence,
    step::{Age, Place, Standing, Step, StepState},
};

/// From then on what was seen is old.
const A_DAY: Duration = Duration::from_hours(24);

/// Every step.
pub(super) fn judge(evidence: &Evidence) -> [StepState; 9] {
    Step::ALL.map(|step| {
        let found = match step {
            Step::Connection => tenant::connection(evidence),
            Step::Application => tenant::application(evidence),
            Step::Provisioning => tenant::provisioning(evidence),
            Step::Matches => people::matches(evidence),
            Step::Pilot => people::pilot(evidence),
            Step::Preflight => domain::preflight(evidence),
            Step::Script => domain::script(evidence),
            Step::Verified => domain::verified(evidence),
            Step::SecondFactor => domain::second_factor(evidence),
        };
        StepState {
            step,
            standing: found.proved(),
            says: found.says,
            seen_at: found.seen_at,
            age: found.age,
            place: found.place,
        }
    })
}

/// What was found of a step.
struct Found {
    standing: Standing,
    says: String,
    place: Place,
    seen_at: Option<Ts>,
    age: Age,
}

impl Found {
    fn new(standing: Standing, place: Place, says: impl Into<String>) -> Self {
        Self { standing, says: says.into(), place, seen_at: None, age: Age::Fresh }
    }

    /// What could not be seen at the last try is not proved.
    fn proved(&self) -> Standing {
        match (self.standing, &self.age) {
            (Standing::Done, Age::Lost(_)) => Standing::Begun,
            (standing, _) => standing,
        }
    }

    /// It rests on something that was seen at a time.
    fn seen(self, at: Ts, now: Ts) -> Self {
        let age = if now.since(at) > A_DAY { Age::Old } else { Age::Fresh };
        Self { seen_at: Some(at), age, ..self }
    }

    /// It rests on a look, whose last try may have failed.
    fn by<T>(self, look: &Look<T>, now: Ts) -> Self {
        let found = match look.seen_at() {
            Some(at) => self.seen(at, now),
            None => self,
        };
        match &look.trouble {
            Some(why) => Self { age: Age::Lost(why.clone()), ..found },
            None => found,
        }
    }
}

/// `1 account`, `3 accounts`.
fn count(many: usize, one: &str, more: &str) -> String {
    if many == 1 { format!("1 {one}") } else { format!("{many} {more}") }
}
