//! The rule of one attribute: tried on somebody, and saved once it is known whom it changes.

use std::collections::HashSet;

use actix_web::web;
use app::mapping::{Draft, MappingView, Review as Counted, RuleView, Saving, Trial};
use model::{
    attribute::{Attribute, TooLong},
    ids::UserId,
    mapping::{MappingTest, Mode, PersonField, Rule},
};

use super::{PATH, beside, name, of, trial, view};
use crate::{
    answer::{Answer, Desk, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::mapping::{MappingRule, Review, ReviewRow, TestRow},
        parts::{Choice, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows},
};

/// The form, as it was sent.
struct Typed {
    expression: String,
    mode: String,
    person: String,
    expected: String,
    confirmed: String,
    keep: Vec<String>,
}

impl Typed {
    fn of(form: &Form) -> Result<Self, Failure> {
        let names = ["expression", "mode", "person", "expected", "confirmed"];
        let [expression, mode, person, expected, confirmed] = form.with_lists(names, &["keep"])?;
        Ok(Self { expression, mode, person, expected, confirmed, keep: form.list("keep") })
    }

    fn stored(rule: &Rule) -> Self {
        Self {
            expression: rule.expression.clone(),
            mode: rule.mode.word().to_owned(),
            person: String::new(),
            expected: String::new(),
            confirmed: String::new(),
            keep: rule.tests.iter().map(|test| test.user_id.to_string()).collect(),
        }
    }

    /// The rule as typed, with the tests that stay.
    fn draft(&self, kept: &RuleView) -> Result<Draft, Problem> {
        let mode = Mode::ALL.into_iter().find(|mode| mode.word() == self.mode);
        let Some(mode) = mode.filter(|mode| mode.suits(kept.attribute)) else {
            let cause = "Choose when it is written.";
            return Err(Problem::of_field("mode", cause, "Choose one of the list."));
        };
        let (person, expected) = (self.person.trim(), self.expected.trim());
        if person.is_empty() && !expected.is_empty() {
            let cause = "A test needs somebody.";
            let action = "Type a sign-in name, or empty what must come out.";
            return Err(Problem::of_field("person", cause, action));
        }
        let stays = |test: &&MappingTest| self.keep.contains(&test.user_id.to_string());
        let rule = Rule {
            mode,
            expression: self.expression.trim().lines().collect::<Vec<_>>().join(" "),
            tests: kept.rule.tests.iter().filter(stays).cloned().collect(),
        };
        Ok(Draft {
            attribute: kept.attribute,
            test: (!expected.is_empty()).then(|| (person.to_owned(), expected.to_owned())),
            confirmed: self.confirmed_for(&rule),
            rule,
        })
    }

    /// How many people were shown, if it was for this very rule.
    fn confirmed_for(&self, rule: &Rule) -> Option<usize> {
        let (people, shown) = self.confirmed.split_once(' ')?;
        (shown == shown_rule(rule)).then(|| people.parse().ok()).flatten()
    }
}

fn shown_rule(rule: &Rule) -> String {
    format!("{} {}", rule.mode.word(), rule.expression)
}

/// Everything that the page is made from.
struct Seen<'a> {
    admin: &'a Console,
    desk: &'a Desk,
    view: &'a MappingView,
    rule: &'a RuleView,
}

/// The form, as it is kept.
pub(in crate::admin) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let attribute = attribute(&path)?;
    let view = view(&admin, &desk).await?;
    let seen = Seen { admin: &admin, desk: &desk, rule: rule(&view, attribute)?, view: &view };
    let page = page(&seen, Typed::stored(&seen.rule.rule), Vec::new()).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

/// Tries what was typed on somebody.
pub(in crate::admin) async fn attempt(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let (typed, attribute) = (Typed::of(&form)?, attribute(&path)?);
    let view = view(&admin, &desk).await?;
    let seen = Seen { admin: &admin, desk: &desk, rule: rule(&view, attribute)?, view: &view };
    let draft = match typed.draft(seen.rule) {
        Ok(draft) => draft,
        Err(problem) => return again(&seen, typed, problem).await,
    };
    let house = &desk.counter.house;
    match house.try_rule(&admin, view.application, &draft, &typed.person).await {
        Ok(tried) => {
            let problems = otherwise(&typed, &tried).into_iter().collect();
            let mut page = page(&seen, typed, problems).await?;
            page.trial = Some(trial(&tried));
            desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
        }
        Err(error) => {
            let problem = beside(error, &format!("{PATH}/{}", attribute.word()))?;
            again(&seen, typed, problem).await
        }
    }
}

/// What is wrong with a test that would be kept, if it says otherwise than the rule.
fn otherwise(typed: &Typed, tried: &Trial) -> Option<Problem> {
    let value = tried.rows.first()?.value.as_deref().unwrap_or_default();
    let wanted = typed.expected.trim();
    (!wanted.is_empty() && wanted != value).then(|| {
        let gives = if value.is_empty() { "nothing" } else { value };
        let cause = format!("For {} the rule gives {gives}.", tried.user.upn);
        let action = "Change the expression, or what must come out.";
        Problem::of_field("expected", &cause, action)
    })
}

