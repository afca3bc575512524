//! PATCH (RFC 7644 3.5.2): operations one after the other on a person as they are now; when one can't be
//! carried out, none of them is. What is not known here is passed over.

use serde_json::Value;

use super::{
    Object,
    filter::{Comparison, Filter},
    path::{self, Place, Target},
    problem::Problem,
    schema::{Attribute, ENTERPRISE, USER, USER_ATTRIBUTES},
    shape::{MOST_VALUES, extension, put, shaped},
};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Replace,
    Remove,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation {
    pub(super) verb: Verb,
    pub(super) path: Option<String>,
    pub(super) value: Option<Value>,
}

/// The operations of a request, whose words some programs write with a capital letter.
pub(super) fn read(sent: &Object) -> Result<Vec<Operation>, Problem> {
    let named = |object: &Object, name: &str| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let Some(Value::Array(operations)) = named(sent, "Operations") else {
        return Err(Problem::syntax("A PATCH has a list of Operations."));
    };
    if operations.is_empty() || operations.len() > MOST_VALUES {
        return Err(Problem::syntax(format!("A PATCH has 1 to {MOST_VALUES} operations.")));
    }
    let one = |operation: Value| {
        let Value::Object(operation) = operation else {
            return Err(Problem::syntax("An operation is an object."));
        };
        let verb = named(&operation, "op");
        let verb =
            match verb.as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("add") => Verb::Add,
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                _ => return Err(Problem::syntax("op is add, replace or remove.")),
            };
        let path = match named(&operation, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path),
            Some(_) => return Err(Problem::path("A path is a text.")),
        };
        Ok(Operation { verb, path, value: named(&operation, "value") })
    };
    operations.into_iter().map(one).collect()
}

/// The operations, each with a path: one without a path stands for one for each attribute of its value.
pub(super) fn with_paths(operations: Vec<Operation>) -> Result<Vec<Operation>, Problem> {
    let mut all = Vec::new();
    for operation in operations {
        match (&operation.path, operation.verb, operation.value) {
            (Some(_), _, value) => all.push(Operation { value, ..operation }),
            (None, Verb::Remove, _) => {
                let sentence = "To remove something takes a path.";
                return Err(Problem::new(
                    actix_web::http::StatusCode::BAD_REQUEST,
                    Some("noTarget"),
                    sentence,
                ));
            }
            (None, verb, Some(Value::Object(values))) => {
                // What comes along in a whole resource and can't be set is no mistake there.
                let own = |name: &String| {
                    !["id", "schemas", "meta"].iter().any(|own| own.eq_ignore_ascii_case(name))
                };
                let values = values.into_iter().filter(|(name, _)| own(name));
                all.extend(values.map(|(name, value)| Operation {
                    verb,
                    path: Some(name),
                    value: Some(value),
                }));
            }
            (None, ..) => {
                return Err(Problem::value("Without a path, the value is an object."));
            }
        }
    }
    Ok(all)
}

/// Carries operations out on a person.
pub(super) fn apply(person: &mut Object, operations: Vec<Operation>) -> Result<(), Problem> {
    for operation in with_paths(operations)? {
        let path = operation.path.as_deref().unwrap_or_default();
        let (verb, value) = (operation.verb, operation.value.unwrap_or(Value::Null));
        match path::read(path, (USER, USER_ATTRIBUTES))? {
            Target::Unknown => {}
            Target::Fixed => return Err(Problem::fixed(format!("{path} can't be set."))),
            Target::Extension => extend(person, verb, &value)?,
            Target::Attribute(place) => {
                let mut root = if place.extended {
                    person.get(ENTERPRISE).and_then(Value::as_object).cloned().unwrap_or_default()
                } else {
                    std::mem::take(person)
                };
                let done = one(&mut root, verb, &place, &value);
                if place.extended {
                    put(person, ENTERPRISE, (!root.is_empty()).then_some(Value::Object(root)));
                } else {
                    *person = root;
                }
                done?;
            }
        }
    }
    Ok(())
}

/// All of the extension at once.
fn extend(person: &mut Object, verb: Verb, value: &Value) -> Result<(), Problem> {
    let sent = match (verb, value) {
        (Verb::Remove, _) | (_, Value::Null) => {
            person.remove(ENTERPRISE);
            return Ok(());
        }
        (_, Value::Object(sent)) => extension(sent)?,
        _ => return Err(Problem::value("The extension is an object.")),
    };
    let mut now = person.remove(ENTERPRISE);
    if let (Some(Value::Object(now)), Some(Value::Object(sent))) = (&mut now, &sent) {
        now.extend(sent.clone());
    }
    put(person, ENTERPRISE, now.or(sent));
    Ok(())
}

