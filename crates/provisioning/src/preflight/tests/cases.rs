//! What goes wrong, and which check notices.

use super::*;

pub(super) const OF_THE_DOMAIN: &[Case] = &[
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

pub(super) const OF_THE_WAY_BACK: &[Case] = &[
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

pub(super) const OF_PEOPLE: &[Case] = &[
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

pub(super) const OF_POLICIES: &[Case] = &[
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
    (
        |o| o.tenant.per_user_mfa = Ok(PerUserMfa { read: 50, people: 80, demanded: Vec::new() }),
        Check::PerUserMfa,
        Verdict::Warning,
        "nobody who was looked at. Only 50 of 80 people were read.",
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

pub(super) const OF_THE_HOUSE: &[Case] = &[
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
