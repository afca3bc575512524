//! The guided path over real parts: what a look keeps, what undoes a step, and that opening the path
//! asks Microsoft nothing.

use std::{process::Command, time::Duration};

use app::{
    House, Kind,
    guide::{Age, Guide, Place, Standing, Step, StepState},
    issue::wsfed::Entered,
};
use model::{Role, ids::FederatedDomainId, plan::Scope};
use simulator::{Fault, Trouble};
use store::{federated_domains, issued_tokens, looks, relying_parties, users};

use crate::support::{Bench, QUERY, both, visitor};

async fn domain(bench: &Bench) -> FederatedDomainId {
    bench.house.addresses("contoso.com").await.unwrap().domain_id
}

async fn guide(bench: &Bench) -> Guide {
    let admin = bench.admin().await;
    bench.house.guide(&admin, None).await.unwrap()
}

async fn step(bench: &Bench, step: Step) -> StepState {
    guide(bench).await.steps.into_iter().find(|state| state.step == step).unwrap()
}

/// *Look again*, by a node of its choice: one keeps its Graph token.
async fn look(bench: &Bench, house: &House) -> Option<String> {
    let (admin, domain) = (bench.admin().await, domain(bench).await);
    house.look_for_guide(&admin, bench.tenant, Some(domain)).await.unwrap()
}

/// Runs the very script that the console shows.
async fn federate(bench: &Bench) {
    let scripts = bench.house.render_scripts(domain(bench).await).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("federate.sh");
    std::fs::write(&file, &scripts.federate_unasked().sh).unwrap();
    let mut command = Command::new("sh");
    command
        .arg(&file)
        .current_dir(folder.path())
        .env("GRAPH_TOKEN", simulator::sample::ADMIN_TOKEN)
        .env("GRAPH_HOST", bench.simulator.url());
    let ran = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

async fn is_open(bench: &Bench) -> bool {
    bench.house.guide_is_open(&bench.admin().await).await.unwrap()
}

#[test]
fn a_domain_is_walked_to_its_end_and_comes_undone() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (_, alice) = bench.employee("alice", &from).await;
        // A token from before says nothing of the federation.
        assert!(matches!(bench.enter(QUERY, &from, Some(&alice)).await, Entered::Token(_)));
        bench.pass(Duration::from_mins(1));
        assert_eq!(step(&bench, Step::Connection).await.standing, Standing::Begun);
        assert_eq!(step(&bench, Step::Pilot).await.standing, Standing::Begun, "nobody is there");
        assert_eq!(look(&bench, &bench.house).await, None);
        assert_eq!(step(&bench, Step::Connection).await.standing, Standing::Done);
        assert_eq!(step(&bench, Step::Application).await.standing, Standing::Done);
        bench.house.sync(bench.tenant, Scope::Everyone, model::Actor::Schedule).await.unwrap();
        let pilot = step(&bench, Step::Pilot).await;
        assert_eq!(pilot.standing, Standing::Done, "{pilot:?}");

        federate(&bench).await;
        assert_eq!(step(&bench, Step::Script).await.standing, Standing::NotBegun, "nobody looked");
        assert!(is_open(&bench).await);
        look(&bench, &bench.house).await;
        assert_eq!(step(&bench, Step::Script).await.standing, Standing::Done);
        assert_eq!(step(&bench, Step::SecondFactor).await.standing, Standing::Done);
        let verified = step(&bench, Step::Verified).await;
        assert_eq!((verified.standing, verified.place), (Standing::Begun, Place::Outlook));
        assert!(is_open(&bench).await);
        bench.pass(Duration::from_mins(1));
        assert!(matches!(bench.enter(QUERY, &from, Some(&alice)).await, Entered::Token(_)));
        let verified = step(&bench, Step::Verified).await;
        assert_eq!(verified.standing, Standing::Done, "{verified:?}");
        assert!(verified.says.contains("alice@contoso.com"), "{verified:?}");
        assert!(!is_open(&bench).await);

        bench.simulator.change_domain("contoso.com", |domain| {
            domain.federation.as_mut().unwrap().sign_out_uri = Some("https://evil.example".into());
        });
        look(&bench, &bench.house).await;
        let differs = step(&bench, Step::Verified).await;
        assert_eq!(differs.standing, Standing::Begun);
        assert!(differs.says.contains("signOutUri"), "{differs:?}");
        assert!(!is_open(&bench).await, "what differs later is for the alarms");
        bench.simulator.change_domain("contoso.com", |domain| domain.federation = None);
        look(&bench, &bench.house).await;
        let script = step(&bench, Step::Script).await;
        assert_eq!(script.standing, Standing::Undone, "{script:?}");
        assert_eq!(step(&bench, Step::Verified).await.standing, Standing::NotBegun);

        // Federated anew, the old sign-in proves nothing.
        bench.pass(Duration::from_mins(1));
        federate(&bench).await;
        look(&bench, &bench.house).await;
        let verified = step(&bench, Step::Verified).await;
        assert_eq!((verified.standing, verified.place), (Standing::Begun, Place::Outlook));
    });
}

