//! Looks at a tenant, what admins say of its objects, and the ledger of what was taken over.

use model::{
    ids::{ObjectId, SkuId, UserId},
    matches::{Adoption, MatchAnswer, MatchDecision, OffLimits, SeenObject, TenantLook},
};
use store::{Error, adoptions, match_decisions, tenant_looks, testing::both};

use crate::{
    provisioning::{ALICE, BOB, people},
    samples::{at, id},
};

fn seen(number: u128) -> SeenObject {
    SeenObject {
        id: ObjectId(id(number)),
        upn: format!("o'{number}@contoso.com"),
        display_name: "Zoë".to_owned(),
        mail: Some("zoe@contoso.com".to_owned()),
        proxy_addresses: vec!["SMTP:zoe@contoso.com".to_owned(), "x500:/o=x".to_owned()],
        immutable_id: None,
        off_limits: Some(OffLimits::Guest),
    }
}

#[test]
fn the_newest_look_takes_the_place_of_the_one_before() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                assert_eq!(tenant_looks::of_tenant(tx, tenant)?, None);
                let first = TenantLook { at: at(1), objects: vec![seen(500), seen(501)] };
                tenant_looks::put(tx, tenant, &tenant_looks::written(&first))?;
                assert_eq!(tenant_looks::of_tenant(tx, tenant)?, Some(first));
                let second = TenantLook { at: at(2), objects: vec![seen(502)] };
                tenant_looks::put(tx, tenant, &tenant_looks::written(&second))?;
                assert_eq!(tenant_looks::of_tenant(tx, tenant)?, Some(second));
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}

fn said(user_id: UserId, object: u128, answer: MatchAnswer) -> MatchDecision {
    let object_id = ObjectId(id(object));
    let upn = format!("o{object}@contoso.com");
    MatchDecision { user_id, object_id, upn, answer, decided_by: ALICE, decided_at: at(3) }
}

/// Y09
#[test]
fn one_object_is_promised_to_one_person_and_a_no_can_be_said_often() {
    use MatchAnswer::{Accepted, Rejected};
    both(async |store| {
        let tenant = store
            .write(|tx| {
                let tenant = people(tx)?;
                assert!(match_decisions::put(tx, tenant, &said(ALICE, 500, Accepted))?);
                for late in [Rejected, Accepted] {
                    let kept = match_decisions::put(tx, tenant, &said(ALICE, 500, late))?;
                    assert!(!kept, "the first answer stays");
                }
                match_decisions::put(tx, tenant, &said(ALICE, 501, Rejected))?;
                match_decisions::put(tx, tenant, &said(BOB, 501, Rejected))?;
                let all = match_decisions::all(tx, tenant)?;
                let answers: Vec<_> = all.iter().map(|said| said.answer).collect();
                assert_eq!(answers, [Accepted, Rejected, Rejected]);
                assert_eq!(all[0], said(ALICE, 500, Accepted));
                assert_eq!(match_decisions::all_of(tx, tenant, BOB)?, all[2..]);
                Ok::<_, Error>(tenant)
            })
            .await
            .expect("kept");
        for (second, constraint) in [
            (said(BOB, 500, Accepted), "match_decisions_tenant_id_object_id"),
            (said(ALICE, 502, Accepted), "match_decisions_tenant_id_user_id"),
        ] {
            let refused = store.write(move |tx| match_decisions::put(tx, tenant, &second)).await;
            let refused = refused.expect_err("promised already");
            assert!(refused.is_conflict_with(constraint), "{refused:?}");
        }
        store
            .write(move |tx| {
                let pair = (ALICE, ObjectId(id(500)));
                assert!(match_decisions::remove(tx, tenant, pair)?);
                assert!(!match_decisions::remove(tx, tenant, pair)?, "taken back already");
                match_decisions::put(tx, tenant, &said(BOB, 500, Accepted))?;
                match_decisions::forget_accepted(tx, BOB)?;
                let left = match_decisions::all_of(tx, tenant, BOB)?;
                assert_eq!(left, [said(BOB, 501, Rejected)], "a no stays");
                Ok::<_, Error>(())
            })
            .await
            .expect("free again");
    });
}

/// Y27
#[test]
fn what_an_object_had_is_what_it_had_the_first_time() {
    both(async |store| {
        store
            .write(|tx| {
                let tenant = people(tx)?;
                let sku = |number| SkuId(id(number));
                let adoption = |user_id, skus: &[u128], seconds| Adoption {
                    user_id,
                    object_id: ObjectId(id(500)),
                    found_skus: skus.iter().map(|number| sku(*number)).collect(),
                    at: at(seconds),
                };
                adoptions::put(tx, tenant, &adoption(ALICE, &[7, 8], 1))?;
                adoptions::put(tx, tenant, &adoption(BOB, &[7, 8, 9], 2))?;
                assert_eq!(adoptions::all(tx, tenant)?, [adoption(BOB, &[7, 8], 1)]);
                let pair = (BOB, ObjectId(id(500)));
                assert!(adoptions::is_begun(tx, tenant, pair)?);
                assert!(!adoptions::is_begun(tx, tenant, (ALICE, pair.1))?);
                adoptions::begin(tx, tenant, &adoption(ALICE, &[9], 3))?;
                assert_eq!(adoptions::of_user(tx, tenant, ALICE)?, [adoption(ALICE, &[9], 3)]);
                assert_eq!(adoptions::of_user(tx, tenant, BOB)?, []);
                Ok::<_, Error>(())
            })
            .await
            .expect("kept");
    });
}
