//! What the rules would have said of sign-ins that were (F030).

use app::{
    issue::wsfed::Entered,
    policy::{Replayed, RuleWish},
};
use model::policy::Client;

use super::{HOME, office_only, wish};
use crate::{
    doors::{OFFICE, Stage},
    support::{QUERY, both, visitor},
};

fn counts(line: &Replayed) -> (Option<&str>, [u64; 3], u64) {
    let of =
        |client| line.times.iter().find(|(it, _)| *it == client).map_or(0, |(_, times)| *times);
    let name = line.rule.as_ref().map(|rule| rule.name.as_str());
    (name, Client::ALL.map(of), line.perhaps)
}

#[test]
fn the_draft_is_held_against_what_was_journaled() {
    both(|bench| async move {
        let stage = Stage::new(bench).await;
        let (bench, house) = (&stage.bench, &stage.house);
        let (office, home) = (visitor(OFFICE), visitor(HOME));
        let admin = bench.admin().await;
        bench.next_code();
        let (_, session) = bench.employee("alice", &home).await;
        for from in [&home, &home, &office] {
            let token = bench.enter(QUERY, from, Some(&session)).await;
            assert!(matches!(token, Entered::Token(_)), "{token:?}");
        }
        assert!(stage.comes("curl/8", OFFICE).await);
        let before = house.replay_policy(&admin).await.unwrap();
        assert_eq!((before.is_draft, before.tokens, before.changed), (false, 4, 0));
        let lines: Vec<_> = before.lines.iter().map(counts).collect();
        assert_eq!(lines, [(None, [3, 1, 0], 0)], "no rule is published");

        let asked = RuleWish { asked: Some(true), ..wish("Asked") };
        for rule in [office_only(vec![]), asked] {
            house.save_rule(&admin, None, rule, &office).await.unwrap();
        }
        let replay = house.replay_policy(&admin).await.unwrap();
        assert_eq!((replay.is_draft, replay.tokens, replay.changed), (true, 4, 2));
        let lines: Vec<_> = replay.lines.iter().map(counts).collect();
        let expected = [
            (Some("Office only"), [2, 0, 0], 0),
            (Some("Asked"), [0, 0, 0], 1),
            (None, [0, 1, 0], 1),
        ];
        assert_eq!(lines, expected, "the journal does not say who asked");
        let [seen] = replay.lines[0].sample.as_slice() else { panic!("{replay:?}") };
        let known = (seen.person.as_str(), seen.address.as_str(), seen.agent.as_str(), seen.times);
        assert_eq!(known, ("alice@contoso.com", HOME, "test", 2));
        assert_eq!(replay.lines[2].sample[0].agent, "curl/8");

        bench.pass(std::time::Duration::from_hours(30 * 24 + 1));
        let admin = bench.admin().await;
        assert_eq!(house.replay_policy(&admin).await.unwrap().tokens, 0, "that was long ago");
    });
}