#[test]
fn what_a_failed_look_did_not_see_stays_as_it_was_seen() {
    both(|bench| async move {
        federate(&bench).await;
        assert_eq!(look(&bench, &bench.house).await, None);
        bench.pass(Duration::from_hours(25));
        let old = step(&bench, Step::Script).await;
        assert_eq!((old.standing, old.age), (Standing::Done, Age::Old));
        bench.simulator.expire_client_secret();
        let trouble = look(&bench, &bench.house).await.expect("nobody is let in");
        let connection = step(&bench, Step::Connection).await;
        assert_eq!(connection.standing, Standing::Undone, "{connection:?}");
        assert!(connection.says.contains(&trouble), "{connection:?}");
        let script = step(&bench, Step::Script).await;
        assert_eq!((script.standing, script.seen_at), (Standing::Begun, old.seen_at));
        assert_eq!(script.age, Age::Lost(trouble));
        bench.simulator.renew_client_secret();
    });
}

#[test]
fn a_permission_that_is_taken_away_or_granted_is_seen_at_once() {
    both(|bench| async move {
        assert_eq!(look(&bench, &bench.house).await, None);
        bench.simulator.withdraw_role("RoleManagement.Read.Directory");
        assert_eq!(look(&bench, &bench.house).await, None, "it is seen");
        let state = step(&bench, Step::Connection).await;
        assert_eq!(state.standing, Standing::Begun);
        assert!(state.says.contains("RoleManagement.Read.Directory"), "{state:?}");
        bench.simulator.grant_role("RoleManagement.Read.Directory");
        assert_eq!(look(&bench, &bench.house).await, None);
        assert_eq!(step(&bench, Step::Connection).await.standing, Standing::Done);
    });
}

#[test]
fn only_people_of_the_domain_itself_prove_it() {
    both(|bench| async move {
        let from = visitor("203.0.113.1");
        let (_, alice) = bench.employee("alice", &from).await;
        let (root, operator) = (domain(&bench).await, model::Actor::Operator);
        let added = bench.house.add_domain(bench.tenant, "fabrikam.com", operator, &from).await;
        let (added, now) = (added.unwrap(), bench.house.now());
        let federated = bench.store.write(move |tx| {
            federated_domains::set_federated_at(tx, root, Some(now))?;
            federated_domains::set_federated_at(tx, added, Some(now))
        });
        federated.await.unwrap();
        assert!(is_open(&bench).await);
        assert!(matches!(bench.enter(QUERY, &from, Some(&alice)).await, Entered::Token(_)));
        let token = |domain, since| {
            bench.store.read(move |tx| {
                let parties = relying_parties::all(tx)?;
                let parties: Vec<_> = parties.iter().map(|party| party.id).collect();
                issued_tokens::first_since(tx, domain, &parties, since)
            })
        };
        assert!(token(root, now).await.unwrap().is_some());
        assert_eq!(token(added, now).await.unwrap(), None, "whatever party was asked");
        assert_eq!(token(root, now + Duration::from_mins(1)).await.unwrap(), None);
        assert!(!is_open(&bench).await);
        let other = bench.house.guide(&bench.admin().await, Some("fabrikam-com")).await.unwrap();
        assert_eq!(other.steps[7].standing, Standing::Begun, "{:?}", other.steps[7]);
    });
}

#[test]
fn opening_the_path_asks_microsoft_nothing() {
    both(|bench| async move {
        look(&bench, &bench.house).await;
        bench.simulator.faults().inject(Fault::new(Trouble::Forbidden).times(100));
        let before = bench.simulator.faults().waiting();
        guide(&bench).await;
        is_open(&bench).await;
        assert_eq!(bench.simulator.faults().waiting(), before, "no call was answered");
        look(&bench, &bench.house).await.expect("a look asks");
        assert_ne!(bench.simulator.faults().waiting(), before);
    });
}

#[test]
fn whoever_only_reads_can_open_the_path_and_not_have_the_tenant_looked_at() {
    both(|bench| async move {
        let (olivia, now) = (bench.user_id("olivia").await, bench.house.now());
        let demoted = bench
            .store
            .write(move |tx| users::set_role(tx, olivia, Some(Role::Auditor), now))
            .await;
        demoted.unwrap();
        let (admin, domain) = (bench.admin().await, domain(&bench).await);
        assert_eq!(bench.house.guide(&admin, Some("contoso-com")).await.unwrap().steps.len(), 9);
        let refused = bench.house.look_for_guide(&admin, bench.tenant, Some(domain)).await;
        assert_eq!(refused.unwrap_err().kind, Kind::Forbidden);
        let kind = model::look::LookKind::Connection;
        let of = bench.tenant.to_string();
        let kept = bench
            .store
            .read(move |tx| looks::get::<model::look::ConnectionSeen>(tx, (kind, &of)))
            .await;
        assert_eq!(kept.unwrap(), None, "nothing was looked at");
        let elsewhere = bench.house.guide(&admin, Some("fabrikam-com")).await;
        assert_eq!(elsewhere.unwrap_err().kind, Kind::NotFound);
    });
}
