//! Changing what others see of a person, and their sign-in name.

use serde::Serialize;

use crate::pages::{
    Page,
    parts::{Choice, Problem},
};

/// The forms. Their fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct UserEdit {
    /// Our id; part of the form's address.
    pub id: String,
    /// Their sign-in name.
    pub upn: String,
    /// The first part of their sign-in name, as it is or was typed.
    pub local_part: String,
    /// Its domain, which stays.
    pub domain: String,
    /// Their full name.
    pub display_name: String,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Where mail reaches them.
    pub mail: String,
    /// Department.
    pub department: String,
    /// Job title.
    pub job_title: String,
    /// Country (ISO 3166, two letters), with an empty choice first.
    pub country: Vec<Choice>,
    /// Where they work, and how they are reached.
    pub details: Vec<DetailField>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// A field of the details.
#[derive(Debug, Clone, Serialize)]
pub struct DetailField {
    /// Its name in the form.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What is known, or was typed.
    pub value: String,
}

impl Page for UserEdit {
    const TEMPLATE: &'static str = "admin/user_edit.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let cause = "Type a mail address, such as alice@contoso.com.";
        let problem = Problem::of_field("mail", cause, "Change it and try again.");
        let wrong =
            Self { mail: "alice at work".to_owned(), problems: vec![problem], ..page.clone() };
        let cause = "Somebody has this address already.";
        let problem = Problem::of_field("local_part", cause, "Change it and try again.");
        let taken = Self { local_part: "bob".to_owned(), problems: vec![problem], ..page.clone() };
        vec![("", page), ("wrong", wrong), ("taken", taken)]
    }
}

impl UserEdit {
    /// Alice.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            id: "0199d1a4-7c1e-7b0a-9f6e-2f1f0a7c5b11".to_owned(),
            upn: "alice@contoso.com".to_owned(),
            local_part: "alice".to_owned(),
            domain: "contoso.com".to_owned(),
            display_name: "Alice Adams".to_owned(),
            given_name: "Alice".to_owned(),
            surname: "Adams".to_owned(),
            mail: "alice@contoso.com".to_owned(),
            department: "Sales".to_owned(),
            job_title: "Account manager".to_owned(),
            country: vec![Choice::new("", "None", "DE"), Choice::new("DE", "Germany (DE)", "DE")],
            details: vec![
                DetailField {
                    name: "office_location".to_owned(),
                    label: "Office".to_owned(),
                    value: "Room 8".to_owned(),
                },
                DetailField {
                    name: "mobile_phone".to_owned(),
                    label: "Mobile phone".to_owned(),
                    value: String::new(),
                },
            ],
            problems: Vec::new(),
        }
    }
}
