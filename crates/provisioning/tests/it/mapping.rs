//! What of people reaches Entra by an admin's own rules (Y26, F071, F072).

use std::collections::HashSet;

use insta::assert_snapshot;
use model::{
    attribute::Attribute::{
        self, BusinessPhone, Department, DisplayName, EmployeeId, JobTitle, MailNickname,
        OfficeLocation, PreferredLanguage,
    },
    detail::Detail,
    mapping::{
        AttributeMapping,
        Mode::{self, Always, Mirror, Never, OnCreate, WhenEmpty},
        Rule,
    },
    plan::Action,
};
use provisioning::{
    Mapping,
    mapping::{Pseudonyms, fit},
};

use crate::given::{Given, given, user_id};

/// Alice is there and in step but for what the rules say.
fn alice(rules: &[(Attribute, Mode, &str)]) -> Given {
    let given = given().mapped(rules).person("alice").assigned(&[]).there(&[]).linked();
    given.but(|alice| alice.profile.department = Some("Sales".to_owned()))
}

fn new_attributes(given: &Given) -> Vec<(Attribute, String)> {
    let steps = given.steps().steps;
    let created = steps.iter().find_map(|step| match &step.action {
        Action::Create { attributes, .. } => Some(attributes),
        _ => None,
    });
    created.unwrap().iter().map(|(attribute, value)| (attribute, value.to_owned())).collect()
}

#[test]
fn a_rule_of_ones_own_is_written_whenever_it_differs() {
    let given = alice(&[(OfficeLocation, Always, "join(\", \", department, \"Vienna\")")]);
    let there = |given: Given, office: &str| {
        given.with(|there| {
            there.attributes.set(Department, Some("Sales".to_owned()));
            there.attributes.set(OfficeLocation, Some(office.to_owned()));
        })
    };
    assert_snapshot!(there(given.clone(), "Graz").plan(), @"~ update alice@contoso.com: differs from Gatehouse (office: Graz -> office: Sales, Vienna)");
    assert_snapshot!(there(given, "Sales, Vienna").plan(), @"");
}

/// Y26
#[test]
fn only_when_empty_leaves_what_somebody_typed_there() {
    let given = alice(&[(Department, WhenEmpty, "department")]);
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: nothing is there yet (department: none -> department: Sales)");
    let typed = given.with(|there| there.attributes.set(Department, Some("By hand".to_owned())));
    assert_snapshot!(typed.plan(), @"");
}

#[test]
fn on_create_says_it_once_and_never_says_nothing() {
    let rules = [
        (Department, OnCreate, "department"),
        (JobTitle, Never, "\"Seller\""),
        (OfficeLocation, WhenEmpty, "\"Vienna\""),
    ];
    assert_snapshot!(alice(&rules).with(|there| there.attributes.set(OfficeLocation, Some("x".to_owned()))).plan(), @"");
    let new = given().mapped(&rules).person("bob").assigned(&[]);
    let new = new.but(|bob| bob.profile.department = Some("Sales".to_owned()));
    let expected = [(DisplayName, "Bob"), (Department, "Sales"), (OfficeLocation, "Vienna")];
    assert_eq!(new_attributes(&new), expected.map(|(it, value)| (it, value.to_owned())));
}

#[test]
fn a_value_that_is_gone_is_emptied_there_only_where_an_admin_wants_it() {
    let gone = |mode| {
        let given = alice(&[(JobTitle, mode, "job_title"), (Department, Never, "department")]);
        given.with(|there| there.attributes.set(JobTitle, Some("Buyer".to_owned()))).plan()
    };
    assert_snapshot!(gone(Always), @"");
    assert_snapshot!(gone(Mirror), @"~ update alice@contoso.com: differs from Gatehouse (job title: Buyer -> job title: none)");
}

#[test]
fn reasons_tell_what_differs_from_what_is_filled() {
    let given = alice(&[(OfficeLocation, WhenEmpty, "\"Vienna\"")]);
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: differs from Gatehouse; no office is there yet (department: none, office: none -> department: Sales, office: Vienna)");
}

