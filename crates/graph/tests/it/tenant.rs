//! The connection itself: token, tenant pin, permissions, domains.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use graph::{Error, Verdict};
use model::{
    Ts,
    ids::EntraTenantId,
    tenant::{AppCredential, ClientCertificate},
};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use simulator::sample;
use uuid::Uuid;

use crate::world::{World, connect, settings};

#[tokio::test]
async fn a_good_connection_is_checked_and_lacks_nothing() {
    let world = World::start().await;
    let check = world.graph.check().await.unwrap();
    assert_eq!(check.tenant.to_string(), sample::TENANT_ID);
    assert_eq!((check.name.as_str(), check.missing), (sample::TENANT_NAME, vec![]));
    assert_eq!(check.superfluous, Some(Vec::new()));
    assert_eq!(world.calls("POST", "/oauth2/v2.0/token"), 1, "one token serves all calls");
}

/// R133
#[tokio::test]
async fn a_missing_permission_is_named_with_its_purpose() {
    let world = World::start().await;
    world.simulator.withdraw_role("RoleManagement.Read.Directory");
    let missing = world.graph.check().await.unwrap().missing;
    let names: Vec<&str> = missing.iter().map(|missing| missing.permission).collect();
    assert_eq!(names, ["RoleManagement.Read.Directory"]);
    let fresh = || connect(settings(&world.simulator.url()));
    world.simulator.withdraw_role("GroupMember.Read.All");
    let missing = fresh().check().await.unwrap().missing;
    let names: Vec<&str> = missing.iter().map(|missing| missing.permission).collect();
    assert_eq!(
        names,
        ["RoleManagement.Read.Directory", "GroupMember.Read.All"],
        "no call tries it"
    );
    let Verdict::StopRun(text) = world.graph.list_users().await.unwrap_err().verdict() else {
        panic!("people were read without knowing whom never to touch")
    };
    assert!(text.contains("RoleManagement.Read.Directory"), "{text}");
}

/// R133
#[tokio::test]
async fn a_permission_that_nothing_needs_is_named() {
    let world = World::start().await;
    world.simulator.grant_role("Domain.ReadWrite.All");
    world.simulator.grant_role("Mail.ReadWrite");
    let superfluous = world.graph.check().await.unwrap().superfluous;
    assert_eq!(superfluous.unwrap(), ["Domain.ReadWrite.All", "Mail.ReadWrite"]);
}

#[tokio::test]
async fn a_wrong_or_expired_secret_stops_the_run_with_advice() {
    let world = World::start().await;
    let wrong = connect(graph::Settings {
        credential: AppCredential::Secret("wrong".into()),
        ..settings(&world.simulator.url())
    });
    let error = wrong.organization_id().await.unwrap_err();
    assert!(matches!(error, Error::SignIn { code: 7_000_215, .. }), "{error}");
    assert!(!error.to_string().contains("Trace ID"), "{error}");
    world.simulator.expire_client_secret();
    let error = world.graph.organization_id().await.unwrap_err();
    let Verdict::StopRun(text) = error.verdict() else { panic!("{error}") };
    assert!(text.contains("AADSTS7000222") && text.contains("expired"), "{text}");
}

fn certificate() -> ClientCertificate {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    ClientCertificate {
        certificate: CertificateParams::default().self_signed(&pair).unwrap().der().to_vec(),
        private_key: pair.serialize_der().into(),
        not_after: Ts::default(),
    }
}

