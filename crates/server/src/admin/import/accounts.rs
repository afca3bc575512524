//! A draft of accounts of a tenant in words: what would happen to each.

use std::collections::BTreeMap;

use app::imports::{AccountPlan, Caution, ImportDetails, RowCheck, RowVerdict, Who};
use model::{Role, tenant_people::Did};

use crate::{
    admin::{paging, step_up},
    answer::Desk,
    pages::{
        admin::account_import::{AccountImport, Row},
        parts::{Badge, Fact, Link, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows},
};

/// How many accounts a page lists.
const SHOWN: i64 = 100;

/// How many rows do what.
#[derive(Default)]
struct Counts {
    new: usize,
    here: usize,
    ignored: usize,
    same: usize,
    wrong: usize,
}

impl Counts {
    fn of(checks: &[RowCheck]) -> Self {
        let mut counts = Self::default();
        for check in checks {
            let place = match &check.verdict {
                RowVerdict::Account(plan) => match plan.who {
                    Who::New(..) => &mut counts.new,
                    Who::Here(_) => &mut counts.here,
                    Who::Nobody => &mut counts.ignored,
                },
                RowVerdict::Wrong(_) => &mut counts.wrong,
                RowVerdict::Same(_) | RowVerdict::New(_) | RowVerdict::Changes(_) => {
                    &mut counts.same
                }
            };
            *place += 1;
        }
        counts
    }

    const fn writing(&self) -> usize {
        self.new + self.here + self.ignored
    }
}

/// The page.
pub(super) fn page(admin: &Console, desk: &Desk, details: &ImportDetails) -> AccountImport {
    let counts = Counts::of(&details.checks);
    let id = details.import.id.to_string();
    let path = format!("/admin/imports/{id}");
    let number = paging::number(desk);
    let before = usize::try_from(paging::offset(number, SHOWN)).unwrap_or(usize::MAX);
    let most = usize::try_from(SHOWN).unwrap_or_default();
    let mut checks: Vec<&RowCheck> = details.checks.iter().collect();
    checks.sort_by_key(|check| (place(&check.verdict), check.upn.to_lowercase()));
    let shown: Vec<Row> = checks.into_iter().skip(before).take(most).map(row).collect();
    let takes_over = takes_over(&details.checks);
    let is_mine = details.import.made_by == admin.user().id;
    let list = details.import.terms.tenant.filter(|_| is_mine);
    AccountImport {
        verdict: verdict(&counts),
        facts: facts(&counts),
        warnings: warnings(&details.checks),
        seen: details.fingerprint.clone(),
        button: button(&counts),
        not_you: if takes_over && admin.require(Role::SecurityAdmin).is_err() {
            "Accounts are taken over, and whoever has an account has its mail: that takes a security \
             admin, who finds this draft under Import people."
                .to_owned()
        } else {
            String::new()
        },
        confirm: step_up::require(admin, desk).is_err().then(|| step_up::confirm("/admin", &path)),
        list: list.map(|tenant| {
            let href = format!("/admin/tenant-people?tenant={tenant}&show=ticked");
            Link::new("Change the ticks", &href)
        }),
        pager: paging::pager(
            (number, SHOWN),
            (shown.len(), rows(details.checks.len())),
            &path,
            &[],
        ),
        rows: shown,
        name: details.import.terms.file_name.clone(),
        id,
    }
}

fn takes_over(checks: &[RowCheck]) -> bool {
    checks.iter().any(|check| match &check.verdict {
        RowVerdict::Account(plan) => plan.does.contains(&Did::Matched),
        _ => false,
    })
}

/// What is left out comes first.
const fn place(verdict: &RowVerdict) -> u8 {
    match verdict {
        RowVerdict::Wrong(_) => 0,
        RowVerdict::Account(_) => 1,
        RowVerdict::Same(_) | RowVerdict::New(_) | RowVerdict::Changes(_) => 2,
    }
}

fn verdict(counts: &Counts) -> Verdict {
    let accounts = |many: usize| count(rows(many), "account", "accounts");
    let (tone, text) = match (counts.writing(), counts.wrong) {
        (0, 0) => (Tone::Neutral, "There is nothing to import.".to_owned()),
        (0, wrong) => (Tone::Danger, format!("Nothing can be imported: {} left out.", are(wrong))),
        (writing, 0) => {
            (Tone::Ok, format!("{} would be imported; nothing is written yet.", accounts(writing)))
        }
        (writing, wrong) => {
            let text =
                format!("{} would be imported, and {} left out.", accounts(writing), are(wrong));
            (Tone::Warn, text)
        }
    };
    Verdict::new(tone, &text)
}

fn are(many: usize) -> String {
    count(rows(many), "is", "are")
}

fn button(counts: &Counts) -> String {
    let accounts = count(rows(counts.writing()), "account", "accounts");
    match (counts.writing(), counts.wrong) {
        (0, _) => String::new(),
        (_, 0) => format!("Import {accounts}"),
        (_, wrong) => format!("Import {accounts}, leave out {wrong}"),
    }
}

fn facts(counts: &Counts) -> Vec<Fact> {
    let fact = |label: &str, many: usize| Fact::text(label, &many.to_string());
    vec![
        fact("New people", counts.new),
        fact("People here already", counts.here),
        fact("Ignored from now on", counts.ignored),
        fact("Nothing to do", counts.same),
        fact("Left out", counts.wrong),
    ]
}

/// Each warning once, with how many accounts it is about.
fn warnings(checks: &[RowCheck]) -> Vec<String> {
    let mut many: BTreeMap<Caution, usize> = BTreeMap::new();
    for check in checks {
        if let RowVerdict::Account(plan) = &check.verdict {
            for warning in &plan.warnings {
                *many.entry(*warning).or_default() += 1;
            }
        }
    }
    let line = |(warning, many): (&Caution, &usize)| {
        format!("{}: {}", count(rows(*many), "account", "accounts"), caution(*warning))
    };
    many.iter().map(line).collect()
}

fn caution(warning: Caution) -> &'static str {
    match warning {
        Caution::NotTakenOver => {
            "without Sync user nobody writes an immutable id to it, and until it has theirs Microsoft \
             lets nobody in through Gatehouse; other applications do."
        }
        Caution::BlockedThere => "it is blocked at Microsoft, and stays so.",
        Caution::ShutOut => {
            "its domain signs in here, and without SSO enabled its person gets no token: they can't \
             open Microsoft 365."
        }
    }
}

