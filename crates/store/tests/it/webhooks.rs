//! The webhook and what goes to it.

use model::{
    ids::{DeliveryId, UserId},
    webhook::{Delivery, Webhook},
};
use secrecy::ExposeSecret as _;
use store::{Error, testing::both, webhooks};

use crate::samples::{NOON, alice, at, id};

fn delivery(number: u128, made: i64) -> Delivery {
    Delivery {
        id: DeliveryId(id(number)),
        title: "A certificate ends".to_owned(),
        body: "{\"a\":\"\u{202e}\"}".to_owned(),
        attempts: 0,
        made_at: at(made),
        due_at: Some(at(made)),
        taken_at: None,
        answer: String::new(),
    }
}

#[test]
fn there_is_one_and_its_secret_reads_back() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                assert!(webhooks::get(tx)?.is_none() && !webhooks::is_set(tx)?);
                for (url, secret) in [("https://a.example/", "one"), ("https://b.example/", "two")]
                {
                    let set_by = UserId(id(1));
                    let url = url.to_owned();
                    let hook = Webhook { url, secret: secret.into(), set_by, set_at: NOON };
                    webhooks::put(tx, &hook)?;
                }
                let kept = webhooks::get(tx)?.expect("there");
                assert_eq!(
                    (&*kept.url, kept.secret.expose_secret()),
                    ("https://b.example/", "two")
                );
                assert!(webhooks::is_set(tx)?);
                webhooks::send(tx, &delivery(7, 0))?;
                assert!(webhooks::remove(tx, "gone")?);
                assert!(!webhooks::remove(tx, "gone")?);
                assert!(webhooks::due(tx, at(9), 9)?.is_empty(), "nobody waits for it any more");
                assert_eq!(webhooks::deliveries(tx, 9)?[0].answer, "gone");
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

#[test]
fn a_delivery_is_taken_by_one_node_and_the_old_ones_are_forgotten() {
    both(async |store| {
        store
            .write(|tx| {
                let first = delivery(1, 0);
                webhooks::send(tx, &first)?;
                webhooks::send(tx, &delivery(2, 5))?;
                assert_eq!(webhooks::due(tx, at(4), 9)?, std::slice::from_ref(&first));
                assert!(webhooks::take(tx, &first, at(60))?);
                assert!(!webhooks::take(tx, &first, at(60))?, "another node was quicker");
                assert!(webhooks::due(tx, at(4), 9)?.is_empty());
                let taken = Some(at(3));
                let done = Delivery {
                    attempts: 1,
                    due_at: None,
                    taken_at: taken,
                    answer: "204".to_owned(),
                    ..first
                };
                webhooks::tried(tx, &done)?;
                webhooks::tried(tx, &Delivery { due_at: Some(at(1)), ..done.clone() })?;
                assert_eq!(webhooks::deliveries(tx, 9)?, [delivery(2, 5), done.clone()]);
                for number in 0..150 {
                    let old = Delivery { due_at: None, ..delivery(100 + number, 10) };
                    webhooks::send(tx, &old)?;
                }
                let left = webhooks::deliveries(tx, 1000)?;
                assert_eq!(left.len(), 101, "a hundred and what waits");
                assert!(left.iter().any(|it| it.id == DeliveryId(id(2))) && !left.contains(&done));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
