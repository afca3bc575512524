//! What became of each row of an import.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::count_star,
};
use model::{
    Ts,
    ids::ImportId,
    import::{ImportRow, RowOutcome},
};

use crate::{
    Error, Tx,
    schema::import_rows,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
struct RowEntry {
    import_id: String,
    line: i64,
    user_id: Option<String>,
    outcome: String,
    trace: String,
    at: i64,
    handed_out_at: Option<i64>,
}

/// Writes what became of a row.
pub fn record(tx: &mut Tx, row: &ImportRow) -> Result<(), Error> {
    let entry = RowEntry {
        import_id: row.import_id.to_string(),
        line: i64::from(row.line),
        user_id: row.user_id.map(|id| id.to_string()),
        outcome: text::word(row.outcome),
        trace: text::json(&row.trace),
        at: row.at.0,
        handed_out_at: row.handed_out_at.map(|at| at.0),
    };
    diesel::insert_into(import_rows::table).values(&entry).execute(&mut tx.conn)?;
    Ok(())
}

/// Writes what became of a row when it was taken back.
pub fn settle(tx: &mut Tx, row: &ImportRow) -> Result<(), Error> {
    let key = (row.import_id.to_string(), i64::from(row.line));
    let changed = diesel::update(import_rows::table.find(key))
        .set((
            import_rows::outcome.eq(text::word(row.outcome)),
            import_rows::trace.eq(text::json(&row.trace)),
        ))
        .execute(&mut tx.conn)?;
    text::found(changed, "row")
}

/// Notes that the secrets of a first sign-in were made: true exactly once.
pub fn hand_out(tx: &mut Tx, import: ImportId, line: u32, now: Ts) -> Result<bool, Error> {
    let waiting = import_rows::table
        .find((import.to_string(), i64::from(line)))
        .filter(import_rows::handed_out_at.is_null());
    let changed =
        diesel::update(waiting).set(import_rows::handed_out_at.eq(now.0)).execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Rows with one of these outcomes after a line, in the order of the file.
pub fn with_outcome(
    tx: &mut Tx,
    import: ImportId,
    outcomes: &[RowOutcome],
    (after, limit): (u32, i64),
) -> Result<Vec<ImportRow>, Error> {
    let words: Vec<String> = outcomes.iter().map(|outcome| text::word(*outcome)).collect();
    let (limit, _) = text::page(limit, 0);
    let entries: Vec<RowEntry> = import_rows::table
        .filter(import_rows::import_id.eq(import.to_string()))
        .filter(import_rows::outcome.eq_any(words))
        .filter(import_rows::line.gt(i64::from(after)))
        .order(import_rows::line)
        .limit(limit)
        .load(&mut tx.conn)?;
    entries.into_iter().map(RowEntry::read).collect()
}

/// People who were made and have not been handed anything yet, in the order of the file.
pub fn not_handed_out(tx: &mut Tx, import: ImportId, limit: i64) -> Result<Vec<ImportRow>, Error> {
    let (limit, _) = text::page(limit, 0);
    let entries: Vec<RowEntry> = import_rows::table
        .filter(import_rows::import_id.eq(import.to_string()))
        .filter(import_rows::outcome.eq(text::word(RowOutcome::Created)))
        .filter(import_rows::handed_out_at.is_null())
        .order(import_rows::line)
        .limit(limit)
        .load(&mut tx.conn)?;
    entries.into_iter().map(RowEntry::read).collect()
}

/// How many people were made and have not been handed anything yet.
pub fn waiting(tx: &mut Tx, import: ImportId) -> Result<i64, Error> {
    Ok(import_rows::table
        .filter(import_rows::import_id.eq(import.to_string()))
        .filter(import_rows::outcome.eq(text::word(RowOutcome::Created)))
        .filter(import_rows::handed_out_at.is_null())
        .count()
        .get_result(&mut tx.conn)?)
}

/// How many rows have which outcome.
pub fn tally(tx: &mut Tx, import: ImportId) -> Result<Vec<(RowOutcome, i64)>, Error> {
    let counted: Vec<(String, i64)> = import_rows::table
        .filter(import_rows::import_id.eq(import.to_string()))
        .group_by(import_rows::outcome)
        .select((import_rows::outcome, count_star()))
        .load(&mut tx.conn)?;
    let id = import.to_string();
    let row = Row { table: "import_rows", id: &id };
    counted.into_iter().map(|(word, count)| Ok((row.word(&word)?, count))).collect()
}

/// The row of a line, if it has its outcome.
pub fn by_line(tx: &mut Tx, import: ImportId, line: u32) -> Result<Option<ImportRow>, Error> {
    let entry: Option<RowEntry> = import_rows::table
        .find((import.to_string(), i64::from(line)))
        .first(&mut tx.conn)
        .optional()?;
    entry.map(RowEntry::read).transpose()
}

impl RowEntry {
    fn read(self) -> Result<ImportRow, Error> {
        let row = Row { table: "import_rows", id: &self.import_id };
        Ok(ImportRow {
            import_id: row.id(&self.import_id)?,
            line: row.number(self.line)?,
            user_id: self.user_id.as_deref().map(|id| row.id(id)).transpose()?,
            outcome: row.word(&self.outcome)?,
            trace: row.json(&self.trace)?,
            at: Ts(self.at),
            handed_out_at: self.handed_out_at.map(Ts),
        })
    }
}
