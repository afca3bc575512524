//! The audit log, searched.

use app::audit::{AuditSearch, ChainState, PAGE};
use model::{
    Ts,
    audit::{AuditKind, Outcome},
};

use super::paging;
use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::audit::Audit,
        parts::{Check, Choice, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let (q, kind, outcome) = (desk.asked("q"), desk.asked("kind"), desk.asked("outcome"));
    let number = paging::number(&desk);
    let search = AuditSearch {
        subject: q.clone(),
        kind: AuditKind::from_name(&kind),
        outcome: match outcome.as_str() {
            "done" => Some(Outcome::Done),
            "refused" => Some(Outcome::Refused),
            _ => None,
        },
        offset: paging::offset(number, PAGE),
    };
    let house = &desk.counter.house;
    let found = house.audit_rows(&admin, search).await?;
    let names = house.names(&admin, events::actors(&found.rows)).await?;
    let programs = house.program_names(&admin).await?;
    let now = house.now();
    let filters = [("q", q.as_str()), ("kind", &kind), ("outcome", &outcome)];
    let shown = (found.rows.len(), found.total);
    let page = Audit {
        proof: vec![proof(&house.chain_state(&admin).await?, now)],
        verdict: Verdict::new(
            Tone::Neutral,
            &format!("{}.", count(found.total, "event", "events")),
        ),
        kind: kinds(&kind),
        outcome: outcomes(&outcome),
        rows: found.rows.iter().map(|event| events::row(event, (&names, &programs), now)).collect(),
        pager: paging::pager((number, PAGE), shown, "/admin/audit", &filters),
        q,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Activity).await?, &page)
}

/// Whether the log is as it was written, as far as the house knows by itself.
fn proof(state: &ChainState, now: Ts) -> Check {
    let label = "Proof against changes";
    let alone = " No signed checkpoints are kept elsewhere: set [audit] in the configuration.";
    let elsewhere = if state.is_kept_elsewhere { "" } else { alone };
    let Some(checked) = &state.checked else {
        let soon = format!("Nothing was checked yet; that happens every hour.{elsewhere}");
        return Check::new(Tone::Neutral, label, &soon);
    };
    let ago = times::relative(checked.at, now);
    let Some(finding) = &checked.finding else {
        let row = checked.number;
        let fine = format!("As it was written up to row {row}, checked {ago}.{elsewhere}");
        return Check::new(Tone::Ok, label, &fine);
    };
    let changed = format!(
        "Not as it was written, as seen {ago}: {finding}. Run gatehouse audit verify to see all of it."
    );
    Check::new(Tone::Danger, label, &changed)
}

fn kinds(chosen: &str) -> Vec<Choice> {
    let choice = |kind: &AuditKind| Choice::new(kind.as_str(), events::what(*kind), chosen);
    let all = AuditKind::ALL.iter().map(choice);
    std::iter::once(Choice::new("", "Everything", chosen)).chain(all).collect()
}

fn outcomes(chosen: &str) -> Vec<Choice> {
    vec![
        Choice::new("", "Done or refused", chosen),
        Choice::new("done", "Done", chosen),
        Choice::new("refused", "Refused", chosen),
    ]
}
