//! One operation, struck once or twice, and then cycles that nothing disturbs.

use crate::{
    case::Case,
    fault::Step,
    op::Op,
    play::{A_CYCLE, Play, Stage},
    prepared::{self, Result},
    rules::{self, Evidence, Wanted},
    script::{Blow, Script, moment},
};

/// Plays one case; what it broke comes back.
pub async fn play(stage: &Stage, case: &Case) -> Result<Vec<String>> {
    let mut play = begin(stage, case.op).await?;
    let script = Script::of(case, &play.subject, play.since);
    play.arrange(&script);
    let run = play.everybody();
    let mut struck = play.run(&script.rules, script.strike.as_ref(), run).await?;
    if script.strike_later.is_some() || !script.later.is_empty() {
        stage.clock.pass(A_CYCLE);
        let run = play.everybody();
        struck &= play.run(&script.later, script.strike_later.as_ref(), run).await?;
    }
    let met = stage.wire.met() > 0 || (script.rules.is_empty() && script.later.is_empty());
    play.put_right(&script);
    if let Some(restore) = &script.restore {
        restore(&stage.simulator);
    }
    let spared = spared(case, &play);
    let mut broken = settle(&mut play, Some(case), &spared).await;
    if !(struck && met) {
        broken.push("the moment of the fault never came".to_owned());
    }
    Ok(play.with_story(broken))
}

/// Two runs in a row are killed, the second where it comes so far.
pub async fn killed(stage: &Stage, op: Op, first: Step, second: Step) -> Result<Vec<String>> {
    let mut play = begin(stage, op).await?;
    let mut since = play.since;
    for step in [first, second] {
        let strike = (moment(step, op, play.subject.object.as_deref(), since), Blow::Kill);
        let run = play.everybody();
        play.run(&[], Some(&strike), run).await?;
        stage.wire.calm();
        since = play.newest_run();
        stage.clock.pass(A_CYCLE);
    }
    let broken = settle(&mut play, None, &[]).await;
    Ok(play.with_story(broken))
}

async fn begin(stage: &Stage, op: Op) -> Result<Play<'_>> {
    let before = prepared::all().before.get(&op).ok_or("each operation is prepared")?;
    Play::begin(stage, before, op.person(), 7).await
}

/// Three cycles that nothing disturbs, and a fourth that has nothing to do; what was broken comes back.
pub(crate) async fn settle(
    play: &mut Play<'_>,
    case: Option<&Case>,
    spared: &[String],
) -> Vec<String> {
    let stage = play.stage;
    let disturbed = stage.wire.log().len();
    for _ in 0..3 {
        play.cycle().await;
    }
    let settled = stage.wire.log().len();
    play.cycle().await;
    let wanted = Wanted::read(play, spared);
    let (log, them) = (stage.wire.log(), stage.simulator.tenant());
    let evidence = Evidence { log, disturbed, settled, them, wanted };
    let mut broken = rules::broken(play, case, &evidence);
    broken.append(&mut play.trouble);
    broken
}

/// Who can't be brought in step any more after this.
fn spared(case: &Case, play: &Play<'_>) -> Vec<String> {
    let (fault, op) = (case.fault.number, case.op);
    let gone = fault == 27 || (fault == 25 && op == Op::MatchExisting && case.step == Step::P5);
    gone.then(|| play.subject.anchor.clone()).into_iter().collect()
}
