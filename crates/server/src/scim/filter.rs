//! Filters (RFC 7644 3.4.2.2): read within bounds, and tried on a resource.

mod parse;

use serde_json::Value;

pub(super) use parse::parse;

use super::schema::{ENTERPRISE, GROUP, USER};

/// What must hold of a resource, or of one of several values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// There is something.
    Present(Place),
    Compare(Place, Comparison, Value),
    /// One of several values for which this holds.
    Within(Place, Box<Self>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Different,
    Contains,
    Begins,
    Ends,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// An attribute as a filter names it, in lower case and without the schema of its own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    extended: bool,
    name: String,
    within: Option<String>,
}

impl Place {
    /// Reads a name: letters, digits, `-`, `_`, `$`, at most one dot, and a schema before it.
    fn read(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let after = |schema: &str| {
            lower.strip_prefix(&schema.to_ascii_lowercase())?.strip_prefix(':').map(str::to_owned)
        };
        let (extended, rest) = if let Some(rest) = after(ENTERPRISE) {
            (true, rest)
        } else {
            (false, after(USER).or_else(|| after(GROUP)).unwrap_or_else(|| lower.clone()))
        };
        let (name, within) = match rest.split_once('.') {
            Some((name, within)) => (name, Some(within)),
            None => (rest.as_str(), None),
        };
        let plain = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
        };
        (plain(name) && within.is_none_or(plain)).then(|| Self {
            extended,
            name: name.to_owned(),
            within: within.map(str::to_owned),
        })
    }

    /// The name as it is asked for by those who look something up: `emails.value`.
    fn spoken(&self) -> String {
        match &self.within {
            Some(within) => format!("{}.{within}", self.name),
            None => self.name.clone(),
        }
    }

    /// Every value there.
    fn values<'v>(&self, resource: &'v Value) -> Vec<&'v Value> {
        let root = if self.extended { get(resource, ENTERPRISE) } else { Some(resource) };
        let Some(found) = root.and_then(|root| get(root, &self.name)) else { return Vec::new() };
        let each = match found {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        // What has parts is compared by its value, where no part is named (RFC 7644 3.4.2.2).
        let within = self.within.as_deref().unwrap_or("value");
        let part =
            |value: &'v Value| if value.is_object() { get(value, within) } else { Some(value) };
        each.into_iter().filter_map(part).collect()
    }
}

