//! What stands between the network and the pages: TLS of our own, slow clients, a stop under way, and
//! what of all that is said reaches the log.

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use store::testing::Throwaway;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::serve::{Guesser, HOST, Node, ORIGIN, OWNER, client, configure, gatehouse};

/// What `openssl` says to the end of a handshake, and whether there was one.
fn handshake(address: &str, certificate: &Path, more: &[&str]) -> (bool, String) {
    let mut command = Command::new("openssl");
    command
        .args(["s_client", "-connect", address, "-servername", HOST, "-verify_return_error"])
        .args(["-verify_hostname", HOST, "-CAfile"])
        .arg(certificate)
        .args(more)
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// A port that nobody listens on just now.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// R160
#[tokio::test]
async fn our_own_listener_speaks_tls_1_2_and_1_3_and_nothing_older() {
    let database = Throwaway::sqlite();
    let (folder, config) = configure(&database.settings.url);
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sts"])
        .args(["-addext", &format!("subjectAltName=DNS:{HOST}"), "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success());
    let address = free_address();
    let mut serve = gatehouse(&config, &["serve"]);
    let mut child = serve
        .env("GATEHOUSE__SERVER__LISTEN", &address)
        .env("GATEHOUSE__SERVER__CERTIFICATE_FILE", &certificate)
        .env("GATEHOUSE__SERVER__PRIVATE_KEY_FILE", &key)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while TcpStream::connect(&address).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never listened");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Old versions and ciphers are offered in earnest: a security level of 0 lets openssl do so.
    let weak = "ALL:@SECLEVEL=0";
    let outcomes = [
        ("-tls1_3", None, true),
        ("-tls1_2", None, true),
        ("-tls1_1", Some(weak), false),
        ("-tls1", Some(weak), false),
        ("-tls1_2", Some("AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0"), false),
        ("-tls1_2", Some("ECDHE-RSA-AES128-SHA:@SECLEVEL=0"), false),
    ];
    for (version, ciphers, is_spoken) in outcomes {
        let mut more = vec![version];
        more.extend(ciphers.into_iter().flat_map(|ciphers| ["-cipher", ciphers]));
        let (done, said) = handshake(&address, &certificate, &more);
        assert_eq!(done, is_spoken, "{version} {ciphers:?}: {said}");
    }
    child.kill().and_then(|()| child.wait()).unwrap();
}

/// A form of the sign-in page, of which a part of the body comes.
fn form(length: usize) -> String {
    format!(
        "POST /sign-in/address HTTP/1.1\r\nHost: {HOST}\r\nOrigin: {ORIGIN}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
}

async fn send(node: &Node, text: &str) -> TcpStream {
    let address = node.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What comes until the other side is done, and how long that took.
async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let (began, mut answer) = (Instant::now(), Vec::new());
    let read = stream.read_to_end(&mut answer);
    // A reset is an end, too.
    tokio::time::timeout(Duration::from_secs(40), read).await.expect("an end").ok();
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

/// R158
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_head_or_body_byte_by_byte_is_sent_away() {
    let database = Throwaway::sqlite();
    let (_folder, config) = configure(&database.settings.url);
    let node = Node::start(&config).await;
    let mut head = send(&node, "GET /portal HTTP/1.1\r\nHost: ").await;
    let mut still = send(&node, &form(1_000)).await;
    let dripping = send(&node, &form(1_000)).await;
    let (mut read, mut write) = dripping.into_split();
    let drip = tokio::spawn(async move {
        // The other side may be gone by then, which is what is wanted.
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    });
    let mut dripped = Vec::new();
    let began = Instant::now();
    let ((_, head), (answer, body), ()) = tokio::join!(rest(&mut head), rest(&mut still), async {
        let all = read.read_to_end(&mut dripped);
        tokio::time::timeout(Duration::from_secs(40), all).await.expect("an end").ok();
    });
    let dripping = began.elapsed();
    drip.abort();
    assert!(head < Duration::from_secs(12), "the head: {head:?}");
    assert!((8..25).contains(&body.as_secs()), "the body: {body:?}");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!((8..25).contains(&dripping.as_secs()), "byte by byte: {dripping:?}");
}

/// R167
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_what_is_under_way_and_takes_no_more() {
    const UNDER_WAY: usize = 20;
    let database = Throwaway::sqlite();
    let (_folder, config) = configure(&database.settings.url);
    let mut node = Node::start(&config).await;
    let (first, second) = ("csrf=AAAA&hand", "le=BBBB&address=a");
    let begun = form(first.len() + second.len()) + first;
    let mut streams = Vec::new();
    for _ in 0..UNDER_WAY {
        streams.push(send(&node, &begun).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    let term = Command::new("kill").args(["-TERM", &node.child.id().to_string()]).status();
    assert!(term.unwrap().success());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let address = node.url.trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).await.is_err(), "it takes no more");
    assert!(node.child.try_wait().unwrap().is_none(), "it waits for what is under way");
    for mut stream in streams {
        stream.write_all(second.as_bytes()).await.unwrap();
        let (answer, _) = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("GH-WEB-02"), "{answer}");
    }
    let status = loop {
        if let Some(status) = node.child.try_wait().unwrap() {
            break status;
        }
        assert!(asked.elapsed() < Duration::from_secs(12), "it does not stop");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(status.success(), "{status}");
}

/// R011, R136, R137
#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_in_the_log_at_its_fullest() {
    let database = Throwaway::sqlite();
    let (folder, config) = configure(&database.settings.url);
    let made = gatehouse(&config, &["user", "create-owner", OWNER, "--name", "Olivia"]).output();
    let made = String::from_utf8(made.unwrap().stdout).unwrap();
    let log = folder.path().join("log");
    let node = Node::start_with(&config, |command| {
        command.env("RUST_LOG", "trace").stderr(File::create(&log).unwrap());
    })
    .await;
    let client = client();
    let guesser = Guesser::before_the_password(&client, &node, "198.51.100.7".to_owned()).await;
    let typed = [("username", OWNER), ("password", "canary-of-a-typed-password")];
    guesser.send(&client, &node, "password", &typed).await;
    let asked = [
        "/reset/canary-of-a-mailed-link?token=canary-of-a-query",
        "/forgotten?address=canary-of-a-query",
        "/d/contoso-com/adfs/ls/?wa=canary-of-a-query&wctx=canary-of-a-query",
        "/d/contoso-com/oidc/authorize?state=canary-of-a-query",
    ];
    for path in asked {
        let request = client.get(format!("{}{path}", node.url)).header("host", HOST);
        let request = request.header("authorization", "Bearer canary-of-a-header");
        request.header("x-forwarded-for", "198.51.100.7").send().await.unwrap();
    }
    drop(node);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.len() > 1_000, "it is there: {log}");
    let is_secret = |word: &&str| word.len() > 11 && !word.contains(['@', ':']);
    let printed: Vec<&str> = made.split_whitespace().filter(is_secret).collect();
    assert!(!printed.is_empty(), "{made}");
    let secrets = [
        "canary-of-a-typed-password",
        "canary-of-a-query",
        "canary-of-a-header",
        guesser.cookie_value(),
        guesser.handle(),
    ];
    for secret in secrets.into_iter().chain(printed.iter().copied()) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
