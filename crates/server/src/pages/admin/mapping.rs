//! What of a person reaches Microsoft 365: the table of attributes, one rule with its trial, and what
//! leaves in all.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Badge, Choice, Link, Problem, Tone, Verdict},
};

/// The table.
#[derive(Debug, Clone, Serialize)]
pub struct Mapping {
    /// How much leaves, in a sentence.
    pub verdict: Verdict,
    /// Whom to try the rules on, as typed.
    pub person: String,
    /// People who fit what was typed.
    pub found: Vec<Link>,
    /// What the rules do for one of them.
    pub trial: Option<Trial>,
    /// The attributes.
    pub rows: Vec<RuleRow>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// An attribute of the table.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// Its page.
    pub href: String,
    /// What people call it.
    pub name: String,
    /// What Graph calls it.
    pub graph_name: String,
    /// What it is made of.
    pub expression: String,
    /// When it is written.
    pub mode: Badge,
    /// Of how many people a value leaves.
    pub people: String,
    /// What else there is to know of it; else empty.
    pub note: String,
}

/// Rules tried on one person.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Their name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their page.
    pub href: String,
    /// Whether they are assigned, and whether their account was seen.
    pub verdict: Verdict,
    /// Each attribute that was tried.
    pub rows: Vec<TrialRow>,
}

/// An attribute of one person.
#[derive(Debug, Clone, Serialize)]
pub struct TrialRow {
    /// What people call it.
    pub name: String,
    /// What is there now.
    pub now: String,
    /// What the rule gives.
    pub value: String,
    /// Whether it would be written.
    pub written: Badge,
    /// Why, or why not.
    pub why: String,
}

/// The rule of one attribute. Its fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct MappingRule {
    /// The attribute's word; part of the form's address.
    pub word: String,
    /// What people call it.
    pub name: String,
    /// What Graph calls it, and what it takes.
    pub takes: String,
    /// What leaves by the rule that is kept, in a sentence.
    pub verdict: Verdict,
    /// The expression, as kept or typed.
    pub expression: String,
    /// When it is written.
    pub mode: Vec<Choice>,
    /// Whom to try it on.
    pub person: String,
    /// What must come out for them, to be kept as a test.
    pub expected: String,
    /// The tests that are kept.
    pub tests: Vec<TestRow>,
    /// The rule tried on somebody.
    pub trial: Option<Trial>,
    /// Whom saving would change, where that is many.
    pub review: Option<Review>,
    /// The fields that an expression can name.
    pub fields: String,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A test of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct TestRow {
    /// Our id of the person.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What must come out.
    pub expected: String,
    /// Whether it stays.
    pub kept: bool,
}

/// Whom saving would change.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// "143 people change in Microsoft 365."
    pub text: String,
    /// What the form says of it when it is sent again.
    pub confirmed: String,
    /// Some of them.
    pub rows: Vec<ReviewRow>,
    /// How many more.
    pub more: usize,
}

/// What saving would change of one person.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewRow {
    /// Their sign-in name.
    pub upn: String,
    /// What is there now.
    pub now: String,
    /// What will be.
    pub then: String,
}

/// Which personal data leaves.
#[derive(Debug, Clone, Serialize)]
pub struct MappingReport {
    /// How much, in a sentence.
    pub verdict: Verdict,
    /// Each attribute.
    pub rows: Vec<ReportRow>,
}

/// An attribute of the report.
#[derive(Debug, Clone, Serialize)]
pub struct ReportRow {
    /// What people call it.
    pub name: String,
    /// What Graph calls it.
    pub graph_name: String,
    /// When it leaves.
    pub mode: String,
    /// The expression; empty where there is none.
    pub expression: String,
    /// What of a person that is, in words.
    pub made_of: String,
    /// Of how many people.
    pub people: String,
}

impl Page for Mapping {
    const TEMPLATE: &'static str = "admin/mapping.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let several = Self {
            trial: None,
            found: vec![
                Link::new("Alice Adams (alice@contoso.com)", "?person=alice@contoso.com"),
                Link::new("Alan Adams (alan@contoso.com)", "?person=alan@contoso.com"),
            ],
            ..page.clone()
        };
        let problem = Problem::of_field("person", "Nobody fits.", "Type part of a name.");
        let nobody = Self { trial: None, problems: vec![problem], ..page.clone() };
        vec![("", page), ("several", several), ("nobody", nobody)]
    }
}

