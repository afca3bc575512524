//! Which column of a file holds what: guessed by the names of the columns, chosen by an admin, and
//! never a column of secrets under the name of anything that is shown.

use model::{
    Role,
    import::{Field, Mapping, Terms},
};
use sources::Table;

use super::{brought::is_secret, judge::shown};
use crate::{Admin, Error, Result};

/// What the names of the columns say; secrets are for security admins alone.
pub(super) fn guessed(admin: &Admin, table: &Table) -> Mapping {
    let mut mapping = sources::guess(&table.columns);
    if !admin.role().covers(Role::SecurityAdmin) {
        mapping.retain(|field, _| !is_secret(*field));
    }
    mapping
}

/// The terms with another mapping. A column that holds secrets by its name, or was ever read as such,
/// stays one: read as anything else, its cells would be shown.
pub(super) fn mapped(
    terms: &Terms,
    (mapping, update): (Mapping, bool),
    table: &Table,
) -> Result<Terms> {
    check(&mapping, table)?;
    let mut secrets = terms.secrets.clone();
    secrets.extend(sources::secrets(&table.columns));
    secrets.extend(mapping.iter().filter(|(field, _)| is_secret(**field)).map(|(_, at)| *at));
    let open = mapping.iter().find(|(field, at)| !is_secret(**field) && secrets.contains(at));
    if let Some(name) = open.and_then(|(_, at)| table.columns.get(*at)) {
        let public = format!(
            "The column {} holds secrets and can be nothing else. Choose another column; if it is \
             something else, give it another name in the file and upload it again.",
            shown(name)
        );
        return Err(Error::invalid("mapping", public));
    }
    Ok(Terms { mapping, update, secrets, ..terms.clone() })
}

fn check(mapping: &Mapping, table: &Table) -> Result<()> {
    let mut columns: Vec<usize> = mapping.values().copied().collect();
    columns.sort_unstable();
    if columns.windows(2).any(|pair| pair[0] == pair[1]) {
        let public = "One column is chosen twice. Choose each column for one field alone.";
        return Err(Error::invalid("mapping", public));
    }
    if columns.last().is_some_and(|last| *last >= table.columns.len()) {
        return Err(Error::invalid("mapping", "There is no such column. Choose one of the list."));
    }
    if !mapping.contains_key(&Field::Upn) {
        let public = "No column holds the sign-in names. Choose the one that does.";
        return Err(Error::invalid("upn", public));
    }
    Ok(())
}

/// How a file is read, as the audit log says it.
pub(super) fn said(terms: &Terms, table: &Table) -> String {
    let name = |at: usize| table.columns.get(at).map(|name| shown(name)).unwrap_or_default();
    let fields = terms.mapping.iter().map(|(field, at)| format!("{}: {}", field.name(), name(*at)));
    let fields = fields.collect::<Vec<_>>().join(", ");
    let update = if terms.update { "changed" } else { "left as they are" };
    format!("read as {fields}; people who are here are {update}")
}
