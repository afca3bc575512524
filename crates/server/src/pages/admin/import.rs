//! One import: how its columns are read, what each line would do, and what became of each.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Fact, Pager, Problem, Tone, Verdict},
};

/// The page of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// What the file was called.
    pub file: String,
    /// How it stands, in a sentence.
    pub verdict: Verdict,
    /// How many lines do what.
    pub facts: Vec<Fact>,
    /// While it is a draft.
    pub draft: Option<Draft>,
    /// Afterwards.
    pub ended: Option<Ended>,
    /// What was wrong with a form.
    pub problems: Vec<Problem>,
}

/// An import of which nothing is written yet.
#[derive(Debug, Clone, Serialize)]
pub struct Draft {
    /// Each field with the columns that it may stand in.
    pub fields: Vec<FieldRow>,
    /// Whether the form says that people who are here already are changed (`update`).
    pub update: bool,
    /// Whether they would be, as it is read now.
    pub updates: bool,
    /// The judgement that is shown (`seen`).
    pub seen: String,
    /// What the button says; empty when there is nothing to import.
    pub button: String,
    /// What stands there when no wrong cell is on this page.
    pub none_wrong: Empty,
    /// What is wrong, on this page.
    pub wrong: Vec<WrongCell>,
    /// Where in the list of wrong cells this page is.
    pub pager: Pager,
    /// The first people who would be made.
    pub new: Vec<NewPerson>,
    /// How many more.
    pub more_new: usize,
    /// The first people who would be changed.
    pub changes: Vec<Changed>,
    /// How many more.
    pub more_changes: usize,
}

/// Why a list is empty.
#[derive(Debug, Clone, Serialize)]
pub struct Empty {
    /// In a few words.
    pub title: String,
    /// What that means.
    pub text: String,
}

/// A field and its column.
#[derive(Debug, Clone, Serialize)]
pub struct FieldRow {
    /// Its name in the form.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it is for.
    pub hint: String,
    /// The columns, with "not in the file" first.
    pub columns: Vec<Choice>,
}

/// A wrong cell.
#[derive(Debug, Clone, Serialize)]
pub struct WrongCell {
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub action: String,
}

/// Somebody who would be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Department, job title, groups.
    pub about: String,
}

/// Somebody who would be changed.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// Their sign-in name.
    pub upn: String,
    /// Their page.
    pub href: String,
    /// What changes, with before and after.
    pub lines: Vec<String>,
}

/// An import that has begun.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// What the button that goes on says; empty when nothing was interrupted.
    pub go_on: String,
    /// Where that button leads.
    pub go_on_to: String,
    /// How many people still need something for their first sign-in, in a sentence; empty: nobody.
    pub first_sign_ins: String,
    /// Until when it can be undone; empty: not any more.
    pub undo_until: String,
    /// What undoing comes to.
    pub undo_says: String,
    /// Lines that were left out, and people whom undoing left.
    pub left: Vec<LeftRow>,
}

/// A line that was left out or left as it is.
#[derive(Debug, Clone, Serialize)]
pub struct LeftRow {
    /// Its line.
    pub line: u32,
    /// The sign-in name.
    pub upn: String,
    /// Left out or kept.
    pub what: Badge,
    /// Why.
    pub why: String,
}

impl Page for Import {
    const TEMPLATE: &'static str = "admin/import.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let draft = Self::sample();
        let mut wrong = draft.clone();
        let cause = "No column holds the sign-in names.";
        wrong.problems = vec![Problem::of_field("upn", cause, "Choose the one that does.")];
        vec![("", draft), ("wrong", wrong), ("ended", Self::sample_ended())]
    }
}

impl Import {
    /// A draft with one wrong line.
    #[must_use]
    pub fn sample() -> Self {
        let columns = |chosen: &str| {
            vec![
                Choice::new("", "Not in the file", chosen),
                Choice::new("0", "User principal name", chosen),
                Choice::new("1", "Display name", chosen),
            ]
        };
        let field = |name: &str, label: &str, chosen: &str| FieldRow {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            columns: columns(chosen),
        };
        let text = "2 lines do something, 1 line is wrong and would be left out.";
        Self {
            id: "1".to_owned(),
            file: "people.csv".to_owned(),
            verdict: Verdict::new(Tone::Warn, text),
            facts: vec![Fact::text("New people", "1"), Fact::text("Wrong lines", "1")],
            draft: Some(Draft {
                fields: vec![
                    field("upn", "Sign-in name", "0"),
                    field("display_name", "Full name", "1"),
                ],
                update: true,
                updates: true,
                seen: "0".repeat(64),
                button: "Import 2 lines, leave out 1".to_owned(),
                none_wrong: Empty {
                    title: "Nothing is wrong".to_owned(),
                    text: "Every line can be imported.".to_owned(),
                },
                wrong: vec![WrongCell {
                    line: 4,
                    column: "Country".to_owned(),
                    value: "Germany".to_owned(),
                    cause: "Type the country as two letters, such as US.".to_owned(),
                    action: String::new(),
                }],
                pager: Pager { first: 1, last: 1, total: 1, previous: None, next: None },
                new: vec![NewPerson {
                    name: "Frank Foster".to_owned(),
                    upn: "frank@contoso.com".to_owned(),
                    about: "Sales".to_owned(),
                }],
                more_new: 3,
                changes: vec![Changed {
                    upn: "bob@contoso.com".to_owned(),
                    href: "/admin/users/bob".to_owned(),
                    lines: vec!["department: Sales -> Support".to_owned()],
                }],
                more_changes: 2,
            }),
            ended: None,
            problems: Vec::new(),
        }
    }

    /// An import that was interrupted, with a line that was left out.
    #[must_use]
    pub fn sample_ended() -> Self {
        Self {
            verdict: Verdict::new(Tone::Warn, "Interrupted after 50 of 300 lines."),
            draft: None,
            ended: Some(Ended {
                go_on: "Go on".to_owned(),
                go_on_to: "apply".to_owned(),
                first_sign_ins: "49 people need a first password or an enrolment code.".to_owned(),
                undo_until: "2 Dec 2026, 09:14 UTC".to_owned(),
                undo_says: "People who have not begun are removed.".to_owned(),
                left: vec![LeftRow {
                    line: 4,
                    upn: "gina@contoso.com".to_owned(),
                    what: Badge::new(Tone::Warn, "Left out"),
                    why: "Type the country as two letters, such as US.".to_owned(),
                }],
            }),
            ..Self::sample()
        }
    }
}
