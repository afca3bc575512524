//! Whatever issuing reads or writes is taken away in turn, table by table, and the key besides: then
//! there is an answer with a number, no token and no row in the journal; and once it is mended, a token
//! (R098).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use app::testing::morning;
use model::{
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey, SigningKeyState},
};
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret as _;
use store::{
    Database, Error, Tx, issued_tokens, signing_keys,
    testing::{databases, execute, rows},
};

use crate::{
    attacks::sets::folder,
    browser::{Browser, Page},
    oidc::{self, Client, register},
    saml2,
    support::World,
    wstrust::{SOAP, TRUST, client},
};

const ENTRY: &str = "/d/contoso-com/adfs/ls/?wa=wsignin1.0\
    &wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=x&username=alice%40contoso.com";

/// What tells that a token is in an answer, by any protocol.
const TOKENS: [&str; 5] = ["wresult", "SAMLResponse", "Assertion", "id_token", "access_token"];

/// A way to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    WsFed,
    Saml2,
    Oidc,
    WsTrust,
}

/// What somebody has in hand before something breaks.
struct Ready {
    way: Way,
    /// Of OpenID Connect.
    code: String,
}

/// What came back.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Self { status: page.status, headers: page.headers, body: page.body }
    }
}

impl Answer {
    fn has_token(&self) -> bool {
        TOKENS.iter().any(|said| self.body.contains(said))
    }

    /// Whether it names the number that the log knows the request by.
    fn has_number(&self) -> bool {
        let digit = |c: char| c.is_ascii_hexdigit() || c == '-';
        let uuid = |word: &str| word.len() == 36 && word.split('-').count() == 5;
        let header = self.headers.get("x-correlation-id").and_then(|value| value.to_str().ok());
        header.is_some_and(uuid) || self.body.split(|c| !digit(c)).any(uuid)
    }
}

struct Stage {
    world: World,
    alice: Browser,
    client: Option<Client>,
    ways: Vec<Way>,
}

impl Stage {
    /// The ways of a browser.
    async fn of_browsers(kind: Database) -> Self {
        let world = World::on(kind).await;
        let admin = world.signed_in("olivia", "/admin").await;
        let client = Some(register(&admin, &[]).await);
        let alice = world.signed_in("alice", "/portal").await;
        Self { world, alice, client, ways: vec![Way::WsFed, Way::Saml2, Way::Oidc] }
    }

    /// The way of programs that know a password.
    async fn of_programs(kind: Database) -> Self {
        let [sqlite, postgres] = databases();
        let store = if kind == Database::Sqlite { sqlite } else { postgres };
        let world = World::behind_https_over(store, morning()).await;
        world.permit("alice@contoso.com", false).await;
        let alice = world.browser();
        Self { world, alice, client: None, ways: vec![Way::WsTrust] }
    }

    async fn ready(&self, way: Way) -> Ready {
        let code = match (&self.client, way) {
            (Some(client), Way::Oidc) => oidc::code(client, &self.alice, &[]).await,
            _ => String::new(),
        };
        Ready { way, code }
    }

    async fn ask(&self, ready: &Ready) -> Answer {
        match ready.way {
            Way::WsFed => self.alice.come(ENTRY).await.into(),
            Way::Saml2 => saml2::request(&self.alice, &self.world, "", "").await.into(),
            Way::Oidc => {
                let client = self.client.as_ref().unwrap();
                let fetched = client.fetches(&self.world, &ready.code, &[]).await;
                let body = fetched.said.to_string();
                Answer { status: fetched.status, headers: fetched.headers, body }
            }
            Way::WsTrust => self.ask_with_password().await,
        }
    }

