//! *Import from Microsoft 365*: the list, its suggestions, the ticks, and what importing them comes to.

mod hostile;
mod shut_out;
mod undone;

use app::{
    Admin, Kind,
    imports::{Caution, ImportDetails, RowVerdict, TickAll, TickedAll, Who},
    issue::{Denial, wsfed::Entered},
    tenant_people::{Asked, Bond, Cursor, Filters, PeoplePage, Reason, Stand, Suggestion},
};
use model::{
    Actor,
    ids::{ImportId, ObjectId, UserId},
    import::{ImportState, RowOutcome},
    matches::OffLimits,
    microsoft_account::Identity,
    plan::{RunState, Scope},
    tenant_people::{AccountKind, Choice, Did, Tick},
    user::User,
};
use serde_json::json;
use store::{assignments, microsoft_accounts, tenants, users};

use crate::{
    matches::{anchor, everyone, link, own_id, settle, there},
    support::{Bench, QUERY, both, visitor},
};

const FROM: &str = "198.51.100.9";

/// Looks at the tenant and gives the page that the filters ask for.
async fn listed(bench: &Bench, search: Filters) -> PeoplePage {
    let admin = bench.admin().await;
    bench.house.look_for_matches(&admin, bench.tenant).await.unwrap();
    shown(bench, &admin, search).await
}

async fn shown(bench: &Bench, admin: &Admin, search: Filters) -> PeoplePage {
    let asked = Asked { tenant: bench.tenant, search, at: Cursor::Start };
    bench.house.tenant_people(admin, asked).await.unwrap()
}

fn suggestion(page: &PeoplePage, object: ObjectId) -> &Suggestion {
    &page.suggestions.of[&object].suggestion
}

fn tick(object: ObjectId, sync: bool, sso: bool) -> Tick {
    Tick { object, sync, sso, choice: Choice::Suggested }
}

/// Keeps ticks as a page sends them.
async fn ticked(bench: &Bench, admin: &Admin, ticks: &[Tick]) {
    let shown = ticks.iter().map(|tick| tick.object).collect();
    let kept = (shown, ticks.to_vec());
    bench.house.tick_accounts(admin, bench.tenant, kept, &visitor(FROM)).await.unwrap();
}

async fn draft(bench: &Bench, admin: &Admin) -> ImportId {
    shown(bench, admin, Filters::default()).await.draft.expect("a draft").0.id
}

/// Imports an admin's draft as it stands.
async fn imported(bench: &Bench, admin: &Admin) -> app::Result<ImportDetails> {
    let id = draft(bench, admin).await;
    let seen = bench.house.import(admin, id).await?.fingerprint;
    bench.house.apply_import(admin, id, &seen, &visitor(FROM)).await?;
    bench.house.import(admin, id).await
}

/// The sentence of the only account that is left out.
fn left_out(details: &ImportDetails) -> String {
    let wrong = details.checks.iter().find_map(|check| match &check.verdict {
        RowVerdict::Wrong(problems) => Some(problems[0].sentence.clone()),
        _ => None,
    });
    wrong.unwrap_or_default()
}

async fn person(bench: &Bench, name: &str) -> Option<User> {
    let upn = format!("{name}@contoso.com");
    bench.store.read(move |tx| users::by_upn(tx, &upn)).await.unwrap()
}

async fn is_assigned(bench: &Bench, user: UserId) -> bool {
    let application = bench.application;
    let found = bench.store.read(move |tx| assignments::active(tx, user, application)).await;
    found.unwrap().is_some()
}

async fn microsoft_account(bench: &Bench, object: ObjectId) -> Option<UserId> {
    let id = bench.tenant;
    let found = bench.store.read(move |tx| {
        let tenant = tenants::by_id(tx, id)?.unwrap().entra_tenant_id;
        microsoft_accounts::by_identity(tx, Identity { tenant, object })
    });
    found.await.unwrap().map(|account| account.user_id)
}

fn enabled(bench: &Bench, object: ObjectId) -> bool {
    there(bench, object).properties["accountEnabled"].as_bool().unwrap_or(true)
}

fn there_is(bench: &Bench, name: &str, property: &str, value: &str) -> ObjectId {
    let object = settle(bench, name, &[]);
    bench.simulator.set(&format!("{name}@contoso.com"), property, value);
    object
}

