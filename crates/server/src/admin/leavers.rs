//! What will be taken from people who leave, in words, and the legal hold that stops it.

use std::{collections::HashMap, time::Duration};

use actix_web::web;
use app::{
    accounts::PersonDetails,
    leavers::{Account, Due, Fate, Leaving, Loss, Why},
};
use model::{
    Ts,
    application::{Office365Settings, OnUnassign},
    entra::KEPT_IN_BIN,
    ids::UserId,
    legal_hold::LegalHold,
    user::UserState,
};

use super::user;
use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::{
            applications::DueRow,
            user::{Departure, Hold},
        },
        parts::{Badge, Check, Tone},
    },
    visitor::Console,
    wording::{count, times},
};

/// Places somebody under a legal hold.
pub(super) async fn place_hold(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [reason] = form.exactly(["hold_reason"])?;
    let person: UserId = id(&path)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.place_hold(&admin, person, &reason, visitor).await {
        Ok(()) => Ok(see_other(&format!("/admin/users/{person}?done=hold-placed"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let mut page = user::page(&admin, &desk, person).await?;
            page.problems.push(problem);
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Lifts it.
pub(super) async fn lift_hold(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let person: UserId = id(&path)?;
    desk.counter.house.lift_hold(&admin, person, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{person}?done=hold-lifted")))
}

/// A row of what is due.
pub(super) fn due(due: &Due, now: Ts) -> DueRow {
    DueRow {
        href: format!("/admin/users/{}", due.user.id),
        name: due.user.profile.display_name.clone(),
        upn: due.user.upn.to_string(),
        what: match due.what {
            Loss::Licences => Badge::new(Tone::Warn, "Licences"),
            Loss::Account => Badge::new(Tone::Danger, "Account"),
        },
        at: times::when(due.at.max(now), now),
    }
}

/// Who placed the hold of a person.
pub(super) fn holder(person: &PersonDetails) -> Option<UserId> {
    held(person.fate.as_ref()?).map(|hold| hold.placed_by)
}

/// The panel of a person's page.
pub(super) fn panel(person: &PersonDetails, names: &HashMap<UserId, String>, now: Ts) -> Departure {
    let fate = person.fate.as_ref();
    let hold = fate.and_then(held).map(|hold| Hold {
        reason: hold.reason.clone(),
        by: names.get(&hold.placed_by).map_or("somebody who is gone", String::as_str).to_owned(),
        since: times::when(hold.placed_at, now),
    });
    let leaving = fate.and_then(|fate| Some((fate, fate.leaving.as_ref()?)));
    Departure {
        text: match (leaving, &hold) {
            (Some((_, leaving)), _) => format!("Left on {}.", times::day(leaving.since)),
            (None, Some(_)) => "The hold keeps licences and account should they leave.".to_owned(),
            (None, None) => "Nothing is going to be taken away.".to_owned(),
        },
        steps: leaving
            .map(|(fate, leaving)| steps((fate, leaving), way_back(person), now))
            .unwrap_or_default(),
        hold,
    }
}

fn held(fate: &Fate) -> Option<&LegalHold> {
    fate.hold.as_ref().filter(|hold| hold.holds())
}

/// What was done and what will be, in its order.
fn steps((fate, leaving): (&Fate, &Leaving), way_back: &str, now: Ts) -> Vec<Check> {
    let Some(link) = &fate.link else {
        return vec![Check::new(Tone::Neutral, "No account in Microsoft 365", "Nothing to take.")];
    };
    let mut steps = vec![blocked(fate)];
    if let Some(deleted) = link.deleted_at {
        let licences = leaving.licences_at.map_or(deleted, |at| at.min(deleted));
        steps.push(in_bin((licences, deleted), way_back, now));
        return steps;
    }
    let label = |past: bool, done: &str, coming: &str| if past { done } else { coming }.to_owned();
    steps.push(match leaving.licences_at {
        None if held(fate).is_some() => Check::new(Tone::Neutral, "Licences stay", HELD),
        None => Check::new(Tone::Neutral, "Licences stay", "The settings take none away."),
        Some(at) if at + A_DAY < now => {
            Check::new(Tone::Ok, "Licences of the assignment are taken away", &times::day(at))
        }
        Some(at) => {
            let label = label(at <= now, "Licences are taken away", "Licences will be taken away");
            Check::new(Tone::Warn, &label, &day_from(at, now))
        }
    });
    steps.extend(mailbox(leaving, now));
    steps.push(match leaving.account {
        Account::Stays(why) => Check::new(Tone::Neutral, "The account stays", &stays(why)),
        Account::DeletedAt(at) => {
            let label = label(at <= now, "The account is deleted", "The account will be deleted");
            let text = format!(
                "{}. {way_back} prevents it until then, and for 30 days more brings it back. A legal \
                 hold prevents it, too.",
                day_from(at, now)
            );
            Check::new(Tone::Danger, &label, &text)
        }
    });
    steps
}

/// An administrator of the tenant isn't blocked by us, and somebody may have been faster.
fn blocked(fate: &Fate) -> Check {
    match fate.blocked_at {
        Some(at) => {
            let label = "Sign-in to Microsoft 365 is blocked, sessions are revoked";
            Check::new(Tone::Ok, label, &times::day(at))
        }
        None => Check::new(
            Tone::Warn,
            "Sign-in to Microsoft 365 wasn't blocked by Gatehouse",
            "It is under way, or it was blocked there before, or the last sync run says why not.",
        ),
    }
}

/// By then every pass was there.
const A_DAY: Duration = Duration::from_hours(24);
const HELD: &str = "There is a legal hold.";

/// How long Microsoft keeps a mailbox whose licence is gone.
const MAILBOX: Duration = Duration::from_hours(30 * 24);

/// What an admin does to have the account back.
fn way_back(person: &PersonDetails) -> &'static str {
    match (person.user.state, person.assignments.is_empty()) {
        (UserState::Blocked, false) => "Unblocking the person",
        (UserState::Blocked, true) => "Unblocking and assigning the person again",
        _ => "Assigning the person again",
    }
}

/// When the mailbox goes by itself; one whose account is deleted before goes with that.
fn mailbox(leaving: &Leaving, now: Ts) -> Option<Check> {
    let at = leaving.licences_at? + MAILBOX;
    if leaving.delete_at().is_some_and(|deleted| deleted <= at) {
        return None;
    }
    let text = format!("About {} ({})", times::day(at), times::relative(at, now));
    Some(Check::new(Tone::Danger, "Microsoft deletes the mailbox", &text))
}

fn in_bin((licences, deleted): (Ts, Ts), way_back: &str, now: Ts) -> Check {
    let gone = deleted + KEPT_IN_BIN;
    let text = if gone > now {
        let mail = if licences + MAILBOX > now {
            format!("with its mail until about {}", times::day(gone.min(licences + MAILBOX)))
        } else {
            "but hardly its mail, because the licences went more than 30 days ago".to_owned()
        };
        format!(
            "On {}. {way_back} brings it back until {} ({}), {mail}.",
            times::day(deleted),
            times::day(gone),
            times::relative(gone, now)
        )
    } else {
        format!("On {}. Microsoft has removed it for good.", times::day(deleted))
    };
    Check::new(Tone::Danger, "The account is deleted", &text)
}

/// "25 Nov 2026 (in 14 days)"; what is overdue waits for the next pass.
fn day_from(at: Ts, now: Ts) -> String {
    if at <= now {
        return format!("Due since {}: in the next pass", times::day(at));
    }
    format!("{} ({})", times::day(at), times::relative(at, now))
}

fn stays(why: Why) -> String {
    match why {
        Why::Policy => "The settings delete nobody for this.".to_owned(),
        Why::Held => HELD.to_owned(),
        Why::NotThere => "Gatehouse knows of none.".to_owned(),
        Why::NotOurs => "It was in Microsoft 365 before Gatehouse, which deletes only what it \
                         created."
            .to_owned(),
        Why::RestoredInEntra(at) => format!(
            "Gatehouse deleted it on {}, and somebody restored it in Microsoft Entra. It isn't \
             deleted twice.",
            times::day(at)
        ),
    }
}

/// What unassigning does, in sentences.
pub(super) fn unassigning(settings: &Office365Settings) -> String {
    if settings.on_unassign == OnUnassign::Keep {
        return "The account in Microsoft 365 stays as it is, with its licences. Nothing is deleted."
            .to_owned();
    }
    let days = count(i64::from(settings.licence_grace_days), "day", "days");
    format!(
        "Sign-in is blocked and sessions are revoked at once; the licence is taken away after \
         {days}. The mailbox is kept until then{}",
        deleting(settings.delete_days, ", and nothing is deleted.")
    )
}

/// What blocking does besides blocking, as sentences that follow another one.
pub(super) fn blocking(settings: &Office365Settings) -> String {
    let Some(days) = settings.blocked_licence_days else {
        return " Nothing is deleted.".to_owned();
    };
    let days = count(i64::from(days), "day", "days");
    let deleting = deleting(settings.blocked_delete_days, ", and nothing is deleted.");
    format!(" The licence is taken away after {days}{deleting}")
}

fn deleting(days: Option<u32>, never: &str) -> String {
    match days {
        None => never.to_owned(),
        Some(days) => {
            let days = count(i64::from(days), "day", "days");
            format!(
                ", and the account is deleted after {days}, if Gatehouse created it. Microsoft \
                 keeps it for 30 days more."
            )
        }
    }
}