fn row(check: &RowCheck) -> Row {
    let upn = if check.upn.is_empty() { "(gone)".to_owned() } else { check.upn.clone() };
    match &check.verdict {
        RowVerdict::Account(plan) => of_plan(plan),
        RowVerdict::Wrong(problems) => Row {
            upn,
            what: Badge::new(Tone::Warn, "Left out"),
            person: None,
            does: Vec::new(),
            notes: problems.iter().map(|problem| problem.sentence.clone()).collect(),
        },
        RowVerdict::Same(id) => Row {
            upn,
            what: Badge::new(Tone::Neutral, "Nothing to do"),
            person: Some(Link::new("Their page", &format!("/admin/users/{id}"))),
            does: Vec::new(),
            notes: Vec::new(),
        },
        RowVerdict::New(_) | RowVerdict::Changes(_) => Row {
            upn,
            what: Badge::new(Tone::Neutral, "A line of a file"),
            person: None,
            does: Vec::new(),
            notes: Vec::new(),
        },
    }
}

fn of_plan(plan: &AccountPlan) -> Row {
    let (what, person, made) = match &plan.who {
        Who::New(upn, profile) => {
            let made = format!("{} ({upn}) is made", profile.display_name);
            (Badge::new(Tone::Neutral, "New person"), None, Some(made))
        }
        Who::Here(user) => {
            let href = format!("/admin/users/{}", user.id);
            let link = Link::new(&user.profile.display_name, &href);
            (Badge::new(Tone::Ok, "Here already:"), Some(link), None)
        }
        Who::Nobody => (Badge::new(Tone::Neutral, "Ignored"), None, None),
    };
    Row {
        upn: plan.upn.clone(),
        what,
        person,
        does: made.into_iter().chain(plan.does.iter().map(|did| done(*did).to_owned())).collect(),
        notes: plan.warnings.iter().map(|warning| sentence(caution(*warning))).collect(),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const fn done(did: Did) -> &'static str {
    match did {
        Did::Matched => "Sync user: the next plan takes the account over",
        Did::Assigned => "SSO enabled: assigned to Office 365, without a product",
        Did::LinkedMicrosoft => "May sign in with Microsoft",
        Did::LeftAlone => "Provisioning leaves the account alone",
        Did::Ignored => "Not listed among those who are left over",
    }
}
