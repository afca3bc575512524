//! The accounts of looks: written in portions, counting once whole, searched a page at a time.

use std::time::Instant;

use model::{
    entra::{EntraLink, Origin},
    ids::{LookId, ObjectId, TenantId},
    matches::{OffLimits, SeenObject},
    tenant_people::{Account, AccountKind, AccountLook},
    user::Profile,
};
use store::{
    Error, Store, Tx, account_bindings, account_looks, entra_links,
    seen_accounts::{self, AccountSearch, After, Holding},
    testing::{Throwaway, both},
};

use crate::{
    provisioning::{ALICE, BOB, people},
    samples::{at, id},
};

fn account(number: u128) -> Account {
    let upn = format!(
        "p{number:06}@{}",
        if number.is_multiple_of(2) { "contoso.com" } else { "b.example" }
    );
    Account {
        object: SeenObject {
            id: ObjectId(id(number)),
            display_name: format!("Person {number}"),
            mail: Some(upn.clone()),
            proxy_addresses: vec![format!("smtp:alias{number}@contoso.com")],
            immutable_id: (number == 4).then(|| "carried".to_owned()),
            off_limits: (number == 3).then_some(OffLimits::Guest),
            upn,
        },
        enabled: !number.is_multiple_of(3),
        licensed: number.is_multiple_of(5),
        profile: Profile::default(),
    }
}

fn look(number: u128, found: u32) -> AccountLook {
    let domains = vec!["b.example".to_owned(), "contoso.com".to_owned()];
    let seconds = i64::try_from(number).expect("small");
    AccountLook { id: LookId(id(number)), at: at(seconds), found, domains }
}

fn search(tenant: TenantId, look: LookId) -> AccountSearch {
    AccountSearch {
        tenant,
        look,
        query: String::new(),
        licensed: None,
        enabled: None,
        kind: None,
        domain: None,
        holding: None,
    }
}

fn keep(tx: &mut Tx, tenant: TenantId, number: u128, many: u128) -> Result<LookId, Error> {
    let look = look(number, u32::try_from(many).expect("small"));
    let accounts: Vec<Account> = (1..=many).map(account).collect();
    seen_accounts::add(tx, look.id, &accounts)?;
    account_looks::publish(tx, tenant, &look)?;
    Ok(look.id)
}

fn numbers(accounts: &[Account]) -> Vec<u128> {
    accounts.iter().map(|account| account.object.id.0.as_u128() & 0xffff).collect()
}

#[test]
fn a_look_counts_once_it_is_whole_and_an_older_one_never_again() {
    both(async |store| {
        let kept = store.write(|tx| {
            let tenant = people(tx)?;
            assert_eq!(account_looks::of_tenant(tx, tenant)?, None);
            keep(tx, tenant, 900, 3)?;
            assert_eq!(account_looks::of_tenant(tx, tenant)?, Some(look(900, 3)));
            seen_accounts::add(tx, LookId(id(902)), &[account(1)])?;
            assert_eq!(account_looks::of_tenant(tx, tenant)?.map(|look| look.found), Some(3));
            let useless = account_looks::publish(tx, tenant, &look(902, 1))?;
            assert_eq!(useless, Some(LookId(id(900))));
            let late = account_looks::publish(tx, tenant, &look(901, 7))?;
            assert_eq!(late, Some(LookId(id(901))), "a newer one is there");
            assert_eq!(account_looks::of_tenant(tx, tenant)?, Some(look(902, 1)));
            assert!(seen_accounts::forget(tx, LookId(id(900)))?);
            assert!(!seen_accounts::forget(tx, LookId(id(900)))?);
            assert_eq!(seen_accounts::looks(tx)?, account_looks::all(tx)?);
            let gone =
                seen_accounts::reached(tx, LookId(id(900)), &["alias1@contoso.com".into()], &[])?;
            assert!(gone.is_empty());
            Ok::<_, Error>(())
        });
        kept.await.expect("kept");
    });
}

