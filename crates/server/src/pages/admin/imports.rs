//! Bringing people along in a CSV file.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Problem, Tone, When},
};

/// The upload, and the imports of the last days.
#[derive(Debug, Clone, Serialize)]
pub struct Imports {
    /// What was pasted in the place of a file.
    pub text: String,
    /// The imports, newest first.
    pub rows: Vec<Row>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// An import.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// What the file was called.
    pub file: String,
    /// "300 lines".
    pub lines: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: When,
    /// How it stands.
    pub state: Badge,
}

impl Page for Imports {
    const TEMPLATE: &'static str = "admin/imports.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "A quote that opens in line 3 never closes.";
        let problem = Problem::of_field("file", cause, "Close it, or take it away.");
        let wrong = Self { problems: vec![problem], ..page.clone() };
        let empty = Self { rows: Vec::new(), ..page.clone() };
        vec![("", page), ("empty", empty), ("wrong", wrong)]
    }
}

impl Imports {
    /// One draft and one import.
    #[must_use]
    pub fn sample() -> Self {
        let row = |file: &str, lines: &str, state: Badge| Row {
            href: "/admin/imports/1".to_owned(),
            file: file.to_owned(),
            lines: lines.to_owned(),
            by: "Olivia Owens".to_owned(),
            at: When::sample(),
            state,
        };
        Self {
            text: String::new(),
            rows: vec![
                row("new.csv", "12 lines", Badge::new(Tone::Neutral, "Draft")),
                row("people.csv", "300 lines", Badge::new(Tone::Ok, "Imported")),
            ],
            problems: Vec::new(),
        }
    }
}
