//! Judges one row after the other by the rules of the console's form, and finds everything that is
//! wrong with each.

use std::collections::HashMap;

use authn::{password::imported::Imported, totp};
use model::{
    Upn,
    detail::Details,
    import::{Field, Terms},
    line,
    upn::fold,
    user::{Group, Profile, User},
};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::{Digest as _, Sha256};
use sources::Row;

use super::{
    brought::is_secret,
    check::{CellProblem, Change, Here, RowCheck, RowVerdict, Wanted},
};
use crate::{
    Kind,
    accounts::{faults, tidied},
};

/// How much of a cell a problem shows.
const SHOWN: usize = 60;

/// Knows who is here, and what the rows before said.
pub(super) struct Judge<'a> {
    columns: &'a [String],
    terms: &'a Terms,
    here: &'a Here,
    /// Sign-in names of the file, each with its line.
    names: HashMap<String, u64>,
    /// Mail addresses of the file.
    mails: HashMap<String, u64>,
    /// Digests of seeds of the file.
    seeds: HashMap<[u8; 32], u64>,
}

/// A row under judgement.
struct Case<'a> {
    columns: &'a [String],
    terms: &'a Terms,
    row: &'a Row,
    problems: Vec<CellProblem>,
}

impl<'a> Case<'a> {
    /// What stands in a field's column, trimmed; `None` when there is none or nothing.
    fn text(&self, field: Field) -> Option<&'a str> {
        let at = *self.terms.mapping.get(&field)?;
        if !is_secret(field) && self.terms.secrets.contains(&at) {
            return None;
        }
        let text = self.row.cells.get(at)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn owned(&self, field: Field) -> Option<String> {
        self.text(field).map(str::to_owned)
    }

