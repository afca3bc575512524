//! Each check passes where all is well, and is seen to fail.

use std::{collections::HashSet, time::Duration};

use model::{
    entra::{EntraDomain, FederationConfiguration},
    ids::ObjectId,
};
use uuid::Uuid;

use super::*;

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

const OF_THE_DOMAIN: &[Case] = &[
    (|o| domain_mut(o).verified = false, Check::DomainVerified, Verdict::Failed, "proved"),
    (|o| o.domain = "other.com".to_owned(), Check::DomainVerified, Verdict::Failed, "no domain"),
    (|o| domain_mut(o).default = true, Check::NotDefault, Verdict::Failed, "default domain"),
    (|o| domain_mut(o).initial = true, Check::NotInitial, Verdict::Failed, "born with"),
    (|o| domain_mut(o).root = false, Check::RootDomain, Verdict::Failed, "sub-domain"),
    (
        |o| {
            let sub = EntraDomain { root: false, ..domain("sales.contoso.com") };
            o.tenant.domains.as_mut().expect("seen").push(sub);
        },
        Check::SubDomains,
        Verdict::Warning,
        "sales.contoso.com",
    ),
    (
        |o| o.tenant.federations = Ok(vec![(DOMAIN.to_owned(), federation("http://adfs/trust"))]),
        Check::FederatedBy,
        Verdict::Warning,
        "http://adfs/trust",
    ),
    (
        |o| o.tenant.federations = Ok(vec![("other.com".to_owned(), federation(ISSUER))]),
        Check::IssuerUnique,
        Verdict::Failed,
        "other.com",
    ),
];

const OF_THE_WAY_BACK: &[Case] = &[
    (
        |o| people_mut(o)[1].enabled = false,
        Check::EmergencyAccounts,
        Verdict::Failed,
        "break.glass.2@contoso.onmicrosoft.com (blocked)",
    ),
    (
        |o| people_mut(o)[0].synchronised = true,
        Check::EmergencyAccounts,
        Verdict::Failed,
        "(synchronised from elsewhere)",
    ),
    (
        |o| people_mut(o)[0].upn = "ada@contoso.com".to_owned(),
        Check::EmergencyAccounts,
        Verdict::Failed,
        "(not on the onmicrosoft.com domain)",
    ),
    (
        |o| o.tenant.domains.as_mut().expect("seen")[0].federated = true,
        Check::EmergencyAccounts,
        Verdict::Failed,
        "There is no emergency account.",
    ),
    (
        |o| o.tenant.roles.as_mut().expect("seen")[1].template = "another role".to_owned(),
        Check::EmergencyAccounts,
        Verdict::Failed,
        "only one",
    ),
    (
        |o| o.tenant.roles = Err("no permission.".to_owned()),
        Check::EmergencyAccounts,
        Verdict::Unseen,
        "no permission.",
    ),
    (
        |o| o.tenant.roles.as_mut().expect("seen").push(holder(3, "x", "User Administrator")),
        Check::AdministratorsInside,
        Verdict::Warning,
        "ada@contoso.com (User Administrator)",
    ),
];

const OF_PEOPLE: &[Case] = &[
    (
        |o| people_mut(o)[2].immutable_id = None,
        Check::ImmutableIdMissing,
        Verdict::Failed,
        "1 person could not sign in",
    ),
    (
        |o| add_person(o, "twin@other.com", Some("ada-id")),
        Check::ImmutableIdTwice,
        Verdict::Failed,
        "ada@contoso.com with twin@other.com",
    ),
    (
        |o| add_person(o, "stranger@contoso.com", Some("nobodys")),
        Check::ImmutableIdForeign,
        Verdict::Failed,
        "stranger@contoso.com",
    ),
    (
        |o| people_mut(o)[2].upn = "ada@other.com".to_owned(),
        Check::SignInNameElsewhere,
        Verdict::Failed,
        "ada@contoso.com is ada@other.com there",
    ),
    (
        |o| people_mut(o)[2].upn = "ada.l@contoso.com".to_owned(),
        Check::SignInNameElsewhere,
        Verdict::Warning,
        "ada.l@contoso.com",
    ),
    (
        |o| o.ours.people.push(ours("new@contoso.com", "new-id")),
        Check::AssignedButAbsent,
        Verdict::Warning,
        "new@contoso.com",
    ),
    (
        |o| o.ours.people[0].assigned = false,
        Check::ThereButUnassigned,
        Verdict::Warning,
        "ada@contoso.com",
    ),
    (
        |o| people_mut(o)[2].synchronised = true,
        Check::Synchronised,
        Verdict::Warning,
        "ada@contoso.com",
    ),
    (|o| people_mut(o)[3].guest = true, Check::Guests, Verdict::Warning, "olivia@contoso.com"),
];