impl Mapping {
    /// Two attributes, tried on Alice.
    #[must_use]
    pub fn sample() -> Self {
        let row =
            |name: &str, graph_name: &str, expression: &str, mode: Badge, note: &str| RuleRow {
                href: "/admin/applications/office365/attributes/department".to_owned(),
                name: name.to_owned(),
                graph_name: graph_name.to_owned(),
                expression: expression.to_owned(),
                mode,
                people: "9 of 10".to_owned(),
                note: note.to_owned(),
            };
        Self {
            verdict: Verdict::new(Tone::Ok, "6 of 17 attributes are written for 10 people."),
            person: "alice@contoso.com".to_owned(),
            found: Vec::new(),
            trial: Some(Trial::sample()),
            rows: vec![
                row("Department", "department", "department", Badge::new(Tone::Ok, "Always"), ""),
                row(
                    "Office",
                    "officeLocation",
                    "if(member(\"Sales\"), \"Vienna\", office_location)",
                    Badge::new(Tone::Warn, "Rests"),
                    "There is no group Sales.",
                ),
            ],
            problems: Vec::new(),
        }
    }
}

impl Trial {
    /// Alice's department.
    #[must_use]
    pub fn sample() -> Self {
        let text = "Assigned, and her account was seen just now.";
        Self {
            name: "Alice Adams".to_owned(),
            upn: "alice@contoso.com".to_owned(),
            href: "/admin/users/0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            verdict: Verdict::new(Tone::Ok, text),
            rows: vec![TrialRow {
                name: "Department".to_owned(),
                now: "Marketing".to_owned(),
                value: "Sales".to_owned(),
                written: Badge::new(Tone::Warn, "Written"),
                why: "It differs, so it is written.".to_owned(),
            }],
        }
    }
}

impl Page for MappingRule {
    const TEMPLATE: &'static str = "admin/mapping_rule.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let review = Review {
            text: "143 people change in Microsoft 365.".to_owned(),
            confirmed: "143 always upper(department)".to_owned(),
            rows: vec![ReviewRow {
                upn: "alice@contoso.com".to_owned(),
                now: "Marketing".to_owned(),
                then: "SALES".to_owned(),
            }],
            more: 142,
        };
        let asks = Self { review: Some(review), ..page.clone() };
        let cause = "At character 1: there is no field departmnt.";
        let problem = Problem::of_field("expression", cause, "Did you mean department?");
        let wrong = Self { problems: vec![problem], trial: None, ..page.clone() };
        vec![("", page), ("asks", asks), ("wrong", wrong)]
    }
}

impl MappingRule {
    /// The department, tried on Alice.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            word: "department".to_owned(),
            name: "Department".to_owned(),
            takes: "department at Microsoft Graph, at most 64 characters; longer values are cut."
                .to_owned(),
            verdict: Verdict::new(Tone::Ok, "Leaves for 9 of 10 people."),
            expression: "department".to_owned(),
            mode: vec![
                Choice::new("always", "Always", "always"),
                Choice::new("never", "Never", "always"),
            ],
            person: "alice@contoso.com".to_owned(),
            expected: String::new(),
            tests: vec![TestRow {
                id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
                name: "Alice Adams".to_owned(),
                expected: "Sales".to_owned(),
                kept: true,
            }],
            trial: Some(Trial::sample()),
            review: None,
            fields: "display_name, given_name, surname".to_owned(),
            problems: Vec::new(),
        }
    }
}

impl Page for MappingReport {
    const TEMPLATE: &'static str = "admin/mapping_report.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let row = |name: &str, graph_name: &str, mode: &str, made_of: &str| ReportRow {
            name: name.to_owned(),
            graph_name: graph_name.to_owned(),
            mode: mode.to_owned(),
            expression: if mode == "Never" { String::new() } else { "department".to_owned() },
            made_of: made_of.to_owned(),
            people: "9 of 10".to_owned(),
        };
        let text = "6 of 17 attributes leave for 10 people.";
        let page = Self {
            verdict: Verdict::new(Tone::Neutral, text),
            rows: vec![
                row("Department", "department", "Always", "department"),
                row("City", "city", "Never", "nothing"),
            ],
        };
        vec![("", page)]
    }
}
