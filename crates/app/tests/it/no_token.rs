//! Whoever may not, and whatever is switched off, gives no token: every state of an account and every
//! switch, by every way to a token. The journal is what counts, since nothing leaves unwritten.

use std::time::Duration;

use app::{
    Visitor,
    issue::{
        oidc,
        saml2::{Basic, Binding},
        wstrust::{Arrived, Version},
    },
    office365::WsTrustWish,
    relying_parties::registry::{New, PartyWish},
    sign_in::{Outcome, Screen},
    visitor::Secret,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{
    Actor,
    entra::{EntraLink, Origin},
    ids::{ObjectId, RelyingPartyId, UserId},
    pending_request::Purpose,
    plan::Scope,
    relying_party::{Access, PartyProtocol},
    user::UserState,
};
use store::{
    Tx, entra_links, federated_domains, issued_tokens, relying_parties, signing_keys,
    tenant_admins, tenants, users, wstrust_permits,
};
use uuid::Uuid;

use crate::{
    doors::{OFFICE, Stage, wish},
    matches::{link, own_id, settle},
    support::{QUERY, SLUG, both, visitor},
    wstrust::message,
};

const MICROSOFT: &str = "urn:federation:MicrosoftOnline";
const REPLY: &str = "https://tickets.contoso.com/cb";

/// A way to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    WsFed,
    Saml2,
    OidcCode,
    /// A code that was given before.
    OidcToken,
    Trust(Version),
    Ecp,
}

/// The code first: it is good for a minute.
const WAYS: [Way; 7] = [
    Way::OidcToken,
    Way::WsFed,
    Way::Saml2,
    Way::OidcCode,
    Way::Trust(Version::V13),
    Way::Trust(Version::Feb2005),
    Way::Ecp,
];

/// Alice with a session, an application of OpenID Connect beside Microsoft, and every door open.
struct Table {
    stage: Stage,
    from: Visitor,
    session: Secret,
    client: New,
    code: String,
    asked: u32,
}

impl Table {
    async fn lay(stage: Stage) -> Self {
        let from = visitor(OFFICE);
        stage.permit(WsTrustWish { ecp: true, ..wish() }).await.unwrap();
        let admin = stage.bench.admin().await;
        let client = PartyWish {
            name: "Tickets".to_owned(),
            replies: REPLY.to_owned(),
            access: Access::Assigned,
            ..PartyWish::of(PartyProtocol::Oidc)
        };
        let client = stage.house.register_party(&admin, stage.domain, &client, &from).await;
        stage.bench.next_code();
        let (_, session) = stage.bench.employee("alice", &from).await;
        let (client, code) = (client.unwrap(), String::new());
        Self { stage, from, session, client, code, asked: 0 }
    }

    /// Alice has just been at the application, which has not fetched her token yet.
    async fn hold_a_code(&mut self) {
        self.code = self.fetch_code().await.expect("a code");
    }

    async fn tokens(&self) -> i64 {
        self.stage.bench.store.read(issued_tokens::count).await.unwrap()
    }

    async fn fetch_code(&self) -> Option<String> {
        let query = format!(
            "client_id={}&response_type=code&scope=openid&nonce=n&redirect_uri={REPLY}",
            self.client.id
        );
        let way = (oidc::Way::Address, query.as_str());
        let session = Some(&self.session);
        let entered = self.stage.house.enter_oidc(SLUG, way, &self.from, session).await.ok()?;
        let oidc::Entered::Answer { answer: oidc::Answer::Redirect(address), .. } = entered else {
            return None;
        };
        let code = address.split_once("code=")?.1;
        Some(code.split('&').next()?.to_owned())
    }