const OF_POLICIES: &[Case] = &[
    (
        |o| o.tenant.token_validation.as_mut().expect("seen").root_domains = "none".to_owned(),
        Check::TokenValidation,
        Verdict::Failed,
        "none",
    ),
    (
        |o| {
            let policy = o.tenant.token_validation.as_mut().expect("seen");
            "enumerated".clone_into(&mut policy.root_domains);
        },
        Check::TokenValidation,
        Verdict::Warning,
        "contoso.com",
    ),
    (|o| o.tenant.security_defaults = Ok(true), Check::SecurityDefaults, Verdict::Warning, "On"),
    (
        |o| {
            let demanded = vec!["ada@contoso.com".to_owned()];
            o.tenant.per_user_mfa = Ok(PerUserMfa { read: 50, people: 80, demanded });
        },
        Check::PerUserMfa,
        Verdict::Warning,
        "1 person: ada@contoso.com. Only 50 of 80 people were read.",
    ),
    (|o| o.tenant.self_reset = Ok(true), Check::SelfReset, Verdict::Warning, "On"),
    (
        |o| o.tenant.registration_campaign = Ok("default".to_owned()),
        Check::RegistrationCampaign,
        Verdict::Warning,
        "as Microsoft decides",
    ),
    (|o| o.ours.people[0].has_factor = false, Check::AccessLoop, Verdict::Warning, "ada@"),
    (
        |o| {
            o.ours.people[0].has_factor = false;
            o.ours.mfa_behavior = MfaBehavior::Enforce;
        },
        Check::AccessLoop,
        Verdict::Failed,
        "MFA for all ask for a second factor, and 1 person have none here: ada@contoso.com.",
    ),
    (
        |o| o.ours.mfa_behavior = MfaBehavior::Reject,
        Check::AccessLoop,
        Verdict::Warning,
        "whatever was done here",
    ),
    (
        |o| policies_mut(o)[0].strength_beyond_us = Some("Phishing-resistant MFA".to_owned()),
        Check::AccessStrength,
        Verdict::Warning,
        "MFA for all (Phishing-resistant MFA)",
    ),
    (
        |o| policies_mut(o)[0].every_time = true,
        Check::SignInFrequency,
        Verdict::Warning,
        "MFA for all",
    ),
];

