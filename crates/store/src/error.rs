//! What can stop a function of this crate.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// What can stop a function of this crate; variants are named for what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row that was to be changed isn't there.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Another row is in the way: `table_column` of a unique index, or `foreign_key`.
    #[error("conflicts with {constraint}")]
    Conflict {
        /// The unique index, as `table_column_column`, the same on both databases.
        constraint: String,
    },
    /// The database can't answer or couldn't commit just now: nothing was changed, try again.
    #[error("the database is unavailable")]
    Unavailable,
    /// A stored value can't be what this crate wrote there.
    #[error("the row {id} of {table} is damaged")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Which row.
        id: String,
    },
    /// The closure of a transaction panicked; its transaction was rolled back.
    #[error("a transaction panicked")]
    Panicked,
    /// A newer version of the product has used this database.
    #[error("the database has the newer schema {version}; run a newer version of the product")]
    NewerSchema {
        /// The migration that is not known here.
        version: String,
    },
    /// Neither the master key nor an additional one is the one that the database was sealed with.
    #[error("the master key is not the one that this database was sealed with")]
    WrongMasterKey,
    /// A value was sealed with a master key that is not configured here.
    #[error("the row {id} of {table} is sealed with a master key that is not configured")]
    UnknownMasterKey {
        /// Where.
        table: &'static str,
        /// Which row.
        id: String,
    },
    /// The file of the master key can't be used.
    #[error("the master key file can't be used: {0}")]
    MasterKeyFile(String),
    /// The settings can't be used.
    #[error("the database url can't be used: {0}")]
    Url(String),
    /// The database can't be opened or brought up to date.
    #[error("the database can't be opened: {0}")]
    Open(String),
    /// The database refused a statement: a mistake in this crate.
    #[error("the database refused a statement")]
    Driver(#[source] Diesel),
}

impl Error {
    /// Whether this is a conflict with the unique index `name`.
    #[must_use]
    pub fn is_conflict_with(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let Diesel::DatabaseError(kind, details) = &error else { return Self::Driver(error) };
        match kind {
            DatabaseErrorKind::UniqueViolation => {
                let constraint = details
                    .constraint_name()
                    .map_or_else(|| sqlite_constraint(details.message()), str::to_owned);
                Self::Conflict { constraint }
            }
            DatabaseErrorKind::ForeignKeyViolation => {
                Self::Conflict { constraint: "foreign_key".to_owned() }
            }
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => {
                unavailable(&error)
            }
            _ if may_pass(details.message()) => unavailable(&error),
            _ => Self::Driver(error),
        }
    }
}

/// Logs what made the database unavailable: the variant carries no cause.
pub(crate) fn unavailable(cause: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%cause, "the database is unavailable");
    Error::Unavailable
}

/// SQLite names the columns, `UNIQUE constraint failed: users.upn_fold`, PostgreSQL the index; our
/// indexes are named after their columns, so both come out as `users_upn_fold`.
fn sqlite_constraint(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if name.is_empty() {
            table.clone_into(&mut name);
        }
        name.push('_');
        name.push_str(column);
    }
    name
}

/// Troubles that neither driver has a kind for, and that are gone when tried again.
fn may_pass(message: &str) -> bool {
    const PASSING: [&str; 10] = [
        "database is locked",
        "database table is locked",
        "database or disk is full",
        "disk I/O error",
        "deadlock detected",
        "lock timeout",
        "statement timeout",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
    ];
    PASSING.iter().any(|passing| message.contains(passing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_index_has_the_same_name_on_both_databases() {
        let one = "UNIQUE constraint failed: users.upn_fold";
        assert_eq!(sqlite_constraint(one), "users_upn_fold");
        let two = "UNIQUE constraint failed: relying_parties.domain_id, relying_parties.realm";
        assert_eq!(sqlite_constraint(two), "relying_parties_domain_id_realm");
    }
}
