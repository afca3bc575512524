//! The describing attributes on the wire: `null` empties a text, and no list is ever `null`
//! (`graph.md` 2.4).

use model::{attribute::Attribute, entra::EntraAttributes};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a user object says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Described {
    display_name: Option<String>,
    given_name: Option<String>,
    surname: Option<String>,
    department: Option<String>,
    job_title: Option<String>,
    company_name: Option<String>,
    office_location: Option<String>,
    employee_id: Option<String>,
    preferred_language: Option<String>,
    business_phones: Option<Vec<String>>,
    mobile_phone: Option<String>,
    street_address: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
}

/// The attributes that an object is asked for; a nickname is only ever given.
fn asked() -> impl Iterator<Item = Attribute> {
    Attribute::ALL.into_iter().filter(|attribute| *attribute != Attribute::MailNickname)
}

/// These properties and the describing attributes, for `$select`.
pub(crate) fn select(own: &str) -> String {
    let names: Vec<&str> = asked().map(Attribute::graph_name).collect();
    format!("{own},{}", names.join(","))
}

/// A body that sets these attributes, and empties those without a value.
pub(crate) fn written<'a>(
    values: impl Iterator<Item = (Attribute, Option<&'a str>)>,
) -> Map<String, Value> {
    values
        .map(|(attribute, value)| {
            let value = match (attribute, value) {
                (Attribute::BusinessPhone, value) => Vec::from_iter(value).into(),
                (_, Some(value)) => json!(value),
                (_, None) => Value::Null,
            };
            (attribute.graph_name().to_owned(), value)
        })
        .collect()
}

impl Described {
    pub(crate) fn into_noun(self) -> EntraAttributes {
        let phone = self.business_phones.unwrap_or_default().into_iter().next();
        let values = [
            (Attribute::DisplayName, self.display_name),
            (Attribute::GivenName, self.given_name),
            (Attribute::Surname, self.surname),
            (Attribute::Department, self.department),
            (Attribute::JobTitle, self.job_title),
            (Attribute::CompanyName, self.company_name),
            (Attribute::OfficeLocation, self.office_location),
            (Attribute::EmployeeId, self.employee_id),
            (Attribute::PreferredLanguage, self.preferred_language),
            (Attribute::BusinessPhone, phone),
            (Attribute::MobilePhone, self.mobile_phone),
            (Attribute::StreetAddress, self.street_address),
            (Attribute::PostalCode, self.postal_code),
            (Attribute::City, self.city),
            (Attribute::State, self.state),
            (Attribute::Country, self.country),
        ];
        values.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emptied_text_is_null_and_an_emptied_list_is_empty() {
        let values = [
            (Attribute::Department, Some("Sales")),
            (Attribute::JobTitle, None),
            (Attribute::BusinessPhone, None),
        ];
        let body = Value::from(written(values.into_iter()));
        let expected = json!({"department": "Sales", "jobTitle": null, "businessPhones": []});
        assert_eq!(body, expected);
    }
}
