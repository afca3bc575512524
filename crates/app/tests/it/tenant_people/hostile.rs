//! What an import must never do, whatever was ticked: protected accounts, people with a role, drafts of
//! others, and whatever changed between the preview and the import.

use model::Role;

use super::*;
use crate::accounts::admin_as;

/// Y07, Y10
#[test]
fn protected_accounts_are_left_out_whatever_is_sent() {
    both(|bench| async move {
        let chief = settle(&bench, "chief", &[]);
        bench.simulator.make_admin("chief@contoso.com");
        let guest = there_is(&bench, "gast", "userType", "Guest");
        let synced = settle(&bench, "synced", &[]);
        bench.simulator.set("synced@contoso.com", "onPremisesSyncEnabled", true);
        let foreign = there_is(&bench, "foreign", "onPremisesImmutableId", "another");
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        let create = |object| Tick { choice: Choice::Create, ..tick(object, true, true) };
        for (object, says) in [
            (chief, "an administrator of the tenant"),
            (guest, "a guest"),
            (synced, "Another synchronisation keeps this account"),
            (foreign, "the immutable id of another identity provider"),
        ] {
            ticked(&bench, &admin, &[create(object)]).await;
            let id = draft(&bench, &admin).await;
            let seen = bench.house.import(&admin, id).await.unwrap();
            assert!(left_out(&seen).contains(says), "{}", left_out(&seen));
            let done = imported(&bench, &admin).await.unwrap();
            assert_eq!(done.tally, [(RowOutcome::Refused, 1)]);
            assert_eq!(microsoft_account(&bench, object).await, None);
        }
        for name in ["chief", "gast", "synced", "foreign"] {
            assert!(person(&bench, name).await.is_none(), "{name}");
        }
        everyone(&bench).await;
        assert_eq!(anchor(&bench, foreign).as_deref(), Some("another"));
        assert_eq!((anchor(&bench, chief), anchor(&bench, synced)), (None, None));
        // Who is kept by another synchronisation may sign in here, and stays untouched there.
        let alone = Tick { sync: false, ..create(synced) };
        ticked(&bench, &admin, &[alone]).await;
        imported(&bench, &admin).await.unwrap();
        let user = person(&bench, "synced").await.unwrap();
        assert!(is_assigned(&bench, user.id).await);
        everyone(&bench).await;
        assert_eq!(anchor(&bench, synced), None);
    });
}

/// Y07: somebody becomes an administrator after the import and before the plan.
#[test]
fn who_became_an_administrator_since_is_not_taken_over() {
    both(|bench| async move {
        let mia = settle(&bench, "mia", &[]);
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, true, true)]).await;
        imported(&bench, &admin).await.unwrap();
        bench.simulator.make_admin("mia@contoso.com");
        everyone(&bench).await;
        assert_eq!(anchor(&bench, mia), None);
    });
}

/// R145, Y09
#[test]
fn nobody_with_a_role_and_nobody_without_evidence_is_bound() {
    both(|bench| async move {
        let olivias = settle(&bench, "olivia", &[]);
        let mia = settle(&bench, "mia", &[]);
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(olivias, true, true)]).await;
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        assert!(left_out(&seen).contains("has a role in the console"), "{}", left_out(&seen));
        ticked(&bench, &admin, &[tick(olivias, false, false)]).await;
        let erin = bench.user_id("erin").await;
        let forged = Tick { choice: Choice::Bind(erin), ..tick(mia, true, true) };
        ticked(&bench, &admin, &[forged]).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        assert!(left_out(&seen).contains("Nothing speaks for"), "{}", left_out(&seen));
    });
}