impl Filter {
    /// Whether it holds.
    pub(super) fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::And(one, other) => one.holds(resource) && other.holds(resource),
            Self::Or(one, other) => one.holds(resource) || other.holds(resource),
            Self::Not(inner) => !inner.holds(resource),
            Self::Present(place) => !place.values(resource).is_empty(),
            Self::Compare(place, Comparison::Different, wanted) => {
                !place.values(resource).iter().any(|value| same(value, wanted, is_exact(place)))
            }
            Self::Compare(place, how, wanted) => {
                let fits = |value: &&Value| compared(value, *how, wanted, is_exact(place));
                place.values(resource).iter().any(fits)
            }
            Self::Within(place, inner) => {
                let several = match get(resource, &place.name) {
                    Some(Value::Array(values)) => values.as_slice(),
                    Some(value) => std::slice::from_ref(value),
                    None => &[],
                };
                several.iter().any(|value| inner.holds(value))
            }
        }
    }

    /// What must be equal for it to hold, each with the attribute's name: what can be looked up.
    pub(super) fn equalities(&self) -> Vec<(String, String)> {
        match self {
            Self::And(one, other) => {
                let mut all = one.equalities();
                all.extend(other.equalities());
                all
            }
            Self::Compare(place, Comparison::Equal, Value::String(wanted)) if !place.extended => {
                vec![(place.spoken(), wanted.clone())]
            }
            Self::Within(place, inner) if !place.extended => {
                let within = inner.equalities().into_iter();
                within.map(|(name, wanted)| (format!("{}.{name}", place.name), wanted)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it asks for an attribute.
    pub(super) fn names(&self, name: &str) -> bool {
        match self {
            Self::And(one, other) | Self::Or(one, other) => one.names(name) || other.names(name),
            Self::Not(inner) => inner.names(name),
            Self::Present(place) | Self::Compare(place, ..) | Self::Within(place, _) => {
                place.name == name
            }
        }
    }
}

/// Ids are told apart by case, and nothing else is.
fn is_exact(place: &Place) -> bool {
    ["id", "externalid"].contains(&place.name.as_str())
}

fn get<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let found = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1;
    let is_empty = found.is_null() || found.as_array().is_some_and(Vec::is_empty);
    (!is_empty).then_some(found)
}

fn same(value: &Value, wanted: &Value, is_exact: bool) -> bool {
    match (value, wanted) {
        (Value::String(one), Value::String(other)) if is_exact => one == other,
        (Value::String(one), Value::String(other)) => one.to_lowercase() == other.to_lowercase(),
        // Some programs put truth between quotes.
        (Value::Bool(one), Value::String(other)) => one.to_string().eq_ignore_ascii_case(other),
        (one, other) => one == other,
    }
}

fn compared(value: &Value, how: Comparison, wanted: &Value, is_exact: bool) -> bool {
    if how == Comparison::Equal {
        return same(value, wanted, is_exact);
    }
    let (Some(value), Some(wanted)) = (value.as_str(), wanted.as_str()) else { return false };
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    match how {
        Comparison::Contains => value.contains(&wanted),
        Comparison::Begins => value.starts_with(&wanted),
        Comparison::Ends => value.ends_with(&wanted),
        Comparison::Greater => value > wanted,
        Comparison::GreaterOrEqual => value >= wanted,
        Comparison::Less => value < wanted,
        Comparison::LessOrEqual => value <= wanted,
        Comparison::Equal | Comparison::Different => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(filter: &str) -> bool {
        let anna = json!({
            "id": "A1", "userName": "Anna@contoso.com", "active": true, "title": null,
            "emails": [{"value": "anna@contoso.com", "type": "work"},
                       {"value": "a@home.example", "type": "home"}],
            "name": {"givenName": "Anna"},
            ENTERPRISE: {"department": "Sales"},
        });
        parse(filter).unwrap_or_else(|problem| panic!("{filter}: {problem:?}")).holds(&anna)
    }

    #[test]
    fn a_filter_finds_what_it_says() {
        for filter in [
            r#"userName eq "anna@CONTOSO.com""#,
            r#"USERNAME Eq "anna@contoso.com" AND active eq true"#,
            r#"active eq "True""#,
            r#"id eq "A1""#,
            r#"emails.value eq "a@home.example""#,
            r#"emails eq "a@home.example""#,
            r#"emails[type eq "work" and value sw "anna"]"#,
            r#"emails[type eq "work"].value eq "anna@contoso.com""#,
            r#"name.givenName co "nn" and not (userName ew "fabrikam.com")"#,
            "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales""#,
            r#"userName eq "x" or userName pr"#,
            r#"userName ne "x""#,
        ] {
            assert!(holds(filter), "{filter}");
        }
        for filter in [
            r#"id eq "a1""#,
            "title pr",
            "nonsense pr",
            r#"emails[type eq "home" and value sw "anna"]"#,
            r#"userName eq "x" and userName pr or active eq false"#,
            "not (userName pr)",
        ] {
            assert!(!holds(filter), "{filter}");
        }
    }

    #[test]
    fn what_can_be_looked_up_is_what_must_hold() {
        let of = |filter| parse(filter).unwrap().equalities();
        let one = |name: &str, wanted: &str| (name.to_owned(), wanted.to_owned());
        assert_eq!(of(r#"userName eq "a""#), [one("username", "a")]);
        assert_eq!(
            of(r#"id eq "1" and members[value eq "2"]"#),
            [one("id", "1"), one("members.value", "2")]
        );
        assert_eq!(of(r#"userName eq "a" or id eq "1""#), []);
        assert_eq!(of(r#"not (userName eq "a")"#), []);
    }
}
