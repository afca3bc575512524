//! People brought along in a CSV file: looked at, imported, interrupted and undone.

mod brought;
mod bulk;
mod hostile;
mod secrets;
mod stopped;

use std::time::Duration;

use app::{
    Admin, Kind, Visitor,
    accounts::NewPerson,
    imports::{FirstSignIn, ImportDetails, RowVerdict},
    sign_in::{Outcome, Screen},
};
use model::{
    Role,
    audit::AuditKind,
    ids::{GroupId, ImportId},
    import::{ImportState, RowOutcome},
    pending_request::Purpose,
    policy::Target,
    user::{Profile, User, UserState},
};
use secrecy::ExposeSecret as _;
use store::audit_log::{self, AuditFilter};

use crate::{
    policy::{office_only, publish},
    support::{Bench, both, visitor},
};

fn from() -> Visitor {
    visitor("198.51.100.9")
}

/// Brings a file along.
pub(crate) async fn brought(bench: &Bench, admin: &Admin, file: &str) -> app::Result<ImportId> {
    let content = file.as_bytes().to_vec().into();
    bench.house.begin_import(admin, ("C:\\files\\people.csv", content), &from()).await
}

/// Imports a draft as it stands.
pub(crate) async fn applied(bench: &Bench, admin: &Admin, id: ImportId) -> app::Result<()> {
    let seen = bench.house.import(admin, id).await?.fingerprint;
    bench.house.apply_import(admin, id, &seen, &from()).await
}

/// Gives a group *Office 365* without a product.
async fn assigned(bench: &Bench, admin: &Admin, group: GroupId) -> app::Result<()> {
    let (house, application) = (&bench.house, bench.application);
    house.assign_group(admin, group, application, vec![], &from()).await.map(drop)
}

/// The same, with people who are here already changed.
async fn applied_to_all(bench: &Bench, admin: &Admin, id: ImportId) -> app::Result<()> {
    let mapping = bench.house.import(admin, id).await?.import.terms.mapping;
    bench.house.map_import(admin, id, (mapping, true), &from()).await?;
    applied(bench, admin, id).await
}

async fn person(bench: &Bench, upn: &'static str) -> Option<User> {
    bench.store.read(move |tx| store::users::by_upn(tx, upn)).await.unwrap()
}

/// What the audit log says of imports.
async fn said(bench: &Bench) -> Vec<String> {
    let filter =
        AuditFilter { kind: Some(AuditKind::PeopleImported), limit: 9, ..AuditFilter::default() };
    let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
    rows.into_iter().map(|row| row.detail).collect()
}

fn tally(details: &ImportDetails, outcome: RowOutcome) -> i64 {
    details.tally.iter().find(|(known, _)| *known == outcome).map_or(0, |(_, count)| *count)
}

/// The sentences about a line.
pub(crate) fn wrong(details: &ImportDetails, line: u32) -> Vec<String> {
    let check = details.checks.iter().find(|check| check.line == line);
    match check.map(|check| &check.verdict) {
        Some(RowVerdict::Wrong(problems)) => {
            problems.iter().map(|p| format!("{}: {}", p.column, p.sentence)).collect()
        }
        _ => Vec::new(),
    }
}

async fn as_role(bench: &Bench, name: &str, role: Role) -> Admin {
    let (id, now) = (bench.user_id(name).await, bench.house.now());
    let set = bench.store.write(move |tx| store::users::set_role(tx, id, Some(role), now));
    set.await.unwrap();
    bench.next_code();
    let signed_in = bench.sign_in(name, Purpose::Console, &from()).await;
    bench.house.admin(&signed_in.token).await.unwrap().unwrap()
}

const FILE: &str = "User principal name;First name;Last name;Department;Country;Groups\n\
    mia@contoso.com;Mia;Möller;Sales;de;Road crew\n\
    Noah@Contoso.com;Noah;Nagel;;;\n\
    alice@contoso.com;Alice;Archer;Board;;\n";

