//! How a case is played: what is arranged before, what happens on the wire and to the house, and what is
//! put right again afterwards.

mod calls;

use std::time::Duration;

use simulator::Simulator;

use crate::{
    case::Case,
    clock::Set,
    fault::Step,
    op::Op,
    wire::{Meddling, On, Rule, Trouble},
};

/// When something strikes.
#[derive(Debug, Clone)]
pub enum Moment {
    /// A commit was made after which this counts more than nothing.
    Commit(String),
    /// So many commits were made.
    Commits(u32),
    /// A call has come, and so many like it before; it was done or wasn't.
    Call {
        /// Which.
        on: On,
        /// How many are let through first.
        skip: u32,
        /// Whether it was done.
        carried_out: bool,
    },
}

/// What strikes the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Its process is killed.
    Kill,
    /// The power fails in the middle of the commit.
    PowerFailure,
    /// The run is dropped, and the house lives on.
    Drop,
    /// It stands still for five minutes, in which another house runs.
    Pause,
    /// Its clock is set.
    Clock(Set),
    /// Its database refuses every change until the run is over.
    ReadOnly,
    /// An admin changes their mind.
    Admin,
}

/// How a case is played.
#[derive(Default)]
pub struct Script {
    /// Done to our database before the run.
    pub spoil: Vec<String>,
    /// Undone there after it.
    pub mend: Vec<String>,
    /// Done to Microsoft before the run.
    pub arrange: Option<Meddling>,
    /// Undone there when all is over.
    pub restore: Option<Meddling>,
    /// What happens on the wire in the run.
    pub rules: Vec<Rule>,
    /// What happens there in the next run.
    pub later: Vec<Rule>,
    /// What strikes the house in the run.
    pub strike: Option<(Moment, Blow)>,
    /// What strikes it in the next run.
    pub strike_later: Option<(Moment, Blow)>,
    /// How long new things stay unseen.
    pub lag: Duration,
}

/// Whom a case is about, at Microsoft.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The object, if there is one when the case begins.
    pub object: Option<String>,
    /// The immutable id that is theirs.
    pub anchor: String,
}

impl Subject {
    /// Their object as of now; an id that nobody has where there is none.
    pub fn id(&self, them: &Simulator) -> String {
        let by_anchor = || {
            let users = them.tenant().users;
            let theirs = users.into_iter().find(|user| user.immutable_id() == Some(&*self.anchor));
            theirs.map(|user| user.id).unwrap_or_default()
        };
        self.object.clone().unwrap_or_else(by_anchor)
    }
}

fn meddling(what: impl Fn(&Simulator) + Send + Sync + 'static) -> Meddling {
    std::sync::Arc::new(what)
}

/// When a step is, of the run that comes after run `since`.
pub fn moment(step: Step, op: Op, object: Option<&str>, since: i64) -> Moment {
    let doing = On::Doing(op, object.map(str::to_owned));
    let steps = |outcome: &str| {
        Moment::Commit(format!(
            "SELECT count(*) AS count FROM sync_steps JOIN sync_runs ON run_id = sync_runs.id \
             WHERE sync_runs.rowid > {since} AND action = '{}' AND outcome = '{outcome}'",
            op.action()
        ))
    };
    let runs = |state: &str| {
        Moment::Commit(format!(
            "SELECT count(*) AS count FROM sync_runs \
             WHERE sync_runs.rowid > {since} AND state = '{state}'"
        ))
    };
    let call = |on, carried_out| Moment::Call { on, skip: 0, carried_out };
    match step {
        Step::P0 => Moment::Commit("SELECT 1 AS count".to_owned()),
        Step::P1 => call(On::Organization, false),
        Step::P2 | Step::P7 => call(On::Listing, true),
        Step::P3 => runs("running"),
        Step::P4 => steps("sending"),
        Step::P5 => call(doing, false),
        Step::P6 => call(doing, true),
        Step::P8 => steps("done"),
        Step::P9 => runs("finished"),
    }
}

/// A trigger with which our database refuses what a step would write.
fn refusal(step: Step, op: Op, how: &str) -> String {
    let of_step = |outcome: &str| {
        format!(
            "UPDATE ON sync_steps WHEN NEW.outcome = '{outcome}' AND NEW.action = '{}'",
            op.action()
        )
    };
    let what = match step {
        Step::P3 => "INSERT ON sync_runs".to_owned(),
        Step::P4 => of_step("sending"),
        Step::P8 => of_step("done"),
        _ => "UPDATE ON sync_runs WHEN NEW.state = 'finished'".to_owned(),
    };
    format!("CREATE TRIGGER refusal BEFORE {what} BEGIN SELECT RAISE({how}, 'disk I/O error'); END")
}

impl Script {
    /// How a case is played on this person, in a run that comes after run `since`.
    pub fn of(case: &Case, subject: &Subject, since: i64) -> Self {
        let Case { op, fault, step, way } = *case;
        let blow = match fault.number {
            1 => Blow::Kill,
            2 => Blow::PowerFailure,
            4 | 37 => Blow::Drop,
            6 => Blow::ReadOnly,
            29 => Blow::Pause,
            30 => Blow::Clock(Set::ALL[usize::from(way)]),
            33 => Blow::Admin,
            3 | 5 => {
                let how = if fault.number == 3 { "ABORT" } else { "ROLLBACK" };
                return Self {
                    spoil: vec![refusal(step, op, how)],
                    mend: vec!["DROP TRIGGER refusal".to_owned()],
                    ..Self::default()
                };
            }
            31 | 32 => return premises(case),
            _ => return calls::script(case, subject),
        };
        let strike = Some((moment(step, op, subject.object.as_deref(), since), blow));
        if step == Step::P7 {
            return Self { strike_later: strike, ..Self::default() };
        }
        Self { strike, ..Self::default() }
    }
}

/// What we want is lost, or the connection leads elsewhere.
fn premises(case: &Case) -> Script {
    const FOREIGN: &str = "11111111-2222-4333-8444-555555555555";
    let one = |sql: &str| vec![sql.to_owned()];
    match (case.fault.number, case.step, case.way) {
        (31, _, way) => {
            let some = if way == 0 {
                ""
            } else {
                " AND user_id NOT IN (SELECT id FROM users ORDER BY upn LIMIT 2)"
            };
            Script {
                spoil: one(&format!(
                    "UPDATE assignments SET ended_at = 77 WHERE ended_at IS NULL{some}"
                )),
                mend: one("UPDATE assignments SET ended_at = NULL WHERE ended_at = 77"),
                ..Script::default()
            }
        }
        (_, Step::P0, _) => Script {
            spoil: one(&format!("UPDATE tenants SET entra_tenant_id = '{FOREIGN}'")),
            mend: one(&format!(
                "UPDATE tenants SET entra_tenant_id = '{}'",
                simulator::sample::TENANT_ID
            )),
            ..Script::default()
        },
        _ => {
            let elsewhere = std::sync::Arc::new(|body: &mut serde_json::Value| {
                if let Some(id) = body.pointer_mut("/value/0/id") {
                    *id = FOREIGN.into();
                }
            });
            let rule = Rule::next(On::Organization, Trouble::Rewritten(elsewhere)).times(9);
            Script { rules: vec![rule], ..Script::default() }
        }
    }
}
