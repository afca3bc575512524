//! Signing keys that somebody or something damaged: no token by them, and an alarm of their own (R093).

use std::time::Duration;

use app::{
    Kind,
    issue::wsfed::Entered,
    keys::{Keeper, Promotion, Unseen},
    visitor::Secret,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    alarm::{Alarm, AlarmKind, Cause},
    audit::AuditKind,
    signing_key::{SigningKey, SigningKeyState},
};
use secrecy::ExposeSecret as _;
use simulator as _;
use store::{Tx, audit_log, issued_tokens, signing_keys, testing::execute};

use crate::support::{Bench, QUERY, SLUG, both, visitor};

/// Something that happens to the active key.
type Damage = fn(&mut Tx) -> Result<(), store::Error>;

/// The sealed bytes of the other key.
fn swapped(tx: &mut Tx) -> Result<(), store::Error> {
    let other = "UPDATE signing_keys SET private_key = (SELECT other.private_key FROM signing_keys \
                 other WHERE other.state = 'next') WHERE state = 'active'";
    execute(tx, other).map(drop)
}

/// The last byte is gone.
fn cut(tx: &mut Tx) -> Result<(), store::Error> {
    let cut = "UPDATE signing_keys SET private_key = substr(private_key, 1, length(private_key) - 1) \
               WHERE state = 'active'";
    execute(tx, cut).map(drop)
}

/// Sealed as it should be, and yet the other key.
fn exchanged(tx: &mut Tx) -> Result<(), store::Error> {
    let other = signing_keys::next(tx)?.unwrap().private_key;
    sealed_anew(tx, |active| SigningKey { private_key: other, ..active })
}

/// Sealed as it should be, with a bit of the private exponent flipped.
fn flipped(tx: &mut Tx) -> Result<(), store::Error> {
    sealed_anew(tx, |active| {
        let mut pkcs8 = active.private_key.here().unwrap().expose_secret().to_vec();
        pkcs8[400] ^= 1;
        SigningKey { private_key: pkcs8.into(), ..active }
    })
}

fn sealed_anew(
    tx: &mut Tx,
    change: impl FnOnce(SigningKey) -> SigningKey,
) -> Result<(), store::Error> {
    let active = signing_keys::active(tx)?.unwrap();
    execute(tx, "DELETE FROM signing_keys WHERE state = 'active'")?;
    signing_keys::create(tx, &change(active))
}

async fn damage(bench: &Bench, damage: Damage) {
    bench.store.write(damage).await.unwrap();
}

async fn rung(bench: &Bench) -> Vec<Alarm> {
    let open = bench.store.read(store::alarms::open).await.unwrap();
    open.into_iter().filter(|it| it.cause.kind() == AlarmKind::KeyUnusable).collect()
}

async fn watched(bench: &Bench) -> Vec<Alarm> {
    bench.house.keep_watch().await.unwrap();
    rung(bench).await
}

async fn raised(bench: &Bench) -> i64 {
    let kind = Some(AuditKind::AlarmRaised);
    let filter = audit_log::AuditFilter { kind, limit: 1, ..Default::default() };
    bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}

async fn gets_a_token(bench: &Bench, session: &Secret) -> bool {
    let entered = bench.enter(QUERY, &visitor("203.0.113.1"), Some(session)).await;
    matches!(entered, Entered::Token(_))
}

/// R093
#[test]
fn a_damaged_key_gives_no_token_and_rings_and_the_next_one_takes_over() {
    let ways: [Damage; 4] = [swapped, cut, exchanged, flipped];
    both(|mut bench| async move {
        for (nth, way) in ways.into_iter().enumerate() {
            bench.next_code();
            let from = visitor("203.0.113.1");
            let (_, alice) = bench.employee("alice", &from).await;
            let keys = bench.house.signing_keys(Keeper::Operator).await.unwrap();
            let rung_before = raised(&bench).await;
            // A key that signed is named by the journal, and can't be taken out of its table.
            damage(&bench, way).await;
            let store = bench.database.open();
            bench = bench.restarted(store).await;
            let before = bench.store.read(issued_tokens::count).await.unwrap();

            for _ in 0..2 {
                let refused = bench.house.enter_wsfed(SLUG, QUERY, &from, Some(&alice)).await;
                assert_eq!(refused.unwrap_err().kind, Kind::Bug, "way {nth}");
            }
            assert!(
                bench.house.federation_metadata(SLUG).await.is_err(),
                "nor does it sign metadata"
            );
            assert_eq!(bench.store.read(issued_tokens::count).await.unwrap(), before);
            let open = rung(&bench).await;
            assert_eq!(open.len(), 1, "way {nth}: {open:?}");
            assert_eq!(open[0].subject, keys[0].thumbprint);
            let active = SigningKeyState::Active;
            assert!(matches!(&open[0].cause, Cause::KeyUnusable { key, .. } if *key == active));
            assert_eq!(watched(&bench).await.len(), 1, "a round sees it, too");
            assert_eq!(raised(&bench).await, rung_before + 1, "one alarm, however many asked");

            // Whoever must mend it gets in.
            let admin = bench.admin().await;
            let (keeper, next) = (Keeper::Admin(&admin), keys[1].id);
            let promoted = bench.house.promote_key(keeper, next, Unseen::Accept, &from).await;
            assert_eq!(promoted.unwrap(), Promotion::Done, "way {nth}");
            assert!(watched(&bench).await.is_empty(), "the alarm is over");
            bench.next_code();
            let (_, alice) = bench.employee("alice", &from).await;
            // What has signed stays in its table: the next way needs a key that has not.
            if nth + 1 == ways.len() {
                assert!(gets_a_token(&bench, &alice).await, "the next key signs");
            }
        }
    });
}