    async fn redeem(&self, code: &str) {
        let secret = self.client.secret.as_ref().unwrap().expose();
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={REPLY}&client_id={}&\
             client_secret={secret}",
            self.client.id
        );
        let brought = oidc::Brought { slug: SLUG, authorization: None, body: &body };
        let _ = self.stage.house.answer_code(&brought, &self.from).await;
    }

    /// A SAML request of Microsoft's, each with an id of its own.
    fn request(&mut self) -> String {
        self.asked += 1;
        let (now, number) = (self.stage.house.now().to_xml(), self.asked);
        format!(
            "<samlp:AuthnRequest xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' ID='_r{number}' Version='2.0' IssueInstant='{now}'><Issuer xmlns='urn:oasis:names:tc:SAML:2.0:assertion'>{MICROSOFT}</Issuer></samlp:AuthnRequest>"
        )
    }

    /// Asks for a token in this way; whether one was written down, and so may have left.
    async fn gives(&mut self, way: Way) -> bool {
        let before = self.tokens().await;
        // Slowly, so that no guess waits for another.
        self.stage.bench.pass(Duration::from_secs(11));
        let alice = self.stage.bench.account("alice").clone();
        let session = Some(self.session.clone());
        match way {
            Way::WsFed => {
                let house = &self.stage.house;
                let _ = house.enter_wsfed(SLUG, QUERY, &self.from, session.as_ref()).await;
            }
            Way::Saml2 => {
                let message = STANDARD.encode(self.request());
                let form: String = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("SAMLRequest", &message)
                    .finish();
                let (house, session) = (&self.stage.house, session.as_ref());
                let _ = house.enter_saml2(SLUG, Binding::Post, &form, &self.from, session).await;
            }
            Way::OidcCode => {
                if let Some(code) = self.fetch_code().await {
                    self.redeem(&code).await;
                }
            }
            Way::OidcToken => self.redeem(&self.code.clone()).await,
            Way::Trust(version) => {
                let now = self.stage.house.now();
                let body = message(version, &alice.upn, alice.password(), now);
                let arrived = Arrived { slug: SLUG, version, actions: &[], body: &body };
                let _ = self.stage.house.answer_trust(&arrived, &self.from).await;
            }
            Way::Ecp => {
                let body = format!(
                    "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body>{}</S:Body></S:Envelope>",
                    self.request()
                );
                let basic = Basic { username: alice.upn.clone(), password: alice.password.clone() };
                let _ = self.stage.house.answer_ecp(SLUG, Some(basic), &body, &self.from).await;
            }
        }
        self.tokens().await > before
    }

    /// The ways that still give a token.
    async fn open_ways(&mut self) -> Vec<Way> {
        let mut open = Vec::new();
        for way in WAYS {
            if self.gives(way).await {
                open.push(way);
            }
        }
        open
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut Tx) -> Result<(), store::Error> + Send + 'static,
    ) {
        self.stage.bench.store.write(change).await.unwrap();
    }

    async fn alice(&self) -> UserId {
        self.stage.bench.user_id("alice").await
    }

    /// The party of Microsoft, or that of OpenID Connect.
    async fn party(&self, is_ours: bool) -> RelyingPartyId {
        if is_ours {
            return self.client.id;
        }
        let domain = self.stage.domain;
        let find = move |tx: &mut Tx| relying_parties::by_realm(tx, domain, MICROSOFT);
        self.stage.bench.store.read(find).await.unwrap().unwrap().id
    }
}

/// What can become of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Blocked,
    Deleted,
    Unassigned,
    Locked,
    MustChange,
    FirstPasswordExpired,
    SignedOut,
    TenantAdmin,
}

const STATES: [State; 8] = [
    State::Blocked,
    State::Deleted,
    State::Unassigned,
    State::Locked,
    State::MustChange,
    State::FirstPasswordExpired,
    State::SignedOut,
    State::TenantAdmin,
];

