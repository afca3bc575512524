//! *Sync users*: the match table, the look behind it, and the answers to it.

mod row;

use app::{
    matches::{MatchTable, Pair, Row as Found, Standing},
    office365::Office365View,
};
use model::Role;
use url::form_urlencoded;

use super::{assignments::office365, paging, step_up, sync_runs::carry_on};

use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::matches::Matches,
        parts::{Choice, Pager, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows, times},
};
pub(super) use row::evidence;

const PATH: &str = "/admin/matches";

/// How many rows a page has.
const PAGE: i64 = 50;

/// Which rows there are to see, the usual ones first.
const SHOW: [(&str, &str); 9] = [
    ("suggested", "Suggested"),
    ("ambiguous", "Ambiguous"),
    ("confirmed", "Confirmed"),
    ("linked", "Linked"),
    ("here", "Only here"),
    ("there", "Only there"),
    ("excluded", "Excluded"),
    ("rejected", "Rejected"),
    ("all", "All"),
];

/// Whether the tenant's first plan was confirmed.
#[derive(Clone, Copy)]
enum Confirmed {
    Yes,
    NotYet,
}

/// What is asked of the table.
struct Asked {
    show: String,
    q: String,
    ticked: Vec<String>,
    problems: Vec<Problem>,
}

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let (show, q) = (desk.asked("show"), desk.asked("q"));
    let asked = Asked { show, q, ticked: Vec::new(), problems: Vec::new() };
    let page = page(&admin, &desk, asked).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Looks at everybody in the tenant anew.
pub(super) async fn look(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, admin) = (desk.counter.house.clone(), (*admin).clone());
    let looked = carry_on(async move { house.look_for_matches(&admin, tenant).await }).await?;
    let done = looked.map_or("plan-begun", |()| "looked");
    Ok(see_other(&format!("{PATH}?done={done}")))
}