/// F056
#[test]
fn everybody_is_listed_with_whose_the_account_may_be() {
    both(|bench| async move {
        let mia = settle(&bench, "mia", &[]);
        let alice = settle(&bench, "alice", &[]);
        let two = [settle(&bench, "erin", &[]), settle(&bench, "e.e", &["erin"])];
        let guest = there_is(&bench, "gast", "userType", "Guest");
        let chief = settle(&bench, "chief", &[]);
        bench.simulator.make_admin("chief@contoso.com");
        let stranger = json!({"userPrincipalName": "zoe@fabrikam.example", "displayName": "Zoe"});
        let stranger = bench.simulator.add_user(stranger.as_object().unwrap().clone());
        let page = listed(&bench, Filters::default()).await;
        let user = bench.user_id("alice").await;
        assert_eq!(suggestion(&page, mia), &Suggestion::Create);
        assert_eq!(suggestion(&page, alice), &Suggestion::Bind(user));
        for object in two {
            assert_eq!(suggestion(&page, object), &Suggestion::Ambiguous);
        }
        let why = |limits| Suggestion::Leave(Reason::Why(app::matches::Why::OffLimits(limits)));
        assert_eq!(suggestion(&page, guest), &why(OffLimits::Guest));
        assert_eq!(suggestion(&page, chief), &why(OffLimits::Administrator));
        let stranger: ObjectId = stranger.parse().unwrap();
        assert_eq!(suggestion(&page, stranger), &Suggestion::Leave(Reason::Domain));
        assert_eq!(page.total, i64::from(page.look.as_ref().unwrap().found));

        let some = Filters { query: "MIA".to_owned(), ..Filters::default() };
        let admin = bench.admin().await;
        let found = shown(&bench, &admin, some).await;
        assert_eq!((found.total, found.accounts[0].object.id), (1, mia));
        let guests = Filters { kind: Some(AccountKind::Guest), ..Filters::default() };
        assert_eq!(shown(&bench, &admin, guests).await.accounts[0].object.id, guest);
    });
}

/// F056
#[test]
fn both_ticks_make_a_person_who_signs_in_and_is_kept_in_step() {
    both(|bench| async move {
        let mia = settle(&bench, "mia", &[]);
        let page = listed(&bench, Filters::default()).await;
        let left = page.left_over;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(mia, true, true)]).await;
        assert!(person(&bench, "mia").await.is_none(), "nothing is written yet");
        let done = imported(&bench, &admin).await.unwrap();
        assert_eq!((done.import.state, done.waiting), (ImportState::Applied, 1));
        let user = person(&bench, "mia").await.unwrap();
        assert!(is_assigned(&bench, user.id).await);
        assert_eq!(microsoft_account(&bench, mia).await, Some(user.id));
        assert_eq!(anchor(&bench, mia), None, "the import itself writes nothing there");
        let page = shown(&bench, &admin, Filters::default()).await;
        assert_eq!(suggestion(&page, mia), &Suggestion::Bound(user.id, Bond::Promised));
        assert_eq!(page.left_over, left - 1);
        let run = everyone(&bench).await;
        let run = bench.house.run(&admin, run).await.unwrap().0;
        assert_eq!(run.state, RunState::Finished, "{}", run.reason);
        assert_eq!(anchor(&bench, mia), Some(own_id(&bench, user.id).await));
        assert_eq!(link(&bench, user.id).await.unwrap().object_id, mia);
        assert!(enabled(&bench, mia));
        let made = bench.house.make_first_sign_ins(&admin, done.import.id, &visitor(FROM)).await;
        assert_eq!(made.unwrap().len(), 1);
    });
}

/// F056
#[test]
fn sso_alone_leaves_the_account_alone_until_somebody_assigns_by_hand() {
    both(|bench| async move {
        let (lena, bob) = (settle(&bench, "lena", &[]), settle(&bench, "bob", &[]));
        listed(&bench, Filters::default()).await;
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(lena, false, true), tick(bob, true, false)]).await;
        let id = draft(&bench, &admin).await;
        let seen = bench.house.import(&admin, id).await.unwrap();
        let warned = seen.checks.iter().any(|check| match &check.verdict {
            RowVerdict::Account(plan) => plan.warnings.contains(&Caution::NotTakenOver),
            _ => false,
        });
        assert!(warned);
        imported(&bench, &admin).await.unwrap();
        let lenas = bench.user_id("lena").await;
        assert!(is_assigned(&bench, lenas).await);
        let page = shown(&bench, &admin, Filters::default()).await;
        assert_eq!(suggestion(&page, lena), &Suggestion::Bound(lenas, Bond::LeftAlone));
        let run = everyone(&bench).await;
        let (run, steps) = bench.house.run(&admin, run).await.unwrap();
        assert!(!steps.iter().any(|step| step.step.user_id == lenas), "{steps:?}");
        assert!(!run.conflicts.iter().any(|it| it.user_id == lenas), "{:?}", run.conflicts);
        assert_eq!(anchor(&bench, lena), None);
        // Deleted there, nobody makes another one for them.
        bench.simulator.delete("lena@contoso.com");
        everyone(&bench).await;
        assert!(bench.simulator.tenant().user("lena@contoso.com").is_none());
        // Bob is taken over, and is not assigned.
        let bobs = bench.user_id("bob").await;
        assert_eq!(link(&bench, bobs).await.unwrap().object_id, bob);
        assert!(!is_assigned(&bench, bobs).await);
        // Assigned by hand, provisioning takes care of the person again.
        let from = visitor(FROM);
        bench.house.assign(&admin, lenas, bench.application, vec![], &from).await.unwrap();
        bench.drain().await;
        assert!(bench.simulator.tenant().user("lena@contoso.com").is_some());
    });
}