impl State {
    async fn befalls(self, table: &mut Table) {
        let (admin, id) = (table.stage.bench.admin().await, table.alice().await);
        table.hold_a_code().await;
        let (house, from) = (&table.stage.house, &table.from);
        let now = house.now();
        match self {
            Self::Blocked => house.block(&admin, id, from).await.unwrap(),
            Self::Deleted => {
                table.change(move |tx| users::set_state(tx, id, UserState::Deleted, now)).await;
            }
            Self::Unassigned => {
                let application = table.stage.bench.application;
                house.unassign(&admin, id, application, from).await.unwrap();
            }
            Self::Locked => lock(table).await,
            Self::MustChange => {
                house.give_initial_password(&admin, id, from).await.unwrap();
            }
            Self::FirstPasswordExpired => {
                house.give_initial_password(&admin, id, from).await.unwrap();
                table.stage.bench.pass(Duration::from_hours(25));
            }
            Self::SignedOut => house.end_sessions(&admin, id, from).await.unwrap(),
            Self::TenantAdmin => {
                let tenant = table.stage.bench.tenant;
                let object_id = ObjectId(Uuid::from_u128(77));
                let link =
                    EntraLink { user_id: id, object_id, origin: Origin::Made, deleted_at: None };
                table.change(move |tx| entra_links::put(tx, tenant, &link)).await;
                table
                    .change(move |tx| {
                        tenant_admins::add(tx, tenant, object_id, None)?;
                        tenants::keep_admins_out(tx, tenant, true)
                    })
                    .await;
            }
        }
    }

    /// Whether a way stays open to somebody of whom this is so.
    fn leaves(self, way: Way) -> bool {
        let by_session = matches!(way, Way::WsFed | Way::Saml2 | Way::OidcCode | Way::OidcToken);
        match self {
            // Guesses of strangers end no session; who signs in anew waits.
            Self::Locked => by_session,
            // Whoever has a lasting password comes with it.
            Self::SignedOut => !by_session,
            // They are kept from Microsoft, not from other applications.
            Self::TenantAdmin => matches!(way, Way::OidcCode | Way::OidcToken),
            _ => false,
        }
    }
}

/// A hundred wrong passwords at each counter that the doors have.
async fn lock(table: &Table) {
    let alice = table.stage.bench.account("alice").clone();
    let house = &table.stage.house;
    for _ in 0..12 {
        let body = message(Version::V13, &alice.upn, "wrong", house.now());
        let arrived = Arrived { slug: SLUG, version: Version::V13, actions: &[], body: &body };
        house.answer_trust(&arrived, &table.from).await.unwrap();
    }
}

/// R081, R087
#[test]
fn no_state_of_an_account_gets_a_token_by_any_way() {
    for state in STATES {
        both(move |bench| async move {
            let mut table = Table::lay(Stage::new(bench).await).await;
            if state == State::Blocked {
                table.hold_a_code().await;
                assert_eq!(table.open_ways().await, WAYS, "nothing stands against her");
            }
            state.befalls(&mut table).await;
            if state == State::Locked {
                // The wait grows by the second, and her own password waits with it.
                assert!(!table.knocks_at_once().await, "{state:?}");
                return;
            }
            let open = table.open_ways().await;
            let expected: Vec<Way> = WAYS.into_iter().filter(|way| state.leaves(*way)).collect();
            assert_eq!(open, expected, "{state:?}");
        });
    }
}

impl Table {
    /// Whether her right password opens a door or the sign-in page without waiting.
    async fn knocks_at_once(&self) -> bool {
        let (house, alice) = (&self.stage.house, self.stage.bench.account("alice").clone());
        let before = self.tokens().await;
        for version in [Version::V13, Version::Feb2005] {
            let body = message(version, &alice.upn, alice.password(), house.now());
            let arrived = Arrived { slug: SLUG, version, actions: &[], body: &body };
            house.answer_trust(&arrived, &self.from).await.unwrap();
        }
        let handle = house.begin_sign_in(Purpose::Portal, &self.from).await.unwrap();
        house.sign_in_address(&handle, &self.from, &alice.upn).await.unwrap();
        let tried = house.sign_in_password(&handle, &self.from, alice.password.clone()).await;
        self.tokens().await > before || !matches!(tried.unwrap(), Outcome::Again { .. })
    }
}

