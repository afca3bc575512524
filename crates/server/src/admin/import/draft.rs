//! A draft in words: what each line would do, and how the columns are read.

use app::imports::{Change, ImportDetails, RowCheck, RowVerdict, Wanted};
use model::import::{Field, Mapping};

use crate::{
    admin::paging,
    answer::Desk,
    pages::{
        admin::import::{Changed, Draft, Empty, FieldRow, NewPerson, WrongCell},
        parts::{Choice, Fact, Tone, Verdict},
    },
    wording::{count, rows},
};

/// How many wrong cells a page lists.
const WRONG: i64 = 100;
/// How many people are shown as examples.
const SHOWN: usize = 20;

/// What a field is called, and what it is for.
const FIELDS: [(Field, &str, &str); 21] = [
    (Field::Upn, "Sign-in name", ""),
    (Field::DisplayName, "Full name", "Without one it is the first and the family name."),
    (Field::GivenName, "First name", ""),
    (Field::Surname, "Family name", ""),
    (Field::Mail, "Mail", "Without one it is the sign-in name."),
    (Field::Department, "Department", ""),
    (Field::JobTitle, "Job title", ""),
    (Field::Country, "Country", "Two letters, such as US."),
    (Field::CompanyName, "Company", ""),
    (Field::OfficeLocation, "Office", ""),
    (Field::EmployeeId, "Employee number", "Microsoft takes at most 16 characters."),
    (Field::PreferredLanguage, "Language", "Microsoft takes codes such as de-DE alone."),
    (Field::BusinessPhone, "Business phone", ""),
    (Field::MobilePhone, "Mobile phone", ""),
    (Field::StreetAddress, "Street", ""),
    (Field::PostalCode, "Postal code", ""),
    (Field::City, "City", ""),
    (Field::State, "State", ""),
    (Field::Groups, "Groups", "Names of groups that exist, with a semicolon between."),
    (
        Field::PasswordHash,
        "Password hash",
        "For new people, by a security admin: bcrypt, PBKDF2, SSHA512 or Argon2.",
    ),
    (
        Field::TotpSeed,
        "Authenticator seed",
        "For new people, by a security admin: base 32 or an otpauth address.",
    ),
];

/// How many lines do what.
struct Counts {
    new: usize,
    changes: usize,
    same: usize,
    wrong: usize,
}

impl Counts {
    fn of(checks: &[RowCheck]) -> Self {
        let of = |wanted: fn(&RowVerdict) -> bool| {
            checks.iter().filter(|check| wanted(&check.verdict)).count()
        };
        Self {
            new: of(|verdict| matches!(verdict, RowVerdict::New(_))),
            changes: of(|verdict| matches!(verdict, RowVerdict::Changes(_))),
            same: of(|verdict| matches!(verdict, RowVerdict::Same(_))),
            wrong: of(|verdict| matches!(verdict, RowVerdict::Wrong(_))),
        }
    }

    /// How many lines would write something.
    const fn writing(&self, update: bool) -> usize {
        if update { self.new + self.changes } else { self.new }
    }
}

/// How a draft stands.
pub(super) fn verdict(details: &ImportDetails) -> Verdict {
    let terms = &details.import.terms;
    let counts = Counts::of(&details.checks);
    let (tone, text) = match (counts.writing(terms.update), counts.wrong) {
        _ if details.columns.is_empty() => {
            (Tone::Danger, "The file was thrown away after a day. Upload it again.".to_owned())
        }
        _ if !terms.mapping.contains_key(&Field::Upn) => {
            let text = "No column holds the sign-in names. Choose the one that does below.";
            (Tone::Warn, text.to_owned())
        }
        (0, 0) => (Tone::Neutral, "There is nothing to import: everybody is here.".to_owned()),
        (0, wrong) => {
            let lines = count(rows(wrong), "line is", "lines are");
            (Tone::Danger, format!("Nothing can be imported: {lines} wrong."))
        }
        (writing, 0) => {
            let lines = count(rows(writing), "line", "lines");
            (Tone::Ok, format!("{lines} would be imported; nothing is written yet."))
        }
        (writing, wrong) => {
            let lines = count(rows(writing), "line", "lines");
            let left = count(rows(wrong), "is wrong", "are wrong");
            (Tone::Warn, format!("{lines} would be imported, and {left} and would be left out."))
        }
    };
    Verdict::new(tone, &text)
}

/// How many lines do what.
pub(super) fn facts(details: &ImportDetails) -> Vec<Fact> {
    let counts = Counts::of(&details.checks);
    let fact = |label: &str, count: usize| Fact::text(label, &count.to_string());
    vec![
        fact("New people", counts.new),
        fact("Here already, and otherwise", counts.changes),
        fact("Here already, and the same", counts.same),
        fact("Wrong lines", counts.wrong),
    ]
}