    fn wrong(&mut self, field: Field, sentence: impl Into<String>) {
        let at = self.terms.mapping.get(&field);
        let column = at.and_then(|at| self.columns.get(*at)).cloned();
        let problem = CellProblem {
            column: column.unwrap_or_default(),
            value: match self.text(field) {
                Some(_) if is_secret(field) => "(not shown)".to_owned(),
                text => text.map(shown).unwrap_or_default(),
            },
            sentence: sentence.into(),
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(columns: &'a [String], terms: &'a Terms, here: &'a Here) -> Self {
        let (names, mails, seeds) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { columns, terms, here, names, mails, seeds }
    }

    /// What a row would do.
    pub(super) fn judge(&mut self, row: &'a Row) -> RowCheck {
        let (columns, terms) = (self.columns, self.terms);
        let mut case = Case { columns, terms, row, problems: Vec::new() };
        let upn = case.text(Field::Upn).map(shown).unwrap_or_default();
        let verdict = if row.cells.len() == columns.len() {
            self.of_person(&mut case)
        } else {
            let (has, needs) = (row.cells.len(), columns.len());
            let sentence = format!(
                "The line has {has} cells and the head has {needs}. Put a text with a separator in \
                 it between quotes, or add what is missing."
            );
            case.problems.push(CellProblem {
                column: String::new(),
                value: String::new(),
                sentence,
            });
            None
        };
        let verdict = verdict.filter(|_| case.problems.is_empty());
        let verdict = verdict.unwrap_or(RowVerdict::Wrong(case.problems));
        RowCheck { line: u32::try_from(row.line).unwrap_or(u32::MAX), upn, verdict }
    }

    fn of_person(&mut self, case: &mut Case<'a>) -> Option<RowVerdict> {
        let upn = match Upn::parse(case.text(Field::Upn).unwrap_or_default()) {
            Ok(upn) => Some(upn),
            Err(why) => {
                case.wrong(Field::Upn, format!("This is no sign-in name: {why}."));
                None
            }
        };
        let is_here = upn.as_ref().and_then(|upn| self.here.people.get(&upn.folded()));
        let former = upn.as_ref().and_then(|upn| self.here.former.get(&upn.folded()));
        if let Some(now) = former.filter(|_| is_here.is_none()) {
            let sentence = format!(
                "Whoever had this name is called {now} now. Use that name, or \
                                    create a new person by hand."
            );
            case.wrong(Field::Upn, sentence);
        }
        let profile = tidied(match is_here {
            Some(user) => merged(case, user),
            None => fresh(case, upn.as_ref()),
        });
        for fault in faults(&profile) {
            let Kind::Invalid { field } = fault.kind else { continue };
            if let Some(field) = Field::ALL.iter().find(|known| known.name() == field) {
                case.wrong(*field, fault.public);
            }
        }
        let groups = self.groups(case);
        let upn = upn?;
        self.only_once(case, &upn);
        self.may_have_mail(case, &upn, is_here, &profile);
        if let Some(user) = is_here {
            return Some(self.of_somebody_here(case, user, (profile, groups)));
        }
        self.in_our_domain(case, &upn);
        let (password_hash, seed) = (password_hash(case), self.seed(case));
        let wanted = Wanted { upn, profile, groups, password_hash, seed };
        Some(RowVerdict::New(Box::new(wanted)))
    }

    fn of_somebody_here(
        &self,
        case: &mut Case<'a>,
        user: &User,
        (after, mut groups): (Profile, Vec<Group>),
    ) -> RowVerdict {
        if user.role.is_some() {
            let name = &user.profile.display_name;
            let sentence = format!(
                "{name} has a role in the console. Nobody with a role is changed by an import: \
                 remove the line."
            );
            case.wrong(Field::Upn, sentence);
        }
        let theirs = self.here.members.get(&user.id);
        groups.retain(|group| !theirs.is_some_and(|theirs| theirs.contains(&group.id)));
        if user.profile == after && groups.is_empty() {
            return RowVerdict::Same(user.id);
        }
        let before = user.profile.clone();
        RowVerdict::Changes(Box::new(Change { id: user.id, before, after, groups }))
    }

    fn in_our_domain(&self, case: &mut Case<'a>, upn: &Upn) {
        if !self.here.domains.contains(&upn.domain()) {
            let sentence = "This is none of our domains. Correct the name, or add the domain under \
                            Microsoft 365 first.";
            case.wrong(Field::Upn, sentence);
        }
    }

    /// Two lines about one person contradict each other sooner or later.
    fn only_once(&mut self, case: &mut Case<'a>, upn: &Upn) {
        if let Some(line) = self.names.get(&upn.folded()) {
            let sentence = format!("Line {line} is about the same person. Remove one of the two.");
            case.wrong(Field::Upn, sentence);
            return;
        }
        if let Some(line) = self.mails.get(&upn.folded()) {
            let sentence =
                format!("Line {line} has this as its mail address. Correct one of the two.");
            case.wrong(Field::Upn, sentence);
        }
        self.names.insert(upn.folded(), case.row.line);
    }

    /// A mail address is one person's, and nobody else's sign-in name.
    fn may_have_mail(
        &mut self,
        case: &mut Case<'a>,
        upn: &Upn,
        is_here: Option<&User>,
        profile: &Profile,
    ) {
        let Some(mail) = profile.mail.as_deref().map(fold) else { return };
        let unchanged = is_here.and_then(|user| user.profile.mail.as_deref()).map(fold);
        let me = is_here.map(|user| user.id);
        if let Some(line) = self.mails.insert(mail.clone(), case.row.line) {
            let sentence =
                format!("Line {line} has the same mail address. Correct one of the two.");
            case.wrong(Field::Mail, sentence);
        } else if let Some(line) = self.names.get(&mail).filter(|line| **line != case.row.line) {
            let sentence =
                format!("This is the sign-in name of line {line}. Correct one of the two.");
            case.wrong(Field::Mail, sentence);
        } else if unchanged.as_ref() == Some(&mail) {
            return;
        }
        let holder = self.here.mail.get(&mail).copied();
        let named = self.here.people.get(&mail).map(|user| user.id);
        if holder.or(named).is_some_and(|id| Some(id) != me) {
            let sentence = "Somebody else has this mail address. Correct it.";
            case.wrong(Field::Mail, sentence);
        }
        // A new sign-in name that is somebody's mail address would stand for both of them.
        let name = upn.folded();
        if is_here.is_none() && name != mail && self.here.mail.contains_key(&name) {
            let sentence = "This is the mail address of somebody else. Choose another name.";
            case.wrong(Field::Upn, sentence);
        }
    }

    /// The seed of an app, which nobody else has.
    fn seed(&mut self, case: &mut Case<'a>) -> Option<SecretSlice<u8>> {
        let seed = match totp::imported::read(case.text(Field::TotpSeed)?) {
            Ok(seed) => seed,
            Err(why) => {
                case.wrong(Field::TotpSeed, format!("{why}."));
                return None;
            }
        };
        let digest = Sha256::digest(seed.expose_secret()).into();
        if let Some(line) = self.seeds.insert(digest, case.row.line) {
            let sentence = format!("Line {line} has the same seed. Each person needs their own.");
            case.wrong(Field::TotpSeed, sentence);
        }
        Some(seed)
    }

    /// The groups of a cell: one name, or several with a semicolon or a bar between.
    fn groups(&self, case: &mut Case<'a>) -> Vec<Group> {
        let Some(text) = case.text(Field::Groups) else { return Vec::new() };
        if let Some(group) = self.here.groups.get(&fold(text)) {
            return self.open_to(case, group).into_iter().collect();
        }
        let mut found: Vec<Group> = Vec::new();
        for name in text.split([';', '|']).map(str::trim).filter(|name| !name.is_empty()) {
            match self.here.groups.get(&fold(name)) {
                Some(group) if found.iter().any(|known| known.id == group.id) => {}
                Some(group) => found.extend(self.open_to(case, group)),
                None => {
                    let name = shown(name);
                    let sentence =
                        format!("There is no group {name}. Make it first, or correct the name.");
                    case.wrong(Field::Groups, sentence);
                }
            }
        }
        found
    }

    fn open_to(&self, case: &mut Case<'a>, group: &Group) -> Option<Group> {
        if let Some(by) = self.here.guarded.get(&group.id) {
            let sentence = format!(
                "The group {} is named by {by}. A security admin must import this line.",
                group.name
            );
            case.wrong(Field::Groups, sentence);
            return None;
        }
        Some(group.clone())
    }
}

/// The password, as another system hashed it.
fn password_hash(case: &mut Case<'_>) -> Option<SecretString> {
    let text = case.text(Field::PasswordHash)?;
    if let Err(why) = Imported::read(text) {
        case.wrong(Field::PasswordHash, format!("{why}."));
        return None;
    }
    Some(text.into())
}

/// The profile of somebody new: as the console's form makes it where the file says nothing.
fn fresh(case: &Case<'_>, upn: Option<&Upn>) -> Profile {
    let names = [case.text(Field::GivenName), case.text(Field::Surname)];
    let joined = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Profile {
        display_name: case.owned(Field::DisplayName).unwrap_or(joined),
        given_name: case.owned(Field::GivenName),
        surname: case.owned(Field::Surname),
        mail: case.owned(Field::Mail).or_else(|| upn.map(Upn::to_string)),
        department: case.owned(Field::Department),
        job_title: case.owned(Field::JobTitle),
        country: case.owned(Field::Country),
        details: detailed(case, Details::default()),
    }
}

/// The profile of somebody who is here: an empty cell takes nothing away.
fn merged(case: &Case<'_>, user: &User) -> Profile {
    let now = user.profile.clone();
    Profile {
        display_name: case.owned(Field::DisplayName).unwrap_or(now.display_name),
        given_name: case.owned(Field::GivenName).or(now.given_name),
        surname: case.owned(Field::Surname).or(now.surname),
        mail: case.owned(Field::Mail).or(now.mail),
        department: case.owned(Field::Department).or(now.department),
        job_title: case.owned(Field::JobTitle).or(now.job_title),
        country: case.owned(Field::Country).or(now.country),
        details: detailed(case, now.details),
    }
}

/// The details with what the row says of them.
fn detailed(case: &Case<'_>, mut details: Details) -> Details {
    for field in Field::ALL {
        if let (Some(detail), Some(text)) = (field.detail(), case.text(*field)) {
            details.set(detail, text);
        }
    }
    details
}

/// The beginning of a cell, with a mark in the place of what can't be seen.
pub(super) fn shown(text: &str) -> String {
    let plain = |c: char| line::is_plain(c.encode_utf8(&mut [0; 4]));
    let mut cut: String =
        text.chars().take(SHOWN).map(|c| if plain(c) { c } else { '\u{fffd}' }).collect();
    if text.chars().count() > SHOWN {
        cut.push('…');
    }
    cut
}