/// R081: the page where a first password is changed is as far as it leads.
#[test]
fn a_first_password_leads_to_a_new_one_and_to_nothing_else() {
    both(|bench| async move {
        let table = Table::lay(Stage::new(bench).await).await;
        let (house, from) = (&table.stage.house, &table.from);
        let (admin, id) = (table.stage.bench.admin().await, table.alice().await);
        let first = house.give_initial_password(&admin, id, from).await.unwrap();
        let handle = house.begin_sign_in(Purpose::Portal, from).await.unwrap();
        house.sign_in_address(&handle, from, "alice@contoso.com").await.unwrap();
        house.sign_in_password(&handle, from, first).await.unwrap();
        table.stage.bench.next_code();
        let code = table.stage.bench.code(table.stage.bench.account("alice"));
        let outcome = house.sign_in_code(&handle, from, &code).await.unwrap();
        assert!(matches!(outcome, Outcome::Next(Screen::NewPassword { .. })), "{outcome:?}");
        let early = house.complete_sign_in(&handle, from).await;
        assert!(early.is_err() || early.unwrap().is_none(), "no session before the new password");
    });
}

/// What can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    Microsoft,
    Client,
    Domain,
    Permit,
    EcpTick,
    Keys,
}

const SWITCHES: [Switch; 6] = [
    Switch::Microsoft,
    Switch::Client,
    Switch::Domain,
    Switch::Permit,
    Switch::EcpTick,
    Switch::Keys,
];

impl Switch {
    async fn off(self, table: &Table) {
        let (domain, now) = (table.stage.domain, table.stage.house.now());
        match self {
            Self::Microsoft | Self::Client => {
                let party = table.party(self == Self::Client).await;
                table.change(move |tx| relying_parties::set_enabled(tx, party, false)).await;
            }
            Self::Domain => {
                table
                    .change(move |tx| {
                        let mut found = federated_domains::by_id(tx, domain)?.expect("it is there");
                        found.enabled = false;
                        federated_domains::update(tx, &found)
                    })
                    .await;
            }
            Self::Permit => {
                table.change(move |tx| wstrust_permits::remove(tx, domain).map(drop)).await;
            }
            Self::EcpTick => table.stage.permit(wish()).await.unwrap(),
            Self::Keys => table.change(move |tx| signing_keys::retire_both(tx, now)).await,
        }
    }

    /// Whether a way has nothing to do with it.
    fn leaves(self, way: Way) -> bool {
        let is_oidc = matches!(way, Way::OidcCode | Way::OidcToken);
        match self {
            Self::Microsoft => is_oidc,
            Self::Client => !is_oidc,
            Self::Domain | Self::Keys => false,
            Self::Permit => !matches!(way, Way::Trust(_) | Way::Ecp),
            Self::EcpTick => way != Way::Ecp,
        }
    }
}

/// R082
#[test]
fn nothing_that_is_switched_off_gives_a_token_by_any_way() {
    for switch in SWITCHES {
        both(move |bench| async move {
            let mut table = Table::lay(Stage::new(bench).await).await;
            table.hold_a_code().await;
            switch.off(&table).await;
            let open = table.open_ways().await;
            let expected: Vec<Way> = WAYS.into_iter().filter(|way| switch.leaves(*way)).collect();
            assert_eq!(open, expected, "{switch:?}");
        });
    }
}