#[test]
fn what_was_shown_is_imported_and_reaches_the_tenant() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let group = bench.house.create_group(&admin, "Road crew", &from()).await.unwrap();
        assigned(&bench, &admin, group).await.unwrap();
        let id = brought(&bench, &admin, FILE).await.unwrap();
        let draft = bench.house.import(&admin, id).await.unwrap();
        assert_eq!((draft.import.terms.rows, draft.import.state), (3, ImportState::Draft));
        assert_eq!(draft.import.terms.file_name, "people.csv");
        assert!(draft.checks.iter().all(|check| !matches!(check.verdict, RowVerdict::Wrong(_))));
        assert!(person(&bench, "mia@contoso.com").await.is_none(), "nothing is written yet");

        applied(&bench, &admin, id).await.unwrap();
        let done = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(done.import.state, ImportState::Applied);
        assert_eq!(tally(&done, RowOutcome::Created), 2);
        assert_eq!(tally(&done, RowOutcome::Left), 1, "nobody said that Alice is to be changed");
        let mia = person(&bench, "mia@contoso.com").await.unwrap();
        assert_eq!(mia.profile.display_name, "Mia Möller");
        assert_eq!(mia.profile.mail.as_deref(), Some("mia@contoso.com"));
        assert_eq!(mia.profile.country.as_deref(), Some("DE"));
        bench.drain().await;
        assert!(bench.simulator.tenant().user("mia@contoso.com").is_some(), "by her group");
        assert!(bench.simulator.tenant().user("noah@contoso.com").is_none());
        let filter =
            AuditFilter { kind: Some(AuditKind::UserCreated), limit: 9, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        let imported = rows.iter().filter(|row| row.detail == "by an import");
        assert_eq!(imported.count(), 2);
        let content = bench.store.read(move |tx| store::imports::content(tx, id)).await.unwrap();
        assert!(content.is_none(), "the file is forgotten");
    });
}

#[test]
fn only_what_the_admin_saw_is_imported() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = brought(&bench, &admin, FILE.replace(";Road crew", ";").as_str()).await.unwrap();
        let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
        let profile = Profile { display_name: "Noah".to_owned(), ..Profile::default() };
        let new = NewPerson { upn: "noah@contoso.com".to_owned(), profile };
        bench.house.create_person(&admin, new, &from()).await.unwrap();
        let late = bench.house.apply_import(&admin, id, &seen, &from()).await;
        assert_eq!(late.unwrap_err().kind, Kind::Conflict);
        assert!(person(&bench, "mia@contoso.com").await.is_none());
        applied(&bench, &admin, id).await.unwrap();
        assert!(person(&bench, "mia@contoso.com").await.is_some());
        let again = applied(&bench, &admin, id).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict, "it is no draft any more");
    });
}

#[test]
fn people_who_are_here_are_changed_where_the_admin_says_so_and_empty_cells_take_nothing_away() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let before = person(&bench, "alice@contoso.com").await.unwrap().profile;
        let file = "upn,department,job title\nALICE@contoso.com,Board,\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        applied_to_all(&bench, &admin, id).await.unwrap();
        let after = person(&bench, "alice@contoso.com").await.unwrap().profile;
        let wanted = Profile { department: Some("Board".to_owned()), ..before.clone() };
        assert_eq!(after, wanted);

        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        assert_eq!(person(&bench, "alice@contoso.com").await.unwrap().profile, before);

        let id = brought(&bench, &admin, file).await.unwrap();
        applied_to_all(&bench, &admin, id).await.unwrap();
        let alice = bench.user_id("alice").await;
        let mine = Profile { department: Some("Mine".to_owned()), ..before };
        bench.house.change_profile(&admin, alice, mine.clone(), &from()).await.unwrap();
        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        assert_eq!(person(&bench, "alice@contoso.com").await.unwrap().profile, mine);
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(undone.left[0].trace.why, "They were changed since.");
    });
}