    async fn ask_with_password(&self) -> Answer {
        let file = folder().join("wstrust/T00-control.xml");
        let now = self.world.house.now();
        let password = self.world.account("alice").password.expose_secret();
        let body = std::fs::read_to_string(file).unwrap();
        let body = body
            .replace("/trust/13/", &format!("{TRUST}/13/"))
            .replace("2026-11-22T00:00:00Z", &now.to_xml())
            .replace("2026-11-22T00:05:00Z", &(now + Duration::from_mins(5)).to_xml())
            .replace("correct-horse", password);
        let request = client()
            .post(format!("{}{TRUST}/13/usernamemixed", self.world.door))
            .header("host", "idp.gatehouse.test")
            .header("content-type", SOAP)
            .body(body);
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.text().await.unwrap() }
    }

    async fn journaled(&self) -> i64 {
        self.world.store.read(issued_tokens::count).await.unwrap()
    }

    /// Does something to the database that no function of ours does; tokens notice it at once.
    async fn change(&self, statements: &[String]) {
        let statements = statements.to_vec();
        let changed = self.world.store.write(move |tx| {
            statements.iter().try_for_each(|sql| execute(tx, sql).map(drop))?;
            execute(tx, "UPDATE revision SET value = value + 1")
        });
        changed.await.unwrap();
    }

    /// Asks by every way while something is broken, and says which of them it stopped.
    async fn while_broken(&self, what: &str, fault: &Fault) -> BTreeSet<Way> {
        // Slowly, so that it is no loop and nobody guesses.
        self.world.pass(Duration::from_secs(61));
        let mut ready = Vec::new();
        for way in &self.ways {
            ready.push(self.ready(*way).await);
        }
        let before = self.journaled().await;
        let mut answers = Vec::new();
        self.change(&fault.breaks).await;
        for ready in ready {
            answers.push((ready.way, self.ask(&ready).await));
        }
        self.change(&fault.mends).await;
        let tokens = answers.iter().filter(|(_, answer)| answer.has_token()).count();
        let journaled = self.journaled().await - before;
        assert_eq!(journaled, i64::try_from(tokens).unwrap(), "{what}: a token for each row");
        let mut stopped = BTreeSet::new();
        for (way, answer) in answers.into_iter().filter(|(_, answer)| !answer.has_token()) {
            let Answer { status, headers, body } = &answer;
            assert!(*status >= 400, "{what}, {way:?}: {status} {headers:?} {body}");
            assert!(answer.has_number(), "{what}, {way:?}: {status} {headers:?} {body}");
            stopped.insert(way);
        }
        stopped
    }

    /// Everybody gets what they want.
    async fn works(&self, what: &str) {
        self.world.pass(Duration::from_secs(61));
        for way in &self.ways {
            let answer = self.ask(&self.ready(*way).await).await;
            let (status, body) = (answer.status, &answer.body);
            assert!(status == 200 && answer.has_token(), "{what} mended: {way:?}: {status} {body}");
        }
    }

    /// Every table but those of the tools.
    async fn tables(&self) -> Vec<String> {
        let sql = match self.world.store.database() {
            Database::Sqlite => {
                "SELECT name AS a, '' AS b, '' AS c, '' AS d FROM sqlite_schema
                 WHERE type = 'table' ORDER BY name"
            }
            Database::Postgres => {
                "SELECT table_name::text AS a, '' AS b, '' AS c, '' AS d
                 FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
            }
        };
        let found = self.world.store.read(move |tx| rows(tx, sql)).await.unwrap();
        let mut names: Vec<String> = found.into_iter().map(|[name, ..]| name).collect();
        // Without this one nothing of ours could be broken and mended.
        let ours = |name: &String| !name.starts_with("__diesel") && !name.starts_with("sqlite_");
        names.retain(|name| ours(name) && name != "revision");
        names
    }
}

/// How something breaks, and how it is mended.
struct Fault {
    breaks: Vec<String>,
    mends: Vec<String>,
}

/// A table that can't be read, nor written.
fn away(table: &str) -> Fault {
    let rename = |from: &str, to: &str| vec![format!("ALTER TABLE {from} RENAME TO {to}")];
    let gone = format!("{table}_away");
    Fault { breaks: rename(table, &gone), mends: rename(&gone, table) }
}

/// A table that can be read and not be written.
fn write_protected(table: &str, database: Database) -> Fault {
    if database == Database::Postgres {
        let function = "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS \
                        $$ BEGIN RAISE EXCEPTION 'broken'; END $$";
        let trigger = format!(
            "CREATE TRIGGER broken BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW \
             EXECUTE FUNCTION broken()"
        );
        let mends = vec![format!("DROP TRIGGER broken ON {table}")];
        return Fault { breaks: vec![function.to_owned(), trigger], mends };
    }
    let (mut breaks, mut mends) = (Vec::new(), Vec::new());
    for operation in ["INSERT", "UPDATE", "DELETE"] {
        breaks.push(format!(
            "CREATE TRIGGER broken_{operation} BEFORE {operation} ON {table} \
             BEGIN SELECT RAISE(ABORT, 'broken'); END"
        ));
        mends.push(format!("DROP TRIGGER broken_{operation}"));
    }
    Fault { breaks, mends }
}