/// F056
#[test]
fn who_has_no_sso_gets_no_token() {
    both(|bench| async move {
        let object = settle(&bench, "alice", &[]);
        let (from, alice) = (visitor("203.0.113.4"), bench.user_id("alice").await);
        let admin = bench.admin().await;
        bench.house.unassign(&admin, alice, bench.application, &from).await.unwrap();
        listed(&bench, Filters::default()).await;
        ticked(&bench, &admin, &[tick(object, true, false)]).await;
        imported(&bench, &admin).await.unwrap();
        let (_, session) = bench.employee("alice", &from).await;
        let entered = bench.enter(QUERY, &from, Some(&session)).await;
        assert!(matches!(entered, Entered::Denied(Denial::NotAssigned { .. })), "{entered:?}");
        let admin = bench.admin().await;
        ticked(&bench, &admin, &[tick(object, false, true)]).await;
        imported(&bench, &admin).await.unwrap();
        let entered = bench.enter(QUERY, &from, Some(&session)).await;
        assert!(matches!(entered, Entered::Token(_)), "{entered:?}");
    });
}

#[test]
fn ticks_survive_pages_and_can_be_set_for_everything_that_fits() {
    both(|bench| async move {
        for number in 0..60 {
            settle(&bench, &format!("p{number:02}"), &[]);
        }
        let first = listed(&bench, Filters { query: "p".to_owned(), ..Filters::default() }).await;
        let admin = bench.admin().await;
        assert_eq!((first.accounts.len(), first.around), (50, (false, true)));
        ticked(&bench, &admin, &[tick(first.accounts[0].object.id, false, true)]).await;
        let last = first.accounts[49].object.id;
        let search = Filters { query: "p".to_owned(), ..Filters::default() };
        let asked = |at| Asked { tenant: bench.tenant, search: search.clone(), at };
        let next = bench.house.tenant_people(&admin, asked(Cursor::After(last))).await.unwrap();
        assert_eq!(next.around, (true, false));
        let begin = next.accounts[0].object.id;
        ticked(&bench, &admin, &[tick(begin, true, false)]).await;
        let back = bench.house.tenant_people(&admin, asked(Cursor::Before(begin))).await.unwrap();
        assert_eq!(back.accounts, first.accounts);
        assert!(back.ticks[&first.accounts[0].object.id].sso, "still ticked");
        assert_eq!(back.draft.unwrap().1, 2);
        let all = Filters { query: "p0".to_owned(), ..Filters::default() };
        let (tenant, from) = (bench.tenant, visitor(FROM));
        let many = bench.house.tick_all(&admin, tenant, (all.clone(), TickAll::Sync), &from).await;
        assert_eq!(many.unwrap(), TickedAll { many: 10, more: false });
        let mine = Filters { standing: Stand::Ticked, ..Filters::default() };
        let page = shown(&bench, &admin, mine.clone()).await;
        assert_eq!(page.total, 11);
        let both_set = &page.ticks[&first.accounts[0].object.id];
        assert!(both_set.sync && both_set.sso, "the other tick stays");
        bench.house.tick_all(&admin, tenant, (all, TickAll::Nothing), &from).await.unwrap();
        assert_eq!(shown(&bench, &admin, mine).await.total, 1);
    });
}

#[test]
fn ignored_ones_are_left_over_no_more() {
    both(|bench| async move {
        let room = settle(&bench, "meeting.room", &[]);
        let left = listed(&bench, Filters::default()).await.left_over;
        let admin = bench.admin().await;
        let ignored = Tick { choice: Choice::Ignore, ..tick(room, false, false) };
        ticked(&bench, &admin, &[ignored]).await;
        let done = imported(&bench, &admin).await.unwrap();
        let page = shown(&bench, &admin, Filters::default()).await;
        assert_eq!((suggestion(&page, room), page.left_over), (&Suggestion::Ignored, left - 1));
        bench.house.undo_import(&admin, done.import.id, &visitor(FROM)).await.unwrap();
        assert_eq!(shown(&bench, &admin, Filters::default()).await.left_over, left);
    });
}
