//! What Microsoft's codes mean: found by code, by a whole message, by words.

mod here;

use app::explain::{CATALOGUE, Clues, Explained, explain};
use model::{explanation::Explanation, relying_party::Cloud};

use crate::{
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::explain::{Entry, Explain, Place, Unknown},
        parts::{Fact, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, explanations as words, rows},
};

/// The page; with something in the address, what was found.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let (q, person) = (desk.asked("q"), desk.asked("person"));
    let explained = explain(&q);
    let house = &desk.counter.house;
    let known = house.known_here(&admin, &explained, &person).await?;
    let views = house.office365(&admin).await?;
    let cloud = views.first().map(|view| view.tenant.cloud);
    let page = Explain {
        verdict: verdict(&q, &explained),
        entries: explained.entries.iter().map(|found| entry(found, cloud)).collect(),
        cases: explained.cases.iter().map(|found| words::link(found)).collect(),
        alike: explained.alike.iter().map(|found| words::link(found)).collect(),
        unknown: explained.unknown.iter().map(|code| unknown(code)).collect(),
        clues: clues(&explained.clues),
        known: here::all(&known, house.now()),
        q,
        person,
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

fn verdict(q: &str, explained: &Explained) -> Verdict {
    let Explained { entries, alike, unknown, .. } = explained;
    match (entries.as_slice(), alike.len(), unknown.first()) {
        ([], 0, Some(code)) => Verdict::new(Tone::Warn, &format!("{code} isn't explained here.")),
        ([], 0, None) if q.trim().is_empty() => {
            let text = format!("{} errors of Microsoft are explained here.", CATALOGUE.len());
            Verdict::new(Tone::Neutral, &text)
        }
        ([], 0, None) => {
            let text = "No code is in this text, and no error has all of its words. Try fewer.";
            Verdict::new(Tone::Warn, text)
        }
        ([], many, _) => {
            let text = count(rows(many), "error has", "errors have");
            Verdict::new(Tone::Neutral, &format!("{text} all of these words."))
        }
        ([one], ..) => Verdict::new(Tone::Neutral, &format!("{}: {}.", one.code, one.title)),
        (many, ..) => {
            let text = format!("{} errors of this text are explained.", many.len());
            Verdict::new(Tone::Neutral, &text)
        }
    }
}

fn entry(found: &Explanation, cloud: Option<Cloud>) -> Entry {
    let (site, page) = found.place.named();
    Entry {
        key: found.query().replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
        code: found.code.clone(),
        says: found.says.clone().unwrap_or_default(),
        title: found.title.clone(),
        means: found.means.clone(),
        cause: found.cause.clone(),
        fix: found.fix.clone(),
        who: found.who.label().to_owned(),
        place: Place {
            label: format!("{}: {page}", site.label()),
            href: words::href(found.place, cloud).map(str::to_owned),
        },
        microsoft: found.number().map(|number| words::at_microsoft(&number.to_string())),
    }
}

fn unknown(code: &str) -> Unknown {
    let number = code.strip_prefix("AADSTS");
    Unknown { code: code.to_owned(), microsoft: number.map(words::at_microsoft) }
}

fn clues(clues: &Clues) -> Vec<Fact> {
    let text = |label: &str, value: &Option<String>| Some(Fact::text(label, value.as_ref()?));
    let id = |label: &str, value: &Option<String>| Some(Fact::id(label, value.as_ref()?));
    let found = [
        text("Sign-in name", &clues.upn),
        id("Immutable id", &clues.immutable_id),
        id("Address", &clues.address),
        id("Correlation id", &clues.correlation_id),
        id("Request id", &clues.request_id),
        text("Time", &clues.at),
    ];
    found.into_iter().flatten().collect()
}