/// R010
#[test]
fn a_list_of_first_sign_ins_is_made_once_and_opens_what_it_says() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = brought(&bench, &admin, "upn,name\nmia@contoso.com,Mia\n").await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        assert_eq!(bench.house.import(&admin, id).await.unwrap().waiting, 1);
        let made = bench.house.make_first_sign_ins(&admin, id, &from()).await.unwrap();
        let [FirstSignIn { upn, password: Some(password), code: Some(code), .. }] = &made[..]
        else {
            panic!("one of each: {made:?}")
        };
        assert_eq!(upn, "mia@contoso.com");
        assert_eq!(code.expose_secret().split('-').count(), 6, "{}", code.expose_secret());
        let again = bench.house.make_first_sign_ins(&admin, id, &from()).await;
        assert_eq!(again.unwrap_err().kind, Kind::Conflict);

        let from = visitor("203.0.113.1");
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        bench.house.sign_in_address(&handle, &from, upn).await.unwrap();
        let outcome = bench.house.sign_in_password(&handle, &from, password.clone()).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::Enroll { .. })), "{outcome:?}");
    });
}

#[test]
fn undoing_removes_who_has_not_begun_blocks_whom_the_tenant_knows_and_keeps_the_others() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let group = bench.house.create_group(&admin, "Road crew", &from()).await.unwrap();
        assigned(&bench, &admin, group).await.unwrap();
        let file = "upn,name,groups\nmia@contoso.com,Mia,road CREW\nnoah@contoso.com,Noah,\n\
                    olga@contoso.com,Olga,\npaul@contoso.com,Paul,\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        bench.drain().await;
        let paul = person(&bench, "paul@contoso.com").await.unwrap();
        let profile = Profile { department: Some("Sales".to_owned()), ..paul.profile };
        bench.pass(Duration::from_secs(1));
        bench.house.change_profile(&admin, paul.id, profile, &from()).await.unwrap();
        bench.house.make_first_sign_ins(&admin, id, &from()).await.unwrap();
        let olga = person(&bench, "olga@contoso.com").await.unwrap();
        bench.house.assign(&admin, olga.id, bench.application, vec![], &from()).await.unwrap();

        bench.house.undo_import(&admin, id, &from()).await.unwrap();
        let mia = person(&bench, "mia@contoso.com").await.unwrap();
        assert_eq!(mia.state, UserState::Blocked, "Microsoft knows her");
        assert!(person(&bench, "noah@contoso.com").await.is_none(), "nothing ever opened for him");
        assert_eq!(person(&bench, "olga@contoso.com").await.unwrap().state, UserState::Active);
        assert_eq!(person(&bench, "paul@contoso.com").await.unwrap().state, UserState::Active);
        bench.drain().await;
        let tenant = bench.simulator.tenant();
        let there = tenant.user("mia@contoso.com").unwrap();
        assert_eq!(there.properties["accountEnabled"].as_bool(), Some(false));
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(undone.import.state, ImportState::Undone);
        let why: Vec<_> = undone.left.iter().map(|row| row.trace.why.as_str()).collect();
        assert_eq!(why, ["They were assigned by themselves.", "They were changed since."]);

        let id = brought(&bench, &admin, "upn,name\nnoah@contoso.com,Noah\n").await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        assert!(person(&bench, "noah@contoso.com").await.is_some(), "his name was free again");
        bench.pass(Duration::from_hours(7 * 24 + 1));
        let admin = bench.admin().await;
        let late = bench.house.undo_import(&admin, id, &from()).await;
        assert_eq!(late.unwrap_err().kind, Kind::Conflict);
        bench.house.forget_expired().await.unwrap();
        assert!(bench.house.imports(&admin).await.unwrap().is_empty());
        assert!(person(&bench, "noah@contoso.com").await.is_some());
    });
}