/// R132
#[tokio::test]
async fn a_certificate_opens_once_it_is_registered_and_without_the_secret() {
    let world = World::start().await;
    world.simulator.expire_client_secret();
    let (ours, other) = (certificate(), certificate());
    let by_certificate = connect(graph::Settings {
        credential: AppCredential::Certificate(ours.clone()),
        ..settings(&world.simulator.url())
    });
    world.simulator.register_client_certificate(&other.certificate);
    let error = by_certificate.organization_id().await.unwrap_err();
    let Error::SignIn { code: 700_027, .. } = error else { panic!("{error}") };
    let Verdict::StopRun(text) = error.verdict() else { panic!("{error}") };
    assert!(text.contains("certificate"), "{text}");
    world.simulator.register_client_certificate(&ours.certificate);
    let found = by_certificate.organization_id().await.unwrap();
    assert_eq!(found.to_string(), sample::TENANT_ID);
    // Another key under this certificate's name opens nothing.
    let forged = ClientCertificate { certificate: ours.certificate, ..other };
    let forged = connect(graph::Settings {
        credential: AppCredential::Certificate(forged),
        ..settings(&world.simulator.url())
    });
    let error = forged.organization_id().await.unwrap_err();
    assert!(matches!(error, Error::SignIn { code: 700_027, .. }), "{error}");
}

#[tokio::test]
async fn a_damaged_key_makes_no_connection() {
    let damaged = ClientCertificate { private_key: vec![1, 2, 3].into(), ..certificate() };
    let settings = graph::Settings {
        credential: AppCredential::Certificate(damaged),
        ..settings("http://127.0.0.1:1")
    };
    let made = graph::Graph::new(
        settings,
        crate::world::counting(),
        crate::world::clock(),
        std::sync::Arc::new(graph::RealTimer),
    );
    assert!(matches!(made, Err(Error::Settings(_))));
}

/// Y32
#[tokio::test]
async fn another_tenant_is_not_found_or_not_ours() {
    let world = World::start().await;
    let elsewhere = connect(graph::Settings {
        entra_tenant_id: EntraTenantId(Uuid::from_u128(5)),
        ..settings(&world.simulator.url())
    });
    let error = elsewhere.check().await.unwrap_err();
    assert!(matches!(error.verdict(), Verdict::StopRun(_)), "{error}");
    assert!(matches!(error, Error::SignIn { code: 90_002, .. }), "{error}");
}

#[tokio::test]
async fn domains_and_their_federation_are_read_as_they_are() {
    let world = World::start().await;
    let mut domains = world.graph.domains().await.unwrap();
    domains.sort_by_key(|domain| domain.name.clone());
    let [company, initial] = domains.as_slice() else { panic!("{domains:?}") };
    assert_eq!(
        (company.name.as_str(), company.verified, company.federated),
        (sample::DOMAIN, true, false)
    );
    assert!(initial.initial && initial.default);
    assert_eq!(world.graph.federation(sample::DOMAIN).await.unwrap(), None);
    // Any certificate will do.
    let certificate = STANDARD.encode(&webpki_root_certs::TLS_SERVER_ROOT_CERTS[0]);
    let body = format!(
        r##"{{"@odata.type":"#microsoft.graph.internalDomainFederation","displayName":"Gatehouse",
        "issuerUri":"https://idp.example/d/c/adfs/services/trust/","passiveSignInUri":"https://idp.example/d/c/adfs/ls/",
        "signOutUri":"https://idp.example/d/c/adfs/ls/","signingCertificate":"{certificate}",
        "preferredAuthenticationProtocol":"wsFed","federatedIdpMfaBehavior":"acceptIfMfaDoneByFederatedIdp",
        "isSignedAuthenticationRequestRequired":true,"promptLoginBehavior":"nativeSupport"}}"##
    );
    let path = format!("domains/{}/federationConfiguration", sample::DOMAIN);
    world.as_admin(reqwest::Method::POST, &path, &body).await;
    let (_, federation) = world.graph.federation(sample::DOMAIN).await.unwrap().unwrap();
    assert_eq!(federation.issuer_uri, "https://idp.example/d/c/adfs/services/trust/");
    assert_eq!(federation.signing_certificate, certificate);
    assert_eq!((federation.active_sign_in_uri, federation.metadata_exchange_uri), (None, None));
    assert_eq!(federation.federated_idp_mfa_behavior, "acceptIfMfaDoneByFederatedIdp");
    assert!(federation.is_signed_authentication_request_required);
}
