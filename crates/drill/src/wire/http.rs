//! As much of HTTP/1.1 as lies between two known programs: heads, and bodies of a stated length.

use std::io;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A message as it came.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Message {
    /// A part of the first line.
    pub(super) fn word(&self, number: usize) -> &str {
        self.head
            .split("\r\n")
            .next()
            .and_then(|line| line.split(' ').nth(number))
            .unwrap_or_default()
    }

    pub(super) fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| {
            line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
        };
        let line = self.head.split("\r\n").skip(1).find(named)?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), b"\r\n\r\n", &self.body].concat()
    }

    /// The same with another body.
    pub(super) fn with_body(&self, body: Vec<u8>) -> Self {
        let is_length = |line: &&str| line.to_ascii_lowercase().starts_with("content-length:");
        let kept: Vec<&str> = self.head.split("\r\n").filter(|line| !is_length(line)).collect();
        let head = format!("{}\r\ncontent-length: {}", kept.join("\r\n"), body.len());
        Self { head, body }
    }

    /// An answer of our own.
    pub(super) fn answer(status: u16, headers: &[(&str, String)], body: Vec<u8>) -> Self {
        let length = [("content-length", body.len().to_string())];
        let lines: Vec<String> =
            length.iter().chain(headers).map(|(name, value)| format!("{name}: {value}")).collect();
        let head = format!("HTTP/1.1 {status} Said\r\n{}", lines.join("\r\n"));
        Self { head, body }
    }
}

/// The next message, or `None` when the other side is done.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Option<Message>> {
    let mut bytes = Vec::with_capacity(4096);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let mut message = Message { head, body };
    let length: usize = message.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    while message.body.len() < length {
        if stream.read_buf(&mut message.body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some(message))
}

pub(super) async fn write(stream: &mut TcpStream, message: &Message) -> io::Result<()> {
    stream.write_all(&message.bytes()).await?;
    stream.flush().await
}
