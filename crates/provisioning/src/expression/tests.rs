//! What expressions give, what is refused of them, and that nothing crashes them.

use std::collections::HashSet;

use model::{
    ImmutableId, Ts, Upn,
    detail::Detail,
    ids::UserId,
    user::{Profile, User, UserState},
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::mapping::Pseudonyms;

fn alice() -> User {
    let mut profile = Profile {
        display_name: "Alice Adams".to_owned(),
        given_name: Some("Alice".to_owned()),
        surname: Some("Adams".to_owned()),
        department: Some("Dept. Sales".to_owned()),
        ..Profile::default()
    };
    profile.details.set(Detail::EmployeeId, "4711");
    User {
        id: UserId(Uuid::from_u128(1)),
        upn: Upn::parse("alice@contoso.com").unwrap(),
        immutable_id: ImmutableId::parse("id-alice").unwrap(),
        state: UserState::Active,
        profile,
        role: None,
        created_at: Ts(0),
        updated_at: Ts(0),
    }
}

fn value(source: &str) -> Option<String> {
    let expression = Expression::parse(source).unwrap_or_else(|fault| panic!("{source}: {fault}"));
    let groups = HashSet::from(["sales".to_owned()]);
    let pseudonyms = Pseudonyms::by(|text| format!("p{}", text.len()));
    expression.value(&Facts { user: &alice(), groups: &groups, pseudonyms: &pseudonyms })
}

#[test]
fn each_function_makes_what_it_says() {
    for (source, expected) in [
        ("department", "Dept. Sales"),
        (" \"Contoso \\\"AG\\\"\" ", "Contoso \"AG\""),
        ("join(\" \", given_name, mail, surname)", "Alice Adams"),
        ("concat(surname, \"-\", employee_id)", "Adams-4711"),
        ("upper(lower(surname))", "ADAMS"),
        ("replace(department, \"Dept. \", \"\")", "Sales"),
        ("part(upn, \"@\", 2)", "contoso.com"),
        ("first(upn, \"@\")", "alice"),
        ("substring(surname, 2, 3)", "dam"),
        ("coalesce(job_title, mail, \"Staff\")", "Staff"),
        ("if(member(\"SALES\"), \"in\", \"out\")", "in"),
        ("if(not(member(\"Board\")), \"out\", \"in\")", "out"),
        ("if(empty(job_title), \"none\", job_title)", "none"),
        ("if(equal(lower(surname), \"adams\"), \"her\", \"not her\")", "her"),
        ("pseudonym(employee_id)", "p4"),
    ] {
        assert_eq!(value(source).as_deref(), Some(expected), "{source}");
    }
}

#[test]
fn nothing_is_no_value_and_never_an_error() {
    for source in [
        "job_title",
        "\"\"",
        "\"  \"",
        "part(upn, \"@\", 3)",
        "substring(surname, 9, 2)",
        "lower(job_title)",
        "replace(surname, \"Adams\", \"\")",
        "pseudonym(mail)",
        "join(\", \", mail, job_title)",
    ] {
        assert_eq!(value(source), None, "{source}");
    }
}

fn wrong(source: &str) -> String {
    Expression::parse(source).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_its_remedy() {
    for (source, said) in [
        ("departmnt", "At character 1: there is no field departmnt. Did you mean department?"),
        ("jobTitle", "At character 1: there is no field jobTitle. Did you mean job_title?"),
        ("uper(surname)", "At character 1: there is no function uper. Functions are join"),
        (
            "join(\" \", surname",
            "At character 18: the expression ends where ) should be. Type ) here.",
        ),
        ("join(surname, mail)", "At character 6: here stands a fixed text. Type one in quotes"),
        ("\"Contoso", "At character 1: the quote isn't closed. Type \" at the end"),
        ("surname mail", "At character 9: the expression is complete before this. Remove"),
        (
            "if(surname, mail, upn)",
            "At character 4: a condition is missing here. Conditions are member",
        ),
        ("member(\"Sales\")", "At character 1: member is a condition and no text. Use it as if("),
        ("part(upn, \"@\", 0)", "At character 16: a number is missing here. Type 1 to 1024."),
        ("part(upn, \"\", 1)", "At character 11: what is split at is empty. Type at least"),
        ("", "At character 1: a text is missing here. Type a field such as department"),
        ("\"a\u{202e}b\"", "At character 1: the text holds characters that can't be seen."),
    ] {
        assert!(wrong(source).starts_with(said), "{source}: {}", wrong(source));
    }
    assert!(wrong(&"x".repeat(501)).contains("longer than 500 characters"));
    let deep = format!("{}surname{}", "trim(".repeat(9), ")".repeat(9));
    assert!(wrong(&deep).contains("more than 8 deep"));
}

#[test]
fn what_may_be_empty_is_known_before() {
    let kind = |source: &str| Expression::parse(source).unwrap().kind();
    for source in
        ["upn", "coalesce(job_title, \"Staff\")", "join(\" \", mail, display_name)", "\"x\""]
    {
        assert_eq!(kind(source), Kind::Certain, "{source}");
    }
    for source in ["job_title", "\"\"", "first(upn, \"@\")", "if(member(\"a\"), upn, mail)"] {
        assert_eq!(kind(source), Kind::Optional, "{source}");
    }
}

/// F072
#[test]
fn what_leaves_is_told_from_what_is_hidden_and_what_only_decides() {
    let source = "if(member(\"Sales\"), join(\" \", pseudonym(employee_id), city), if(empty(mail), \"\", city))";
    let fields = Expression::parse(source).unwrap().fields();
    let names = |set: &BTreeSet<PersonField>| set.iter().map(|f| f.name()).collect::<Vec<_>>();
    assert_eq!(names(&fields.plain), ["city"]);
    assert_eq!(names(&fields.hidden), ["employee_id"]);
    assert_eq!(names(&fields.asked), ["mail"]);
    assert_eq!(fields.groups.into_iter().collect::<Vec<_>>(), ["Sales"]);
}

/// Expressions that can be read, as text.
fn source() -> impl Strategy<Value = String> {
    let constant = "[a-z @.]{0,6}".prop_map(|text| format!("\"{text}\""));
    let fields: Vec<String> = PersonField::all().map(|field| field.name().to_owned()).collect();
    let leaf = prop_oneof![constant, proptest::sample::select(fields)];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|a| format!("lower({a})")),
            inner.clone().prop_map(|a| format!("upper(trim({a}))")),
            inner.clone().prop_map(|a| format!("pseudonym({a})")),
            inner.clone().prop_map(|a| format!("replace({a}, \"a\", \"aaaaaaaaaaaaaaaa\")")),
            (inner.clone(), 1_usize..4).prop_map(|(a, n)| format!("part({a}, \"a\", {n})")),
            (inner.clone(), 1_usize..4).prop_map(|(a, n)| format!("substring({a}, {n}, {n})")),
            two.clone().prop_map(|(a, b)| format!("join(\" \", {a}, {b})")),
            two.clone().prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            two.clone().prop_map(|(a, b)| format!("if(empty({a}), {a}, {b})")),
            two.prop_map(|(a, b)| format!("if(not(equal({a}, {b})), {b}, \"x\")")),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused_at_a_place_in_it(typed in "\\PC{0,80}") {
        if let Err(fault) = Expression::parse(&typed) {
            prop_assert!((1..=typed.chars().count() + 1).contains(&fault.at));
            prop_assert!(!fault.remedy.is_empty());
        }
    }

    #[test]
    fn whatever_looks_like_an_expression_does_not_crash(typed in "[a-z_(),\"\\\\ 0-9]{0,60}") {
        let _ = Expression::parse(&typed);
    }

    #[test]
    fn values_are_bounded_and_certain_ones_are_there(
        source in source(),
        texts in prop::collection::vec("\\PC{0,40}", 4),
    ) {
        let Ok(expression) = Expression::parse(&source) else { return Ok(()) };
        let mut user = alice();
        user.profile.given_name = Some(texts[0].clone());
        user.profile.department = Some(texts[1].repeat(60));
        user.profile.job_title = Some(texts[2].clone());
        user.profile.details.set(Detail::City, &texts[3]);
        let (groups, pseudonyms) = (HashSet::new(), Pseudonyms::by(str::to_owned));
        let facts = Facts { user: &user, groups: &groups, pseudonyms: &pseudonyms };
        let value = expression.value(&facts);
        prop_assert_eq!(&value, &expression.value(&facts));
        prop_assert!(value.is_some() || expression.kind() == Kind::Optional);
        if let Some(value) = value {
            prop_assert!(value.chars().count() <= MOST && !value.trim().is_empty());
        }
    }
}
