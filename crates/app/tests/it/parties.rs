//! Applications of one's own by WS-Federation: what they get, and what nobody can talk us into.

use app::{
    Admin, Result, Visitor,
    issue::{
        Denial, Resumed, saml2,
        wsfed::{
            Entered,
            sign_out::{Parting, Way},
        },
    },
    relying_parties::registry::{PartyWish, Switch},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    ids::{FederatedDomainId, RelyingPartyId},
    issued_token::Reason,
    pending_request::Purpose,
    policy::Target,
    relying_party::{Access, ClaimSource, NameIdFormat, PartyKind, PartyProtocol, PickedClaim},
};
use store::{federated_domains, relying_parties};

use crate::{
    passkeys::{sign_in, with_key},
    policy::{keys::keys_only, publish},
    support::{Bench, SLUG, both, visitor},
};

const REALM: &str = "urn:contoso:timesheet";
const REPLY: &str = "https://time.contoso.com/signin-wsfed";
const QUERY: &str = "wa=wsignin1.0&wtrealm=urn%3acontoso%3atimesheet&wctx=rm%3d0%26id%3dpassive";

fn wish() -> PartyWish {
    PartyWish {
        name: "Time sheet".to_owned(),
        entity_id: REALM.to_owned(),
        replies: format!("{REPLY}\nhttps://time.contoso.com/other"),
        name_id: NameIdFormat::EmailAddress,
        sign_out: "https://time.contoso.com/out?from=idp".to_owned(),
        access: Access::Everyone,
        ..PartyWish::of(PartyProtocol::WsFed)
    }
}

async fn domain(bench: &Bench) -> FederatedDomainId {
    let find = |tx: &mut store::Tx| federated_domains::by_slug(tx, SLUG);
    bench.store.read(find).await.unwrap().unwrap().id
}

async fn register(bench: &Bench, admin: &Admin, wish: &PartyWish) -> Result<RelyingPartyId> {
    let visitor = visitor("198.51.100.9");
    let new = bench.house.register_party(admin, domain(bench).await, wish, &visitor).await?;
    Ok(new.id)
}

/// Which field of a wish is refused; `taken` where another application has its name.
async fn refused(bench: &Bench, admin: &Admin, wish: &PartyWish) -> &'static str {
    match register(bench, admin, wish).await.map_err(|error| error.kind) {
        Err(app::Kind::Invalid { field }) => field,
        Err(app::Kind::Conflict) => "taken",
        other => panic!("{wish:?}: {other:?}"),
    }
}

#[test]
fn an_application_gets_a_token_for_its_realm_with_the_claims_that_were_picked() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = register(&bench, &admin, &wish()).await.unwrap();
        let stored = bench.house.relying_party(&admin, id).await.unwrap().party;
        assert_eq!((stored.kind, stored.settings.claims.len()), (PartyKind::WsFed, 3));

        let from = visitor("203.0.113.1");
        bench.next_code();
        let (_, olivia) = bench.employee("olivia", &from).await;
        let Entered::Token(token) = bench.enter(QUERY, &from, Some(&olivia)).await else {
            panic!("everybody may use it")
        };
        assert_eq!((token.reply.as_str(), token.party.as_str()), (REPLY, "Time sheet"));
        assert_eq!(token.context.as_deref(), Some("rm=0&id=passive"));
        for said in [
            "<saml:Audience>urn:contoso:timesheet</saml:Audience>",
            "nameid-format:emailAddress\">olivia@contoso.com</saml:NameIdentifier>",
            "AttributeName=\"emailaddress\" \
             AttributeNamespace=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims\"",
            "AttributeName=\"authenticationmethod\"",
            "http://schemas.microsoft.com/claims/multipleauthn",
        ] {
            assert!(token.wresult.contains(said), "{said}: {}", token.wresult);
        }
        assert!(!token.wresult.contains("ImmutableID"), "only what was picked");

        let user = bench.user_id("olivia").await;
        let (_, journal) = bench.house.tokens_of(&admin, user, 0).await.unwrap();
        let row = &journal.rows[0];
        assert_eq!(row.relying_party.as_deref(), Some("Time sheet"));
        let reason_of = |end: &str| {
            let said = row.token.claims.iter().find(|claim| claim.name.ends_with(end));
            said.unwrap_or_else(|| panic!("no {end}")).reason
        };
        assert_eq!(reason_of("NameIdentifier"), Reason::SignInName);
        assert_eq!(reason_of("claims/emailaddress"), Reason::Chosen);
        assert_eq!(reason_of("authenticationmethod"), Reason::Factors);
        assert!(row.token.says_mfa);
    });
}