/// Saves it; where many people change, says so first.
pub(in crate::admin) async fn save(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let (typed, attribute) = (Typed::of(&form)?, attribute(&path)?);
    let view = view(&admin, &desk).await?;
    let seen = Seen { admin: &admin, desk: &desk, rule: rule(&view, attribute)?, view: &view };
    let draft = match typed.draft(seen.rule) {
        Ok(draft) => draft,
        Err(problem) => return again(&seen, typed, problem).await,
    };
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let shown = shown_rule(&draft.rule);
    match house.save_mapping_rule(&admin, view.application, draft, visitor).await {
        Ok(Saving::Saved) => Ok(see_other(&format!("{PATH}?done=saved"))),
        Ok(Saving::Asks(counted)) => {
            let mut page = page(&seen, typed, Vec::new()).await?;
            page.review = Some(review(&counted, &shown));
            desk.again(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
        }
        Err(error) => {
            let problem = beside(error, &format!("{PATH}/{}", attribute.word()))?;
            again(&seen, typed, problem).await
        }
    }
}

fn attribute(path: &str) -> Result<Attribute, Failure> {
    Attribute::by_word(path).ok_or(Failure::NoSuchPage)
}

fn rule(view: &MappingView, attribute: Attribute) -> Result<&RuleView, Failure> {
    let found = view.rules.iter().find(|rule| rule.attribute == attribute);
    found.ok_or(Failure::NoSuchPage)
}

async fn again(seen: &Seen<'_>, typed: Typed, problem: Problem) -> Answer {
    let page = page(seen, typed, vec![problem]).await?;
    let chrome = seen.desk.console_chrome(seen.admin, Rail::Applications).await?;
    seen.desk.again(&chrome, &page)
}

async fn page(
    seen: &Seen<'_>,
    typed: Typed,
    problems: Vec<Problem>,
) -> Result<MappingRule, Failure> {
    let (rule, attribute) = (seen.rule, seen.rule.attribute);
    let modes = Mode::ALL.into_iter().filter(|mode| mode.suits(attribute));
    let fields: Vec<&str> = PersonField::all().map(PersonField::name).collect();
    Ok(MappingRule {
        word: attribute.word().to_owned(),
        name: name(attribute),
        takes: takes(attribute),
        verdict: verdict(rule, seen.view.assigned),
        mode: modes.map(|mode| Choice::new(mode.word(), words(mode), &typed.mode)).collect(),
        tests: tests(seen, &typed.keep).await?,
        expression: typed.expression,
        person: typed.person,
        expected: typed.expected,
        trial: None,
        review: None,
        fields: fields.join(", "),
        problems,
    })
}

async fn tests(seen: &Seen<'_>, keep: &[String]) -> Result<Vec<TestRow>, Failure> {
    let kept = &seen.rule.rule.tests;
    let people: HashSet<UserId> = kept.iter().map(|test| test.user_id).collect();
    let names = seen.desk.counter.house.names(seen.admin, people).await?;
    let row = |test: &MappingTest| TestRow {
        id: test.user_id.to_string(),
        name: names.get(&test.user_id).map_or("Somebody who is gone", String::as_str).to_owned(),
        expected: test.expected.clone(),
        kept: keep.contains(&test.user_id.to_string()),
    };
    Ok(kept.iter().map(row).collect())
}

/// What Graph takes, in a sentence.
fn takes(attribute: Attribute) -> String {
    let longer = match attribute.too_long() {
        TooLong::Cut => "longer values are cut",
        TooLong::LeftOut => "longer values are not written",
    };
    let (name, most) = (attribute.graph_name(), attribute.most());
    format!("Becomes {name} at Microsoft Graph, of at most {most} characters: {longer}.")
}

fn verdict(rule: &RuleView, assigned: usize) -> Verdict {
    match (&rule.missing_group, rule.rule.mode) {
        (Some(group), _) => {
            let text = format!("The rule rests: there is no group {group}. Nothing is written.");
            Verdict::new(Tone::Warn, &text)
        }
        (None, Mode::Never) if rule.attribute.is_required() => {
            let text = "Nothing of it leaves; a new account is called by the first part of the sign-in name.";
            Verdict::new(Tone::Neutral, text)
        }
        (None, Mode::Never) => Verdict::new(Tone::Neutral, "Nothing of it leaves."),
        (None, _) => {
            let text = format!("Leaves for {} people who are assigned.", of(rule, assigned));
            Verdict::new(Tone::Ok, &text)
        }
    }
}

/// A mode, with what it means.
const fn words(mode: Mode) -> &'static str {
    match mode {
        Mode::Always => "Always; what has no value here stays as it is there",
        Mode::Mirror => "Always, and emptied there when it has no value here",
        Mode::OnCreate => "On create: with a new account, and never again",
        Mode::WhenEmpty => "Only when empty: what somebody typed there stays",
        Mode::Never => "Never",
    }
}

fn review(counted: &Counted, shown: &str) -> Review {
    let row = |changed: &app::mapping::Changed| ReviewRow {
        upn: changed.upn.clone(),
        now: changed.now.clone().unwrap_or_default(),
        then: changed.then.clone().unwrap_or_default(),
    };
    let people = count(rows(counted.people), "person changes", "people change");
    Review {
        text: format!("{people} in Microsoft 365."),
        confirmed: format!("{} {shown}", counted.people),
        more: counted.people.saturating_sub(counted.examples.len()),
        rows: counted.examples.iter().map(row).collect(),
    }
}
