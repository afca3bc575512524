//! One case: an operation, a fault and where it strikes.

use std::fmt;

use crate::{
    fault::{FAULTS, Fault, Step},
    op::Op,
};

/// One case of the exhaustive campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What the run is about to do.
    pub op: Op,
    /// What happens.
    pub fault: Fault,
    /// Where.
    pub step: Step,
    /// In which of the fault's ways.
    pub way: u8,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:02}@{:?}/{} {}", self.fault.number, self.step, self.way, self.op.name())
    }
}

/// Every pair of the matrix for every operation, in every way.
pub fn every() -> Vec<Case> {
    let mut cases = Vec::new();
    for op in Op::ALL {
        for fault in FAULTS {
            for &step in fault.at {
                cases.extend((0..fault.ways).map(|way| Case { op, fault, step, way }));
            }
        }
    }
    cases
}

/// Why a case has no meaning here, if it has none.
pub const fn left_out(case: &Case) -> Option<&'static str> {
    let op = case.op;
    match case.fault.number {
        16 => Some("no batches are sent: each call goes alone"),
        23 => Some("no delta is asked for: each run reads everybody"),
        34 => Some("there is one version; rows that an older one left are those of F01"),
        38 => Some("a run sends no mail: letters are rows that are sent by themselves"),
        20 if !matches!(op, Op::CreateUser | Op::RestoreDeleted) => {
            Some("nothing new comes to be: what is changed stays visible")
        }
        24 if !matches!(
            op,
            Op::CreateUser | Op::MatchExisting | Op::ChangeUpn | Op::RestoreDeleted
        ) =>
        {
            Some("it writes nothing that only one object may have")
        }
        21 | 25..=27
            if matches!(op, Op::CreateUser | Op::RestoreDeleted)
                && !matches!(case.step, Step::P7) =>
        {
            Some("there is no live object yet")
        }
        28 if !matches!(op, Op::AssignLicense | Op::CreateUser | Op::RestoreDeleted) => {
            Some("it takes no seat")
        }
        _ => None,
    }
}
