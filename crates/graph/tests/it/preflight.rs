//! What a pre-flight reads, with its permission and without, and our own address from outside.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use graph::{Error, Outside};
use model::{
    Ts,
    tenant_state::{AccessPolicy, Probe},
};
use serde_json::json;
use simulator::sample::BREAK_GLASS;

use crate::world::World;

#[tokio::test]
async fn people_roles_and_the_clock_are_read() {
    let world = World::start().await;
    let properties = json!({
        "userPrincipalName": "Ada@Contoso.com", "displayName": "Ada", "mailNickname": "ada",
        "userType": "Guest", "accountEnabled": false, "onPremisesSyncEnabled": true,
        "onPremisesImmutableId": "YWRh",
    });
    world.simulator.add_user(properties.as_object().unwrap().clone());
    let people = world.graph.directory_people().await.unwrap();
    let ada = people.iter().find(|person| person.upn == "ada@contoso.com").unwrap();
    assert!(ada.guest && ada.synchronised && !ada.enabled);
    assert_eq!((ada.immutable_id.as_deref(), ada.domain()), (Some("YWRh"), "contoso.com"));
    let first = people.iter().find(|person| person.upn == BREAK_GLASS[0]).unwrap();
    assert!(first.enabled && !first.guest && !first.synchronised && first.immutable_id.is_none());

    let holders = world.graph.role_holders().await.unwrap();
    assert_eq!(holders.len(), 2);
    assert!(holders.iter().all(|held| held.is_global() && held.role == "Global Administrator"));
    assert_eq!(holders[0].object, first.id);
    let told = world.graph.last_date().unwrap();
    assert!(told > Ts::from_rfc3339("2025-01-01T00:00:00Z").unwrap(), "{told}");
}

#[tokio::test]
async fn policies_are_read_as_they_are() {
    let world = World::start().await;
    let (graph, tenant) = (&world.graph, &world.simulator);
    assert!(!graph.security_defaults().await.unwrap());
    tenant.set_policy("identitySecurityDefaultsEnforcementPolicy", "/isEnabled", json!(true));
    assert!(graph.security_defaults().await.unwrap());
    assert!(!graph.self_reset().await.unwrap());
    tenant.set_policy("authorizationPolicy", "/allowedToUseSSPR", json!(true));
    assert!(graph.self_reset().await.unwrap());
    let campaign = "/registrationEnforcement/authenticationMethodsRegistrationCampaign/state";
    tenant.set_policy("authenticationMethodsPolicy", campaign, json!("enabled"));
    assert_eq!(graph.registration_campaign().await.unwrap(), "enabled");
    let listed = json!({"rootDomains": "enumerated", "domainNames": ["contoso.com"]});
    tenant.set_policy("federatedTokenValidationPolicy", "/validatingDomains", listed);
    let validation = graph.token_validation().await.unwrap();
    assert_eq!(validation.root_domains, "enumerated");
    assert_eq!(validation.names, ["contoso.com"]);
    let people = graph.directory_people().await.unwrap();
    assert!(!graph.has_per_user_mfa(&people[0].id).await.unwrap());
    tenant.set_per_user_mfa(&people[0].upn, "enforced");
    assert!(graph.has_per_user_mfa(&people[0].id).await.unwrap());
}

#[tokio::test]
async fn a_policy_of_conditional_access_says_what_bears_on_us() {
    let world = World::start().await;
    assert_eq!(world.graph.access_policies().await.unwrap(), []);
    let strength = |id: &str, ways: &[&str]| json!({"id": id, "displayName": "A strength", "allowedCombinations": ways});
    let resistant =
        strength("00000000-0000-0000-0000-000000000004", &["fido2", "windowsHelloForBusiness"]);
    let usual =
        strength("00000000-0000-0000-0000-000000000002", &["password,sms", "federatedMultiFactor"]);
    for (name, state, grant, session) in [
        ("mfa", "enabled", json!({"operator": "OR", "builtInControls": ["mfa"]}), json!(null)),
        (
            "report",
            "enabledForReportingButNotEnforced",
            json!({"builtInControls": ["block"]}),
            json!({"signInFrequency": {"isEnabled": true, "frequencyInterval": "everyTime"}}),
        ),
        (
            "keys",
            "enabled",
            json!({"builtInControls": [], "authenticationStrength": resistant}),
            json!({"signInFrequency": {"isEnabled": true, "frequencyInterval": "timeBased", "value": 4, "type": "hours"}}),
        ),
        (
            "strong",
            "disabled",
            json!({"builtInControls": [], "authenticationStrength": usual}),
            json!(null),
        ),
    ] {
        world.simulator.add_access_policy(json!({
            "id": name, "displayName": name, "state": state, "grantControls": grant,
            "sessionControls": session, "conditions": {"users": {"includeUsers": ["All"]}},
        }));
    }
    let policy = |name: &str, enforced, wants_factor| AccessPolicy {
        name: name.to_owned(),
        enforced,
        wants_factor,
        strength_beyond_us: None,
        every_time: false,
    };
    let beyond = Some("A strength".to_owned());
    let wanted = [
        policy("mfa", true, true),
        AccessPolicy { every_time: true, ..policy("report", false, false) },
        AccessPolicy { strength_beyond_us: beyond, ..policy("keys", true, true) },
        policy("strong", false, true),
    ];
    assert_eq!(world.graph.access_policies().await.unwrap(), wanted);
}

/// R133
#[tokio::test]
async fn without_the_permission_it_is_named() {
    let world = World::start().await;
    world.simulator.withdraw_role("Policy.Read.All");
    let people = world.graph.directory_people().await.unwrap();
    let refused = [
        world.graph.security_defaults().await.err(),
        world.graph.token_validation().await.err(),
        world.graph.self_reset().await.err(),
        world.graph.registration_campaign().await.err(),
        world.graph.access_policies().await.err(),
        world.graph.has_per_user_mfa(&people[0].id).await.err(),
    ];
    for error in refused {
        let permission = "Policy.Read.All";
        assert!(
            matches!(error, Some(Error::MissingPermission { permission: it }) if it == permission)
        );
    }
}

/// R140
#[tokio::test]
async fn our_own_address_is_asked_as_a_stranger_and_no_other() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nthis mark",
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let outside = Outside::new(&origin.parse().unwrap()).unwrap();
    let asked = outside.ask(&format!("{origin}/a"), "mark").await.unwrap();
    assert_eq!(asked, Probe::Answered { status: 200, ours: true });
    let asked = outside.ask(&format!("{origin}/b"), "mark").await.unwrap();
    assert_eq!(asked, Probe::Answered { status: 302, ours: false }, "it is not followed");
    answering.join().unwrap();
    let asked = outside.ask(&format!("{origin}/c"), "mark").await.unwrap();
    assert!(matches!(asked, Probe::Silent(_)), "{asked:?}");
    for elsewhere in ["http://127.0.0.1:1/a", "https://graph.microsoft.com/", "nothing"] {
        assert!(outside.ask(elsewhere, "").await.is_err(), "{elsewhere}");
    }
}
