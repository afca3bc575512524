//! A mail server that keeps what it is sent.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// The server; it stops when the runtime does.
#[derive(Debug, Clone)]
pub struct MailServer {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Kept>>>,
}

/// A message, and to whom the envelope said it goes.
#[derive(Debug, Clone)]
struct Kept {
    recipients: Vec<String>,
    message: String,
}

impl MailServer {
    /// Listens on a port of its own.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Self { address: listener.local_addr()?, kept: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().converse(stream));
            }
        });
        Ok(server)
    }

    /// How letters get here.
    #[must_use]
    pub fn settings(&self) -> crate::Settings {
        crate::Settings {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            encryption: crate::Encryption::None,
            from: "Contoso <sign-in@contoso.com>".to_owned(),
            login: None,
        }
    }

    /// Every message so far, as it came.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.all().into_iter().map(|kept| kept.message).collect()
    }

    /// For every message so far, to whom its envelope said that it goes.
    #[must_use]
    pub fn recipients(&self) -> Vec<Vec<String>> {
        self.all().into_iter().map(|kept| kept.recipients).collect()
    }

    fn all(&self) -> Vec<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One conversation. Addresses of `full.example` are told that their mailbox is full, those of
    /// `unknown.example` that they don't exist.
    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut recipients = Vec::new();
        write.write_all(b"220 test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match line.get(..4).map(str::to_ascii_uppercase).as_deref() {
                Some("RCPT") if line.contains("@full.example") => "452 full",
                Some("RCPT") if line.contains("@unknown.example") => "550 unknown",
                Some("RCPT") => {
                    recipients.push(line);
                    "250 test"
                }
                Some("DATA") => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut message = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        message += line.strip_prefix('.').unwrap_or(&line);
                        message += "\n";
                    }
                    let kept = Kept { recipients: std::mem::take(&mut recipients), message };
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
                    "250 kept"
                }
                Some("QUIT") => "221 bye",
                _ => "250 test",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