#[test]
fn a_reply_is_registered_to_the_byte_and_a_party_speaks_its_own_protocol_alone() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = register(&bench, &admin, &wish()).await.unwrap();
        let saml = PartyWish {
            entity_id: "urn:contoso:wiki".to_owned(),
            claims: Vec::new(),
            protocol: PartyProtocol::Saml2,
            ..wish()
        };
        register(&bench, &admin, &saml).await.unwrap();

        let from = visitor("203.0.113.2");
        let (_, alice) = bench.employee("alice", &from).await;
        let second = format!("{QUERY}&wreply=https%3a%2f%2ftime.contoso.com%2fother");
        let entered = bench.enter(&second, &from, Some(&alice)).await;
        let Entered::Token(token) = entered else { panic!("{entered:?}") };
        assert_eq!(token.reply, "https://time.contoso.com/other");
        for (query, code) in [
            (format!("{QUERY}&wreply=https%3a%2f%2ftime.contoso.com%2fother%2f"), "GH-FED-03"),
            (format!("{QUERY}&wreply=https%3a%2f%2ftime.contoso.com%2fOther"), "GH-FED-03"),
            (format!("{QUERY}&wreply=https%3a%2f%2fevil.example%2f"), "GH-FED-03"),
            (QUERY.replace("timesheet", "Timesheet"), "GH-FED-02"),
            (QUERY.replace("timesheet", "wiki"), "GH-FED-02"),
        ] {
            let entered = bench.enter(&query, &from, Some(&alice)).await;
            let Entered::Refused(refused) = entered else { panic!("{query}: {entered:?}") };
            assert_eq!(refused.code, code, "{query}");
        }

        let visitor = visitor("198.51.100.9");
        bench.house.switch_party(&admin, id, Switch::Off, &visitor).await.unwrap();
        let off = bench.enter(QUERY, &from, Some(&alice)).await;
        assert!(matches!(off, Entered::Denied(Denial::SwitchedOff)), "{off:?}");
        bench.house.remove_party(&admin, id, &visitor).await.unwrap();
        let gone = bench.enter(QUERY, &from, Some(&alice)).await;
        assert!(matches!(gone, Entered::Refused(_)), "{gone:?}");
    });
}

#[test]
fn where_assignment_counts_only_assigned_people_get_in() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let assigned = PartyWish { access: Access::Assigned, ..wish() };
        register(&bench, &admin, &assigned).await.unwrap();
        let from = visitor("203.0.113.3");
        let (_, alice) = bench.employee("alice", &from).await;
        assert!(matches!(bench.enter(QUERY, &from, Some(&alice)).await, Entered::Token(_)));
        bench.next_code();
        let (_, olivia) = bench.employee("olivia", &from).await;
        let entered = bench.enter(QUERY, &from, Some(&olivia)).await;
        let Entered::Denied(Denial::NotAssigned { application, .. }) = entered else {
            panic!("{entered:?}")
        };
        assert_eq!(application, "Time sheet");
    });
}

/// R094
#[test]
fn a_claim_of_the_sign_in_is_not_told_from_a_profile_even_if_it_was_stored() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = register(&bench, &admin, &wish()).await.unwrap();
        let name = "http://schemas.microsoft.com/claims/authnmethodsreferences";
        let change = move |tx: &mut store::Tx| {
            let mut party = relying_parties::by_id(tx, id)?.unwrap();
            let source = ClaimSource::Upn;
            party.settings.claims = vec![PickedClaim { name: name.to_owned(), source }];
            relying_parties::update(tx, &party)
        };
        bench.store.write(change).await.unwrap();
        let from = visitor("203.0.113.1");
        bench.next_code();
        let (_, olivia) = bench.employee("olivia", &from).await;
        let Entered::Token(token) = bench.enter(QUERY, &from, Some(&olivia)).await else {
            panic!("everybody may use it")
        };
        let told = token.wresult.matches("AttributeName=\"authnmethodsreferences\"").count();
        assert_eq!(told, 1, "{}", token.wresult);
    });
}

