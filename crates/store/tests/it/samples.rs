//! Rows to begin with.

use model::{
    Actor, FactorEvent, ImmutableId, Method, Ts, Upn,
    application::{Application, Assignment, Licence, Office365Settings},
    factor::TotpFactor,
    federated_domain::{BrowserProtocol, FederatedDomain, MfaBehavior},
    ids::{
        ApplicationId, AssignmentId, ClientId, EntraTenantId, FactorId, FederatedDomainId, GroupId,
        PendingRequestId, RegistrationId, RelyingPartyId, RunId, ServicePlanId, SessionId,
        SigningKeyId, SkuId, TenantId, UserId,
    },
    oidc::{ClientProof, OidcClient},
    pending_request::{Demand, PendingRequest, Purpose},
    plan::{RunState, Scope},
    registration::{OtherCredential, Registration, Tenants, Turn},
    relying_party::{
        Access, ClaimSource, Cloud, CloudHosts, NameIdFormat, PartyKind, PartySettings,
        PickedClaim, RelyingParty, SignOutBinding, SignOutService, SignedParts, SignedRequests,
    },
    session::{ClientInfo, Session, SessionAudience},
    signing_key::{SigningKey, SigningKeyState},
    tenant::{AppCredential, Tenant},
    user::{Profile, User, UserState},
    wstrust::WsTrustPermit,
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use store::{Error, Tx, sync_runs::SyncRun};
use uuid::Uuid;

/// The time at which tests begin.
pub(crate) const NOON: Ts = Ts::from_secs(1_795_600_000);

pub(crate) const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn at(seconds: i64) -> Ts {
    Ts(NOON.0 + seconds * 1_000_000)
}

pub(crate) fn user(number: u128, name: &str) -> User {
    User {
        id: UserId(id(number)),
        upn: Upn::parse(&format!("{name}@Contoso.com")).expect("a name"),
        immutable_id: ImmutableId::parse(&format!("anchor-{number}")).expect("an anchor"),
        state: UserState::Active,
        profile: Profile {
            display_name: format!("{name} Doe"),
            department: Some("Sales_and%Marketing".to_owned()),
            ..Profile::default()
        },
        role: None,
        created_at: NOON,
        updated_at: NOON,
    }
}

/// Alice, stored.
pub(crate) fn alice(tx: &mut Tx) -> Result<UserId, Error> {
    let alice = user(1, "Alice");
    store::users::create(tx, &alice)?;
    Ok(alice.id)
}

pub(crate) fn session(number: u128, user_id: UserId) -> Session {
    Session {
        id: SessionId(id(number)),
        user_id,
        audience: SessionAudience::Employee,
        events: vec![FactorEvent { method: Method::Password, at: NOON }],
        created_at: NOON,
        last_seen_at: NOON,
        ended_at: None,
        client: ClientInfo { address: "192.0.2.1".to_owned(), user_agent: "Firefox".to_owned() },
        remembered: None,
    }
}

pub(crate) fn request(number: u128) -> PendingRequest {
    PendingRequest {
        id: PendingRequestId(id(number)),
        handle_digest: [1; 32],
        browser_digest: [2; 32],
        purpose: Purpose::WsFed {
            domain: FederatedDomainId(id(50)),
            relying_party: RelyingPartyId(id(60)),
            reply: "https://login.microsoftonline.com/login.srf".to_owned(),
            context: Some("LoginOptions=3&estsredirect=2%2b \"'<>\u{fffd}".to_owned()),
            client_request_id: Some("5d5e0b86-93f5-4a0a-a5a0-3f1f0a7c5b11".to_owned()),
        },
        demand: Demand { mfa: true, max_age: Some(0), password: false },
        hint: Some("alice@contoso.com".to_owned()),
        user_id: None,
        events: Vec::new(),
        enrolling: None,
        remember: false,
        created_at: NOON,
        expires_at: at(600),
        used_at: None,
    }
}

pub(crate) fn totp(number: u128, user_id: UserId, secret: &[u8]) -> TotpFactor {
    TotpFactor {
        id: FactorId(id(number)),
        user_id,
        secret: SecretSlice::from(secret.to_vec()),
        last_step: None,
        confirmed_at: None,
        created_at: NOON,
    }
}

/// The client secret of a connection; nothing where it has a certificate.
pub(crate) fn secret_of(tenant: &Tenant) -> &str {
    match &tenant.credential {
        AppCredential::Secret(secret) => secret.expose_secret(),
        AppCredential::Certificate(_) => "",
    }
}

pub(crate) fn registration(number: u128, secret: &str) -> Registration {
    Registration {
        id: RegistrationId(id(number)),
        alias: format!("Contoso {number}"),
        client_id: ClientId(id(42)),
        credential: AppCredential::Secret(SecretString::from(secret)),
        credential_ends_at: Some(at(86_400)),
        other: None,
        cloud: Cloud::Global,
        hosts: Cloud::Global.hosts().expect("a real cloud"),
        tenants: Tenants::One {
            tenant: EntraTenantId(id(7)),
            domain: Some("contoso.com".to_owned()),
        },
        trusted: vec![EntraTenantId(id(7))],
        enabled: true,
        created_at: NOON,
    }
}

/// The text of a credential that is a secret; of a certificate, that it has none.
pub(crate) fn text_of(credential: &AppCredential) -> &str {
    match credential {
        AppCredential::Secret(secret) => secret.expose_secret(),
        AppCredential::Certificate(_) => "a certificate has none",
    }
}

/// A second secret that waits.
pub(crate) fn next_secret(secret: &str) -> OtherCredential {
    OtherCredential {
        credential: AppCredential::Secret(SecretString::from(secret)),
        ends_at: Some(at(172_800)),
        added_at: NOON,
        turn: Turn::Next,
    }
}

pub(crate) fn tenant(number: u128, secret: &str) -> Tenant {
    Tenant {
        id: TenantId(id(number)),
        alias: "Contoso".to_owned(),
        entra_tenant_id: EntraTenantId(id(number + 1000)),
        client_id: ClientId(id(41)),
        credential: AppCredential::Secret(SecretString::from(secret)),
        credential_ends_at: Some(at(86_400)),
        cloud: Cloud::Simulator,
        hosts: CloudHosts {
            login: "http://127.0.0.1:8081".to_owned(),
            graph: "http://127.0.0.1:8081/graph".to_owned(),
        },
        writes_stopped: false,
        admins_kept_out: false,
    }
}

pub(crate) fn domain(number: u128, tenant_id: TenantId) -> FederatedDomain {
    FederatedDomain {
        id: FederatedDomainId(id(number)),
        tenant_id,
        name: "contoso.com".to_owned(),
        slug: "contoso-com".to_owned(),
        issuer_uri: "https://idp.example/d/contoso-com/adfs/services/trust/".to_owned(),
        enabled: true,
        federated_at: None,
        browser_protocol: BrowserProtocol::Saml2,
        mfa_behavior: MfaBehavior::Enforce,
        corporate_networks: vec!["203.0.113.0/24".parse().expect("a network")],
    }
}

pub(crate) fn relying_party(number: u128, domain_id: FederatedDomainId) -> RelyingParty {
    RelyingParty {
        id: RelyingPartyId(id(number)),
        name: "Microsoft".to_owned(),
        realm: "urn:federation:MicrosoftOnline".to_owned(),
        replies: vec!["https://b.example/".to_owned(), "https://a.example/".to_owned()],
        domain_id,
        enabled: true,
        kind: PartyKind::Saml2,
        settings: PartySettings {
            start: Some("https://wiki.contoso.com/".to_owned()),
            access: Access::Everyone,
            name_id: NameIdFormat::EmailAddress,
            claims: vec![PickedClaim { name: "mail".to_owned(), source: ClaimSource::Mail }],
            certificates: vec!["AAAA".to_owned()],
            requests: SignedRequests::Required,
            sha1_until: Some(at(9)),
            signs: SignedParts::Both,
            sign_out: Some(SignOutService {
                binding: SignOutBinding::Redirect,
                location: "https://a.example/out".to_owned(),
                response: None,
            }),
            reply_indexes: vec![1, 0],
            oidc: OidcClient {
                proof: ClientProof::Secret("00ff".to_owned()),
                after_sign_out: vec!["https://a.example/bye".to_owned()],
                back_channel: Some("https://tickets.contoso.com/out".to_owned()),
                pushes: true,
            },
        },
    }
}

pub(crate) fn signing_key(number: u128, state: SigningKeyState, private_key: &[u8]) -> SigningKey {
    SigningKey {
        id: SigningKeyId(id(number)),
        state,
        private_key: private_key.to_vec().into(),
        certificate: vec![0x30, 0, 0xff],
        not_before: NOON,
        not_after: at(1000),
        published_at: None,
        seen_by_entra_at: None,
    }
}

pub(crate) fn application(number: u128, tenant_id: TenantId) -> Application {
    Application {
        id: ApplicationId(id(number)),
        name: "Office 365".to_owned(),
        tenant_id,
        settings: Office365Settings::default(),
    }
}

pub(crate) fn assignment(
    number: u128,
    user_id: UserId,
    application_id: ApplicationId,
) -> Assignment {
    Assignment {
        id: AssignmentId(id(number)),
        user_id,
        application_id,
        licences: vec![Licence {
            sku_id: SkuId(id(90)),
            disabled_plans: vec![ServicePlanId(id(91)), ServicePlanId(id(92))],
        }],
        assigned_at: NOON,
        ended_at: None,
    }
}

/// Alice, a tenant and its application, stored.
pub(crate) fn office(tx: &mut Tx) -> Result<(UserId, Tenant, Application), Error> {
    let alice = alice(tx)?;
    let tenant = tenant(40, "secret");
    store::tenants::create(tx, &tenant)?;
    let application = application(70, tenant.id);
    store::applications::create(tx, &application)?;
    Ok((alice, tenant, application))
}

pub(crate) fn run(number: u128, tenant_id: TenantId, state: RunState) -> SyncRun {
    SyncRun {
        id: RunId(id(number)),
        tenant_id,
        scope: Scope::Everyone,
        state,
        plan_hash: "abc".to_owned(),
        conflicts: Vec::new(),
        wanted: Some(7),
        reason: String::new(),
        started_at: at(i64::try_from(number).expect("a small number")),
        finished_at: None,
        started_by: Actor::Admin(UserId(id(1))),
    }
}

pub(crate) fn permit(domain_id: FederatedDomainId, who: UserId) -> WsTrustPermit {
    WsTrustPermit {
        domain_id,
        networks: vec!["203.0.113.0/24".parse().expect("a network")],
        people: vec![who],
        groups: vec![GroupId(id(90))],
        ecp: true,
        expires_at: at(86_400),
        reason: "The old scanner \u{1f5a8} of \"Sales\"".to_owned(),
        granted_by: UserId(id(2)),
        granted_at: NOON,
    }
}
