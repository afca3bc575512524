//! What the house wrote down (I04, I15, I18).

use super::Evidence;
use crate::{play::Play, wire::Exchange};

pub(super) fn broken(play: &mut Play<'_>, evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    let secret = simulator::sample::CLIENT_SECRET;
    for (table, columns) in [
        ("sync_steps", "step || detail"),
        ("sync_runs", "reason || conflicts"),
        ("audit_log", "detail || subject"),
    ] {
        let leaks = format!(
            "SELECT count(*) AS count FROM {table} WHERE instr({columns}, '{secret}') > 0 OR instr({columns}, 'eyJ') > 0"
        );
        if play.watch.number(&leaks) > 0 {
            broken.push(format!("I18: a secret is in {table}"));
        }
    }
    for exchange in evidence.log.iter().filter(|e| e.took_effect()) {
        broken.extend(unwritten(play, exchange));
        broken.extend(unaudited(play, exchange));
    }
    broken
}

/// I15: each call has one row, but for those whose house went away or lost its lease before it could
/// write it: for these the next run writes one without the call.
fn unaudited(play: &mut Play<'_>, exchange: &Exchange) -> Option<String> {
    let rows = |what: &str| {
        format!(
            "SELECT count(*) AS count FROM audit_log WHERE kind = 'sync.step' AND instr(detail, '{what}') > 0"
        )
    };
    let told =
        |count| format!("I15: {} {} has {count} rows", exchange.call.method, exchange.call.path);
    if exchange.id.is_empty() {
        return None;
    }
    match play.watch.number(&rows(&exchange.id)) {
        1 => None,
        0 if play.watch.number(&rows("nobody heard the answer")) > 0 => None,
        count => Some(told(count)),
    }
}

/// I04: whatever Microsoft did for us is in the journal.
fn unwritten(play: &mut Play<'_>, exchange: &Exchange) -> Option<String> {
    let op = exchange.call.op()?;
    let object = exchange.call.path.split('/').find(|part| part.len() == 36).unwrap_or_default();
    let known = format!(
        "SELECT count(*) AS count FROM sync_steps JOIN sync_runs ON run_id = sync_runs.id \
         WHERE sync_runs.rowid > {} AND action IN ('{}', 'create') AND outcome <> 'planned' \
         AND (instr(step, '{object}') > 0 OR action = 'create' OR EXISTS (SELECT 1 FROM entra_links \
         WHERE entra_links.user_id = sync_steps.user_id AND object_id = '{object}'))",
        play.since,
        op.action()
    );
    (play.watch.number(&known) == 0)
        .then(|| format!("I04: {} {} is in no journal", exchange.call.method, exchange.call.path))
}