/// R073, R075
#[test]
fn what_would_not_work_or_would_lie_is_refused_before_it_is_stored() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let claim = |name: &str| {
            let claim = PickedClaim { name: name.to_owned(), source: ClaimSource::Department };
            PartyWish { claims: vec![claim], ..wish() }
        };
        let realm = |realm: &str| PartyWish { entity_id: realm.to_owned(), ..wish() };
        for (wish, field) in [
            (realm("time sheet"), "entity_id"),
            (realm("timesheet"), "entity_id"),
            (realm("urn:federation:MicrosoftOnline"), "taken"),
            (PartyWish { replies: "http://time.contoso.com/".to_owned(), ..wish() }, "replies"),
            (PartyWish { replies: "https://time.contoso.com/#x".to_owned(), ..wish() }, "replies"),
            (PartyWish { sign_out: "javascript:alert(1)".to_owned(), ..wish() }, "sign_out"),
            (claim("department"), "claims"),
            (claim("urn:oid:2.5.4.11"), "claims"),
            (claim("http://schemas.microsoft.com/claims/authnmethodsreferences"), "claims"),
            (
                claim(
                    "http://schemas.microsoft.com/ws/2008/06/identity/claims/AuthenticationMethod",
                ),
                "claims",
            ),
        ] {
            assert_eq!(refused(&bench, &admin, &wish).await, field, "{wish:?}");
        }
        register(&bench, &admin, &wish()).await.unwrap();
        let twin = PartyWish { protocol: PartyProtocol::Saml2, ..wish() };
        assert_eq!(refused(&bench, &admin, &twin).await, "taken", "one registry, two protocols");
    });
}

#[test]
fn applications_are_told_of_a_sign_out_and_the_person_goes_back_to_a_registered_place() {
    both(|bench| async move {
        let admin = bench.admin().await;
        register(&bench, &admin, &wish()).await.unwrap();
        let from = visitor("203.0.113.4");
        let microsoft = Way {
            party: "Microsoft 365".to_owned(),
            address: format!("{}/login.srf?wa=wsignoutcleanup1.0", bench.simulator.url()),
        };
        let time_sheet = Way {
            party: "Time sheet".to_owned(),
            address: "https://time.contoso.com/out?from=idp&wa=wsignoutcleanup1.0".to_owned(),
        };
        let back = Way { party: "Time sheet".to_owned(), address: REPLY.to_owned() };
        let registered = REPLY.replace(':', "%3a").replace('/', "%2f");
        for (wreply, back) in [
            (format!("&wreply={registered}"), Some(back)),
            ("&wreply=https%3a%2f%2fevil.example%2f".to_owned(), None),
            (format!("&wreply={registered}%2f"), None),
            (format!("&wreply={}%2flogin.srf", bench.simulator.url()), None),
            (String::new(), None),
        ] {
            bench.next_code();
            let (_, alice) = bench.employee("alice", &from).await;
            for query in [QUERY, crate::support::QUERY, QUERY] {
                let entered = bench.enter(query, &from, Some(&alice)).await;
                assert!(matches!(entered, Entered::Token(_)), "{entered:?}");
            }
            let query = format!("wa=wsignout1.0{wreply}");
            let Entered::SignOut(asked) = bench.enter(&query, &from, Some(&alice)).await else {
                panic!("{query}")
            };
            let ended = bench.house.sign_out_everywhere(Some(&alice), asked, &from).await.unwrap();
            let saml2::Entered::SignedOut(Parting { mut cleanups, back: shown, .. }) = ended else {
                panic!("{ended:?}")
            };
            cleanups.sort_by(|one, other| one.party.cmp(&other.party));
            assert_eq!((cleanups, shown), (vec![microsoft.clone(), time_sheet.clone()], back));
            let over = bench.enter(QUERY, &from, Some(&alice)).await;
            assert!(matches!(over, Entered::Ask(_)), "the session is over: {over:?}");
        }
    });
}

const WIKI: &str = "urn:contoso:wiki";

/// Registers an application of SAML 2.0.
async fn wiki(bench: &Bench, admin: &Admin) -> (RelyingPartyId, PartyWish) {
    let wish = PartyWish {
        entity_id: WIKI.to_owned(),
        claims: Vec::new(),
        protocol: PartyProtocol::Saml2,
        ..wish()
    };
    (register(bench, admin, &wish).await.unwrap(), wish)
}

