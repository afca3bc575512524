//! Which personal data leaves for Microsoft 365: as a page and as a table for a spreadsheet.

use app::mapping::{Fields, MappingView, RuleView};
use model::mapping::{Mode, PersonField};

use super::{name, of, view};
use crate::{
    admin::{domain::script::attachment, sync_run::csv::line},
    answer::{Answer, Desk},
    pages::{
        Rail,
        admin::mapping::{MappingReport, ReportRow},
        parts::{Tone, Verdict},
    },
    visitor::Console,
    wording::{count, rows},
};

/// What always follows Gatehouse: what it is made of, and what Graph calls it.
const ALWAYS: [(&str, &str, &str); 5] = [
    ("Sign-in name", "userPrincipalName", "sign-in name"),
    ("Immutable id", "onPremisesImmutableId", "a number of ours that says nothing else"),
    ("Usage location", "usageLocation", "country, or the application's setting"),
    ("May sign in", "accountEnabled", "whether they are assigned and not blocked"),
    ("Licences", "assignedLicenses", "the products of their assignment"),
];

/// The page.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    let view = view(&admin, &desk).await?;
    let leaves = view.rules.iter().filter(|rule| rule.people > 0).count();
    let text = format!(
        "{leaves} of {} attributes leave, for {}.",
        view.rules.len(),
        count(rows(view.assigned), "person", "people")
    );
    let page = MappingReport { verdict: Verdict::new(Tone::Neutral, &text), rows: table(&view) };
    desk.page(&desk.console_chrome(&admin, Rail::Applications).await?, &page)
}

/// The same as a table for a spreadsheet (R142). An export needs a fresh factor (R147).
pub(in crate::admin) async fn csv(admin: Console, desk: Desk) -> Answer {
    let view = view(&admin, &desk).await?;
    let head =
        line(&["attribute", "at Microsoft Graph", "when", "expression", "made of", "people"]);
    let rows = table(&view).into_iter().map(|row| {
        let (mode, people) = (row.mode.as_str(), row.people.as_str());
        line(&[&row.name, &row.graph_name, mode, &row.expression, &row.made_of, people])
    });
    let text: String = std::iter::once(format!("\u{feff}{head}")).chain(rows).collect();
    Ok(attachment("text/csv; charset=utf-8", "data-that-leaves.csv", text))
}

fn table(view: &MappingView) -> Vec<ReportRow> {
    let everybody = format!("{0} of {0}", view.assigned);
    let always = ALWAYS.into_iter().map(|(name, graph_name, made_of)| ReportRow {
        name: name.to_owned(),
        graph_name: graph_name.to_owned(),
        mode: "Always".to_owned(),
        expression: String::new(),
        made_of: made_of.to_owned(),
        people: everybody.clone(),
    });
    always.chain(view.rules.iter().map(|rule| row(rule, view.assigned))).collect()
}

fn row(rule: &RuleView, assigned: usize) -> ReportRow {
    let (expression, made_of) = match rule.rule.mode {
        Mode::Never if rule.attribute.is_required() => {
            (String::new(), "the first part of the sign-in name, for new accounts".to_owned())
        }
        Mode::Never => (String::new(), "nothing".to_owned()),
        _ => (rule.rule.expression.clone(), made_of(&rule.fields)),
    };
    ReportRow {
        name: name(rule.attribute),
        graph_name: rule.attribute.graph_name().to_owned(),
        mode: rule.rule.mode.label().to_owned(),
        expression,
        made_of,
        people: of(rule, assigned),
    }
}

/// What of a person an expression tells, in words.
fn made_of(fields: &Fields) -> String {
    let names = |fields: &std::collections::BTreeSet<PersonField>| {
        fields.iter().map(|field| called(*field)).collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    if !fields.plain.is_empty() {
        parts.push(names(&fields.plain));
    }
    if !fields.hidden.is_empty() {
        parts.push(format!("a pseudonym of {}", names(&fields.hidden)));
    }
    if !fields.asked.is_empty() {
        parts.push(format!("depends on {}", names(&fields.asked)));
    }
    if !fields.groups.is_empty() {
        let groups: Vec<&str> = fields.groups.iter().map(String::as_str).collect();
        parts.push(format!("depends on membership in {}", groups.join(", ")));
    }
    if parts.is_empty() { "a fixed text".to_owned() } else { parts.join("; ") }
}

/// What people call a field.
const fn called(field: PersonField) -> &'static str {
    match field {
        PersonField::DisplayName => "name",
        PersonField::GivenName => "first name",
        PersonField::Surname => "family name",
        PersonField::Upn => "sign-in name",
        PersonField::Mail => "mail address",
        PersonField::Department => "department",
        PersonField::JobTitle => "job title",
        PersonField::Country => "country",
        PersonField::Detail(detail) => detail.attribute().label(),
    }
}
