//! A person of ours as SCIM has them, and what SCIM wants of one of ours.

use app::programs::{Person, PersonWish};
use model::{
    Upn,
    detail::{Detail, Details},
    user::{Profile, UserState},
};
use serde_json::{Value, json};

use super::{
    Object,
    problem::Problem,
    schema::{ENTERPRISE, USER},
};

/// What of an address is which detail.
const ADDRESS: [(&str, Detail); 4] = [
    ("streetAddress", Detail::StreetAddress),
    ("locality", Detail::City),
    ("region", Detail::State),
    ("postalCode", Detail::PostalCode),
];

/// A person with everything that is published of them.
pub(super) fn resource(person: &Person, location: &str) -> Object {
    let mut all = attributes(person);
    let extended = all.contains_key(ENTERPRISE).then_some(ENTERPRISE);
    let schemas: Vec<&str> = std::iter::once(USER).chain(extended).collect();
    all.insert("schemas".to_owned(), json!(schemas));
    all.insert("id".to_owned(), person.user.id.to_string().into());
    let meta = json!({
        "resourceType": "User",
        "created": person.since.to_xml(),
        "lastModified": person.user.updated_at.max(person.since).to_xml(),
        "location": location,
    });
    all.insert("meta".to_owned(), meta);
    all
}

/// What a program can set of a person, as it is now.
pub(super) fn attributes(person: &Person) -> Object {
    let profile = &person.user.profile;
    let mut all = Object::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    set("userName", Some(person.user.upn.as_str().into()));
    set("displayName", Some(profile.display_name.as_str().into()));
    set("externalId", text(person.external_id.as_deref()));
    set("active", Some((person.user.state == UserState::Active).into()));
    set("title", text(profile.job_title.as_deref()));
    set("preferredLanguage", text(profile.details.get(Detail::PreferredLanguage)));
    let name = [("givenName", &profile.given_name), ("familyName", &profile.surname)];
    set("name", object(name.map(|(name, value)| (name, value.as_deref()))));
    let mail = profile.mail.as_deref();
    set("emails", mail.map(|mail| json!([{"value": mail, "type": "work"}])));
    set("phoneNumbers", phones(&profile.details));
    set("addresses", address(profile));
    let extension = [
        ("employeeNumber", profile.details.get(Detail::EmployeeId)),
        ("organization", profile.details.get(Detail::CompanyName)),
        ("department", profile.department.as_deref()),
    ];
    set(ENTERPRISE, object(extension));
    all
}

fn text(value: Option<&str>) -> Option<Value> {
    value.map(Value::from)
}

fn object<const N: usize>(parts: [(&str, Option<&str>); N]) -> Option<Value> {
    let parts =
        parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    let object: Object = parts.collect();
    (!object.is_empty()).then_some(Value::Object(object))
}

fn phones(details: &Details) -> Option<Value> {
    let kinds = [("work", Detail::BusinessPhone), ("mobile", Detail::MobilePhone)];
    let known = kinds
        .into_iter()
        .filter_map(|(kind, detail)| Some(json!({"value": details.get(detail)?, "type": kind})));
    let known: Vec<Value> = known.collect();
    (!known.is_empty()).then_some(Value::Array(known))
}

fn address(profile: &Profile) -> Option<Value> {
    let [street, city, state, code] =
        ADDRESS.map(|(name, detail)| (name, profile.details.get(detail)));
    let parts = [street, city, state, code, ("country", profile.country.as_deref())];
    let mut address = object(parts)?;
    address["type"] = "work".into();
    Some(Value::Array(vec![address]))
}

/// What a person shall be like who has these attributes. Of several addresses one is kept.
pub(super) fn wish(all: &Object, before: Option<&Person>) -> Result<PersonWish, Problem> {
    let user_name = known(all, "userName").ok_or_else(|| Problem::value("userName is missing."))?;
    let name = all.get("name").and_then(Value::as_object);
    let part = |part: &str| name.and_then(|name| known(name, part));
    let (given_name, surname) = (part("givenName"), part("familyName"));
    let mail = chosen(all, "emails").and_then(|mail| known(mail, "value"));
    let address = chosen(all, "addresses");
    let extension = all.get(ENTERPRISE).and_then(Value::as_object);
    let extended = |part: &str| extension.and_then(|extension| known(extension, part));
    let mut details = before.map(|it| it.user.profile.details.clone()).unwrap_or_default();
    let mut set = |detail, value: Option<String>| details.set(detail, &value.unwrap_or_default());
    set(Detail::PreferredLanguage, known(all, "preferredLanguage"));
    set(Detail::EmployeeId, extended("employeeNumber"));
    set(Detail::CompanyName, extended("organization"));
    set(Detail::BusinessPhone, phone(all, "work"));
    set(Detail::MobilePhone, phone(all, "mobile"));
    for (name, detail) in ADDRESS {
        set(detail, address.and_then(|address| known(address, name)));
    }
    let display_name =
        known(all, "displayName").unwrap_or_else(|| name_of(&user_name, [&given_name, &surname]));
    let profile = Profile {
        display_name,
        given_name,
        surname,
        mail,
        department: extended("department"),
        job_title: known(all, "title"),
        country: address.and_then(|address| known(address, "country")),
        details,
    };
    let active = all.get("active").and_then(Value::as_bool).unwrap_or(true);
    Ok(PersonWish { user_name, external_id: known(all, "externalId"), active, profile })
}

/// Somebody new, whom mail reaches under their name where nothing else is said.
pub(super) fn new(all: &Object) -> Result<PersonWish, Problem> {
    let mut wish = wish(all, None)?;
    if !all.contains_key("emails") {
        wish.profile.mail = Some(wish.user_name.clone());
    }
    Ok(wish)
}

fn name_of(user_name: &str, parts: [&Option<String>; 2]) -> String {
    let joined = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    if !joined.is_empty() {
        return joined;
    }
    Upn::parse(user_name).map_or_else(|_| user_name.to_owned(), |upn| upn.name().to_owned())
}

fn known(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn values<'a>(all: &'a Object, name: &str) -> impl Iterator<Item = &'a Object> {
    let values = all.get(name).and_then(Value::as_array).map(Vec::as_slice);
    values.unwrap_or_default().iter().filter_map(Value::as_object)
}

fn is_of(value: &Object, kind: &str) -> bool {
    value.get("type").and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(kind))
}

/// Of several values the primary one, else the last that is for work, else the last.
fn chosen<'a>(all: &'a Object, name: &str) -> Option<&'a Object> {
    let primary = |value: &&Object| value.get("primary").and_then(Value::as_bool) == Some(true);
    let last = |fits: &dyn Fn(&&'a Object) -> bool| values(all, name).filter(fits).last();
    last(&primary).or_else(|| last(&|value| is_of(value, "work"))).or_else(|| last(&|_| true))
}

/// The last phone of a type; one without a type is for work.
fn phone(all: &Object, kind: &str) -> Option<String> {
    let fits =
        |value: &&Object| is_of(value, kind) || (kind == "work" && !value.contains_key("type"));
    values(all, "phoneNumbers").filter(fits).last().and_then(|value| known(value, "value"))
}
