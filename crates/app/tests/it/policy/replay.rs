//! What the rules would have said of sign-ins that were (F030).

use app::{
    campaign::NewExemption,
    issue::wsfed::Entered,
    policy::{Replayed, RuleWish},
};
use model::{
    ids::{IssuedTokenId, UserId},
    issued_token::IssuedToken,
    policy::Client,
};
use store::issued_tokens;
use uuid::Uuid;

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

#[test]
fn people_who_are_gone_are_counted_and_whoever_is_exempt_is_spared() {
    both(|bench| async move {
        let (home, house) = (visitor(HOME), &bench.house);
        let admin = bench.admin().await;
        let carol = bench.user_id("carol").await;
        let day = NewExemption { last_day: "2026-12-01".to_owned(), reason: "leave".to_owned() };
        house.exempt(&admin, carol, day, &home).await.unwrap();
        bench.next_code();
        let (me, session) = bench.employee("alice", &home).await;
        let entered = bench.enter(QUERY, &home, Some(&session)).await;
        assert!(matches!(entered, Entered::Token(_)), "{entered:?}");
        let (alice, nobody) = (me.user().id, UserId(Uuid::from_u128(77)));
        let others = move |tx: &mut store::Tx| {
            let hers = issued_tokens::of_user(tx, alice, 1)?.remove(0);
            for (number, user_id) in [(1, carol), (2, nobody)] {
                let id = IssuedTokenId(Uuid::from_u128(number));
                let token_id = format!("_{number}");
                let token = IssuedToken { id, token_id, user_id, ..hers.clone() };
                issued_tokens::record(tx, &token)?;
            }
            Ok::<_, store::Error>(())
        };
        bench.store.write(others).await.unwrap();
        let longer = ("8".to_owned(), "14".to_owned());
        let rule = RuleWish { hours: longer.0, remember: longer.1, ..wish("Everybody") };
        house.save_rule(&admin, None, rule, &home).await.unwrap();
        let replay = house.replay_policy(&admin).await.unwrap();
        let counted = (replay.tokens, replay.gone, replay.changed, replay.is_cut);
        assert_eq!(counted, (2, 1, 1, false), "Carol alone would be asked for more");
    });
}