/// Y09
#[test]
fn more_than_one_that_fit_wait_for_an_admin_to_choose() {
    both(|bench| async move {
        let (erins, other) = (settle(&bench, "erin", &[]), settle(&bench, "e.e", &["erin"]));
        listed(&bench, Filters::default()).await;
        let (admin, erin) = (bench.admin().await, bench.user_id("erin").await);
        ticked(&bench, &admin, &[tick(erins, true, false)]).await;
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        assert!(left_out(&seen).starts_with("More than one"), "{}", left_out(&seen));
        let chosen = |object| Tick { choice: Choice::Bind(erin), ..tick(object, true, false) };
        ticked(&bench, &admin, &[chosen(other)]).await;
        ticked(&bench, &admin, &[tick(erins, false, false)]).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        assert!(left_out(&seen).contains("Give both the same sign-in name"), "{}", left_out(&seen));
        ticked(&bench, &admin, &[chosen(erins)]).await;
        ticked(&bench, &admin, &[tick(other, false, false)]).await;
        imported(&bench, &admin).await.unwrap();
        everyone(&bench).await;
        assert_eq!(link(&bench, erin).await.unwrap().object_id, erins);
    });
}

/// R144
#[test]
fn a_draft_is_its_admins_own_and_taking_over_takes_a_security_admin() {
    both(|bench| async move {
        let (mia, ben) = (settle(&bench, "mia", &[]), settle(&bench, "ben", &[]));
        listed(&bench, Filters::default()).await;
        let erin = admin_as(&bench, "erin", Role::UserAdmin).await;
        ticked(&bench, &erin, &[tick(mia, true, true)]).await;
        let hers = draft(&bench, &erin).await;
        let seen = bench.house.import(&erin, hers).await.unwrap().fingerprint;
        let refused = bench.house.apply_import(&erin, hers, &seen, &visitor(FROM)).await;
        assert_eq!(refused.expect_err("a user admin").kind, Kind::Forbidden);
        let dave = admin_as(&bench, "alice", Role::UserAdmin).await;
        assert!(shown(&bench, &dave, Filters::default()).await.draft.is_none());
        assert_eq!(bench.house.import(&dave, hers).await.expect_err("hers").kind, Kind::Forbidden);
        let refused = bench.house.apply_import(&dave, hers, &seen, &visitor(FROM)).await;
        assert_eq!(refused.expect_err("hers").kind, Kind::Forbidden);
        assert!(person(&bench, "mia").await.is_none());
        // His own ticks are another draft, and SSO alone is a user admin's to give.
        ticked(&bench, &dave, &[tick(ben, false, true)]).await;
        imported(&bench, &dave).await.unwrap();
        assert!(person(&bench, "ben").await.is_some());
        // A security admin finds hers, and imports it.
        let owner = bench.admin().await;
        bench.house.apply_import(&owner, hers, &seen, &visitor(FROM)).await.unwrap();
        assert!(person(&bench, "mia").await.is_some());
    });
}

/// R147
#[test]
fn importing_takes_a_fresh_factor_and_a_look_of_today() {
    both(|bench| async move {
        let mia = settle(&bench, "mia", &[]);
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, false, true)]).await;
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
        bench.pass(std::time::Duration::from_mins(6));
        let stale = bench.house.apply_import(&admin, id, &seen, &visitor(FROM)).await;
        assert_eq!(stale.expect_err("stale").kind, Kind::StepUp);
        bench.pass(std::time::Duration::from_hours(23));
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, false, true)]).await;
        bench.pass(std::time::Duration::from_hours(2));
        let admin = bench.admin().await;
        let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
        let old = bench.house.apply_import(&admin, id, &seen, &visitor(FROM)).await;
        let old = old.expect_err("an old look");
        assert!(old.public.contains("more than a day old"), "{}", old.public);
        assert!(person(&bench, "mia").await.is_none());
    });
}

