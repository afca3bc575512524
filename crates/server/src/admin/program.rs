//! One other system: what it may, its tokens, and letting it go on after it was held.

use actix_web::web;
use app::programs::{ProgramView, TOKENS};
use model::{
    Role, Ts,
    ids::{ProgramId, ProgramTokenId},
    program::{ProgramToken, Removal},
};

use super::programs::{PATH, brought, problem, wish};
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::{
            programs::{ProgramForm, ProgramPage, TokenRow},
            user::OneTimeSecret,
        },
        parts::{Badge, Fact, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let page = page(&admin, &desk, id(&path)?).await?;
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

/// Changes what it may.
pub(super) async fn save(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let which: ProgramId = id(&path)?;
    let [name, brings, removal] = form.exactly(["name", "brings", "removal"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let wish = wish(&name, &brings, &removal)?;
    match house.change_program(&admin, which, wish, visitor).await {
        Ok(()) => Ok(see_other(&format!("{PATH}/{which}?done=saved"))),
        Err(error) => {
            let problems = vec![problem(error)?];
            let form = ProgramForm::new(&name, &brings, &removal, problems.clone());
            let page = ProgramPage { form, problems, ..page(&admin, &desk, which).await? };
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Makes a token, which is shown this once.
pub(super) async fn make_token(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let which: ProgramId = id(&path)?;
    let [days] = form.exactly(["days"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    match house.make_program_token(&admin, which, &days, visitor).await {
        Ok(secret) => {
            let token = OneTimeSecret {
                label: "Token".to_owned(),
                value: secret.expose().to_owned(),
                note: "Give it to the other system. Whoever has it can make, block and remove \
                       people in its name."
                    .to_owned(),
            };
            let page = ProgramPage { token: Some(token), ..page(&admin, &desk, which).await? };
            desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
        Err(error) => {
            let problems = vec![problem(error)?];
            let page = ProgramPage { days, problems, ..page(&admin, &desk, which).await? };
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Takes a token back.
pub(super) async fn revoke(
    admin: Console,
    desk: Desk,
    path: web::Path<(String, String)>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (which, token): (ProgramId, ProgramTokenId) = (id(&path.0)?, id(&path.1)?);
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.revoke_program_token(&admin, which, token, visitor).await?;
    Ok(see_other(&format!("{PATH}/{which}?done=token-revoked")))
}

/// Lets it go on after it was held.
pub(super) async fn let_on(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let which: ProgramId = id(&path)?;
    let [people] = form.exactly(["people"])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let number = people.trim().parse().unwrap_or(0);
    match house.let_program_on(&admin, which, number, visitor).await {
        Ok(()) => Ok(see_other(&format!("{PATH}/{which}?done=program-let-on"))),
        Err(error) => {
            let problems = vec![problem(error)?];
            let page = ProgramPage { people, problems, ..page(&admin, &desk, which).await? };
            desk.again(&desk.console_chrome(&admin, Rail::People).await?, &page)
        }
    }
}

/// Lets it in no more.
pub(super) async fn remove(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_program(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{PATH}?done=program-removed")))
}

async fn page(admin: &Console, desk: &Desk, which: ProgramId) -> Result<ProgramPage, Failure> {
    let (house, now) = (&desk.counter.house, desk.counter.house.now());
    let view = house.program(admin, which).await?;
    let program = &view.program;
    let removal = match program.removal {
        Removal::Block => "block",
        Removal::Keep => "keep",
    };
    let brings = if program.brings_groups { "groups" } else { "people" };
    let live = view.tokens.iter().filter(|token| token.expires_at > now).count();
    Ok(ProgramPage {
        id: program.id.to_string(),
        name: program.name.clone(),
        verdict: verdict(&view, live),
        facts: facts(desk, &view, now),
        is_held: program.held_at.is_some(),
        held: format!(
            "{}, it took something from {} and made {}; {} is the most from whom it may take \
             something without your word.",
            if view.is_let_on { "Since you let it go on" } else { "In 24 hours" },
            count(rows(view.lost), "person", "people"),
            count(view.made, "person", "people"),
            view.most
        ),
        people: String::new(),
        tokens: view.tokens.iter().map(|token| row(token, now)).collect(),
        days: "365".to_owned(),
        may_have_token: live < TOKENS,
        token: None,
        may_change: admin.role().covers(Role::UserAdmin),
        form: ProgramForm::new(&program.name, brings, removal, Vec::new()),
        problems: Vec::new(),
    })
}

fn verdict(view: &ProgramView, live: usize) -> Verdict {
    let said = format!("It brought {}.", brought(view));
    if view.program.held_at.is_some() {
        let held = "Held: it would have taken something from too many people, or made too many.";
        Verdict::new(Tone::Danger, held)
    } else if live == 0 {
        Verdict::new(Tone::Warn, &format!("{said} It has no token that is good, so it can't come."))
    } else {
        Verdict::new(Tone::Ok, &said)
    }
}

fn facts(desk: &Desk, view: &ProgramView, now: Ts) -> Vec<Fact> {
    let mut facts = vec![
        Fact::id("SCIM address", &format!("{}/scim/v2", desk.counter.origin)),
        Fact::text("Brought", &brought(view)),
    ];
    let last = view.program.last.as_ref();
    let last = last.map_or_else(
        || "nothing yet".to_owned(),
        |(at, did)| format!("{did}, {}", times::relative(*at, now)),
    );
    facts.push(Fact::text("Changed last", &last));
    let since = if view.is_let_on { "since it was let go on" } else { "in 24 hours" };
    let taken = format!("{} of at most {} {since}", view.lost, view.most);
    facts.push(Fact::text("Blocked, removed, renamed or taken out of groups", &taken));
    facts
}

fn row(token: &ProgramToken, now: Ts) -> TokenRow {
    let id = token.id.to_string();
    TokenRow {
        short: format!("…{}", &id[id.len() - 8..]),
        made: times::when(token.made_at, now),
        ends: times::when(token.expires_at, now),
        used: token.used_at.map(|at| times::when(at, now)),
        state: if token.expires_at > now {
            Badge::new(Tone::Ok, "Good")
        } else {
            Badge::new(Tone::Neutral, "Over")
        },
        id,
    }
}
