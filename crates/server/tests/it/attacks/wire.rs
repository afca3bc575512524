//! Sends requests byte for byte, as no client library would, and listens where nobody may call.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

/// Where the messages say that somebody listens; the test listens elsewhere if it is taken.
const LURE: &str = "127.0.0.1:18080";

/// A request, as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        let (method, path) = ("GET".to_owned(), path.to_owned());
        Self { method, path, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn post(path: &str, kind: &str, body: Vec<u8>) -> Self {
        Self { method: "POST".to_owned(), body, ..Self::get(path) }.with("Content-Type", kind)
    }

    /// With one more header, or another value of it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        let named = self.headers.iter().any(|(name, _)| name == "Host");
        let length = self.body.len().to_string();
        let own = [("Host", host, !named), ("Content-Length", &length, self.method == "POST")];
        let own = own.into_iter().filter(|(.., sent)| *sent).map(|(name, value, _)| (name, value));
        let given = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let lines = own.chain(given).chain([("Connection", "close")]);
        let lines: Vec<String> = lines.map(|(name, value)| format!("{name}: {value}")).collect();
        let (method, path, lines) = (&self.method, &self.path, lines.join("\r\n"));
        let head = format!("{method} {path} HTTP/1.1\r\n{lines}\r\n\r\n");
        [head.into_bytes(), self.body.clone()].concat()
    }

    /// Sends it to a door under the name of a public address.
    pub(crate) fn send(&self, door: &str, url: &str) -> Answer {
        let host = url.split_once("://").unwrap().1;
        let port: u16 = door.rsplit(':').next().unwrap().parse().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let (mut into, bytes) = (stream.try_clone().unwrap(), self.bytes(host));
        // Who sends too much may find the door closed before the end, and must read meanwhile.
        let sending = std::thread::spawn(move || into.write_all(&bytes));
        let received = read_whole(&stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        let _ = sending.join().unwrap();
        Answer::read(&received)
    }
}

/// Reads until the answer is whole, or the server closes.
fn read_whole(mut stream: &TcpStream) -> Vec<u8> {
    let (mut received, mut part) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut part) {
            Ok(0) => return received,
            Ok(count) => received.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return received,
            Err(error) => panic!("no whole answer: {error}"),
        }
        let head = received.windows(4).position(|four| four == b"\r\n\r\n");
        let length = head.and_then(|end| {
            let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
            let said = head.split("content-length: ").nth(1)?.lines().next()?.parse().ok();
            said.map(|length: usize| end + 4 + length)
        });
        if length.is_some_and(|length| received.len() >= length) {
            return received;
        }
    }
}

/// What came back, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no answer: {head:?}"));
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn headers(&self, wanted: &str) -> impl Iterator<Item = &str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    /// Whether it sets a cookie that signs anybody in, or one of the attacker's.
    pub(crate) fn sets_a_session(&self) -> bool {
        self.headers("set-cookie").any(|cookie| {
            let is_set = !cookie.contains("Max-Age=0");
            is_set && (cookie.starts_with("x=") || cookie.contains("session="))
        })
    }

    /// The code of a refusal: `GH-SAML-03`.
    pub(crate) fn code(&self) -> Option<&str> {
        let at = self.body.find("GH-")?;
        let text = &self.body[at..];
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        Some(&text[..end.unwrap_or(text.len())])
    }
}

/// Somebody who listens where attacks want to lure us.
pub(crate) struct Canary {
    listener: TcpListener,
    address: String,
}

impl Canary {
    pub(crate) fn listening() -> Self {
        let bound = TcpListener::bind(LURE).or_else(|_| TcpListener::bind("127.0.0.1:0"));
        let listener = bound.unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        Self { listener, address }
    }

    /// The same text with the address at which this one listens. What is signed keeps its address.
    pub(crate) fn lured(&self, text: &str) -> String {
        text.replace(LURE, &self.address)
    }

    pub(crate) fn assert_silent(&self) {
        assert!(self.listener.accept().is_err(), "somebody called the canary");
    }
}