/// Says yes to everything that was ticked.
pub(super) async fn accept(admin: Console, desk: Desk, form: Form) -> Answer {
    let [show, q] = form.with_lists(["show", "q"], &["pair"])?;
    let ticked = form.list("pair");
    let pairs = ticked.iter().map(|text| pair(text)).collect::<Result<Vec<_>, _>>()?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.accept_matches(&admin, tenant, pairs, visitor).await {
        Ok(_) => Ok(see_other(&format!("{PATH}?show=confirmed&done=matches-confirmed"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let asked = Asked { show, q, ticked, problems: vec![problem] };
            let page = page(&admin, &desk, asked).await?;
            desk.again(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
        }
    }
}

/// Says no to one row; what else was ticked is left alone.
pub(super) async fn reject(admin: Console, desk: Desk, form: Form) -> Answer {
    let [show, q, rejected] = form.with_lists(["show", "q", "reject"], &["pair"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.reject_match(&admin, tenant, pair(&rejected)?, visitor).await?;
    Ok(see_other(&back(&show, &q, "match-rejected")))
}

/// Takes back what was said of one row.
pub(super) async fn reopen(admin: Console, desk: Desk, form: Form) -> Answer {
    let [show, q, reopened] = form.with_lists(["show", "q", "reopen"], &["pair"])?;
    let tenant = office365(&admin, &desk).await?.tenant.id;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.reopen_match(&admin, tenant, pair(&reopened)?, visitor).await?;
    Ok(see_other(&back(&show, &q, "match-reopened")))
}

fn back(show: &str, q: &str, done: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([("show", show), ("q", q), ("done", done)]);
    format!("{PATH}?{}", query.finish())
}

/// A person and an object, as the forms name them.
fn pair(text: &str) -> Result<Pair, Failure> {
    let (person, object) = text.split_once('_').ok_or(Failure::NoSuchPage)?;
    Ok((id(person)?, id(object)?))
}

async fn page(admin: &Console, desk: &Desk, asked: Asked) -> Result<Matches, Failure> {
    let house = &desk.counter.house;
    let (view, now) = (house.office365(admin).await?.into_iter().next(), house.now());
    let Some(Office365View { tenant, application, .. }) = view else { return Ok(unconnected()) };
    let confirmed =
        if application.settings.first_plan_confirmed { Confirmed::Yes } else { Confirmed::NotYet };
    let table = house.matches(admin, tenant.id).await?;
    let shown = SHOW.iter().find(|(word, _)| *word == asked.show).map_or("suggested", |(w, _)| w);
    let found: Vec<&Found> = table
        .rows
        .iter()
        .filter(|row| fits(row, shown) && row::is_found(&table, row, &asked.q))
        .collect();
    let number = paging::number(desk);
    let first = usize::try_from(paging::offset(number, PAGE)).unwrap_or(usize::MAX);
    let seen: Vec<_> = found
        .iter()
        .skip(first)
        .take(usize::try_from(PAGE).unwrap_or(usize::MAX))
        .map(|found| row::row(&table, found, &asked.ticked))
        .collect();
    let filters = [("show", shown), ("q", asked.q.as_str())];
    let open = seen.iter().any(|row| row.may_accept);
    let may_tick = admin.require(Role::SecurityAdmin).is_ok();
    let confirm = step_up::require(admin, desk).is_err().then(|| step_up::confirm("/admin", PATH));
    Ok(Matches {
        verdict: verdict(&table),
        connected: true,
        looked: table.looked_at.map(|at| times::when(at, now)),
        show: choices(&table, shown),
        shown: shown.to_owned(),
        may_tick: may_tick && open,
        only_looks: !may_tick && open,
        pager: paging::pager((number, PAGE), (seen.len(), rows(found.len())), PATH, &filters),
        rows: seen,
        q: asked.q,
        waiting: waiting(&table, confirmed),
        confirm,
        problems: asked.problems,
    })
}

fn unconnected() -> Matches {
    Matches {
        verdict: Verdict::new(Tone::Neutral, "No tenant is connected yet."),
        connected: false,
        looked: None,
        q: String::new(),
        show: Vec::new(),
        shown: String::new(),
        rows: Vec::new(),
        may_tick: false,
        only_looks: false,
        pager: Pager { first: 0, last: 0, total: 0, previous: None, next: None },
        waiting: String::new(),
        confirm: None,
        problems: Vec::new(),
    }
}

/// The word of the filter that shows a row.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Suggested => "suggested",
        Standing::Ambiguous => "ambiguous",
        Standing::Accepted => "confirmed",
        Standing::Linked => "linked",
        Standing::Rejected => "rejected",
        Standing::OnlyHere => "here",
        Standing::OnlyThere => "there",
        Standing::Excluded(_) => "excluded",
    }
}

fn fits(row: &Found, show: &str) -> bool {
    show == "all" || word(row.standing) == show
}

fn choices(table: &MatchTable, shown: &str) -> Vec<Choice> {
    let many = |word: &str| table.rows.iter().filter(|row| fits(row, word)).count();
    let choice = |(word, label): &(&str, &str)| {
        Choice::new(word, &format!("{label} ({})", many(word)), shown)
    };
    SHOW.iter().map(choice).collect()
}

fn verdict(table: &MatchTable) -> Verdict {
    let of = |word: &str| rows(table.rows.iter().filter(|row| fits(row, word)).count());
    let (suggested, ambiguous) = (of("suggested"), of("ambiguous"));
    if table.looked_at.is_none() {
        return Verdict::new(Tone::Neutral, "Nobody has looked at the tenant yet.");
    }
    if suggested + ambiguous == 0 {
        let linked = count(of("linked"), "person is", "people are");
        return Verdict::new(Tone::Ok, &format!("Nothing waits for your answer; {linked} linked."));
    }
    let suggested = count(suggested, "suggestion", "suggestions");
    let ambiguous = count(ambiguous, "ambiguous row", "ambiguous rows");
    let text = format!("{suggested} and {ambiguous} wait for your answer.");
    Verdict::new(Tone::Warn, &text)
}

fn waiting(table: &MatchTable, confirmed: Confirmed) -> String {
    let many = rows(table.rows.iter().filter(|row| row.standing == Standing::Accepted).count());
    if many == 0 {
        return String::new();
    }
    let when = match confirmed {
        Confirmed::Yes => {
            "The next pass takes over each against which nothing stands, within a quarter of an hour; \
             the plan says of the others why they wait. Look at it and carry it out now, if you like."
        }
        Confirmed::NotYet => {
            "The first plan for this tenant takes them over, once you have looked at it and confirmed \
             it. Assign somebody before, if you like: the plan then does both."
        }
    };
    format!("{} confirmed. {when}", count(many, "account is", "accounts are"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_a_filter_that_shows_it() {
        let words = [
            Standing::Suggested,
            Standing::Ambiguous,
            Standing::Accepted,
            Standing::Linked,
            Standing::Rejected,
            Standing::OnlyHere,
            Standing::OnlyThere,
            Standing::Excluded(app::matches::Why::Blocked),
        ]
        .map(word);
        assert!(words.iter().all(|word| SHOW.iter().any(|(known, _)| known == word)));
        assert_eq!(words.len() + 1, SHOW.len());
    }
}
