//! `gatehouse serve` as processes of their own, as a deployment has them.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use model::{audit::AuditKind, guess::GuessKey};
use reqwest::{Client, RequestBuilder, Response, header, redirect::Policy};
use store::{
    Store,
    audit_log::{self, AuditFilter},
    guess_counters,
    testing::{MASTER_KEY, Throwaway},
    users,
};
use tempfile::TempDir;

pub(crate) const HOST: &str = "sts.contoso.com";
pub(crate) const ORIGIN: &str = "https://sts.contoso.com";
pub(crate) const OWNER: &str = "olivia@contoso.com";

/// One process; it ends with this value.
pub(crate) struct Node {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Node {
    /// Starts one and waits until it is ready.
    pub(crate) async fn start(config: &Path) -> Self {
        Self::start_with(config, |_| {}).await
    }

    /// The same, with more in its environment.
    pub(crate) async fn start_with(config: &Path, more: impl FnOnce(&mut Command)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let mut command = gatehouse(config, &["serve"]);
        command.env("GATEHOUSE__SERVER__LISTEN", address.to_string()).stdout(Stdio::null());
        more(&mut command);
        let child = command.spawn().unwrap();
        let node = Self { child, url: format!("http://{address}") };
        let (began, client) = (Instant::now(), client());
        let ready = format!("{}/health/ready", node.url);
        while !client.get(&ready).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(began.elapsed() < Duration::from_secs(30), "it never became ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        node
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

/// A client that follows nothing and keeps nothing.
pub(crate) fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

pub(crate) fn gatehouse(config: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    command.args(arguments).arg("--config").arg(config).env("RUST_LOG", "warn");
    command
}

/// A configuration behind a proxy on this machine, over a database.
pub(crate) fn configure(database: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (config, key) = (folder.path().join("gatehouse.toml"), folder.path().join("master.key"));
    store::MasterKey::from_bytes(MASTER_KEY).create_file(&key).unwrap();
    let text = format!(
        "[server]\npublic_url = \"{ORIGIN}\"\nlisten = \"127.0.0.1:1\"\n\
         trusted_proxies = [\"127.0.0.1\"]\n[database]\nurl = \"{database}\"\n\
         [keys]\nmaster_key_file = \"{}\"\n",
        key.display()
    );
    std::fs::write(&config, text).unwrap();
    (folder, config)
}

/// Asks as the proxy does for somebody.
fn for_somebody(request: RequestBuilder, address: &str) -> RequestBuilder {
    request.header(header::HOST, HOST).header("x-forwarded-for", address)
}

fn cookie(answer: &Response) -> String {
    answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
}

/// R051, R065, R161
#[tokio::test]
async fn serve_makes_no_account_and_its_cookies_are_bound_to_its_host() {
    let database = Throwaway::sqlite();
    let (_folder, config) = configure(&database.settings.url);
    let node = Node::start(&config).await;
    let client = client();
    let asked = for_somebody(client.get(format!("{}/admin", node.url)), "192.0.2.1");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let hsts = answer.headers()[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap();
    assert!(hsts.starts_with("max-age=31536000"), "{hsts}");
    let cookie = cookie(&answer);
    assert!(cookie.starts_with("__Host-gh_browser="), "{cookie}");
    for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let foreign = client.get(format!("{}/admin", node.url)).send().await.unwrap();
    assert_eq!(foreign.status(), 421, "its own address is not its name");

    let owners = database.open().read(users::owners).await.unwrap();
    assert_eq!(owners, 0, "nobody asked for an account");
    let made = gatehouse(&config, &["user", "create-owner", OWNER, "--name", "Olivia"]).output();
    assert!(made.unwrap().status.success());
    assert_eq!(database.open().read(users::owners).await.unwrap(), 1);
}

/// R146
#[tokio::test]
async fn the_console_answers_to_its_networks_alone() {
    let database = Throwaway::sqlite();
    let (_folder, config) = configure(&database.settings.url);
    let networks = "10.0.0.0/8,2001:db8::/32";
    let node = Node::start_with(&config, |command| {
        command.env("GATEHOUSE__SERVER__CONSOLE_NETWORKS", networks);
    });
    let (node, client) = (node.await, client());
    for (path, from, status) in [
        ("/admin", "192.0.2.1", 404),
        ("/%61dmin", "192.0.2.1", 404),
        ("/admin/users", "192.0.2.1", 404),
        ("/admin/step-up", "10.0.0.1.example", 404),
        ("/admin", "10.1.2.3", 303),
        ("/admin/users", "2001:db8::7", 303),
        ("/portal", "192.0.2.1", 303),
    ] {
        let asked = for_somebody(client.get(format!("{}{path}", node.url)), from);
        assert_eq!(asked.send().await.unwrap().status(), status, "{path} from {from}");
    }
}

/// F134: the command lets an owner in and nobody else, and the next start says so.
#[tokio::test]
async fn an_owner_who_lost_everything_is_let_in_again_and_the_next_start_says_so() {
    let database = Throwaway::sqlite();
    let (_folder, config) = configure(&database.settings.url);
    let run = |arguments: &[&str]| {
        let output = gatehouse(&config, arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    assert!(run(&["user", "create-owner", OWNER, "--name", "Olivia"]).0);
    let (done, said) = run(&["user", "recover-owner", "nobody@contoso.com"]);
    assert!(!done && said.contains("person"), "{said}");
    let (done, said) = run(&["user", "recover-owner", OWNER]);
    assert!(done && said.contains("initial password") && said.contains("enrolment code"), "{said}");
    let told = async || {
        let kind = Some(AuditKind::OwnerRecovered);
        let filter = AuditFilter { kind, limit: 9, ..AuditFilter::default() };
        database.open().read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
    };
    assert_eq!(told().await, 1);
    for _ in 0..2 {
        drop(Node::start(&config).await);
        assert_eq!(told().await, 2, "once, however often it starts");
    }
}

/// A browser that stands before the password.
pub(crate) struct Guesser {
    address: String,
    cookie: String,
    csrf: String,
    handle: String,
}

impl Guesser {
    /// The secret of this browser.
    pub(crate) fn cookie_value(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }

    /// What its addresses name the sign-in by.
    pub(crate) fn handle(&self) -> &str {
        &self.handle
    }

    pub(crate) async fn before_the_password(client: &Client, node: &Node, address: String) -> Self {
        let ask = |path: &str| for_somebody(client.get(format!("{}{path}", node.url)), &address);
        let answer = ask("/admin").send().await.unwrap();
        let cookie = cookie(&answer).split(';').next().unwrap().to_owned();
        let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let page = ask(&location).header(header::COOKIE, &cookie).send().await.unwrap();
        let page = page.text().await.unwrap();
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        let csrf = csrf.split('"').next().unwrap().to_owned();
        let handle = location.split("request=").nth(1).unwrap().to_owned();
        let guesser = Self { address, cookie, csrf, handle };
        guesser.send(client, node, "address", &[("address", OWNER)]).await;
        guesser
    }

    pub(crate) async fn send(
        &self,
        client: &Client,
        node: &Node,
        step: &str,
        typed: &[(&str, &str)],
    ) -> String {
        let mut fields = vec![("csrf", self.csrf.as_str()), ("handle", self.handle.as_str())];
        fields.extend(typed);
        let request = client.post(format!("{}/sign-in/{step}", node.url));
        let answer = for_somebody(request, &self.address)
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, &self.cookie)
            .form(&fields)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }
}

/// Ruling 33: a counter in memory would let each process allow its own.
/// R018
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_guesses_at_two_processes_do_not_outrun_the_counter() {
    const GUESSES: usize = 500;
    let database = Throwaway::postgres();
    let (_folder, config) = configure(&database.settings.url);
    let made = gatehouse(&config, &["user", "create-owner", OWNER, "--name", "Olivia"]).output();
    assert!(made.unwrap().status.success());
    let nodes = Arc::new([Node::start(&config).await, Node::start(&config).await]);
    let client = client();
    let mut guessers = Vec::new();
    for n in 0..GUESSES {
        // Each from a network of its own, so that only the account's counter can stop them.
        let address = format!("198.{}.{}.7", 18 + n / 250, n % 250);
        guessers.push(Guesser::before_the_password(&client, &nodes[n % 2], address).await);
    }

    let began = Instant::now();
    let mut tries = Vec::new();
    for (n, guesser) in guessers.into_iter().enumerate() {
        let (client, nodes) = (client.clone(), Arc::clone(&nodes));
        tries.push(tokio::spawn(async move {
            let wrong = format!("wrong guess number {n}");
            let typed = [("username", OWNER), ("password", wrong.as_str())];
            // The request began at the other process.
            guesser.send(&client, &nodes[(n + 1) % 2], "password", &typed).await
        }));
    }
    for tried in tries {
        let page = tried.await.unwrap();
        assert!(page.contains("Enter your password") && page.contains("role=\"alert\""), "{page}");
    }
    let seconds = i64::try_from(began.elapsed().as_secs()).unwrap() + 1;
    let store = database.open();
    let checked = audited(&store, AuditKind::PasswordChecked).await;
    let throttled = audited(&store, AuditKind::Throttled).await;
    assert_eq!(checked + throttled, i64::try_from(GUESSES).unwrap());
    assert!((3..=3 + seconds).contains(&checked), "{checked} reached the hash in {seconds} s");

    // Both processes are killed; the next one counts on.
    let (before, from) = (failures(&store).await, "198.51.100.7".to_owned());
    let late = Guesser::before_the_password(&client, &nodes[0], from).await;
    drop(nodes);
    let node = Node::start(&config).await;
    let began = Instant::now();
    while audited(&store, AuditKind::PasswordChecked).await == checked {
        assert!(began.elapsed() < Duration::from_mins(1), "no guess is ever checked");
        late.send(&client, &node, "password", &[("username", OWNER), ("password", "more")]).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(failures(&store).await, before + 1);
}

/// How many wrong passwords the owner's account counts.
async fn failures(store: &Store) -> u32 {
    let counted = store.read(|tx| {
        let owner = users::by_upn(tx, OWNER)?.expect("the owner");
        guess_counters::get(tx, &GuessKey(format!("password:{}", owner.id)))
    });
    counted.await.unwrap().failures
}

async fn audited(store: &Store, kind: AuditKind) -> i64 {
    let filter = AuditFilter { kind: Some(kind), limit: 1, ..AuditFilter::default() };
    store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap().total
}

/// The nodes of `docker-compose.yml` start with a configuration that this program takes.
#[test]
fn the_compose_file_holds_a_right_configuration() {
    let compose = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docker-compose.yml");
    let compose = std::fs::read_to_string(compose).unwrap();
    let (_, text) = compose.split_once("    content: |\n").expect("a configuration in it");
    let text: String = text
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("      "))
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect();
    assert!(text.contains("[server]") && text.contains("[keys]"), "{text}");
    assert!(compose.contains("GATEHOUSE__DATABASE__URL: \"postgres://"), "it names the database");
    let folder = tempfile::tempdir().unwrap();
    let (config, key) = (folder.path().join("gatehouse.toml"), folder.path().join("master.key"));
    std::fs::write(&config, text).unwrap();
    store::MasterKey::from_bytes(MASTER_KEY).create_file(&key).unwrap();
    let checked = gatehouse(&config, &["config", "check"])
        .env("GATEHOUSE__DATABASE__URL", "postgres://gatehouse:secret@postgres/gatehouse")
        .env("GATEHOUSE__KEYS__MASTER_KEY_FILE", key)
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
