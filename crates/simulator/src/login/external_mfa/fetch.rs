//! Reads a document of a provider's over plain HTTP, by hand: what Entra demands of the answer itself
//! is seen here.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// No document is longer.
const MOST: u64 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// The body; or what is wrong with the answer.
pub(super) async fn get(address: &str) -> Result<String, String> {
    let url = Url::parse(address).map_err(|error| error.to_string())?;
    if url.scheme() != "http" || url.query().is_some() || url.fragment().is_some() {
        return Err("the simulator reads plain addresses of http alone".to_owned());
    }
    let answer = tokio::time::timeout(PATIENCE, ask(&url)).await;
    let answer = answer.map_err(|_| "no answer in time".to_owned())?;
    body(&answer.map_err(|error| error.to_string())?)
}

async fn ask(url: &Url) -> std::io::Result<Vec<u8>> {
    let (host, port) =
        (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: application/json\r\n\
         Connection: close\r\n\r\n",
        url.path()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The body of an answer that says how long it is, as Entra wants it (graph.md 12.3).
fn body(answer: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(answer).map_err(|_| "it is not text".to_owned())?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("it has no head")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("it answered {}", head.lines().next().unwrap_or_default()));
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    match length {
        Some(length) if length == body.len() => Ok(body.to_owned()),
        Some(_) => Err("it is shorter than it says".to_owned()),
        None => Err("it has no Content-Length".to_owned()),
    }
}
