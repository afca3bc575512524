//! Each check passes where all is well, and is seen to fail.

use std::{collections::HashSet, time::Duration};

use model::{
    entra::{EntraDomain, FederationConfiguration},
    ids::ObjectId,
};
use uuid::Uuid;

use super::*;

mod cases;

use cases::{OF_PEOPLE, OF_POLICIES, OF_THE_DOMAIN, OF_THE_HOUSE, OF_THE_WAY_BACK};

const DOMAIN: &str = "contoso.com";
const ISSUER: &str = "https://idp.contoso.com/d/contoso-com/adfs/services/trust/";
const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";

fn now() -> Ts {
    Ts::from_rfc3339("2026-11-25T09:00:00Z").expect("a time")
}

fn days(count: u32) -> Duration {
    count * Duration::from_hours(24)
}

fn domain(name: &str) -> EntraDomain {
    let name = name.to_owned();
    EntraDomain {
        name,
        verified: true,
        default: false,
        initial: false,
        root: true,
        federated: false,
    }
}

fn person(number: u128, upn: &str, immutable_id: Option<&str>) -> DirectoryPerson {
    DirectoryPerson {
        id: ObjectId(Uuid::from_u128(number)),
        upn: upn.to_owned(),
        immutable_id: immutable_id.map(str::to_owned),
        enabled: true,
        guest: false,
        synchronised: false,
    }
}

fn ours(upn: &str, immutable_id: &str) -> OurPerson {
    OurPerson {
        upn: upn.to_owned(),
        immutable_id: immutable_id.to_owned(),
        assigned: true,
        has_factor: true,
    }
}

fn holder(number: u128, template: &str, role: &str) -> RoleHolder {
    RoleHolder {
        object: ObjectId(Uuid::from_u128(number)),
        template: template.to_owned(),
        role: role.to_owned(),
    }
}

fn certificate(from: Ts, to: Ts) -> CertificateForm {
    CertificateForm {
        rsa_bits: Some(2048),
        sha256: true,
        not_before: from,
        not_after: to,
        one_line: true,
    }
}

fn federation(issuer: &str) -> FederationConfiguration {
    let text = String::new;
    FederationConfiguration {
        display_name: text(),
        issuer_uri: issuer.to_owned(),
        passive_sign_in_uri: "https://adfs.example/adfs/ls/".to_owned(),
        active_sign_in_uri: None,
        metadata_exchange_uri: None,
        sign_out_uri: text(),
        signing_certificate: text(),
        next_signing_certificate: None,
        preferred_authentication_protocol: text(),
        federated_idp_mfa_behavior: text(),
        prompt_login_behavior: text(),
        is_signed_authentication_request_required: false,
    }
}

fn policy(name: &str) -> AccessPolicy {
    AccessPolicy {
        name: name.to_owned(),
        enforced: true,
        wants_factor: false,
        strength_beyond_us: None,
        every_time: false,
    }
}

fn answered() -> Probe {
    Probe::Answered { status: 200, ours: true }
}

/// A tenant and a house in which nothing is wrong.
fn well() -> Observed {
    let initial = EntraDomain { default: true, initial: true, ..domain("contoso.onmicrosoft.com") };
    let ada = ours("ada@contoso.com", "ada-id");
    let olivia = ours("olivia@contoso.com", "olivia-id");
    Observed {
        domain: DOMAIN.to_owned(),
        tenant: TenantSeen {
            missing_permissions: Ok(Vec::new()),
            superfluous_permissions: Ok(Vec::new()),
            clock_ahead: Ok(1),
            domains: Ok(vec![initial, domain(DOMAIN)]),
            federations: Ok(Vec::new()),
            people: Ok(vec![
                person(1, "break.glass.1@contoso.onmicrosoft.com", None),
                person(2, "break.glass.2@contoso.onmicrosoft.com", None),
                person(3, "ada@contoso.com", Some("ada-id")),
                person(4, "olivia@contoso.com", Some("olivia-id")),
            ]),
            roles: Ok(vec![
                holder(1, GLOBAL, "Global Administrator"),
                holder(2, GLOBAL, "Global Administrator"),
            ]),
            token_validation: Ok(TokenValidation {
                root_domains: "all".to_owned(),
                names: Vec::new(),
            }),
            security_defaults: Ok(false),
            per_user_mfa: Ok(PerUserMfa { read: 2, people: 2, demanded: Vec::new() }),
            self_reset: Ok(false),
            registration_campaign: Ok("disabled".to_owned()),
            access_policies: Ok(vec![AccessPolicy { wants_factor: true, ..policy("MFA for all") }]),
        },
        ours: Ours {
            people: vec![ada, olivia.clone()],
            owners: vec![olivia, ours("oscar@contoso.com", "oscar-id")],
            issuer_uri: ISSUER.to_owned(),
            mfa_behavior: MfaBehavior::Accept,
            secret_ends_at: Some(now() + days(200)),
            signing: certificate(now(), now() + days(700)),
            next: Some(certificate(now(), now() + days(900))),
            mail: MailWay::Server { waiting: 0 },
        },
        answers: Answers {
            address: Address::Https("https://idp.contoso.com".to_owned()),
            metadata: answered(),
            sign_in: Probe::Answered { status: 204, ours: true },
            description: Some(answered()),
        },
    }
}

fn found(observed: &Observed, check: Check) -> Finding {
    let all = judge(observed, now());
    all.into_iter().find(|finding| finding.check == check).expect("each check is judged")
}

