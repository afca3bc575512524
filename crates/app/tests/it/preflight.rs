//! A pre-flight is kept with what it found, and the script that federates waits for it.

use std::time::Duration;

use app::Kind;
use model::{
    Actor,
    audit::AuditKind,
    ids::FederatedDomainId,
    plan::Scope,
    preflight::{Check, Finding, Preflight, Verdict},
};
use serde_json::json;
use simulator::sample::BREAK_GLASS;
use store::{
    audit_log::{self, AuditFilter},
    federated_domains, preflights,
};

use crate::support::{Bench, both, visitor};

async fn domain(bench: &Bench) -> FederatedDomainId {
    bench.house.addresses("contoso.com").await.unwrap().domain_id
}

async fn fly(bench: &Bench) -> Preflight {
    bench.house.preflight_by_operator(domain(bench).await).await.unwrap()
}

fn of(preflight: &Preflight, check: Check) -> &Finding {
    preflight.findings.iter().find(|finding| finding.check == check).unwrap()
}

/// Why the script is not handed out.
async fn held(bench: &Bench) -> Option<String> {
    let scripts = bench.house.render_scripts(domain(bench).await).await.unwrap();
    let refused = scripts.federate().err()?;
    assert_eq!(refused.kind, Kind::Conflict);
    Some(refused.public)
}

/// Y08
#[test]
fn the_script_waits_for_a_pre_flight_of_the_last_day_with_two_emergency_accounts() {
    both(|bench| async move {
        assert!(held(&bench).await.unwrap().starts_with("No pre-flight of the last day"));
        bench.simulator.set(BREAK_GLASS[1], "accountEnabled", false);
        let found = fly(&bench).await;
        assert_eq!(of(&found, Check::EmergencyAccounts).verdict, Verdict::Failed);
        assert!(held(&bench).await.unwrap().contains("Two emergency accounts"));

        bench.simulator.withdraw_role("RoleManagement.Read.Directory");
        let blind = bench.second_node().await;
        let found = blind.preflight_by_operator(domain(&bench).await).await.unwrap();
        let unseen = of(&found, Check::EmergencyAccounts);
        assert_eq!(unseen.verdict, Verdict::Unseen);
        assert!(unseen.evidence.contains("RoleManagement.Read.Directory"), "{unseen:?}");
        assert!(held(&bench).await.unwrap().contains("Two emergency accounts"));
        bench.simulator.grant_role("RoleManagement.Read.Directory");

        bench.simulator.set(BREAK_GLASS[1], "accountEnabled", true);
        let found = fly(&bench).await;
        assert_eq!(of(&found, Check::EmergencyAccounts).verdict, Verdict::Passed, "{found:?}");
        assert_eq!(held(&bench).await, None);
        bench.pass(Duration::from_hours(24) + Duration::from_secs(1));
        assert!(held(&bench).await.unwrap().starts_with("No pre-flight of the last day"));
    });
}

/// Y08
#[test]
fn a_domain_that_must_not_be_federated_gets_no_script_and_one_that_is_ours_gets_it() {
    both(|bench| async move {
        bench.simulator.change_domain("contoso.com", |domain| domain.is_default = true);
        fly(&bench).await;
        assert!(held(&bench).await.unwrap().contains("Not the default domain"));
        let (id, now) = (domain(&bench).await, bench.house.now());
        let set =
            bench.store.write(move |tx| federated_domains::set_federated_at(tx, id, Some(now)));
        set.await.unwrap();
        assert_eq!(held(&bench).await, None, "the script mends what is there");
    });
}

/// R133
#[test]
fn what_was_found_is_kept_and_names_who_would_be_locked_out() {
    both(|bench| async move {
        let tenant = bench.tenant;
        bench.house.sync(tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let stranger = json!({
            "userPrincipalName": "stranger@contoso.com", "displayName": "Stranger",
            "mailNickname": "stranger", "userType": "Member",
        });
        bench.simulator.add_user(stranger.as_object().unwrap().clone());
        bench.simulator.make_admin("alice@contoso.com");
        bench.simulator.set_per_user_mfa("alice@contoso.com", "enforced");
        let (admin, id) = (bench.admin().await, domain(&bench).await);
        let from = visitor("198.51.100.9");
        let found = bench.house.preflight(&admin, id, &from).await.unwrap();
        let checks: Vec<Check> = found.findings.iter().map(|finding| finding.check).collect();
        assert_eq!(checks, Check::ALL);
        for (check, verdict, name) in [
            (Check::ImmutableIdMissing, Verdict::Failed, "stranger@contoso.com"),
            (Check::AdministratorsInside, Verdict::Warning, "alice@contoso.com"),
            (Check::PerUserMfa, Verdict::Warning, "alice@contoso.com"),
            (Check::AssignedButAbsent, Verdict::Passed, "all"),
            (Check::FactorCoverage, Verdict::Warning, "carol@contoso.com"),
            (Check::Clock, Verdict::Passed, "0 seconds"),
            (Check::SigningCertificate, Verdict::Passed, "2048"),
            (Check::PublicAddress, Verdict::Warning, "trial"),
        ] {
            let finding = of(&found, check);
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.evidence.contains(name), "{finding:?}");
        }
        let kept = bench.store.read(move |tx| preflights::of_domain(tx, id)).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&found));
        assert!(found.state.contains(&("Security defaults".to_owned(), "off".to_owned())));
        let kind = Some(AuditKind::PreflightDone);
        let filter = AuditFilter { kind, limit: 9, ..AuditFilter::default() };
        let rows = bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().rows;
        assert!(rows.len() == 1 && rows[0].detail.ends_with(", 1 failed, 3 not seen"), "{rows:?}");
    });
}

#[test]
fn a_broken_connection_is_said_once_for_everything_and_is_nothing_good() {
    both(|bench| async move {
        bench.simulator.expire_client_secret();
        let found = fly(&bench).await;
        let unseen = of(&found, Check::EmergencyAccounts);
        assert_eq!(unseen.verdict, Verdict::Unseen);
        assert!(unseen.evidence.contains("AADSTS7000222"), "{unseen:?}");
        assert_eq!(of(&found, Check::Permissions).evidence, unseen.evidence);
        assert!(held(&bench).await.is_some());
    });
}
