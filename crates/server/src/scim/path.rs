//! The places that PATCH names (RFC 7644 3.5.2): `name.givenName`, `emails[type eq "work"].value`, with or
//! without the schema before it.

use super::{
    filter::{self, Filter},
    problem::Problem,
    schema::{Attribute, COMMON, ENTERPRISE, ENTERPRISE_ATTRIBUTES, find},
};

const LONGEST: usize = 1_100;

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Target {
    /// An attribute, or a part of it.
    Attribute(Place),
    /// All of the extension.
    Extension,
    /// What we make and nobody sets.
    Fixed,
    /// Nothing that is known here.
    Unknown,
}

/// An attribute, or a part of it.
#[derive(Debug)]
pub(super) struct Place {
    /// It is one of the extension's.
    pub(super) extended: bool,
    pub(super) attribute: &'static Attribute,
    /// Which of several values.
    pub(super) which: Option<Filter>,
    /// Which part of them.
    pub(super) part: Option<&'static Attribute>,
}

/// Reads a path to one of these attributes, or to what all resources have.
pub(super) fn read(
    text: &str,
    (schema, attributes): (&str, &'static [Attribute]),
) -> Result<Target, Problem> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(Problem::path("The path is empty or too long."));
    }
    let (extended, rest) = match (after(text, ENTERPRISE), after(text, schema)) {
        (Some(""), _) => return Ok(Target::Extension),
        (Some(rest), _) => (true, &rest[1..]),
        (None, Some("")) => return Err(unread(text)),
        (None, Some(rest)) => (false, &rest[1..]),
        // Another schema, as any attribute that is none of ours.
        (None, None) if is_urn(text) => return Ok(Target::Unknown),
        (None, None) => (false, text),
    };
    let (name, which, part) = pieces(rest).ok_or_else(|| unread(text))?;
    if !extended && ["id", "schemas", "meta"].iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Ok(Target::Fixed);
    }
    let which = which.map(filter::parse).transpose()?;
    let known = if extended {
        find(ENTERPRISE_ATTRIBUTES, name)
    } else {
        find(attributes, name).or_else(|| find(COMMON, name))
    };
    let Some(attribute) = known else { return Ok(Target::Unknown) };
    let part = match part {
        Some(part) => match find(attribute.within(), part) {
            Some(part) => Some(part),
            None => return Ok(Target::Unknown),
        },
        None => None,
    };
    if which.is_some() && !attribute.many {
        return Err(Problem::path(format!("{name} has one value, and nothing to choose from.")));
    }
    Ok(Target::Attribute(Place { extended, attribute, which, part }))
}

/// What follows a schema: nothing, or a colon and more.
fn after<'t>(text: &'t str, schema: &str) -> Option<&'t str> {
    let (first, rest) = text.split_at_checked(schema.len())?;
    let ends = rest.is_empty() || rest.starts_with(':');
    (first.eq_ignore_ascii_case(schema) && ends).then_some(rest)
}

fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|first| first.eq_ignore_ascii_case("urn:"))
}

/// The name, the filter and the part of a path.
fn pieces(text: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
    };
    let (name, which, part) = match text.split_once('[') {
        Some((name, rest)) => {
            let (which, rest) = rest.split_at(rest.rfind(']')?);
            let part = match &rest[1..] {
                "" => None,
                rest => Some(rest.strip_prefix('.')?),
            };
            (name, Some(which), part)
        }
        None => match text.split_once('.') {
            Some((name, part)) => (name, None, Some(part)),
            None => (text, None, None),
        },
    };
    (is_name(name) && part.is_none_or(is_name)).then_some((name, which, part))
}

fn unread(text: &str) -> Problem {
    let text: String = text.chars().take(60).collect();
    Problem::path(format!("The path can't be read: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::{USER, USER_ATTRIBUTES};

    fn read_as(text: &str) -> String {
        match read(text, (USER, USER_ATTRIBUTES)) {
            Ok(Target::Attribute(place)) => {
                let part = place.part.map(|part| format!(".{}", part.name)).unwrap_or_default();
                let which = if place.which.is_some() { "[]" } else { "" };
                let extended = if place.extended { "+" } else { "" };
                format!("{extended}{}{which}{part}", place.attribute.name)
            }
            Ok(Target::Extension) => "extension".to_owned(),
            Ok(Target::Fixed) => "fixed".to_owned(),
            Ok(Target::Unknown) => "unknown".to_owned(),
            Err(_) => "wrong".to_owned(),
        }
    }

    #[test]
    fn a_path_leads_where_it_says() {
        let extended = format!("{ENTERPRISE}:Department");
        for (text, wanted) in [
            ("userName", "userName"),
            ("USERNAME", "userName"),
            ("name.givenName", "name.givenName"),
            ("emails[type eq \"work\"].value", "emails[].value"),
            ("emails[type eq \"a].b\"]", "emails[]"),
            ("emails.value", "emails.value"),
            ("externalId", "externalId"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:title", "title"),
            (&extended, "+department"),
            (ENTERPRISE, "extension"),
            ("id", "fixed"),
            ("meta.created", "fixed"),
            ("nickName", "unknown"),
            ("password", "unknown"),
            ("emails[type eq \"work\"].display", "unknown"),
            ("urn:example:User:a", "unknown"),
            ("URN:example:params:2.0:User:a.b[type eq 1]", "unknown"),
            ("urn:ietf:params:scim:schemas:core:2.0:UserMore:title", "unknown"),
            ("urn:ietf:params:scim:schemas:core:2.0:User", "wrong"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:", "wrong"),
            ("", "wrong"),
            ("name..givenName", "wrong"),
            ("emails[type eq].value", "wrong"),
            ("emails[type eq \"work\"", "wrong"),
            ("title[value eq \"a\"]", "wrong"),
        ] {
            assert_eq!(read_as(text), wanted, "{text}");
        }
    }
}