/// What is shown and asked while nothing is written, with the columns that were chosen last.
pub(super) fn panel(
    desk: &Desk,
    details: &ImportDetails,
    (mapping, update): &(Mapping, bool),
) -> Draft {
    let (terms, checks) = (&details.import.terms, &details.checks);
    let counts = Counts::of(checks);
    let number = paging::number(desk);
    let all: Vec<WrongCell> = checks.iter().flat_map(wrong).collect();
    let skipped = usize::try_from(paging::offset(number, WRONG)).unwrap_or(usize::MAX);
    let most = usize::try_from(WRONG).unwrap_or_default();
    let shown: Vec<WrongCell> = all.iter().skip(skipped).take(most).cloned().collect();
    let new = checks.iter().filter_map(|check| match &check.verdict {
        RowVerdict::New(wanted) => Some(new_person(wanted)),
        _ => None,
    });
    let changes = checks.iter().filter_map(|check| match &check.verdict {
        RowVerdict::Changes(change) => Some(changed(check, change)),
        _ => None,
    });
    let path = format!("/admin/imports/{}", details.import.id);
    Draft {
        fields: FIELDS.iter().map(|field| field_row(field, (mapping, &details.columns))).collect(),
        update: *update,
        updates: terms.update,
        seen: details.fingerprint.clone(),
        button: button(&counts, terms.update),
        pager: paging::pager((number, WRONG), (shown.len(), rows(all.len())), &path, &[]),
        none_wrong: none_wrong(checks, all.len()),
        wrong: shown,
        new: new.take(SHOWN).collect(),
        more_new: counts.new.saturating_sub(SHOWN),
        changes: changes.take(SHOWN).collect(),
        more_changes: counts.changes.saturating_sub(SHOWN),
    }
}

fn button(counts: &Counts, update: bool) -> String {
    match (counts.writing(update), counts.wrong) {
        (0, _) => String::new(),
        (writing, 0) => format!("Import {}", count(rows(writing), "line", "lines")),
        (writing, wrong) => {
            format!("Import {}, leave out {wrong}", count(rows(writing), "line", "lines"))
        }
    }
}

/// What stands in the place of an empty list of wrong cells.
fn none_wrong(checks: &[RowCheck], wrong: usize) -> Empty {
    let (title, text) = match (checks.is_empty(), wrong) {
        (true, _) => ("Nothing was looked at", "What to do first stands at the top of the page."),
        (false, 0) => ("Nothing is wrong", "Every line can be imported."),
        (false, _) => ("There is nothing on this page", "Go back to the pages before it."),
    };
    Empty { title: title.to_owned(), text: text.to_owned() }
}

fn field_row(
    (field, label, hint): &(Field, &str, &str),
    (mapping, columns): (&Mapping, &[String]),
) -> FieldRow {
    let chosen = mapping.get(field).map(usize::to_string);
    let chosen = chosen.unwrap_or_default();
    let columns = columns.iter().enumerate();
    let columns = columns.map(|(at, name)| Choice::new(&at.to_string(), name, &chosen));
    FieldRow {
        name: field.name().to_owned(),
        label: (*label).to_owned(),
        hint: (*hint).to_owned(),
        columns: std::iter::once(Choice::new("", "Not in the file", &chosen))
            .chain(columns)
            .collect(),
    }
}

fn wrong(check: &RowCheck) -> Vec<WrongCell> {
    let RowVerdict::Wrong(problems) = &check.verdict else { return Vec::new() };
    let cell = |problem: &app::imports::CellProblem| {
        let (cause, action) = problem.sentence.split_once(". ").unwrap_or((&problem.sentence, ""));
        WrongCell {
            line: check.line,
            column: problem.column.clone(),
            value: problem.value.clone(),
            cause: format!("{}.", cause.trim_end_matches('.')),
            action: action.to_owned(),
        }
    };
    problems.iter().map(cell).collect()
}

fn new_person(wanted: &Wanted) -> NewPerson {
    let profile = &wanted.profile;
    let groups = wanted.groups.iter().map(|group| group.name.clone());
    let brought = [
        wanted.password_hash.as_ref().map(|_| "their password".to_owned()),
        wanted.seed.as_ref().map(|_| "their authenticator app".to_owned()),
    ];
    let about = [profile.department.clone(), profile.job_title.clone()].into_iter().flatten();
    NewPerson {
        name: profile.display_name.clone(),
        upn: wanted.upn.to_string(),
        about: about
            .chain(groups)
            .chain(brought.into_iter().flatten())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn changed(check: &RowCheck, change: &Change) -> Changed {
    Changed {
        upn: check.upn.clone(),
        href: format!("/admin/users/{}", change.id),
        lines: change.lines(),
    }
}
