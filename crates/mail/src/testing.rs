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
    kept: Arc<Mutex<Vec<String>>>,
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
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One conversation. Addresses of `full.example` are told that their mailbox is full, those of
    /// `unknown.example` that they don't exist.
    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match line.get(..4).map(str::to_ascii_uppercase).as_deref() {
                Some("RCPT") if line.contains("@full.example") => "452 full",
                Some("RCPT") if line.contains("@unknown.example") => "550 unknown",
                Some("DATA") => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut message = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        message += line.strip_prefix('.').unwrap_or(&line);
                        message += "\n";
                    }
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
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
