//! The audit log, searched.

use app::audit::{AuditSearch, PAGE};
use model::audit::{AuditKind, Outcome};

use super::paging;
use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::audit::Audit,
        parts::{Choice, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, events},
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
    let now = house.now();
    let filters = [("q", q.as_str()), ("kind", &kind), ("outcome", &outcome)];
    let shown = (found.rows.len(), found.total);
    let page = Audit {
        verdict: Verdict::new(
            Tone::Neutral,
            &format!("{}.", count(found.total, "event", "events")),
        ),
        kind: kinds(&kind),
        outcome: outcomes(&outcome),
        rows: found.rows.iter().map(|event| events::row(event, &names, now)).collect(),
        pager: paging::pager((number, PAGE), shown, "/admin/audit", &filters),
        q,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Activity).await?, &page)
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
