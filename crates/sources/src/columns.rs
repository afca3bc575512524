//! Which column holds what, by its name: as Microsoft's and Google's exports call it, and as people
//! do, in English and in German.

use std::collections::BTreeSet;

use model::import::{Field, Mapping};

/// The names of each field, the likeliest first; compared by letters and digits alone.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Upn,
        &[
            "userprincipalname",
            "signinname",
            "upn",
            "username",
            "emailaddressrequired",
            "primaryemail",
            "login",
            "loginname",
            "benutzerprinzipalname",
            "anmeldename",
            "benutzername",
        ],
    ),
    (
        Field::DisplayName,
        &["displayname", "fullname", "name", "anzeigename", "vollstandigername", "vollername"],
    ),
    (Field::GivenName, &["firstname", "givenname", "firstnamerequired", "vorname"]),
    (
        Field::Surname,
        &[
            "lastname",
            "surname",
            "familyname",
            "lastnamerequired",
            "sn",
            "nachname",
            "familienname",
        ],
    ),
    (
        Field::Mail,
        &[
            "mail",
            "email",
            "emailaddress",
            "primarysmtpaddress",
            "workemail",
            "emailadresse",
            "mailadresse",
        ],
    ),
    (Field::Department, &["department", "abteilung"]),
    (
        Field::JobTitle,
        &["jobtitle", "title", "employeetitle", "position", "berufsbezeichnung", "funktion"],
    ),
    (
        Field::Country,
        &[
            "usagelocation",
            "countrycode",
            "country",
            "countryregion",
            "countryorregion",
            "nutzungsstandort",
            "land",
            "landregion",
            "landerkennzeichen",
        ],
    ),
    (Field::CompanyName, &["companyname", "company", "firma", "unternehmen"]),
    (
        Field::OfficeLocation,
        &["officelocation", "office", "physicaldeliveryofficename", "room", "buro", "raum"],
    ),
    (
        Field::EmployeeId,
        &["employeeid", "employeenumber", "staffnumber", "personalnummer", "mitarbeiternummer"],
    ),
    (Field::PreferredLanguage, &["preferredlanguage", "language", "sprache"]),
    (
        Field::BusinessPhone,
        &["businessphones", "phonenumber", "telephonenumber", "workphone", "phone", "telefon"],
    ),
    (
        Field::MobilePhone,
        &["mobilephone", "mobile", "mobilenumber", "cellphone", "mobiltelefon", "handy"],
    ),
    (Field::StreetAddress, &["streetaddress", "street", "strasse", "straße"]),
    (
        Field::PostalCode,
        &["postalcode", "zipcode", "zip", "ziporpostalcode", "plz", "postleitzahl"],
    ),
    (Field::City, &["city", "town", "ort", "stadt"]),
    (Field::State, &["state", "stateorprovince", "province", "bundesland"]),
    (Field::Groups, &["groups", "group", "memberof", "gruppen", "gruppe"]),
    (Field::PasswordHash, &["passwordhash", "hash", "userpassword", "kennworthash"]),
    (
        Field::TotpSeed,
        &["totpseed", "totpsecret", "otpsecret", "otpauth", "totp", "seed", "secretkey"],
    ),
];

/// Names of columns that hold secrets and are no field of ours.
const PASSWORDS: [&str; 6] =
    ["password", "passwordrequired", "initialpassword", "passwort", "kennwort", "secret"];

/// Every column that holds a secret, by its name.
#[must_use]
pub fn secrets(columns: &[String]) -> BTreeSet<usize> {
    let fields = [Field::PasswordHash, Field::TotpSeed];
    let fields = NAMES.iter().filter(|(field, _)| fields.contains(field));
    let names: Vec<&str> =
        fields.flat_map(|(_, names)| names.iter().copied()).chain(PASSWORDS).collect();
    let is_secret = |column: &String| names.contains(&letters(column).as_str());
    (0..columns.len()).filter(|at| is_secret(&columns[*at])).collect()
}

/// Which column holds which field, as far as the names say; no column is taken twice.
#[must_use]
pub fn guess(columns: &[String]) -> Mapping {
    let plain: Vec<String> = columns.iter().map(|name| letters(name)).collect();
    let mut mapping = Mapping::new();
    for (field, names) in NAMES {
        let found = names.iter().find_map(|name| plain.iter().position(|column| column == name));
        mapping.extend(found.map(|at| (*field, at)));
    }
    mapping
}

/// Letters and digits in lower case; umlauts without their dots.
fn letters(name: &str) -> String {
    let plain = name.to_lowercase();
    let plain = plain.chars().filter(|c| c.is_alphanumeric());
    plain
        .map(|c| match c {
            'ä' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(head: &str) -> Vec<(Field, usize)> {
        let columns: Vec<String> = head.split(',').map(str::to_owned).collect();
        guess(&columns).into_iter().collect()
    }

    #[test]
    fn the_exports_of_microsoft_and_google_are_known() {
        use Field::{Country, Department, DisplayName, GivenName, JobTitle, Mail, Surname, Upn};
        assert_eq!(
            guessed(
                "userPrincipalName,displayName,surname,mail,givenName,id,jobTitle,department,country,usageLocation"
            ),
            [
                (Upn, 0),
                (DisplayName, 1),
                (GivenName, 4),
                (Surname, 2),
                (Mail, 3),
                (Department, 7),
                (JobTitle, 6),
                (Country, 9)
            ]
        );
        assert_eq!(
            guessed(
                "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Employee Title,Department"
            ),
            [(Upn, 2), (GivenName, 0), (Surname, 1), (Department, 5), (JobTitle, 4)]
        );
        assert_eq!(
            guessed("User principal name,Display name,First name,Last name,Title"),
            [(Upn, 0), (DisplayName, 1), (GivenName, 2), (Surname, 3), (JobTitle, 4)]
        );
    }

    #[test]
    fn each_column_of_secrets_is_known_by_its_name() {
        let columns = ["UPN", "Seed", "Password Hash", "TOTP secret", "Password [Required]"];
        let columns = columns.map(str::to_owned);
        assert_eq!(secrets(&columns), [1, 2, 3, 4].into());
        assert!(secrets(&["Title".to_owned(), "Team".to_owned()]).is_empty());
    }

    #[test]
    fn german_names_are_known_and_strange_ones_are_left_alone() {
        assert_eq!(
            guessed("Anmeldename,Vorname,Nachname,Abteilung,Länderkennzeichen,Gruppen,Schuhgröße"),
            [
                (Field::Upn, 0),
                (Field::GivenName, 1),
                (Field::Surname, 2),
                (Field::Department, 3),
                (Field::Country, 4),
                (Field::Groups, 5)
            ]
        );
        assert_eq!(guessed("a,b"), []);
    }
}