#[test]
fn each_check_is_judged_once_in_order_and_passes_where_all_is_well() {
    let findings = judge(&well(), now());
    let checks: Vec<Check> = findings.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, Check::ALL);
    for finding in findings {
        assert_eq!(finding.verdict, Verdict::Passed, "{finding:?}");
        assert!(finding.mend.is_none() && finding.evidence.ends_with('.'), "{finding:?}");
    }
}

/// What is done to what is well, which check notices, how bad it is, and a word of its evidence.
type Case = (fn(&mut Observed), Check, Verdict, &'static str);

fn domain_mut(observed: &mut Observed) -> &mut EntraDomain {
    &mut observed.tenant.domains.as_mut().expect("seen")[1]
}

fn people_mut(observed: &mut Observed) -> &mut Vec<DirectoryPerson> {
    observed.tenant.people.as_mut().expect("seen")
}

fn add_person(observed: &mut Observed, upn: &str, immutable_id: Option<&str>) {
    let number = 100 + people_mut(observed).len() as u128;
    people_mut(observed).push(person(number, upn, immutable_id));
}

fn policies_mut(observed: &mut Observed) -> &mut Vec<AccessPolicy> {
    observed.tenant.access_policies.as_mut().expect("seen")
}

/// Y08
#[test]
fn each_check_notices_what_it_is_for_and_says_how_to_mend_it() {
    let all = [OF_THE_DOMAIN, OF_THE_WAY_BACK, OF_PEOPLE, OF_POLICIES, OF_THE_HOUSE].concat();
    let mut noticed = HashSet::new();
    for (number, (harm, check, verdict, word)) in all.into_iter().enumerate() {
        let mut observed = well();
        harm(&mut observed);
        let finding = found(&observed, check);
        assert_eq!(finding.verdict, verdict, "{number}: {finding:?}");
        assert!(finding.evidence.contains(word), "{number}: {finding:?}");
        assert_eq!(finding.mend.is_some(), verdict != Verdict::Unseen, "{number}: {finding:?}");
        noticed.insert(check.label());
    }
    assert_eq!(noticed.len(), Check::ALL.len(), "each check has a case");
}

/// Where Microsoft shall ask for its own second factor, its own demands are what is wanted.
#[test]
fn microsofts_own_demands_are_no_trouble_where_it_shall_ask() {
    let mut observed = well();
    observed.ours.mfa_behavior = MfaBehavior::Reject;
    observed.ours.people[0].has_factor = false;
    observed.tenant.security_defaults = Ok(true);
    observed.tenant.registration_campaign = Ok("enabled".to_owned());
    let demanded = vec!["ada@contoso.com".to_owned()];
    observed.tenant.per_user_mfa = Ok(PerUserMfa { read: 2, people: 2, demanded });
    let of_some = PerUserMfa { read: 1, people: 2, demanded: Vec::new() };
    let other = TenantSeen { per_user_mfa: Ok(of_some), ..observed.tenant.clone() };
    let other = Observed { tenant: other, ..observed.clone() };
    assert_eq!(found(&other, Check::PerUserMfa).verdict, Verdict::Passed);
    for check in [
        Check::SecurityDefaults,
        Check::RegistrationCampaign,
        Check::PerUserMfa,
        Check::FactorCoverage,
    ] {
        assert_eq!(found(&observed, check).verdict, Verdict::Passed, "{check:?}");
    }
}

/// R133
#[test]
fn a_token_that_can_not_be_read_is_not_called_free_of_more() {
    let mut observed = well();
    observed.tenant.superfluous_permissions = Err("The token says nothing.".to_owned());
    let finding = found(&observed, Check::Permissions);
    assert_eq!(finding.verdict, Verdict::Passed);
    assert!(finding.evidence.contains("unknown: The token says nothing."), "{finding:?}");
}

#[test]
fn ten_are_named_and_the_others_counted() {
    let mut observed = well();
    for number in 10..35 {
        add_person(&mut observed, &format!("p{number}@contoso.com"), None);
    }
    let evidence = found(&observed, Check::ImmutableIdMissing).evidence;
    assert!(evidence.starts_with("25 people"), "{evidence}");
    assert!(evidence.ends_with("p18@contoso.com, p19@contoso.com and 15 more."), "{evidence}");
}

#[test]
fn blocked_accounts_and_policies_that_only_report_trouble_nobody() {
    let mut observed = well();
    add_person(&mut observed, "shared.mailbox@contoso.com", None);
    people_mut(&mut observed).last_mut().expect("added").enabled = false;
    let beyond = Some("Phishing-resistant MFA".to_owned());
    let report = AccessPolicy { enforced: false, every_time: true, ..policy("Report") };
    policies_mut(&mut observed).push(AccessPolicy { strength_beyond_us: beyond, ..report });
    let bad: Vec<Finding> = judge(&observed, now())
        .into_iter()
        .filter(|finding| finding.verdict != Verdict::Passed)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn what_could_not_be_seen_is_never_taken_for_good() {
    let mut observed = well();
    observed.tenant = TenantSeen::unseen("Microsoft did not answer in time.");
    for finding in judge(&observed, now()) {
        let at_microsoft = finding.check.area() != model::preflight::Area::House
            || [Check::Permissions, Check::Clock].contains(&finding.check);
        let wanted = if at_microsoft { Verdict::Unseen } else { Verdict::Passed };
        assert_eq!(finding.verdict, wanted, "{finding:?}");
    }
    assert!(state(&observed).is_empty());
    assert_eq!(state(&well()).len(), 6);
}
