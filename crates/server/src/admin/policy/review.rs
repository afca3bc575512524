//! What publishing the draft changes, and publishing or discarding it.

use app::policy::{Change, Impact, PolicyView};
use model::{Ts, policy::Rule};

use super::{LIST, conflict, drafted, fine};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        admin::{
            domain::Property,
            policy::{ChangeRow, LockedOut, PolicyReview},
        },
        parts::{Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, policy as words, rows},
};

/// More changed sign-ins than this are counted, not shown.
const SHOWN: usize = 100;

/// The draft beside what counts.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    match page(&admin, &desk, Vec::new()).await? {
        Some(page) => fine(&admin, &desk, &page).await,
        None => Ok(see_other(LIST)),
    }
}

/// Lets the draft count.
pub(in crate::admin) async fn publish(admin: Console, desk: Desk, form: Form) -> Answer {
    let [seen] = form.exactly(["seen"])?;
    let seen = seen.parse().map_err(|_| Failure::bad_input("That is no moment of a draft."))?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.publish_policy(&admin, Ts(seen), visitor).await {
        Ok(()) => Ok(see_other(&format!("{LIST}?done=policy-published"))),
        Err(error) if error.kind == app::Kind::Conflict => {
            let problem = Problem::of_form(&error.public, "Nothing was published.");
            match page(&admin, &desk, vec![problem]).await? {
                Some(page) => conflict(&admin, &desk, &page).await,
                None => drafted(&admin, &desk, Err(error)).await,
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Throws the draft away.
pub(in crate::admin) async fn discard(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    match desk.counter.house.discard_policy(&admin, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("{LIST}?done=policy-discarded"))),
        done => drafted(&admin, &desk, done).await,
    }
}

async fn page(
    admin: &Console,
    desk: &Desk,
    problems: Vec<Problem>,
) -> Result<Option<PolicyReview>, Failure> {
    let house = &desk.counter.house;
    let (view, impact) = (house.policy(admin).await?, house.policy_impact(admin).await?);
    let (Some(draft), Some(impact)) = (&view.draft, impact) else { return Ok(None) };
    Ok(Some(PolicyReview {
        verdict: verdict(&impact),
        seen: draft.made_at.0.to_string(),
        rules: differences(&view),
        locked_out: locked_out(&impact),
        broad: impact.broad.clone(),
        changes: impact.changes.iter().take(SHOWN).map(|it| row(&view, it)).collect(),
        more: impact.changes.len().saturating_sub(SHOWN),
        problems,
    }))
}

/// Who lacks what would be taken, as far as names help; `None`: nobody.
fn locked_out(impact: &Impact) -> Option<LockedOut> {
    let names = &impact.without_passkey;
    let many = count(rows(names.len()), "person has no passkey", "people have no passkey");
    let way = if impact.shuts_portal {
        "Who has an authenticator app is locked out, and can't add a passkey either: the draft keeps \
         them from the portal. You would have to reset their second factors one by one. Take keys \
         for the portal last."
    } else {
        "Who has an authenticator app adds one on the portal's security page."
    };
    (!names.is_empty()).then(|| LockedOut {
        summary: format!("{many} or security key."),
        way: format!("{way} Who has no second factor yet sets one up at the next sign-in."),
        names: names.iter().take(SHOWN).cloned().collect(),
        more: names.len().saturating_sub(SHOWN),
    })
}

fn verdict(impact: &Impact) -> Verdict {
    if impact.is_cut {
        let text = "There are too many people and places to try them all; look closely.";
        return Verdict::new(Tone::Warn, text);
    }
    if impact.people == 0 {
        return Verdict::new(Tone::Ok, "Publishing this changes no sign-in that was tried.");
    }
    let of = count(rows(impact.of), "person", "people");
    let text = format!("Publishing this changes sign-ins of {} of {of}.", impact.people);
    Verdict::new(Tone::Warn, &text)
}

/// The rules of both versions side by side, in the order of the draft; then those that go.
fn differences(view: &PolicyView) -> Vec<Property> {
    let rules = |version: &Option<model::policy::PolicyVersion>| {
        version.as_ref().map(|version| version.rules.clone()).unwrap_or_default()
    };
    let (old, new) = (rules(&view.published), rules(&view.draft));
    let at = |rules: &[Rule], wanted: &Rule| rules.iter().position(|rule| rule.id == wanted.id);
    let text = |place: usize, rule: &Rule| {
        format!("{}. {}: {}", place + 1, rule.name, words::line(view, rule))
    };
    let kept = new.iter().enumerate().map(|(place, rule)| {
        let before = at(&old, rule).map(|at| text(at, &old[at])).unwrap_or_default();
        Property::new(&rule.name, &before, &text(place, rule))
    });
    let gone = old.iter().enumerate().filter(|(_, rule)| at(&new, rule).is_none());
    let gone = gone.map(|(place, rule)| Property::new(&rule.name, &text(place, rule), ""));
    kept.chain(gone).filter(|property| property.changed).collect()
}

fn row(view: &PolicyView, change: &Change) -> ChangeRow {
    let more = if change.people > change.names.len() { " and more" } else { "" };
    let people = count(rows(change.people), "person", "people");
    ChangeRow {
        people: format!("{people}: {}{more}", change.names.join(", ")),
        target: capital(&words::target(view, change.scene.target)),
        way: way(change),
        before: words::ending(&change.before),
        after: words::ending(&change.after),
    }
}

/// By what program and from where.
fn way(change: &Change) -> String {
    let scene = &change.scene;
    let agent = &scene.agent;
    let named = || format!(" that calls itself \"{agent}\"");
    let named = (!agent.is_empty()).then(named).unwrap_or_default();
    let place = scene.address.map_or("elsewhere".to_owned(), |address| address.to_string());
    let asked = if scene.asked { ", asked for a second factor" } else { "" };
    format!("With {}{named}, from {place}{asked}", words::client(scene.client))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
