//! How the engine behaved on the wire (I01, I02, I05, I06, I09, I10, I11, I12, I13, I17).

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::{Evidence, off_limits, takes};
use crate::{case::Case, fault::Step, op::Op, script::Subject, wire::Exchange};

/// Of calls for several people at once, one may be on its way when another hears that it must wait.
const ON_ITS_WAY: Duration = Duration::from_millis(400);

/// How often one thing is tried in a run.
const MOST_ATTEMPTS: usize = 8;

pub(super) fn broken(case: Option<&Case>, evidence: &Evidence, subject: &Subject) -> Vec<String> {
    let always = [
        deletes(evidence),
        untouched(evidence),
        few(evidence),
        patient(evidence),
        bounded(evidence),
        off_by_hand(evidence),
    ];
    let Some(case) = case else { return always.into_iter().flatten().collect() };
    let checks = [
        nothing_taken_on_bad_premises(case, evidence),
        fenced(case, evidence),
        others_went_on(case, evidence),
        stays_out(case, evidence, subject),
    ];
    always.into_iter().chain(checks).flatten().collect()
}

fn told(what: &str, exchange: &Exchange) -> String {
    format!("{what}: {} {} {}", exchange.call.method, exchange.call.path, exchange.call.body)
}

/// I01: nothing empties the bin.
fn deletes(evidence: &Evidence) -> Option<String> {
    let for_good = |e: &&Exchange| {
        (e.call.method == "DELETE" && e.call.path.contains("deletedItems"))
            || e.call.path.contains("permanentDelete")
    };
    evidence.log.iter().find(for_good).map(|e| told("I01", e))
}

/// I02
fn untouched(evidence: &Evidence) -> Option<String> {
    let off_limits = off_limits(&evidence.them);
    let touches =
        |e: &&Exchange| e.call.is_write() && off_limits.iter().any(|id| e.call.path.contains(id));
    evidence.log.iter().find(touches).map(|e| told("I02", e))
}

/// I05: five people at most, since there are few.
fn few(evidence: &Evidence) -> Option<String> {
    let hit: HashSet<&str> = evidence
        .log
        .iter()
        .filter(|e| e.took_effect() && takes(e))
        .filter_map(|e| e.call.path.split('/').nth(3))
        .collect();
    (hit.len() > 5).then(|| format!("I05: {} people lost something", hit.len()))
}

/// I11: nobody calls before the time that was asked for is over.
fn patient(evidence: &Evidence) -> Option<String> {
    let mut not_before: HashMap<usize, (Duration, Duration)> = HashMap::new();
    for exchange in &evidence.log {
        let (wait, asked_at) = not_before.get(&exchange.house).copied().unwrap_or_default();
        let on_its_way = exchange.at.saturating_sub(asked_at) < ON_ITS_WAY;
        if exchange.at < wait && !on_its_way && !exchange.call.path.contains("/oauth2/") {
            return Some(told(
                &format!("I11: {:?} too early", wait.saturating_sub(exchange.at)),
                exchange,
            ));
        }
        if let Some(seconds) =
            exchange.retry_after.filter(|_| !exchange.call.path.contains("/oauth2/"))
        {
            let until = exchange.answered_at + Duration::from_secs(seconds);
            not_before.insert(exchange.house, (until.max(wait), exchange.answered_at));
        }
    }
    None
}

/// I11: attempts are counted.
fn bounded(evidence: &Evidence) -> Option<String> {
    let mut attempts: HashMap<(usize, String, Option<Op>), usize> = HashMap::new();
    for exchange in evidence.log[..evidence.disturbed].iter().filter(|e| e.call.is_write()) {
        let key = (exchange.house, exchange.call.path.clone(), exchange.call.op());
        let count = attempts.entry(key).or_default();
        *count += 1;
        // What strikes later strikes in a second run.
        if *count > 4 * MOST_ATTEMPTS {
            return Some(told("I11: tried too often", exchange));
        }
    }
    (evidence.log.len() > 2_000).then(|| format!("I11: {} calls", evidence.log.len()))
}

/// I06, I17
fn nothing_taken_on_bad_premises(case: &Case, evidence: &Evidence) -> Option<String> {
    let during = &evidence.log[..evidence.disturbed];
    let wrote = |e: &&Exchange| e.took_effect();
    match (case.fault.number, case.step) {
        (22, _) if case.way < 2 => during.iter().find(wrote).map(|e| told("I06", e)),
        (31, _) => during.iter().filter(wrote).find(|e| takes(e)).map(|e| told("I06", e)),
        (32, _) => during.iter().find(wrote).map(|e| told("I17", e)),
        (7 | 9, Step::P2) => during.iter().find(wrote).map(|e| told("I06", e)),
        _ => None,
    }
}

/// I09: once another house has run, the one that stood still writes no more.
fn fenced(case: &Case, evidence: &Evidence) -> Option<String> {
    if case.fault.number != 29 {
        return None;
    }
    let during = &evidence.log[..evidence.disturbed];
    let last = during.iter().rposition(|e| e.house == 1)?;
    during[last + 1..].iter().find(|e| e.house == 0 && e.call.is_write()).map(|e| told("I09", e))
}

/// I12: what strikes one object holds up nobody else.
fn others_went_on(case: &Case, evidence: &Evidence) -> Option<String> {
    let of_one =
        matches!(
            (case.fault.number, case.step),
            (8..=11 | 20 | 24..=28 | 35 | 36, Step::P5 | Step::P6) | (7 | 12 | 13 | 15, Step::P5)
        ) || (case.fault.number == 18 && case.step == Step::P5 && case.op != Op::CreateUser);
    // Of a new object nobody can say that it alone is protected: the permission is missing.
    let grace = &evidence.them.user("grace@contoso.com")?.id;
    let hers = |e: &Exchange| e.call.path.contains(grace.as_str()) && e.took_effect();
    let went_on = evidence.log[..evidence.disturbed].iter().any(hers);
    (of_one && !went_on).then(|| "I12: grace was held up".to_owned())
}

/// I14: what others wrote of alice stays.
fn off_by_hand(evidence: &Evidence) -> Option<String> {
    let users = evidence.them.users.iter().chain(&evidence.them.deleted);
    let room = |user: &&simulator::User| user.text("officeLocation").is_some();
    (users.filter(room).count() == 0)
        .then(|| "I14: the room that somebody wrote is gone".to_owned())
}

/// I13: whoever is to stay out is never let in on the way.
fn stays_out(case: &Case, evidence: &Evidence, subject: &Subject) -> Option<String> {
    let out = matches!(case.op, Op::BlockSignIn | Op::RevokeSessions | Op::SoftDelete);
    let alice = subject.object.as_deref().filter(|_| out && case.fault.number != 33);
    let jonas = evidence.them.user("jonas@contoso.com").map(|user| user.id.as_str());
    let lets_in = |e: &&Exchange| {
        let theirs = [alice, jonas].into_iter().flatten().any(|id| e.call.path.contains(id));
        e.took_effect() && theirs && e.call.op() == Some(Op::UnblockSignIn)
    };
    evidence.log.iter().find(lets_in).map(|e| told("I13", e))
}