/// Its request, with more attributes.
async fn asked_by_wiki(
    bench: &Bench,
    from: &Visitor,
    number: u32,
    attributes: &str,
) -> saml2::Entered {
    let now = bench.house.now().to_xml();
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         ID=\"_r{number}\" Version=\"2.0\" IssueInstant=\"{now}\"{attributes}>\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{WIKI}</Issuer>\
         </samlp:AuthnRequest>"
    );
    let packed = STANDARD.encode(xml).replace('+', "%2B").replace('=', "%3D");
    let raw = format!("SAMLRequest={packed}");
    let post = saml2::Binding::Post;
    bench.house.enter_saml2(SLUG, post, &raw, from, None).await.unwrap()
}

#[test]
fn an_address_that_was_taken_off_the_list_gets_nothing_that_still_waits() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.6"));
        let sheet = register(&bench, &admin, &wish()).await.unwrap();
        let (wiki, saml) = wiki(&bench, &admin).await;
        let mut waiting = Vec::new();
        for number in 1..=2 {
            let Entered::Ask(handle) = bench.enter(QUERY, &from, None).await else {
                panic!("nobody is signed in")
            };
            waiting.push(handle);
            let entered = asked_by_wiki(&bench, &from, number, "").await;
            let saml2::Entered::Ask(handle) = entered else { panic!("{entered:?}") };
            waiting.push(handle);
        }
        bench.next_code();
        let (_, alice) = bench.employee("alice", &from).await;
        let resume =
            async |at: usize| bench.house.resume(&waiting[at], &from, Some(&alice)).await.unwrap();
        let (first, second) = (resume(0).await, resume(1).await);
        assert!(matches!(first, Resumed::WsFed(Entered::Token(_))), "{first:?}");
        assert!(matches!(second, Resumed::Saml2(saml2::Entered::Post { .. })), "{second:?}");

        let new = "https://time.contoso.com/new".to_owned();
        for (id, wish) in [(sheet, wish()), (wiki, saml)] {
            let wish = PartyWish { replies: new.clone(), ..wish };
            bench.house.change_party(&admin, id, &wish, &from).await.unwrap();
        }
        for at in [2, 3] {
            let after = resume(at).await;
            assert!(matches!(after, Resumed::Expired), "{after:?}");
        }
    });
}

/// R082
#[test]
fn an_application_that_is_switched_off_is_sent_nothing_not_even_why() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, visitor("203.0.113.6"));
        let (id, _) = wiki(&bench, &admin).await;
        let odd = " IsPassive=\"true\"";
        let waiting = asked_by_wiki(&bench, &from, 1, odd).await;
        let saml2::Entered::Ask(handle) = waiting else { panic!("{waiting:?}") };
        bench.house.switch_party(&admin, id, Switch::Off, &from).await.unwrap();
        let off = asked_by_wiki(&bench, &from, 2, odd).await;
        assert!(matches!(off, saml2::Entered::Denied(Denial::SwitchedOff)), "{off:?}");
        let off = bench.house.resume(&handle, &from, None).await.unwrap();
        assert!(matches!(off, Resumed::Denied(Denial::SwitchedOff)), "{off:?}");
    });
}

/// F052, by SAML 2.0: a session that began with a code waits for a key.
#[test]
fn a_rule_that_takes_keys_makes_a_session_by_code_wait() {
    both(|bench| async move {
        let from = visitor("203.0.113.6");
        bench.next_code();
        let (_, mut key) = with_key(&bench, ("alice", true), &from).await;
        bench.next_code();
        let (_, by_code) = bench.employee("alice", &from).await;
        let admin = bench.admin().await;
        let (id, _) = wiki(&bench, &admin).await;
        let rule = keys_only(vec![Target::Party(id)]);
        publish(&bench.house, &admin, &from, vec![rule]).await.unwrap();
        let waiting = asked_by_wiki(&bench, &from, 1, "").await;
        let saml2::Entered::Ask(handle) = waiting else { panic!("{waiting:?}") };
        let resumed = bench.house.resume(&handle, &from, Some(&by_code)).await.unwrap();
        assert!(matches!(resumed, Resumed::Saml2(saml2::Entered::Ask(_))), "{resumed:?}");
        let by_key = sign_in(&bench, &mut key, Purpose::Portal, &from).await.token;
        let resumed = bench.house.resume(&handle, &from, Some(&by_key)).await.unwrap();
        assert!(matches!(resumed, Resumed::Saml2(saml2::Entered::Post { .. })), "{resumed:?}");
    });
}