#[test]
fn an_interrupted_import_goes_on_where_it_stopped_and_does_nothing_twice() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let lines: Vec<String> = (0..230).map(|n| format!("p{n}@contoso.com,P {n}")).collect();
        let lines = lines.join("\n");
        let id = brought(&bench, &admin, &format!("upn,name\n{lines}")).await.unwrap();
        let seen = bench.house.import(&admin, id).await.unwrap().fingerprint;
        let (house, me, first) = (bench.house.clone(), admin.clone(), seen.clone());
        let task = tokio::spawn(async move { house.apply_import(&me, id, &first, &from()).await });
        loop {
            let done = bench.store.read(move |tx| store::imports::by_id(tx, id)).await.unwrap();
            if done.unwrap().done > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
        let other = bench.second_node().await;
        let from = from();
        let both = tokio::join!(
            bench.house.apply_import(&admin, id, &seen, &from),
            other.apply_import(&admin, id, &seen, &from),
        );
        for ended in [both.0, both.1] {
            // Whoever comes last may find nothing left to do; nobody meets a row that is there.
            let said = ended.err().map(|error| error.public).unwrap_or_default();
            assert!(said.is_empty() || said.contains("no draft any more"), "{said}");
        }
        let done = bench.house.import(&admin, id).await.unwrap();
        assert_eq!((done.import.state, done.import.done), (ImportState::Applied, 230));
        assert_eq!(tally(&done, RowOutcome::Created), 230, "{:?}", done.left.first());
        bench.house.undo_import(&admin, id, &from).await.unwrap();
        let undone = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(tally(&undone, RowOutcome::Removed), 230);
    });
}

/// R144, R145, R147
#[test]
fn people_are_imported_by_whoever_may_make_them_with_a_fresh_code() {
    both(|bench| async move {
        let helper = as_role(&bench, "grace", Role::HelpDesk).await;
        let refused = brought(&bench, &helper, FILE).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        let olivia = bench.admin().await;
        let group = bench.house.create_group(&olivia, "Road crew", &from()).await.unwrap();
        let mut rule = office_only(vec![Target::Portal]);
        rule.groups = vec![group];
        publish(&bench.house, &olivia, &from(), vec![rule]).await.unwrap();

        let grace = as_role(&bench, "grace", Role::UserAdmin).await;
        let file = format!("{FILE}grace@contoso.com;Grace;Green;;;\n");
        let id = brought(&bench, &grace, &file).await.unwrap();
        let draft = bench.house.import(&grace, id).await.unwrap();
        let said = wrong(&draft, 2);
        assert!(said[0].contains("is named by the rule"), "{said:?}");
        assert!(wrong(&draft, 5)[0].contains("has a role in the console"), "{draft:?}");
        bench.pass(Duration::from_mins(6));
        let stale = bench.house.apply_import(&grace, id, &draft.fingerprint, &from()).await;
        assert_eq!(stale.unwrap_err().kind, Kind::StepUp);
        let stale = bench.house.make_first_sign_ins(&grace, id, &from()).await;
        assert_eq!(stale.unwrap_err().kind, Kind::StepUp);

        let olivia = bench.admin().await;
        assert!(wrong(&bench.house.import(&olivia, id).await.unwrap(), 2).is_empty());
        applied_to_all(&bench, &olivia, id).await.unwrap();
        let mia = person(&bench, "mia@contoso.com").await.unwrap();
        let members = bench.store.read(move |tx| store::groups::members(tx, group)).await.unwrap();
        assert_eq!(members, [mia.id]);
    });
}

#[test]
fn a_draft_is_thrown_away_after_a_day_or_by_hand() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = brought(&bench, &admin, FILE).await.unwrap();
        bench.house.discard_import(&admin, id, &from()).await.unwrap();
        assert!(said(&bench).await.iter().any(|row| row == "the draft was thrown away"));
        assert_eq!(bench.house.import(&admin, id).await.unwrap_err().kind, Kind::NotFound);
        let id = brought(&bench, &admin, FILE).await.unwrap();
        bench.pass(Duration::from_hours(25));
        bench.house.forget_expired().await.unwrap();
        let admin = bench.admin().await;
        assert_eq!(bench.house.import(&admin, id).await.unwrap_err().kind, Kind::NotFound);
    });
}