/// R087: the role is read with the sync, and counts from the next token on, until it is gone.
#[test]
fn administrators_of_the_tenant_are_kept_out_as_the_last_look_saw_them() {
    both(|bench| async move {
        bench.drain().await;
        let stage = Stage::new(bench).await;
        let mut table = Table::lay(stage).await;
        let (tenant, from) = (table.stage.bench.tenant, visitor(OFFICE));
        table.stage.house.sync(tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        table.stage.bench.simulator.make_admin("alice@contoso.com");
        let admin = table.stage.bench.admin().await;
        let house = table.stage.house.clone();
        house.keep_tenant_admins_out(&admin, tenant, true, &from).await.unwrap();
        assert!(table.gives(Way::WsFed).await, "nobody has looked since");
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        let admins = house.tenant_admins(&admin, tenant).await.unwrap();
        assert_eq!(admins.looked_at, Some(house.now()));
        let names: Vec<_> = admins.people.iter().map(|user| user.upn.as_str()).collect();
        assert_eq!(names, ["alice@contoso.com"]);
        for way in [Way::WsFed, Way::Saml2, Way::Trust(Version::V13), Way::Ecp] {
            assert!(!table.gives(way).await, "{way:?}");
        }
        let denied = house.enter_wsfed(SLUG, QUERY, &table.from, Some(&table.session)).await;
        let denied = format!("{:?}", denied.unwrap());
        assert!(denied.contains("TenantAdmin"), "{denied}");
        let rows = table.stage.bench.store.read(|tx| {
            let kind = Some(model::audit::AuditKind::TokenIssued);
            let filter = store::audit_log::AuditFilter { kind, limit: 9, ..Default::default() };
            store::audit_log::list(tx, &filter)
        });
        let details: Vec<_> = rows.await.unwrap().rows.into_iter().map(|row| row.detail).collect();
        assert!(
            details.iter().all(|it| it.contains("an administrator of the tenant")),
            "{details:?}"
        );

        table.stage.bench.pass(Duration::from_mins(6));
        let late = house.keep_tenant_admins_out(&admin, tenant, false, &from).await;
        assert_eq!(late.unwrap_err().kind, app::Kind::StepUp);
        let admin = table.stage.bench.admin().await;
        house.keep_tenant_admins_out(&admin, tenant, false, &from).await.unwrap();
        assert!(table.gives(Way::WsFed).await, "let in again");
    });
}

/// R087: whoever held the role before us is never linked, as their object is not to be touched.
#[test]
fn an_administrator_whose_object_only_carries_their_immutable_id_is_kept_out() {
    both(|bench| async move {
        let alice = bench.user_id("alice").await;
        settle(&bench, "alice", &[]);
        let own_id = own_id(&bench, alice).await;
        bench.simulator.set("alice@contoso.com", "onPremisesImmutableId", own_id);
        bench.simulator.make_admin("alice@contoso.com");
        let mut table = Table::lay(Stage::new(bench).await).await;
        let (tenant, from) = (table.stage.bench.tenant, visitor(OFFICE));
        let admin = table.stage.bench.admin().await;
        let house = table.stage.house.clone();
        house.keep_tenant_admins_out(&admin, tenant, true, &from).await.unwrap();
        let before = house.tenant_admins(&admin, tenant).await.unwrap();
        assert_eq!((before.people.len(), before.looked_at), (0, None));
        assert!(table.gives(Way::WsFed).await, "nobody has looked yet");
        house.sync(tenant, Scope::Everyone, Actor::Schedule).await.unwrap();
        assert!(link(&table.stage.bench, alice).await.is_none(), "untouchable");
        for way in [Way::WsFed, Way::Saml2, Way::Trust(Version::V13), Way::Ecp] {
            assert!(!table.gives(way).await, "{way:?}");
        }
        let admins = house.tenant_admins(&admin, tenant).await.unwrap();
        assert_eq!(admins.people.iter().map(|user| user.id).collect::<Vec<_>>(), [alice]);

        table.stage.bench.simulator.dismiss_admin("alice@contoso.com");
        house.sync(tenant, Scope::Person(alice), Actor::Schedule).await.unwrap();
        assert!(table.gives(Way::WsFed).await, "no role any more");
        table.stage.bench.simulator.make_admin("alice@contoso.com");
        house.sync(tenant, Scope::Person(alice), Actor::Schedule).await.unwrap();
        assert!(!table.gives(Way::WsFed).await, "again, seen by a run for her alone");
    });
}
