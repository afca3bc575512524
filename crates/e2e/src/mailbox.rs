//! A mail server that keeps what it is sent, for walks that go on with a letter.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::bail;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// How long a letter may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everybody's mailbox; it closes with the runtime.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Where letters are handed in.
    pub address: SocketAddr,
    kept: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    /// Opens one.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mailbox = Self { address: listener.local_addr()?, kept: Arc::default() };
        let serving = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().converse(stream));
            }
        });
        Ok(mailbox)
    }

    /// The newest address that begins so in a letter, once one has come.
    pub async fn link(&self, beginning: &str) -> anyhow::Result<String> {
        let began = Instant::now();
        loop {
            let letters = self.kept.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
            if let Some(at) = letters.rfind(beginning) {
                let end =
                    letters[at..].find(char::is_whitespace).map_or(letters.len(), |it| at + it);
                return Ok(letters[at..end].to_owned());
            }
            if began.elapsed() > PATIENCE {
                bail!("no letter with {beginning}:\n{letters}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// One conversation by SMTP.
    async fn converse(self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mailbox\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match line.get(..4).map(str::to_ascii_uppercase).as_deref() {
                Some("DATA") => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut letter = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        letter += &line;
                        letter += "\n";
                    }
                    // Long lines are broken, and `=` is written otherwise.
                    let letter = letter.replace("=\n", "").replace("=3D", "=");
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
                    "250 kept"
                }
                Some("QUIT") => "221 bye",
                _ => "250 fine",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
