//! What comes in, brought into the form of the schema: names in their case, values of their kind, and
//! nothing that is not known. The dialects of others are understood here.

use serde_json::Value;

use super::{
    Object,
    problem::Problem,
    schema::{Attribute, COMMON, ENTERPRISE, ENTERPRISE_ATTRIBUTES, Kind, USER_ATTRIBUTES, find},
};

/// So many values of one attribute.
pub(super) const MOST_VALUES: usize = 1_000;

/// A person as they come: what is not known, and what can only be read, is left out.
pub(super) fn person(sent: &Object) -> Result<Object, Problem> {
    let mut known = part(sent, USER_ATTRIBUTES)?;
    known.extend(part(sent, COMMON)?);
    let extended = sent.iter().find(|(key, _)| key.eq_ignore_ascii_case(ENTERPRISE));
    if let Some((_, Value::Object(extended))) = extended {
        put(&mut known, ENTERPRISE, extension(extended)?);
    }
    Ok(known)
}

/// The extension of a person.
pub(super) fn extension(sent: &Object) -> Result<Option<Value>, Problem> {
    let known = part(sent, ENTERPRISE_ATTRIBUTES)?;
    Ok((!known.is_empty()).then_some(Value::Object(known)))
}

/// Sets a value, or takes it away where there is none.
pub(super) fn put(object: &mut Object, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.remove(name)),
    }
}

/// The known attributes of an object.
fn part(sent: &Object, attributes: &'static [Attribute]) -> Result<Object, Problem> {
    let mut known = Object::new();
    for (key, value) in sent {
        if let Some(attribute) = find(attributes, key) {
            put(&mut known, attribute.name, shaped(attribute, value)?);
        }
    }
    Ok(known)
}

/// A value as its attribute has it; `None` where it says that there is none.
pub(super) fn shaped(
    attribute: &'static Attribute,
    value: &Value,
) -> Result<Option<Value>, Problem> {
    if !attribute.many {
        return single(attribute, value);
    }
    let each = match value {
        Value::Array(values) if values.len() > MOST_VALUES => {
            let sentence = format!("{}: at most {MOST_VALUES} values at once.", attribute.name);
            return Err(Problem::value(sentence));
        }
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let mut known = Vec::new();
    for value in each {
        known.extend(single(attribute, value)?);
    }
    Ok((!known.is_empty()).then_some(Value::Array(known)))
}

fn single(attribute: &'static Attribute, value: &Value) -> Result<Option<Value>, Problem> {
    let wrong = |what: &str| Err(Problem::value(format!("{} must be {what}.", attribute.name)));
    match (&attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Kind::Complex(within), Value::Object(object)) => {
            let known = part(object, within)?;
            Ok((!known.is_empty()).then_some(Value::Object(known)))
        }
        (Kind::Complex(_), _) => wrong("an object"),
        // An older dialect of Microsoft's: one value in a list, or in an object.
        (_, Value::Array(values)) if values.len() == 1 => single(attribute, &values[0]),
        (_, Value::Object(object)) if object.contains_key("value") => {
            single(attribute, &object["value"])
        }
        (Kind::Truth, Value::Bool(truth)) => Ok(Some(Value::Bool(*truth))),
        (Kind::Truth, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
            Ok(Some(Value::Bool(true)))
        }
        (Kind::Truth, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            Ok(Some(Value::Bool(false)))
        }
        (Kind::Truth, _) => wrong("true or false"),
        (Kind::Text | Kind::Reference, Value::String(text)) => {
            Ok((!text.trim().is_empty()).then(|| Value::String(text.clone())))
        }
        (Kind::Text | Kind::Reference, Value::Number(number)) => {
            Ok(Some(Value::String(number.to_string())))
        }
        (Kind::Text | Kind::Reference, _) => wrong("a text"),
    }
}
