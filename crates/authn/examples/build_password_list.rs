//! Builds `data/passwords.ghpw` from plain lists: one password a line, folded to lower case.
//!
//! `cargo run --release -p authn --example build_password_list -- OUT FILE[:MIN_CHARS]...`

use std::{error::Error, fs, io::Write};

use authn::password::{encode, fingerprint, fold};

/// 48 bits a password: one false alarm in 200 million for a million entries.
const WIDTH: usize = 4;
const SHORTEST: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: OUT FILE[:MIN_CHARS]...")?;
    let mut digests = Vec::new();
    for argument in arguments {
        let (file, shortest) = match argument.rsplit_once(':') {
            Some((file, number)) => (file.to_owned(), number.parse()?),
            None => (argument, SHORTEST),
        };
        let text = fs::read(&file)?;
        let text = String::from_utf8_lossy(&text);
        let folded = text.lines().map(fold).filter(|line| line.chars().count() >= shortest);
        digests.extend(folded.map(|line| fingerprint(&line)));
    }
    let file = encode(digests, WIDTH);
    fs::write(&out, &file)?;
    writeln!(std::io::stderr(), "{out}: {} bytes", file.len())?;
    Ok(())
}
