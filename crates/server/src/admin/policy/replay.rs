//! What the rules would have said of the sign-ins of the last days.

use app::policy::{PolicyView, Replay, Replayed, Seen};
use model::Ts;

use super::fine;
use crate::{
    answer::{Answer, Desk},
    pages::{
        admin::policy::{PolicyReplay, ReplayRow, tabs},
        parts::{Tone, Verdict},
    },
    visitor::Console,
    wording::{policy as words, times},
};

/// The page.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let (view, replay) = (house.policy(&admin).await?, house.replay_policy(&admin).await?);
    let now = house.now();
    let page = PolicyReplay {
        verdict: verdict(&replay),
        tabs: tabs(5),
        is_cut: replay.is_cut,
        rows: replay.lines.iter().map(|line| row(&view, line, now)).collect(),
    };
    fine(&admin, &desk, &page).await
}

fn verdict(replay: &Replay) -> Verdict {
    let tokens = many(replay.tokens, "token", "tokens");
    let gone = match replay.gone {
        0 => String::new(),
        gone => {
            format!(" Not counted: {} of people who are gone.", many(gone, "token", "tokens"))
        }
    };
    let looked =
        format!("{tokens} of the last 30 days, asked of the rules as people are now.{gone}");
    match (replay.is_draft, replay.changed) {
        (false, _) => Verdict::new(Tone::Ok, &looked),
        (true, 0) => Verdict::new(Tone::Ok, &format!("{looked} The draft changes none of them.")),
        (true, changed) => {
            let text = format!(
                "{looked} With the draft, {changed} would be denied or let in otherwise than \
                 now, or take another second factor, or may."
            );
            Verdict::new(Tone::Warn, &text)
        }
    }
}

fn row(view: &PolicyView, line: &Replayed, now: Ts) -> ReplayRow {
    let counted = line.times.iter().filter(|(_, times)| *times > 0);
    let counts: Vec<_> =
        counted.map(|(client, times)| format!("{times} with {}", words::client(*client))).collect();
    let perhaps = line.perhaps;
    ReplayRow {
        name: line.rule.as_ref().map_or("No rule fits".to_owned(), |rule| rule.name.clone()),
        is_off: line.rule.as_ref().is_some_and(|rule| !rule.enabled),
        counts: if counts.is_empty() { "None".to_owned() } else { counts.join(", ") },
        perhaps: match perhaps {
            0 => String::new(),
            _ => format!(
                "{perhaps} more depend on whether the application asked for a second factor, which \
                 is not written down."
            ),
        },
        sample: line.sample.iter().map(|seen| one(view, seen, now)).collect(),
    }
}

fn one(view: &PolicyView, seen: &Seen, now: Ts) -> String {
    let (person, address) = (&seen.person, &seen.address);
    let target = words::target(view, seen.target);
    let times = many(u64::from(seen.times), "time", "times");
    let last = times::when(seen.last, now).absolute;
    let named = match seen.agent.as_str() {
        "" => String::new(),
        agent => format!(", by \"{agent}\""),
    };
    format!("{person} at {target} from {address}{named}: {times}, last {last}")
}

fn many(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