#[test]
fn a_value_that_graph_does_not_take_is_reported_and_keeps_nobody_out() {
    let rules = [(EmployeeId, Always, "employee_id"), (PreferredLanguage, Always, "\"german\"")];
    let given = given().mapped(&rules).person("bob").assigned(&[]);
    let given = given.but(|bob| bob.profile.details.set(Detail::EmployeeId, &"7".repeat(17)));
    assert_snapshot!(given.plan(), @r"
    + create bob@contoso.com: assigned, and not in Entra yet (not there -> Bob, usage location US)
    ? bob@contoso.com: the employee number isn't written: it has more than 16 characters
    ? bob@contoso.com: the language isn't written: it is no code such as de-DE
    ");
}

#[test]
fn values_are_made_fit_for_graph() {
    let fit = |attribute, text: &str| fit(attribute, Some(text.to_owned())).unwrap();
    assert_eq!(fit(JobTitle, &"x".repeat(200)).unwrap().len(), 128);
    assert_eq!(fit(PreferredLanguage, " de-AT ").as_deref(), Some("de-AT"));
    assert_eq!(fit(MailNickname, "Ann O'Hara (Sales)").as_deref(), Some("anno'harasales"));
    assert_eq!(fit(MailNickname, "Żółć").as_deref(), None);
}

#[test]
fn a_new_account_gets_the_nickname_of_the_mapping_and_never_a_taken_one() {
    let rules = [(MailNickname, OnCreate, "join(\".\", given_name, department)")];
    let mut given = given().mapped(&rules);
    for name in ["ann", "ben", "cem"] {
        given = given.person(name).assigned(&[]);
    }
    for (user, _) in given.people.iter_mut().take(2) {
        user.profile.department = Some("Sales".to_owned());
    }
    let nicknames = given.steps().steps.into_iter().filter_map(|step| match step.action {
        Action::Create { mail_nickname, .. } => Some(mail_nickname),
        _ => None,
    });
    assert_eq!(nicknames.collect::<Vec<_>>(), ["sales", "sales.2", "cem"]);
}

/// No rule leaves an account without a name.
#[test]
fn an_account_always_has_a_name() {
    let hidden = given().mapped(&[(DisplayName, Never, "display_name")]);
    let hidden = hidden.person("bob").assigned(&[]);
    assert_eq!(new_attributes(&hidden), [(DisplayName, "bob".to_owned())]);
    let nameless = given().person("bob").assigned(&[]);
    let nameless = nameless.but(|bob| bob.profile.display_name = " ".to_owned());
    assert_eq!(new_attributes(&nameless), [(DisplayName, "bob".to_owned())]);
    let read = |mode, expression: &str| {
        let expression = expression.to_owned();
        let rule = Rule { mode, expression, tests: Vec::new() };
        Mapping::read(&AttributeMapping::default().with(DisplayName, rule)).map(drop)
    };
    let refused = read(Always, "given_name").unwrap_err();
    assert_eq!(
        (refused.attribute, refused.fault.to_string().as_str()),
        (
            DisplayName,
            "At character 1: somebody could be left without a name. Put it into coalesce(…, \"Staff\"), \
             with a text of your own."
        )
    );
    assert!(read(Mirror, "display_name").is_err());
    assert!(read(Always, "coalesce(given_name, upn)").is_ok());
    assert!(read(Always, "pseudonym(upn)").is_ok(), "a name can be hidden");
    assert!(read(Always, "pseudonym(mail)").is_err());
}

/// F072
#[test]
fn a_pseudonym_leaves_and_the_number_does_not() {
    let mut given = alice(&[(EmployeeId, Always, "pseudonym(employee_id)")]);
    given = given.but(|alice| alice.profile.details.set(Detail::EmployeeId, "4711"));
    given = given.with(|there| there.attributes.set(Department, Some("Sales".to_owned())));
    assert_snapshot!(given.plan(), @"");
    given.mapping.pseudonyms = Pseudonyms::by(|text| format!("q{}", text.len()));
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: differs from Gatehouse (employee number: none -> employee number: q4)");
}

/// A group that was removed changes nobody's value.
#[test]
fn a_rule_that_asks_for_a_group_that_is_gone_rests() {
    let rule = "if(member(\"Field staff\"), \"Outside\", \"Inside\")";
    let mut given = alice(&[(OfficeLocation, Mirror, rule), (Department, Never, "department")]);
    assert_snapshot!(given.plan(), @"");
    assert_eq!(given.mapping.missing(OfficeLocation).as_deref(), Some("Field staff"));
    given.mapping.members.groups.insert("field staff".to_owned());
    assert_eq!(given.mapping.missing(OfficeLocation), None);
    assert_eq!(given.mapping.asks_for("FIELD STAFF"), Some(OfficeLocation));
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: differs from Gatehouse (office: none -> office: Inside)");
    let hers = HashSet::from(["field staff".to_owned()]);
    given.mapping.members.of.insert(user_id("alice"), hers);
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: differs from Gatehouse (office: none -> office: Outside)");
}

#[test]
fn a_phone_is_emptied_like_any_other() {
    let given = alice(&[(BusinessPhone, Mirror, "business_phone"), (Department, Never, "upn")]);
    let given = given.with(|there| there.attributes.set(BusinessPhone, Some("+43 1".to_owned())));
    assert_snapshot!(given.plan(), @"~ update alice@contoso.com: differs from Gatehouse (business phone: +43 1 -> business phone: none)");
}

/// Y26
#[test]
fn whoever_keeps_changing_a_value_there_gets_it_in_the_end_and_an_admin_hears_of_it() {
    let rules = [(JobTitle, Always, "\"Seller\"")];
    let mut given = alice(&rules).with(|there| {
        there.attributes.set(JobTitle, Some("By hand".to_owned()));
    });
    let title = |value: &str| ((user_id("alice"), JobTitle), Some(value.to_owned()));
    given.observed.fought = [title("Seller")].into();
    assert_snapshot!(given.plan(), @r"
    ~ update alice@contoso.com: differs from Gatehouse (department: none -> department: Sales)
    ? alice@contoso.com: the job title was set again and again in the last 7 days, and somebody changes it in Microsoft 365 each time, so it is left as it is there: agree on one value, or have the attribute mapping write it only when empty
    ");
    given.observed.fought = [title("Another")].into();
    assert!(given.plan().contains("job title: Seller"), "a new value is another matter");
}
