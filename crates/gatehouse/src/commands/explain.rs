//! `gatehouse explain`: what a code or a message of Microsoft's means. Needs no configuration and no
//! database.

use std::{fmt::Write as _, io::Read as _};

use anyhow::{Context as _, bail};
use app::explain::{Clues, Explained, explain};
use model::explanation::Explanation;

/// How wide the text is.
const WIDTH: usize = 88;

/// The most that is read from standard input.
const MOST: u64 = 64 * 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A code such as AADSTS51004, a whole message, or words; without any, the message is read from
    /// standard input.
    text: Vec<String>,
}

#[expect(clippy::print_stdout, reason = "the explanation is this command's answer")]
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let text = match options.text.as_slice() {
        [] => piped()?,
        words => words.join(" "),
    };
    let explained = explain(&text);
    if explained.entries.is_empty() && explained.alike.is_empty() {
        bail!("{}", nothing(&explained));
    }
    print!("{}", answer(&explained));
    Ok(())
}

fn piped() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(MOST).read_to_end(&mut bytes);
    read.context("standard input can't be read")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What to do about a code that isn't in the catalogue.
fn nothing(explained: &Explained) -> String {
    let Some(code) = explained.unknown.first() else {
        return "no code and no word of the catalogue is in this text; try the number behind \
                AADSTS, or fewer words"
            .to_owned();
    };
    let ids = clues(&explained.clues);
    match code.strip_prefix("AADSTS") {
        Some(number) => format!(
            "{code} is not in the catalogue; Microsoft explains it at {}\n{ids}",
            at_microsoft(number)
        ),
        None => format!(
            "{code} is not in the catalogue; the message beside it says what stood against the \
             call\n{ids}"
        ),
    }
    .trim_end()
    .to_owned()
}

fn answer(explained: &Explained) -> String {
    let entries = explained.entries.iter().map(|entry| one(entry));
    let mut parts: Vec<String> = entries.collect();
    if !explained.cases.is_empty() {
        parts.push(list("Told apart by the rest of the message:", &explained.cases));
    }
    if !explained.alike.is_empty() {
        parts.push(list("These have all of the words:", &explained.alike));
    }
    parts.extend(explained.unknown.iter().map(|code| format!("{code}: not in the catalogue\n")));
    let clues = clues(&explained.clues);
    if !clues.is_empty() {
        parts.push(clues);
    }
    parts.join("\n")
}

fn one(entry: &Explanation) -> String {
    let (site, page) = entry.place.named();
    let at = format!("{}: {page}", site.label());
    let microsoft = entry.number().map(|number| at_microsoft(&number.to_string()));
    let rows = [
        ("Means", Some(entry.means.as_str())),
        ("Likely cause", Some(entry.cause.as_str())),
        ("Mend it", Some(entry.fix.as_str())),
        ("Who can", Some(entry.who.label())),
        ("Where", Some(at.as_str())),
        ("Microsoft", microsoft.as_deref()),
    ];
    let mut text = format!("{}: {}\n", entry.query(), entry.title);
    for (label, said) in rows {
        text.extend(said.map(|said| row(label, said)));
    }
    text
}

fn at_microsoft(number: &str) -> String {
    format!("https://login.microsoftonline.com/error?code={number}")
}

/// A label, and its text beside it in lines of the width.
fn row(label: &str, said: &str) -> String {
    const MARGIN: usize = 17;
    let mut text = format!("  {label:<15}");
    let mut used = MARGIN;
    for word in said.split(' ') {
        let length = word.chars().count();
        if used > MARGIN && used + 1 + length > WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', MARGIN));
            used = MARGIN;
        } else if used > MARGIN {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length;
    }
    text.push('\n');
    text
}

fn list(heading: &str, entries: &[&Explanation]) -> String {
    let mut text = format!("{heading}\n");
    for entry in entries {
        writeln!(text, "  {}: {}", entry.query(), entry.title).expect("a string takes any text");
    }
    text
}

fn clues(clues: &Clues) -> String {
    let rows = [
        ("Person", clues.upn.clone()),
        ("Correlation id", clues.correlation_id.clone()),
        ("Request id", clues.request_id.clone()),
        ("Time", clues.at.clone()),
    ];
    let rows = rows.into_iter().filter_map(|(label, value)| Some(row(label, &value?)));
    let rows: String = rows.collect();
    match rows.as_str() {
        "" => rows,
        _ => format!("To find it in the sign-in log at Microsoft:\n{rows}"),
    }
}
