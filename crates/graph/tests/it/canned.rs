//! A server that answers from a table, for what the simulator is too well-behaved to do.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

/// One answer: the part of the address that it is for, the status line, and the body. `{base}`
/// in the body becomes the server's address.
pub(crate) type Canned = (&'static str, &'static str, String);

/// Starts the server and returns its address; it ends with the test's process.
pub(crate) fn serve(answers: Vec<Canned>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let own = base.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &answers, &own);
        }
    });
    base
}

fn answer(stream: TcpStream, answers: &[Canned], base: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])?;
    let token = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
    let token: Canned = ("/token", "200 OK", token);
    let nothing: Canned = ("", "404 Not Found", "{}".to_owned());
    let all = answers.iter().chain([&token, &nothing]);
    let (_, status, body) = all.into_iter().find(|(part, ..)| first.contains(part)).unwrap();
    let body = body.replace("{base}", base);
    let mut text = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
    write!(text, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    reader.into_inner().write_all(text.as_bytes())
}