/// What each way must have noticed, among others: a fault that stops nobody proves nothing.
fn expected(way: Way) -> (&'static str, &'static str) {
    let read = "federated_domains relying_parties signing_keys settings users applications";
    match way {
        Way::WsFed => (read, "issued_tokens"),
        Way::Saml2 => (read, "issued_tokens used_messages pending_requests"),
        Way::Oidc => (read, "issued_tokens oidc_grants"),
        Way::WsTrust => (read, "issued_tokens guess_counters"),
    }
}

async fn each_table_in_turn(stage: &Stage) {
    stage.works("nothing").await;
    let (mut unread, mut unwritten) = (BTreeMap::new(), BTreeMap::new());
    let note = |seen: &mut BTreeMap<Way, BTreeSet<String>>, stopped, table: &str| {
        for way in stopped {
            seen.entry(way).or_default().insert(table.to_owned());
        }
    };
    let database = stage.world.store.database();
    for table in stage.tables().await {
        let stopped = stage.while_broken(&format!("{table} away"), &away(&table)).await;
        note(&mut unread, stopped, &table);
        let fault = write_protected(&table, database);
        let stopped = stage.while_broken(&format!("{table} protected"), &fault).await;
        note(&mut unwritten, stopped, &table);
        stage.works(&table).await;
    }
    for way in &stage.ways {
        let (read, written) = expected(*way);
        for (seen, names) in [(&unread, read), (&unwritten, written)] {
            for name in names.split(' ') {
                assert!(seen[way].contains(name), "{name} stops {way:?}: {:?}", seen[way]);
            }
        }
    }
    eprintln!("without reading: {unread:#?}\nwithout writing: {unwritten:#?}");
}

/// Another key signs from now on, which has never been opened here.
fn sign_with(tx: &mut Tx, number: u8, private_key: PrivateKey) -> Result<(), Error> {
    let now = signing_keys::active(tx)?.unwrap();
    execute(tx, "UPDATE signing_keys SET state = 'retired' WHERE state = 'active'")?;
    let id = SigningKeyId(uuid::Uuid::from_u128(u128::from(number)));
    signing_keys::create(tx, &SigningKey { id, private_key, state: SigningKeyState::Active, ..now })
}

async fn each_key_in_turn(stage: &Stage) {
    let good = stage.world.store.read(signing_keys::active).await.unwrap().unwrap();
    let other = stage.world.store.read(signing_keys::next).await.unwrap().unwrap();
    let keys = [
        ("another key", other.private_key),
        ("no key", vec![0x30; 100].into()),
        ("a key in a token that is not there", PrivateKey::InToken(vec![1])),
    ];
    for (number, (what, private_key)) in (1..).zip(keys) {
        let broken = move |tx: &mut Tx| sign_with(tx, number, private_key);
        stage.world.store.write(broken).await.unwrap();
        let nothing = Fault { breaks: Vec::new(), mends: Vec::new() };
        // A code comes without any key.
        let stopped = stage.while_broken(what, &nothing).await;
        assert_eq!(stopped, stage.ways.iter().copied().collect(), "{what}");
        let id = good.id;
        let mends = [
            "UPDATE signing_keys SET state = 'retired' WHERE state = 'active'".to_owned(),
            format!("UPDATE signing_keys SET state = 'active' WHERE id = '{id}'"),
        ];
        stage.change(&mends).await;
        stage.works(what).await;
    }
}

fn run(kind: Database, test: impl AsyncFnOnce()) {
    eprintln!("on {kind:?}");
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap().block_on(test());
}

/// R098
#[test]
fn no_browser_is_given_a_token_while_a_table_fails() {
    for kind in [Database::Sqlite, Database::Postgres] {
        run(kind, async || each_table_in_turn(&Stage::of_browsers(kind).await).await);
    }
}

/// R098
#[test]
fn no_program_is_given_a_token_while_a_table_fails() {
    for kind in [Database::Sqlite, Database::Postgres] {
        run(kind, async || each_table_in_turn(&Stage::of_programs(kind).await).await);
    }
}

/// R093, R098
#[test]
fn nobody_is_given_a_token_by_a_key_that_fails() {
    for kind in [Database::Sqlite, Database::Postgres] {
        run(kind, async || {
            each_key_in_turn(&Stage::of_browsers(kind).await).await;
            each_key_in_turn(&Stage::of_programs(kind).await).await;
        });
    }
}