fn one(root: &mut Object, verb: Verb, place: &Place, value: &Value) -> Result<(), Problem> {
    let attribute = place.attribute;
    if attribute.many {
        return several(root, verb, place, value);
    }
    let Some(part) = place.part else {
        let sent = if verb == Verb::Remove { None } else { shaped(attribute, value)? };
        if sent.is_none() && attribute.required {
            return Err(Problem::fixed(format!("{} can't be taken away.", attribute.name)));
        }
        // Of what has parts, those that come along are set.
        if let (Some(Value::Object(sent)), Some(Value::Object(now))) =
            (&sent, root.get_mut(attribute.name))
        {
            now.extend(sent.clone());
            return Ok(());
        }
        put(root, attribute.name, sent);
        return Ok(());
    };
    let sent = if verb == Verb::Remove { None } else { shaped(part, value)? };
    let mut now = root.get(attribute.name).and_then(Value::as_object).cloned().unwrap_or_default();
    put(&mut now, part.name, sent);
    put(root, attribute.name, (!now.is_empty()).then_some(Value::Object(now)));
    Ok(())
}

/// Something that has several values.
fn several(root: &mut Object, verb: Verb, place: &Place, value: &Value) -> Result<(), Problem> {
    let attribute = place.attribute;
    let mut now: Vec<Value> = match root.remove(attribute.name) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    let fits = |value: &Value| place.which.as_ref().is_none_or(|which| which.holds(value));
    match (place.part, verb) {
        (None, Verb::Remove) => {
            let named = shaped(attribute, value)?.filter(|_| place.which.is_none());
            match named {
                Some(Value::Array(named)) => now.retain(|value| !named.contains(value)),
                _ => now.retain(|value| !fits(value)),
            }
        }
        (None, Verb::Add) if place.which.is_none() => append(&mut now, attribute, value)?,
        (None, Verb::Replace) if place.which.is_none() => {
            now.clear();
            append(&mut now, attribute, value)?;
        }
        (None, Verb::Add | Verb::Replace) => {
            now.retain(|value| verb == Verb::Add || !fits(value));
            append(&mut now, attribute, value)?;
        }
        (Some(part), _) => {
            let sent = if verb == Verb::Remove { None } else { shaped(part, value)? };
            if sent.is_some() && !now.iter().any(fits) {
                now.push(Value::Object(begun(place.which.as_ref(), attribute)));
            }
            // What has just begun fits by its type alone.
            let last = now.len().saturating_sub(1);
            let is_new = sent.is_some() && !now[..last].iter().any(fits);
            for (at, value) in now.iter_mut().enumerate() {
                let meant = fits(value) || (is_new && at == last);
                if let (true, Value::Object(value)) = (meant, value) {
                    put(value, part.name, sent.clone());
                }
            }
            let says_nothing = |value: &Value| {
                let object = value.as_object();
                object.is_none_or(|it| it.keys().all(|key| key == "type" || key == "primary"))
            };
            now.retain(|value| !says_nothing(value));
        }
    }
    put(root, attribute.name, (!now.is_empty()).then_some(Value::Array(now)));
    Ok(())
}

fn append(
    now: &mut Vec<Value>,
    attribute: &'static Attribute,
    value: &Value,
) -> Result<(), Problem> {
    if let Some(Value::Array(sent)) = shaped(attribute, value)? {
        now.retain(|value| !sent.contains(value));
        now.extend(sent);
    }
    if now.len() > MOST_VALUES {
        let sentence = format!("{}: at most {MOST_VALUES} values.", attribute.name);
        return Err(Problem::value(sentence));
    }
    Ok(())
}

/// A new value that is what a filter asks for, as far as it says of what type.
fn begun(which: Option<&Filter>, attribute: &'static Attribute) -> Object {
    let mut new = Object::new();
    let wanted = which.map(Filter::equalities).unwrap_or_default();
    for part in attribute.within() {
        let wanted = wanted.iter().find(|(name, _)| part.name.eq_ignore_ascii_case(name));
        if let Some((_, wanted)) = wanted {
            new.insert(part.name.to_owned(), Value::String(wanted.clone()));
        }
    }
    if let Some(Filter::Compare(_, Comparison::Equal, Value::Bool(true))) = which {
        new.insert("primary".to_owned(), Value::Bool(true));
    }
    new
}

#[cfg(test)]
mod tests;
