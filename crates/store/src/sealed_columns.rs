//! Every column whose values are sealed, and how they move to another master key while the house
//! runs (R130). A value can be sealed for a column of this list only (`Place`), so that none is
//! forgotten.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    Error, Tx,
    schema::{
        attribute_mappings, audit_chain, directories, import_files, imported_hashes,
        kept_passwords, letters, peppers, prepared_certificates, registration_credentials,
        registrations, seal_canary, signing_keys, tenants, totp_factors, webhooks,
    },
    seal::Place,
};

macro_rules! sealed_columns {
    ($($(#[$doc:meta])* $name:ident = $table:ident.$column:ident,)*) => {
        /// A column whose values are sealed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SealedColumn { $($(#[$doc])* $name,)* }

        impl SealedColumn {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The table's name.
            #[must_use]
            pub const fn table(self) -> &'static str {
                match self { $(Self::$name => stringify!($table),)* }
            }

            /// The column's name.
            #[must_use]
            pub const fn column(self) -> &'static str {
                match self { $(Self::$name => stringify!($column),)* }
            }

            /// Row ids and sealed values, in the order of the ids.
            fn page(
                self,
                tx: &mut Tx,
                after: &str,
                limit: i64,
            ) -> Result<Vec<(String, Vec<u8>)>, Error> {
                Ok(match self { $(
                    Self::$name => $table::table
                        .filter($table::id.gt(after))
                        .order($table::id)
                        .limit(limit)
                        .select(($table::id, $table::$column))
                        .load(&mut tx.conn)?,
                )* })
            }

            /// Puts `new` in the place of `old`; false when something else is there by now.
            fn swap(
                self,
                tx: &mut Tx,
                row: &str,
                old: &[u8],
                new: &[u8],
            ) -> Result<bool, Error> {
                let changed = match self { $(
                    Self::$name => diesel::update($table::table.find(row))
                        .filter($table::$column.eq(old))
                        .set($table::$column.eq(new))
                        .execute(&mut tx.conn)?,
                )* };
                Ok(changed == 1)
            }
        }
    };
}

sealed_columns! {
    /// Private keys that sign tokens.
    SigningKey = signing_keys.private_key,
    /// Client secrets of connections to Entra tenants, or the keys of their certificates.
    ClientSecret = tenants.client_secret,
    /// Keys of client certificates that are not used yet.
    PreparedKey = prepared_certificates.private_key,
    /// Client secrets of registrations for signing in with Microsoft, or the keys of their certificates.
    RegistrationSecret = registrations.client_secret,
    /// The same of those that follow them, or went before.
    RegistrationOther = registration_credentials.secret,
    /// What goes into password hashes.
    Pepper = peppers.key,
    /// Seeds of authenticator apps.
    TotpSeed = totp_factors.secret,
    /// Lists of people that wait to be imported.
    ImportFile = import_files.content,
    /// Password hashes that people brought along from another system.
    ImportedHash = imported_hashes.hash,
    /// Passwords of the accounts by which people are looked up in directories.
    DirectoryPassword = directories.password,
    /// What is kept of passwords that directories found right.
    KeptPassword = kept_passwords.verifier,
    /// What signs news for another system.
    WebhookSecret = webhooks.secret,
    /// What pseudonyms of people are made with.
    PseudonymKey = attribute_mappings.pseudonym_key,
    /// What signs the end of the audit log's chain.
    AuditKey = audit_chain.key,
    /// Letters that wait to be sent.
    Letter = letters.text,
    /// The value by which a start knows the right master key. It moves last: as long as another
    /// value may need the former key, nothing starts without that key.
    Canary = seal_canary.canary,
}

/// What was found in a portion of a column.
#[derive(Debug, Default)]
pub struct Portion {
    /// The row to go on after; none at the end, which is where a portion isn't full: who adds values
    /// all the time doesn't keep anybody going.
    pub last: Option<String>,
    /// How many values are under the current key now.
    pub current: usize,
    /// How many of these were moved to it just now.
    pub moved: usize,
    /// How many are under an additional key still.
    pub behind: usize,
    /// Why each of the others opens with no key that is configured.
    pub unopened: Vec<Error>,
}

/// Opens the next `limit` values after a row.
pub fn survey(
    tx: &mut Tx,
    column: SealedColumn,
    after: &str,
    limit: i64,
) -> Result<Portion, Error> {
    walk(tx, column, (after, limit), |_, _, _| Ok(false))
}

/// The same, and moves those that are under an additional key to the current one. What somebody
/// else changes meanwhile is left as it is, and counts as being behind.
pub fn rewrap(
    tx: &mut Tx,
    column: SealedColumn,
    after: &str,
    limit: i64,
) -> Result<Portion, Error> {
    walk(tx, column, (after, limit), |tx, place, old| {
        let new = tx.seal.close_secret(place, &tx.seal.open(place, old)?)?;
        column.swap(tx, place.row, old, &new)
    })
}

/// Visits values; `move_on` is asked for each that opens with an additional key, and says whether
/// it is under the current one now.
fn walk(
    tx: &mut Tx,
    column: SealedColumn,
    (after, limit): (&str, i64),
    mut move_on: impl FnMut(&mut Tx, Place<'_>, &[u8]) -> Result<bool, Error>,
) -> Result<Portion, Error> {
    let rows = column.page(tx, after, limit)?;
    let full = i64::try_from(rows.len()) == Ok(limit);
    let last = rows.last().filter(|_| full).map(|(row, _)| row.clone());
    let mut portion = Portion { last, ..Portion::default() };
    for (row, sealed) in &rows {
        let place = Place { column, row };
        if let Err(error) = tx.seal.open(place, sealed) {
            portion.unopened.push(error);
        } else if tx.seal.is_current(sealed) {
            portion.current += 1;
        } else if move_on(tx, place, sealed)? {
            portion.current += 1;
            portion.moved += 1;
        } else {
            portion.behind += 1;
        }
    }
    Ok(portion)
}