#[test]
fn accounts_are_searched_filtered_and_paged_in_both_directions() {
    both(async |store| {
        let done = store.write(|tx| {
            let tenant = people(tx)?;
            let look = keep(tx, tenant, 900, 30)?;
            let all = search(tenant, look);
            assert_eq!(seen_accounts::count(tx, &all)?, 30);
            let first = seen_accounts::page(tx, &all, &After::Start, 4)?;
            assert_eq!(numbers(&first), [1, 2, 3, 4]);
            let end = After::Next(first[3].object.upn.clone(), first[3].object.id);
            let second = seen_accounts::page(tx, &all, &end, 4)?;
            assert_eq!(numbers(&second), [5, 6, 7, 8]);
            let begin = After::Before(second[0].object.upn.clone(), second[0].object.id);
            assert_eq!(seen_accounts::page(tx, &all, &begin, 4)?, first);
            let some = AccountSearch {
                query: "PERSON 1".to_owned(),
                enabled: Some(true),
                domain: Some("contoso.com".to_owned()),
                ..all.clone()
            };
            let found = seen_accounts::page(tx, &some, &After::Start, 50)?;
            assert_eq!(numbers(&found), [10, 14, 16]);
            let licensed = AccountSearch { licensed: Some(true), ..all.clone() };
            assert_eq!(seen_accounts::count(tx, &licensed)?, 6);
            let guests = AccountSearch { kind: Some(AccountKind::Guest), ..all.clone() };
            assert_eq!(seen_accounts::matching(tx, &guests, 9)?, [ObjectId(id(3))]);
            let wild = AccountSearch { query: "%".to_owned(), ..all };
            assert_eq!(seen_accounts::count(tx, &wild)?, 0, "what was typed is no pattern");
            let carried = seen_accounts::reached(tx, look, &[], &["carried".to_owned()])?;
            assert_eq!(numbers(&carried), [4]);
            let alias = ["alias7@contoso.com".to_owned()];
            assert_eq!(numbers(&seen_accounts::reached(tx, look, &alias, &[])?), [7]);
            Ok::<_, Error>(())
        });
        done.await.expect("found");
    });
}

#[test]
fn whoever_is_nobodys_is_left_over() {
    both(async |store| {
        let done = store.write(|tx| {
            let tenant = people(tx)?;
            let look = keep(tx, tenant, 900, 6)?;
            assert_eq!(seen_accounts::left_over(tx, tenant, look)?, 5, "guests are nobody's work");
            let link = EntraLink {
                user_id: ALICE,
                object_id: ObjectId(id(1)),
                origin: Origin::Found,
                deleted_at: None,
            };
            entra_links::put(tx, tenant, &link)?;
            account_bindings::put(tx, tenant, (ObjectId(id(2)), Some(BOB)))?;
            account_bindings::put(tx, tenant, (ObjectId(id(4)), None))?;
            assert_eq!(seen_accounts::left_over(tx, tenant, look)?, 2);
            let of = |holding| AccountSearch { holding: Some(holding), ..search(tenant, look) };
            let bound = seen_accounts::matching(tx, &of(Holding::Bound), 9)?;
            assert_eq!(bound, [ObjectId(id(1)), ObjectId(id(2))]);
            let ignored = seen_accounts::matching(tx, &of(Holding::Ignored), 9)?;
            assert_eq!(ignored, [ObjectId(id(4))]);
            assert_eq!(account_bindings::left_alone(tx, tenant)?, [BOB]);
            assert_eq!(account_bindings::of_person(tx, tenant, BOB)?, Some(ObjectId(id(2))));
            // One account for a person: what was said before gives way.
            account_bindings::put(tx, tenant, (ObjectId(id(5)), Some(BOB)))?;
            assert_eq!(account_bindings::of_object(tx, tenant, ObjectId(id(2)))?, None);
            assert!(account_bindings::forget_person(tx, tenant, BOB)?);
            Ok::<_, Error>(())
        });
        done.await.expect("left over");
    });
}

/// How long `work` takes, the median of some.
fn median(store: &Store, what: &str, work: impl Fn(&mut Tx) -> Result<(), Error>) {
    let mut times: Vec<_> = (0..9)
        .map(|_| {
            let began = Instant::now();
            store.read_blocking(&work).expect("read");
            began.elapsed()
        })
        .collect();
    times.sort();
    eprintln!("{:?}: {what}: {:?}", store.database(), times[4]);
}

#[test]
#[ignore = "it measures; see docs/benchmarks.md"]
fn a_hundred_thousand_accounts_are_paged() {
    for database in Throwaway::both() {
        let store = database.open();
        let began = Instant::now();
        let (tenant, look) = store
            .write_blocking(|tx| {
                let tenant = people(tx)?;
                Ok::<_, Error>((tenant, keep(tx, tenant, 900, 100_000)?))
            })
            .expect("written");
        eprintln!("{:?}: written in {:?}", store.database(), began.elapsed());
        let all = search(tenant, look);
        let page = |search: &AccountSearch, after: &After| {
            let (search, after) = (search.clone(), after.clone());
            move |tx: &mut Tx| seen_accounts::page(tx, &search, &after, 51).map(drop)
        };
        median(&store, "the first page", page(&all, &After::Start));
        let late = After::Next("p099900@contoso.com".to_owned(), ObjectId(id(99_900)));
        median(&store, "the last page", page(&all, &late));
        let found = AccountSearch { query: "person 99999".to_owned(), ..all.clone() };
        median(&store, "a search for one", page(&found, &After::Start));
        let counted = all.clone();
        median(&store, "the count of all", move |tx| seen_accounts::count(tx, &counted).map(drop));
        median(&store, "the count of a search", move |tx| {
            seen_accounts::count(tx, &found).map(drop)
        });
        median(&store, "the count of the left over", move |tx| {
            seen_accounts::left_over(tx, tenant, look).map(drop)
        });
    }
}