/// Where somebody is told which keys to trust: how often this certificate is named.
async fn named(bench: &Bench, certificate: &[u8]) -> [usize; 4] {
    let certificate = STANDARD.encode(certificate);
    let count = |text: &str| text.matches(&certificate).count();
    let house = &bench.house;
    let id = house.addresses("contoso.com").await.unwrap().domain_id;
    let script = house.render_scripts(id).await.unwrap();
    let keys = house.oidc_keys(SLUG).await.unwrap();
    [
        count(&house.federation_metadata(SLUG).await.unwrap().xml),
        count(&house.saml_metadata(SLUG, None).await.unwrap().xml),
        count(&keys.0),
        count(&script.federate_unasked().sh),
    ]
}

/// A sealed value that names a master key which is nowhere.
fn foreign(bench: &Bench) -> &'static str {
    if bench.database.settings.url.starts_with("postgres") {
        "decode('01' || repeat('ab', 60), 'hex')"
    } else {
        "CAST(x'01' || zeroblob(60) AS BLOB)"
    }
}

/// R093: what can't be used is shown to nobody, since who trusts it trusts whoever exchanged it.
#[test]
fn a_next_key_that_cannot_be_used_is_in_no_metadata_and_handed_to_nobody() {
    both(|bench| async move {
        let keys = bench.house.signing_keys(Keeper::Operator).await.unwrap();
        let (active, next) = (&keys[0].certificate, &keys[1].certificate);
        assert_eq!(named(&bench, next).await, [2, 1, 1, 1], "both keys are shown");
        let before = named(&bench, active).await;
        let change =
            |to: &str| format!("UPDATE signing_keys SET private_key = {to} WHERE state = 'next'");
        let cut = change(
            "(SELECT substr(other.private_key, 1, 40) FROM signing_keys other \
             WHERE other.state = 'active')",
        );
        let locked = change(foreign(&bench));

        // Sealed with a master key that is not here: nothing is wrong with it.
        bench.store.write(move |tx| execute(tx, &locked)).await.unwrap();
        bench.pass(Duration::from_mins(2));
        assert_eq!(named(&bench, next).await, [2, 1, 1, 1], "it was found right before");
        let open = watched(&bench).await;
        assert_eq!(open.len(), 1);
        assert!(open[0].sentence().contains("Don't replace it"), "{}", open[0].sentence());
        let store = bench.database.open();
        let bench = bench.restarted(store).await;
        assert_eq!(named(&bench, next).await, [0; 4], "nobody here has ever found it right");

        bench.store.write(move |tx| execute(tx, &cut)).await.unwrap();
        bench.pass(Duration::from_mins(2));
        assert_eq!(named(&bench, next).await, [0; 4], "it is damaged");
        assert_eq!(named(&bench, active).await, before);
        let open = watched(&bench).await;
        assert_eq!(open.len(), 1, "it rings");
        assert!(open[0].sentence().contains("replace both keys"), "{}", open[0].sentence());
    });
}

/// R093: a key of a master key that is not here stops nobody who could replace it.
#[test]
fn keys_of_an_unknown_master_key_keep_nobody_out_who_replaces_them() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let change = format!("UPDATE signing_keys SET private_key = {}", foreign(&bench));
        bench.store.write(move |tx| execute(tx, &change)).await.unwrap();
        let store = bench.database.open();
        let bench = bench.restarted(store).await;
        assert_eq!(watched(&bench).await.len(), 2, "both ring");
        let admin = bench.admin().await;
        let keeper = Keeper::Admin(&admin);
        let keys = bench.house.signing_keys(keeper).await.unwrap();
        let refused = bench.house.promote_key(keeper, keys[1].id, Unseen::Accept, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Conflict);
        bench.house.replace_keys(keeper, keys[0].id, &from).await.unwrap();
        assert!(watched(&bench).await.is_empty());
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        assert!(gets_a_token(&bench, &alice).await);
    });
}

/// R093
#[test]
fn a_damaged_next_key_rings_before_its_turn_and_is_not_promoted() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (_, alice) = bench.employee("alice", &from).await;
        let keys = bench.house.signing_keys(Keeper::Operator).await.unwrap();
        assert!(watched(&bench).await.is_empty());
        let change = bench.store.write(|tx| {
            let other = "UPDATE signing_keys SET private_key = (SELECT other.private_key FROM \
                         signing_keys other WHERE other.state = 'active') WHERE state = 'next'";
            execute(tx, other)
        });
        change.await.unwrap();
        let open = watched(&bench).await;
        assert_eq!((open.len(), &open[0].subject), (1, &keys[1].thumbprint));
        let said = open[0].sentence();
        assert!(said.starts_with("The next signing key can't be used"), "{said}");
        assert!(gets_a_token(&bench, &alice).await, "the active one signs on");

        let (keeper, next) = (Keeper::Operator, keys[1].id);
        let refused = bench.house.promote_key(keeper, next, Unseen::Accept, &from).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Conflict);
        assert!(gets_a_token(&bench, &alice).await, "nothing was changed");
        bench.house.replace_keys(keeper, keys[0].id, &from).await.unwrap();
        assert!(watched(&bench).await.is_empty(), "the damaged one is retired");
    });
}

/// R093: a node that holds the true key in memory signs with it, and the round looks at what is stored.
#[test]
fn a_round_notices_what_a_running_node_does_not_yet() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (_, alice) = bench.employee("alice", &from).await;
        assert!(gets_a_token(&bench, &alice).await);
        damage(&bench, swapped).await;
        assert!(gets_a_token(&bench, &alice).await);
        assert!(rung(&bench).await.is_empty());
        assert_eq!(watched(&bench).await.len(), 1);
    });
}
