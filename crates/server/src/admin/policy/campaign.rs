//! The board of second factors: who has one, who is left, and until when it may be put off.

use std::time::Duration;

use actix_web::web;
use app::{
    accounts::PersonDetails,
    campaign::{CampaignChange, CampaignView, Left, NewExemption},
};
use model::{Role, Ts, ids::UserId};

use crate::{
    admin::{paging, user},
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::{
            campaign::{Campaign, MailedCodes, Row},
            home::Tile,
            policy::tabs,
            user::ExemptionPanel,
        },
        parts::{Badge, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, times},
};

const BOARD: &str = "/admin/policy/second-factors";
const PAGE: i64 = 50;
/// The campaign ends with a day: the moment after is another one's.
const A_MOMENT: Duration = Duration::from_secs(1);

/// The board.
pub(crate) async fn show(admin: Console, desk: Desk) -> Answer {
    super::fine(&admin, &desk, &page(&admin, &desk).await?).await
}

/// Sets the last day.
pub(crate) async fn save(admin: Console, desk: Desk, form: Form) -> Answer {
    let [last_day] = form.with_lists(["last_day"], &["may_put_off"])?;
    let may_put_off = !form.list("may_put_off").is_empty();
    let change = CampaignChange { last_day: last_day.clone(), may_put_off };
    let house = &desk.counter.house;
    match house.change_campaign(&admin, change, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("{BOARD}?done=saved"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let page = page(&admin, &desk).await?;
            let page = Campaign { last_day, may_put_off, problems: vec![problem], ..page };
            desk.again(&desk.console_chrome(&admin, Rail::Policy).await?, &page)
        }
    }
}

