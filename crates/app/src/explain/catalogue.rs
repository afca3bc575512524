//! The catalogue: one file for each area in the folder of the same name, compiled in and read once.

use std::{collections::BTreeMap, sync::LazyLock};

use model::explanation::Explanation;

/// The areas, as people look for them.
pub(super) const AREAS: [(&str, &str); 10] = [
    ("people", include_str!("catalogue/people.toml")),
    ("federation", include_str!("catalogue/federation.toml")),
    ("second_factor", include_str!("catalogue/second_factor.toml")),
    ("access", include_str!("catalogue/access.toml")),
    ("sessions", include_str!("catalogue/sessions.toml")),
    ("applications", include_str!("catalogue/applications.toml")),
    ("tenants", include_str!("catalogue/tenants.toml")),
    ("licences", include_str!("catalogue/licences.toml")),
    ("graph", include_str!("catalogue/graph.toml")),
    ("passwords", include_str!("catalogue/passwords.toml")),
];

/// Every entry.
pub static CATALOGUE: LazyLock<Vec<Explanation>> =
    LazyLock::new(|| AREAS.iter().flat_map(|(name, text)| read(name, text)).collect());

/// The entries of one area.
pub(super) fn read(name: &str, text: &str) -> Vec<Explanation> {
    let area: Result<BTreeMap<String, Vec<Explanation>>, _> = toml::from_str(text);
    let area = area.map_err(|error| format!("{name}: {error}"));
    area.expect("a test reads every area").into_values().flatten().collect()
}

/// The entry of a code, and those of its cases.
pub(super) fn of_code(code: &str) -> (Option<&'static Explanation>, Vec<&'static Explanation>) {
    let own = CATALOGUE.iter().filter(|entry| entry.code == code);
    let (cases, general): (Vec<_>, Vec<_>) = own.partition(|entry| entry.says.is_some());
    (general.first().copied(), cases)
}