const OF_THE_HOUSE: &[Case] = &[
    (
        |o| {
            let missing = ("Domain.Read.All".to_owned(), "see the domains".to_owned());
            o.tenant.missing_permissions = Ok(vec![missing]);
        },
        Check::Permissions,
        Verdict::Failed,
        "Domain.Read.All (to see the domains)",
    ),
    (
        |o| o.tenant.superfluous_permissions = Ok(vec!["Domain.ReadWrite.All".to_owned()]),
        Check::Permissions,
        Verdict::Warning,
        "more than Gatehouse needs: Domain.ReadWrite.All",
    ),
    (|o| o.ours.secret_ends_at = None, Check::SecretEnd, Verdict::Warning, "Nobody has said"),
    (
        |o| o.ours.secret_ends_at = Some(now() + days(29)),
        Check::SecretEnd,
        Verdict::Warning,
        "2026-12-24",
    ),
    (|o| o.ours.secret_ends_at = Some(now() + days(6)), Check::SecretEnd, Verdict::Failed, "ends"),
    (|o| o.ours.secret_ends_at = Some(now()), Check::SecretEnd, Verdict::Failed, "ended"),
    (|o| o.tenant.clock_ahead = Ok(90), Check::Clock, Verdict::Warning, "90 seconds behind"),
    (|o| o.tenant.clock_ahead = Ok(-200), Check::Clock, Verdict::Failed, "200 seconds ahead of"),
    (
        |o| o.answers.address = Address::Http("http://idp.contoso.com".to_owned()),
        Check::PublicAddress,
        Verdict::Failed,
        "not encrypted",
    ),
    (
        |o| o.answers.address = Address::Http("http://localhost:8080".to_owned()),
        Check::PublicAddress,
        Verdict::Warning,
        "trial",
    ),
    (
        |o| o.answers.metadata = Probe::BadCertificate("it has expired".to_owned()),
        Check::AddressCertificate,
        Verdict::Failed,
        "it has expired",
    ),
    (
        |o| o.answers.metadata = Probe::Silent("no such host".to_owned()),
        Check::AddressCertificate,
        Verdict::Unseen,
        "no such host",
    ),
    (
        |o| o.answers.metadata = Probe::Answered { status: 200, ours: false },
        Check::Metadata,
        Verdict::Failed,
        "not ours",
    ),
    (|o| o.answers.sign_in = answered(), Check::SignInAddress, Verdict::Failed, "status 200"),
    (
        |o| o.answers.sign_in = Probe::Answered { status: 502, ours: false },
        Check::SignInAddress,
        Verdict::Failed,
        "status 502",
    ),
    (
        |o| o.answers.description = Some(Probe::Answered { status: 404, ours: false }),
        Check::Description,
        Verdict::Failed,
        "status 404",
    ),
    (|o| o.ours.signing.rsa_bits = Some(1024), Check::SigningCertificate, Verdict::Failed, "1024"),
    (|o| o.ours.signing.sha256 = false, Check::SigningCertificate, Verdict::Failed, "SHA-256"),
    (|o| o.ours.signing.one_line = false, Check::SigningCertificate, Verdict::Failed, "one line"),
    (|o| o.ours.signing.rsa_bits = None, Check::SigningCertificate, Verdict::Failed, "not RSA"),
    (
        |o| o.ours.signing.not_after = now() + days(20),
        Check::SigningCertificateDates,
        Verdict::Warning,
        "2026-12-15",
    ),
    (
        |o| o.ours.signing.not_after = now(),
        Check::SigningCertificateDates,
        Verdict::Failed,
        "ended",
    ),
    (
        |o| o.ours.signing.not_before = now() + days(1),
        Check::SigningCertificateDates,
        Verdict::Failed,
        "begins",
    ),
    (|o| o.ours.next = None, Check::NextCertificate, Verdict::Warning, "none"),
    (
        |o| o.ours.people[0].has_factor = false,
        Check::FactorCoverage,
        Verdict::Warning,
        "1 of 2 people who are assigned have no second factor: ada@contoso.com.",
    ),
    (
        |o| {
            o.ours.people[0].has_factor = false;
            o.ours.mfa_behavior = MfaBehavior::Enforce;
        },
        Check::FactorCoverage,
        Verdict::Failed,
        "ada@contoso.com",
    ),
    (|o| o.ours.owners[1].has_factor = false, Check::OwnersFactors, Verdict::Failed, "oscar@"),
    (|o| o.ours.owners.truncate(1), Check::OwnersFactors, Verdict::Warning, "only owner"),
    (|o| o.ours.owners.clear(), Check::OwnersFactors, Verdict::Failed, "no owner"),
    (|o| o.ours.mail = MailWay::None, Check::Mail, Verdict::Warning, "No mail server"),
    (
        |o| o.ours.mail = MailWay::Server { waiting: 20 },
        Check::Mail,
        Verdict::Warning,
        "20 letters",
    ),
];

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
    for check in [
        Check::SecurityDefaults,
        Check::RegistrationCampaign,
        Check::PerUserMfa,
        Check::FactorCoverage,
    ] {
        assert_eq!(found(&observed, check).verdict, Verdict::Passed, "{check:?}");
    }
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
