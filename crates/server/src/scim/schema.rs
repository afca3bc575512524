//! The attributes that are understood, in one table: what is published, what is read, and what paths and
//! filters can name. Whatever is not in it is passed over.

use serde_json::{Value, json};

use crate::wording::countries;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// An attribute.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// It may have several values.
    pub(super) many: bool,
    /// It is always there, and can't be taken away.
    pub(super) required: bool,
    about: &'static str,
    suggested: Suggested,
    setting: Setting,
}

/// Who may set an attribute, and whether the schema speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// It is set and changed.
    Changes,
    /// It never changes once it is there.
    Stays,
    /// It is understood, and in no schema that is published here.
    Unspoken,
}

/// What an attribute holds.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    Truth,
    Reference,
    Complex(&'static [Attribute]),
}

#[derive(Debug)]
enum Suggested {
    Nothing,
    Words(&'static [&'static str]),
    Countries,
}

const TEXT: Attribute = Attribute {
    name: "",
    kind: Kind::Text,
    many: false,
    required: false,
    about: "",
    suggested: Suggested::Nothing,
    setting: Setting::Changes,
};

const fn text(name: &'static str, about: &'static str) -> Attribute {
    Attribute { name, about, ..TEXT }
}

const fn kinds(words: &'static [&'static str]) -> Attribute {
    Attribute {
        name: "type",
        about: "Which of several.",
        suggested: Suggested::Words(words),
        ..TEXT
    }
}

/// Heeded where several come and one can be kept; not published, since it is never given back.
const PRIMARY: Attribute =
    Attribute { name: "primary", kind: Kind::Truth, setting: Setting::Unspoken, ..TEXT };

/// Common to all, and in no schema of its own.
pub(super) const COMMON: &[Attribute] = &[Attribute {
    setting: Setting::Unspoken,
    ..text("externalId", "The id in the other system.")
}];

/// A person.
pub(super) const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute {
        required: true,
        ..text("userName", "The sign-in name, name@domain, in a domain of the organisation.")
    },
    Attribute { required: true, ..text("displayName", "The full name.") },
    Attribute {
        name: "name",
        kind: Kind::Complex(&[
            text("givenName", "The first name."),
            text("familyName", "The family name."),
        ]),
        about: "The parts of the name.",
        ..TEXT
    },
    text("title", "The job title."),
    text("preferredLanguage", "The language, such as de-DE."),
    Attribute {
        name: "active",
        kind: Kind::Truth,
        required: true,
        about: "Whether they may sign in.",
        ..TEXT
    },
    Attribute {
        name: "emails",
        kind: Kind::Complex(&[text("value", "The address."), kinds(&["work"]), PRIMARY]),
        many: true,
        about: "The mail address; one is kept.",
        ..TEXT
    },
    Attribute {
        name: "phoneNumbers",
        kind: Kind::Complex(&[text("value", "The number."), kinds(&["work", "mobile"]), PRIMARY]),
        many: true,
        about: "Phones; one of each type is kept.",
        ..TEXT
    },
    Attribute {
        name: "addresses",
        kind: Kind::Complex(&[
            text("streetAddress", "Street and number."),
            text("locality", "The city."),
            text("region", "The state or province."),
            text("postalCode", "The postal code."),
            Attribute {
                suggested: Suggested::Countries,
                ..text("country", "Two letters (ISO 3166); licences are used there.")
            },
            kinds(&["work"]),
            PRIMARY,
        ]),
        many: true,
        about: "Where they work; one is kept.",
        ..TEXT
    },
];

/// A person of an organisation.
pub(super) const ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    text("employeeNumber", "The number that payroll knows them by."),
    text("organization", "The company."),
    text("department", "The department."),
];

/// A group.
pub(super) const GROUP_ATTRIBUTES: &[Attribute] = &[
    Attribute { required: true, ..text("displayName", "What people call it.") },
    Attribute {
        name: "members",
        kind: Kind::Complex(&[
            Attribute { setting: Setting::Stays, ..text("value", "The id of a person.") },
            Attribute {
                name: "$ref",
                kind: Kind::Reference,
                setting: Setting::Stays,
                about: "Where the person is.",
                ..TEXT
            },
            Attribute { setting: Setting::Stays, ..kinds(&["User"]) },
        ]),
        many: true,
        about: "People whom the same system brought.",
        ..TEXT
    },
];

/// The attribute of this name, in any case.
pub(super) fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

impl Attribute {
    /// The attributes within, if it has any.
    pub(super) const fn within(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(within) => within,
            Kind::Text | Kind::Truth | Kind::Reference => &[],
        }
    }

    fn described(&self) -> Value {
        let kind = match self.kind {
            Kind::Text => "string",
            Kind::Truth => "boolean",
            Kind::Reference => "reference",
            Kind::Complex(_) => "complex",
        };
        let unique = if self.name == "userName" { "server" } else { "none" };
        let mut said = json!({
            "name": self.name,
            "type": kind,
            "multiValued": self.many,
            "description": self.about,
            "required": self.required,
            "mutability": if self.setting == Setting::Stays { "immutable" } else { "readWrite" },
            "returned": "default",
        });
        match self.kind {
            Kind::Complex(within) => said["subAttributes"] = described(within),
            Kind::Reference => said["referenceTypes"] = json!(["User"]),
            Kind::Text | Kind::Truth => {}
        }
        if matches!(self.kind, Kind::Text | Kind::Reference) {
            said["caseExact"] = false.into();
            said["uniqueness"] = unique.into();
        }
        match self.suggested {
            Suggested::Nothing => {}
            Suggested::Words(words) => said["canonicalValues"] = json!(words),
            Suggested::Countries => said["canonicalValues"] = json!(countries::codes()),
        }
        said
    }
}

fn described(attributes: &[Attribute]) -> Value {
    attributes
        .iter()
        .filter(|it| it.setting != Setting::Unspoken)
        .map(Attribute::described)
        .collect()
}

/// The schemas as they are published.
pub(super) fn published(root: &str) -> Vec<Value> {
    let one = |id: &str, name: &str, about: &str, attributes: &[Attribute]| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": about,
            "attributes": described(attributes),
            "meta": {"resourceType": "Schema", "location": format!("{root}/Schemas/{id}")},
        })
    };
    vec![
        one(USER, "User", "A person.", USER_ATTRIBUTES),
        one(ENTERPRISE, "EnterpriseUser", "A person of an organisation.", ENTERPRISE_ATTRIBUTES),
        one(GROUP, "Group", "A group of people.", GROUP_ATTRIBUTES),
    ]
}