/// Ruling 35
#[test]
fn what_changed_between_preview_and_import_stops_it() {
    both(|bench| async move {
        let lena = settle(&bench, "lena", &[]);
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        let (lenas, from) = (bench.user_id("lena").await, visitor(FROM));
        for change in ["ticks", "person", "account", "answer"] {
            ticked(&bench, &admin, &[tick(lena, true, true)]).await;
            let id = draft(&bench, &admin).await;
            let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
            bench.pass(std::time::Duration::from_secs(1));
            match change {
                "ticks" => ticked(&bench, &admin, &[tick(lena, true, false)]).await,
                "person" => {
                    bench.house.block(&admin, lenas, &from).await.unwrap();
                    bench.house.unblock(&admin, lenas, &from).await.unwrap();
                }
                "account" => {
                    bench.simulator.set("lena@contoso.com", "accountEnabled", false);
                    bench.house.look_for_matches(&admin, bench.tenant).await.unwrap();
                }
                _ => {
                    let pair = (lenas, lena);
                    bench.house.reject_match(&admin, bench.tenant, pair, &from).await.unwrap();
                }
            }
            let refused = bench.house.apply_import(&admin, id, &seen, &from).await;
            assert_eq!(refused.expect_err(change).kind, Kind::Conflict, "{change}");
            assert!(!is_assigned(&bench, lenas).await, "{change}");
        }
    });
}

#[test]
fn two_nodes_import_a_draft_once() {
    both(|bench| async move {
        let many: Vec<ObjectId> =
            (0..70).map(|number| settle(&bench, &format!("p{number:02}"), &[])).collect();
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        let ticks: Vec<Tick> = many.iter().map(|object| tick(*object, true, true)).collect();
        for page in ticks.chunks(50) {
            ticked(&bench, &admin, page).await;
        }
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
        let (here, from) = (bench.house.clone(), visitor(FROM));
        let there = bench.second_node().await;
        let (one, other) = tokio::join!(
            here.apply_import(&admin, id, &seen, &from),
            there.apply_import(&admin, id, &seen, &from)
        );
        assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
        let done = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(done.import.state, ImportState::Applied);
        assert_eq!(done.tally, [(RowOutcome::Created, 70)]);
        assert_eq!(
            crate::matches::audited(&bench, model::audit::AuditKind::MatchAccepted).await,
            70
        );
    });
}

/// Ruling 35: what is gone on with is what was seen, and nothing else.
#[test]
fn one_that_stopped_in_the_middle_goes_on_with_what_was_seen() {
    both(|bench| async move {
        let (mia, ben) = (settle(&bench, "mia", &[]), settle(&bench, "ben", &[]));
        listed(&bench, Filters::default()).await;
        let erin = admin_as(&bench, "erin", Role::UserAdmin).await;
        ticked(&bench, &erin, &[tick(mia, false, true), tick(ben, false, true)]).await;
        let id = draft(&bench, &erin).await;
        let seen = bench.house.import(&erin, id).await.unwrap().fingerprint;
        // Her role is gone once it began: as a crash leaves it, with no portion done.
        let (erins, now) = (erin.user().id, bench.house.now());
        let demote = move |tx: &mut _| users::set_role(tx, erins, None, now);
        bench.store.write(demote).await.unwrap();
        let stopped = bench.house.apply_import(&erin, id, &seen, &visitor(FROM)).await;
        assert_eq!(stopped.expect_err("demoted").kind, Kind::Forbidden);
        let owner = bench.admin().await;
        let details = bench.house.import(&owner, id).await.unwrap();
        assert_eq!((details.import.state, details.import.done), (ImportState::Applying, 0));
        // Nobody saw that Ben's account gets this name.
        bench.simulator.set("ben@contoso.com", "displayName", "Benedict");
        bench.house.look_for_matches(&owner, bench.tenant).await.unwrap();
        bench.house.apply_import(&owner, id, "", &visitor(FROM)).await.unwrap();
        let done = bench.house.import(&owner, id).await.unwrap();
        assert!(done.tally.contains(&(RowOutcome::Created, 1)), "{:?}", done.tally);
        assert_eq!(done.left.len(), 1, "{:?}", done.left);
        assert!(done.left[0].trace.why.contains("no longer what you saw"), "{:?}", done.left);
        assert!(person(&bench, "mia").await.is_some() && person(&bench, "ben").await.is_none());
    });
}
