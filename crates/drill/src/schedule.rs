//! Schedules that chance makes: what admins do, what goes wrong, who is struck. The same seed makes the
//! same one.

use std::time::Duration;

use app::{Visitor, testing::owner};
use model::{
    application::Licence,
    user::{User, UserState},
};
use store::{subscribed_skus, users};

use crate::{
    clock::Set,
    dice::Dice,
    play::{A_CYCLE, Play, Stage},
    prepared::{self, Result},
    script::{Blow, Moment, Script},
    single::settle,
    wire::{On, Rule, Trouble},
};

/// How large a schedule may be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// How many runs are disturbed at most.
    pub runs: usize,
    /// How many troubles there are on the wire at most.
    pub troubles: usize,
}

impl Size {
    /// For each test run.
    pub const QUICK: Self = Self { runs: 5, troubles: 8 };
    /// For the night.
    pub const NIGHT: Self = Self { runs: 10, troubles: 30 };
}

/// Who may lose something in one schedule, before the guard asks an admin.
const MOST_LOSSES: usize = 4;

/// Plays one schedule; what it broke comes back.
pub async fn play(stage: &Stage, seed: u64, size: Size) -> Result<Vec<String>> {
    let mut dice = Dice::new(seed);
    let mut play = Play::begin(stage, &prepared::all().calm, "alice", seed).await?;
    let mut losses = 0;
    for _ in 0..=dice.below(size.runs) {
        for _ in 0..dice.below(4) {
            wish(&mut play, &mut dice, &mut losses).await?;
        }
        let script = script(&mut dice, size);
        play.arrange(&script);
        let run = if dice.chance(40) { play.outbox() } else { play.everybody() };
        play.run(&script.rules, script.strike.as_ref(), run).await?;
        play.put_right(&script);
        stage.clock.pass(A_CYCLE.mul_f64(0.2 * f64::from(u32::try_from(dice.below(6))?)));
    }
    stage.simulator.faults().set_replication_lag(Duration::ZERO);
    let broken = settle(&mut play, None, &[]).await;
    Ok(play.with_story(broken))
}

fn script(dice: &mut Dice, size: Size) -> Script {
    let rules = (0..dice.below(size.troubles + 1)).map(|_| trouble(dice)).collect();
    let lag = if dice.chance(20) { Duration::from_secs(dice.roll() % 60) } else { Duration::ZERO };
    let strike = dice.chance(50).then(|| strike(dice));
    Script { rules, strike, lag, ..Script::default() }
}

fn trouble(dice: &mut Dice) -> Rule {
    let refused =
        |status, retry_after, carried_out| Trouble::Refused { status, retry_after, carried_out };
    let what = match dice.below(12) {
        1 => Trouble::Lost,
        2 => Trouble::HalfAnswer,
        3 => Trouble::Twice,
        4 => Trouble::Late(Duration::from_secs(dice.roll() % 600)),
        5 => refused(429, Some(1 + dice.roll() % 60), false),
        6 => refused(429, None, false),
        7 => refused(503, None, false),
        8 => refused(504, None, true),
        9 => refused(500, None, dice.chance(50)),
        10 => refused(401, None, false),
        _ => Trouble::Unreached,
    };
    let on = match dice.below(6) {
        0 | 1 => On::Any,
        2 | 3 => On::Writes,
        4 => On::Listing,
        _ => On::Token,
    };
    let most = if on == On::Writes { 6 } else { 25 };
    let skip = u32::try_from(dice.below(most)).unwrap_or_default();
    Rule::next(on, what).after(skip).times(1 + u32::try_from(dice.below(4)).unwrap_or_default())
}

fn strike(dice: &mut Dice) -> (Moment, Blow) {
    let number = |dice: &mut Dice, most| u32::try_from(dice.below(most)).unwrap_or_default();
    let moment = if dice.chance(50) {
        Moment::Commits(1 + number(dice, 14))
    } else {
        let on = if dice.chance(50) { On::Any } else { On::Writes };
        let most = if on == On::Any { 20 } else { 5 };
        Moment::Call { on, skip: number(dice, most), carried_out: dice.chance(50) }
    };
    let blow = match dice.below(7) {
        0 | 1 => Blow::Kill,
        2 if matches!(moment, Moment::Commits(_)) => Blow::PowerFailure,
        2 | 3 => Blow::Drop,
        4 => Blow::Pause,
        5 => Blow::ReadOnly,
        _ => Blow::Clock(*dice.pick(&Set::ALL)),
    };
    (moment, blow)
}

/// An admin signs in, whatever goes on (I20), and wants something.
async fn wish(play: &mut Play<'_>, dice: &mut Dice, losses: &mut usize) -> Result<()> {
    play.stage.clock.pass(Duration::from_secs(31));
    let (house, store) = (play.house().clone(), play.store().clone());
    let admin =
        owner(&house, &play.prepared.sample).await.map_err(|error| format!("I20: {error}"))?;
    let visitor = Visitor::at_the_command_line(&house);
    let everyone = store.read(users::everyone).await?;
    let others: Vec<User> = everyone
        .into_iter()
        .filter(|user| user.role.is_none() && !user.upn.as_str().starts_with("kim"))
        .collect();
    let (person, application) = (dice.pick(&others), play.prepared.application);
    let tenant = play.prepared.tenant_id;
    let skus = store.read(move |tx| subscribed_skus::of_tenant(tx, tenant)).await?;
    let may_lose = *losses < MOST_LOSSES;
    let done = match dice.below(8) {
        0 | 1 => {
            let mut profile = person.profile.clone();
            profile.job_title = Some(format!("Title {}", dice.below(1000)));
            house.change_profile(&admin, person.id, profile, &visitor).await
        }
        2 => {
            let mut profile = person.profile.clone();
            profile.country = Some((*dice.pick(&["DE", "FR", "US", "JP"])).to_owned());
            house.change_profile(&admin, person.id, profile, &visitor).await
        }
        3 if may_lose && person.state == UserState::Active => {
            *losses += 1;
            house.block(&admin, person.id, &visitor).await
        }
        4 if may_lose => {
            *losses += 1;
            house.unassign(&admin, person.id, application, &visitor).await.map(drop)
        }
        5 => house.unblock(&admin, person.id, &visitor).await,
        _ if may_lose => {
            *losses += 1;
            let sku = dice.pick(&skus).sku_id;
            let licences = vec![Licence { sku_id: sku, disabled_plans: Vec::new() }];
            house.assign(&admin, person.id, application, licences, &visitor).await
        }
        _ => Ok(()),
    };
    // Whoever isn't assigned can't be unassigned.
    match done {
        Err(error) if error.kind != app::Kind::Conflict => Err(error.into()),
        _ => Ok(()),
    }
}