/// Writes to everybody who is left.
pub(crate) async fn invite(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.invite_to_enroll(&admin, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{BOARD}?done=invited")))
}

/// Allows codes by e-mail, or none any more.
pub(crate) async fn allow_mailed_codes(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.with_lists([], &["allowed"])?;
    let allowed = !form.list("allowed").is_empty();
    desk.counter.house.allow_mailed_codes(&admin, allowed, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{BOARD}?done=saved")))
}

/// The panel of a person's page.
pub(crate) fn exemption(
    admin: &Console,
    person: &PersonDetails,
    by: Option<&String>,
) -> ExemptionPanel {
    let lasting = person.exemption.as_ref().map(|exemption| {
        if exemption.is_own() {
            return format!("Put off by themselves until {}.", times::exact(exemption.until));
        }
        let by = by.map_or("somebody who is gone", String::as_str);
        let day = times::day(exemption.until - A_MOMENT);
        format!("Until the end of {day}, by {by}: {}", exemption.reason)
    });
    let user = &person.user;
    let may_change = admin.role().covers(Role::SecurityAdmin) && user.role.is_none();
    ExemptionPanel { lasting, may_change, ..ExemptionPanel::default() }
}

/// Exempts somebody, on their page.
pub(crate) async fn exempt(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [last_day, reason] = form.exactly(["last_day", "reason"])?;
    let person: UserId = id(&path)?;
    let new = NewExemption { last_day: last_day.clone(), reason: reason.clone() };
    let house = &desk.counter.house;
    match house.exempt(&admin, person, new, desk.guest.visitor()).await {
        Ok(()) => Ok(see_other(&format!("/admin/users/{person}?done=exempt"))),
        Err(error) => {
            let problem = field_problem(error, &[])?;
            let mut page = user::page(&admin, &desk, person).await?;
            page.exemption.last_day = last_day;
            page.exemption.reason = reason;
            page.exemption.problems = vec![problem.clone()];
            page.problems.push(problem);
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Ends it.
pub(crate) async fn end_exemption(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.end_exemption(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("/admin/users/{path}?done=exemption-ended")))
}

async fn page(admin: &Console, desk: &Desk) -> Result<Campaign, Failure> {
    let (q, number) = (desk.asked("q"), paging::number(desk));
    let house = &desk.counter.house;
    let view = house.campaign(admin, &q, (PAGE, paging::offset(number, PAGE))).await?;
    let now = house.now();
    let shown = (view.left.rows.len(), view.left.total);
    let closes_at = view.campaign.closes_at.filter(|_| view.campaign.is_open(now));
    let may_invite = house.sends_letters()
        && admin.role().covers(Role::UserAdmin)
        && closes_at.is_some()
        && view.left.total > 0;
    Ok(Campaign {
        verdict: verdict(&view, closes_at),
        tabs: tabs(3),
        tiles: tiles(&view),
        last_day: closes_at.map(last_day).unwrap_or_default(),
        may_put_off: view.campaign.may_put_off && closes_at.is_some(),
        may_change: admin.role().covers(Role::SecurityAdmin),
        may_invite,
        mailed_codes: MailedCodes {
            allowed: house.mailed_codes_allowed(admin).await?,
            can_be_sent: house.sends_letters(),
        },
        invited: invited(&view, house.sends_letters(), now),
        rows: view.left.rows.iter().map(|left| row(left, closes_at, now)).collect(),
        pager: paging::pager((number, PAGE), shown, BOARD, &[("q", &q)]),
        q,
        problems: Vec::new(),
    })
}

/// The last day, as a browser's date field takes it.
fn last_day(closes_at: Ts) -> String {
    (closes_at - A_MOMENT).datetime().format("%Y-%m-%d").to_string()
}

fn verdict(view: &CampaignView, closes_at: Option<Ts>) -> Verdict {
    let people = &view.coverage;
    let have = if people.with_factor == 1 { "has" } else { "have" };
    let said = format!(
        "{} of {} {have} a second factor.",
        people.with_factor,
        count(people.people, "person", "people")
    );
    if people.with_factor == people.people {
        return Verdict::new(Tone::Ok, &said);
    }
    let (tone, rest) = match closes_at {
        Some(at) => {
            (Tone::Warn, format!("The others set one up by {}.", times::day(at - A_MOMENT)))
        }
        None => (Tone::Neutral, "The others need an enrolment code.".to_owned()),
    };
    Verdict::new(tone, &format!("{said} {rest}"))
}

fn tiles(view: &CampaignView) -> Vec<Tile> {
    let people = &view.coverage;
    let share = people.with_factor * 100 / people.people.max(1);
    let tile = |label: &str, value: String, note: String| Tile {
        label: label.to_owned(),
        value,
        note,
        tone: Tone::Neutral,
        href: "#left".to_owned(),
    };
    let of = format!("{} of {}", people.with_factor, count(people.people, "person", "people"));
    vec![
        tile("With a second factor", format!("{share} %"), of),
        tile(
            "With a passkey or key",
            people.with_key.to_string(),
            "nothing they can be tricked out of".to_owned(),
        ),
        tile(
            "Doing without for now",
            view.exempt.to_string(),
            "by an exemption, or put off".to_owned(),
        ),
    ]
}

fn invited(view: &CampaignView, sends_letters: bool, now: Ts) -> String {
    if !sends_letters {
        return "There is no mail server: nobody is written to.".to_owned();
    }
    if view.campaign.round.is_some() {
        return "Letters are being written.".to_owned();
    }
    match view.campaign.invited_at {
        Some(at) => format!("Everybody was last written to {}.", times::relative(at, now)),
        None => "Nobody was written to yet.".to_owned(),
    }
}

fn row(left: &Left, closes_at: Option<Ts>, now: Ts) -> Row {
    let (state, note) = match &left.exemption {
        Some(it) if it.is_own() => (
            Badge::new(Tone::Neutral, "Put off"),
            format!("Asked again {}", times::relative(it.until, now)),
        ),
        Some(it) => (
            Badge::new(Tone::Warn, "Exempt"),
            format!("Until {}: {}", last_day(it.until), it.reason),
        ),
        None if closes_at.is_some() && !left.enrolled_before => {
            (Badge::new(Tone::Neutral, "At the next sign-in"), String::new())
        }
        None if left.enrolled_before => (
            Badge::new(Tone::Neutral, "Needs a code"),
            "They had one before, and it was reset".to_owned(),
        ),
        None => (Badge::new(Tone::Neutral, "Needs a code"), String::new()),
    };
    let profile = &left.user.profile;
    Row {
        href: format!("/admin/users/{}", left.user.id),
        name: profile.display_name.clone(),
        upn: left.user.upn.to_string(),
        department: profile.department.clone().unwrap_or_default(),
        state,
        note,
    }
}
