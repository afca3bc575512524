//! Creating a person, and the secrets to hand over, which are shown once.

use serde::Serialize;

use super::user::OneTimeSecret;
use crate::pages::{
    Page,
    parts::{Choice, Problem},
};

/// The form. Its fields are sent under the names of this struct.
#[derive(Debug, Clone, Serialize)]
pub struct UserNew {
    /// First name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// The part of the sign-in name before the `@`.
    pub local_part: String,
    /// The part after it: our domains.
    pub domain: Vec<Choice>,
    /// Department.
    pub department: String,
    /// Job title.
    pub job_title: String,
    /// Country (ISO 3166, two letters), with an empty choice first.
    pub country: Vec<Choice>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// The person exists; this is what they need for their first sign-in.
#[derive(Debug, Clone, Serialize)]
pub struct UserCreated {
    /// Their full name.
    pub name: String,
    /// Their sign-in name.
    pub upn: String,
    /// Their page.
    pub href: String,
    /// The first password, and the enrolment code when policy wants one.
    pub secrets: Vec<OneTimeSecret>,
}

impl Page for UserNew {
    const TEMPLATE: &'static str = "admin/user_new.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "local_part",
            "alice@contoso.com belongs to somebody already.",
            "Choose another sign-in name.",
        );
        let wrong = Self {
            given_name: "Alice".to_owned(),
            surname: "Archer".to_owned(),
            local_part: "alice".to_owned(),
            problems: vec![problem],
            ..page.clone()
        };
        vec![("", page), ("wrong", wrong)]
    }
}

impl UserNew {
    /// The empty form.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            given_name: String::new(),
            surname: String::new(),
            local_part: String::new(),
            domain: vec![Choice::new("contoso.com", "contoso.com", "contoso.com")],
            department: String::new(),
            job_title: String::new(),
            country: vec![
                Choice::new("", "Not known", ""),
                Choice::new("DE", "Germany", ""),
                Choice::new("US", "United States", ""),
            ],
            problems: Vec::new(),
        }
    }
}

impl Page for UserCreated {
    const TEMPLATE: &'static str = "admin/user_created.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl UserCreated {
    /// Frank is new.
    #[must_use]
    pub fn sample() -> Self {
        let password = OneTimeSecret {
            label: "First password".to_owned(),
            value: "marble-otter-violin-sunday".to_owned(),
            note: "Hand it over in person or on the phone, not by mail to the new mailbox."
                .to_owned(),
        };
        Self {
            name: "Frank Foster".to_owned(),
            upn: "frank@contoso.com".to_owned(),
            href: "/admin/users/frank".to_owned(),
            secrets: vec![password, OneTimeSecret::sample()],
        }
    }
}
