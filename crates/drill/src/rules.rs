//! What must hold whatever happened, read from Microsoft's side, from the wire and from the database. None
//! of it asks the engine (`I01` to `I20`).

mod conduct;
mod records;
mod wanted;

use std::collections::HashSet;

use simulator::TenantView;

use crate::{case::Case, op::Op, play::Play, wire::Exchange};
pub use wanted::Wanted;

/// What a case left behind.
pub struct Evidence {
    /// What was said on the wire.
    pub log: Vec<Exchange>,
    /// How many of it before the cycles that nothing disturbed.
    pub disturbed: usize,
    /// What came after the last cycle that had to bring everything in step.
    pub settled: usize,
    /// Microsoft's side.
    pub them: TenantView,
    /// How everybody shall be there.
    pub wanted: Wanted,
}

/// What a case broke: the invariant, and how.
pub fn broken(play: &mut Play<'_>, case: Option<&Case>, evidence: &Evidence) -> Vec<String> {
    let mut broken = evidence.wanted.differences(&evidence.them);
    if let Some(write) = evidence.log[evidence.settled..].iter().find(|e| e.call.is_write()) {
        broken.push(format!("I07: a fourth cycle wrote {} {}", write.call.method, write.call.path));
    }
    broken.extend(conduct::broken(case, evidence, &play.subject));
    broken.extend(records::broken(play, evidence));
    broken
}

/// The objects that nobody may write to: they were there before anything happened.
pub(crate) fn off_limits(them: &TenantView) -> HashSet<String> {
    let names =
        ["kim@contoso.com", simulator::sample::BREAK_GLASS[0], simulator::sample::BREAK_GLASS[1]];
    names.iter().filter_map(|upn| them.user(upn)).map(|user| user.id.clone()).collect()
}

/// What takes something from somebody.
pub(crate) fn takes(exchange: &Exchange) -> bool {
    exchange.call.op().is_some_and(Op::takes)
}
