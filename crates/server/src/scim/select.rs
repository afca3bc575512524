//! Which attributes of a resource are given back (RFC 7644 3.9).

use serde_json::Value;

use super::{
    Object,
    schema::{ENTERPRISE, GROUP, USER},
};

/// What a request says of it.
#[derive(Debug, Default)]
pub(super) struct Selection {
    only: Vec<Name>,
    without: Vec<Name>,
}

/// An attribute, in lower case, with the schema of the extension before it.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    extended: bool,
    attribute: String,
    part: Option<String>,
}

impl Selection {
    /// Reads `attributes` and `excludedAttributes`, whose names have commas between.
    pub(super) fn read(only: &str, without: &str) -> Self {
        let names = |text: &str| {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Name::read).collect()
        };
        Self { only: names(only), without: names(without) }
    }

    /// Whether an attribute is given back at all.
    pub(super) fn shows(&self, name: &str) -> bool {
        let named = |names: &[Name]| names.iter().any(|it| !it.extended && it.attribute == name);
        let whole = |it: &Name| !it.extended && it.attribute == name && it.part.is_none();
        (self.only.is_empty() || named(&self.only)) && !self.without.iter().any(whole)
    }

    /// Leaves out what is not wanted; `id` and `schemas` always stay.
    pub(super) fn apply(&self, resource: &mut Object) {
        if !self.only.is_empty() {
            resource.retain(|key, value| keep(key, value, &self.only));
        }
        if !self.without.is_empty() {
            resource.retain(|key, value| is_always(key) || leave(key, value, &self.without));
        }
    }
}

impl Name {
    fn read(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let after = |schema: &str| lower.strip_prefix(&schema.to_ascii_lowercase());
        let (extended, rest) = match after(ENTERPRISE) {
            Some(rest) => (true, rest.trim_start_matches(':')),
            None => match after(USER).or_else(|| after(GROUP)) {
                Some(rest) => (false, rest.trim_start_matches(':')),
                None => (false, lower.as_str()),
            },
        };
        let (name, part) = match rest.split_once('.') {
            Some((name, part)) => (name, Some(part.to_owned())),
            None => (rest, None),
        };
        Self { extended, attribute: name.to_owned(), part }
    }
}

fn is_always(key: &str) -> bool {
    key == "id" || key == "schemas"
}

/// Keeps a value, or its parts that are wanted.
fn keep(key: &str, value: &mut Value, only: &[Name]) -> bool {
    if is_always(key) {
        return true;
    }
    if key == ENTERPRISE {
        let wanted: Vec<&Name> = only.iter().filter(|it| it.extended).collect();
        if let (Value::Object(extension), false) =
            (value, wanted.iter().any(|it| it.attribute.is_empty()))
        {
            extension
                .retain(|key, _| wanted.iter().any(|it| key.eq_ignore_ascii_case(&it.attribute)));
            return !extension.is_empty();
        }
        return !wanted.is_empty();
    }
    let mine = |it: &&Name| !it.extended && key.eq_ignore_ascii_case(&it.attribute);
    let wanted: Vec<&Name> = only.iter().filter(mine).collect();
    if wanted.iter().all(|it| it.part.is_some()) {
        let parts: Vec<&str> = wanted.iter().filter_map(|it| it.part.as_deref()).collect();
        each(value, |object| {
            object.retain(|key, _| parts.iter().any(|part| key.eq_ignore_ascii_case(part)));
        });
    }
    !wanted.is_empty()
}

/// Leaves a value or its parts out; says whether something of it stays.
fn leave(key: &str, value: &mut Value, without: &[Name]) -> bool {
    if key == ENTERPRISE {
        let unwanted: Vec<&Name> = without.iter().filter(|it| it.extended).collect();
        if let Value::Object(extension) = value {
            extension.retain(|key, _| {
                !unwanted.iter().any(|it| key.eq_ignore_ascii_case(&it.attribute))
            });
        }
        return !unwanted.iter().any(|it| it.attribute.is_empty());
    }
    let mine = |it: &&Name| !it.extended && key.eq_ignore_ascii_case(&it.attribute);
    let unwanted: Vec<&Name> = without.iter().filter(mine).collect();
    let parts: Vec<&str> = unwanted.iter().filter_map(|it| it.part.as_deref()).collect();
    each(value, |object| {
        object.retain(|key, _| !parts.iter().any(|part| key.eq_ignore_ascii_case(part)));
    });
    unwanted.iter().all(|it| it.part.is_some())
}

fn each(value: &mut Value, change: impl Fn(&mut Object)) {
    match value {
        Value::Object(object) => change(object),
        Value::Array(values) => {
            values.iter_mut().filter_map(Value::as_object_mut).for_each(change);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selected(only: &str, without: &str) -> Value {
        let mut resource = json!({
            "schemas": [USER], "id": "1", "userName": "anna", "title": "Boss",
            "name": {"givenName": "Anna", "familyName": "Arm"},
            "emails": [{"value": "a@b.example", "type": "work"}],
            ENTERPRISE: {"department": "Sales", "organization": "Contoso"},
        });
        let selection = Selection::read(only, without);
        selection.apply(resource.as_object_mut().unwrap());
        resource
    }

    #[test]
    fn only_what_is_asked_for_is_given_back() {
        let base = |more: Value| {
            let mut all = json!({"schemas": [USER], "id": "1"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        assert_eq!(selected("USERNAME", ""), base(json!({"userName": "anna"})));
        let name = base(json!({"name": {"givenName": "Anna"}}));
        assert_eq!(selected("name.givenName", ""), name);
        let sales = base(json!({ENTERPRISE: {"department": "Sales"}}));
        assert_eq!(selected(&format!("{ENTERPRISE}:department"), ""), sales);
        assert_eq!(selected("nothing", ""), base(json!({})));
        let few = "id,name,emails,title";
        let extension = json!({"department": "Sales", "organization": "Contoso"});
        let most = base(json!({"userName": "anna", ENTERPRISE: extension}));
        assert_eq!(selected("", few), most);
        assert!(!Selection::read("", "members").shows("members"));
        assert!(!Selection::read("displayName", "").shows("members"));
        assert!(Selection::read("members.value", "").shows("members"));
    }
}
