//! A CSV file as rows of cells (RFC 4180), whichever program wrote it: separated by comma, semicolon
//! or tab, with or without a byte order mark. Whatever is wrong with it is said with its line, and
//! what it may weigh is bounded.

use std::collections::BTreeSet;

/// How much a file may weigh.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// How many rows a file may have after its head.
pub const MAX_ROWS: usize = 20_000;
/// How many columns a file may have.
pub const MAX_COLUMNS: usize = 100;
/// How many characters a cell may have.
pub const MAX_CELL: usize = 4_000;

/// A record that no file has: it stands alone at the end unless a quote before it never closes.
const END: &str = "\u{1}end of file\u{1}";

/// A file that could be read. Its cells may hold secrets, so it is never printed.
#[derive(Clone)]
pub struct Table {
    /// The names of the columns, as they stand in the first line.
    pub columns: Vec<String>,
    /// What stands below, without empty lines.
    pub rows: Vec<Row>,
}

/// A row of a file.
#[derive(Clone)]
pub struct Row {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// Its cells, which may be fewer or more than there are columns.
    pub cells: Vec<String>,
}

/// Why a file can't be read: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is too large.
    #[error("The file is larger than 5 MiB. Split it into several files.")]
    TooLarge,
    /// It is in UTF-16, as some spreadsheets save "Unicode text".
    #[error("The file is in UTF-16. Save it again as \"CSV UTF-8\".")]
    Utf16,
    /// It is in another encoding.
    #[error(
        "Line {line} holds letters that are not in UTF-8. Save the file again as \"CSV UTF-8\"."
    )]
    NotUtf8 {
        /// Where.
        line: u64,
    },
    /// It holds a zero byte.
    #[error("Line {line} holds a zero byte: this is not a text file. Export it again as CSV.")]
    Nul {
        /// Where.
        line: u64,
    },
    /// It has no row below its head.
    #[error(
        "There is nobody in the file. It needs one line with the names of the columns, and one \
         line for each person."
    )]
    Empty,
    /// A quote never closes.
    #[error("A quote that opens in line {line} never closes. Close it, or take it away.")]
    Unclosed {
        /// Where it opens.
        line: u64,
    },
    /// It has too many columns.
    #[error(
        "The file has {found} columns, and 100 are the most. Remove those that you don't need."
    )]
    TooManyColumns {
        /// How many there are.
        found: usize,
    },
    /// It has too many rows.
    #[error("The file has {found} rows, and 20,000 are the most. Split it into several files.")]
    TooManyRows {
        /// How many there are.
        found: usize,
    },
    /// A cell is too long.
    #[error(
        "Cell {cell} of line {line} has more than 4,000 characters. Shorten it, or remove the \
         column. A quote may be missing there."
    )]
    CellTooLong {
        /// The row's line.
        line: u64,
        /// The cell's place in its row, from 1.
        cell: usize,
    },
    /// Two columns have one name.
    #[error("Two columns are called \"{name}\". Give one of them another name.")]
    SameName {
        /// The name.
        name: String,
    },
}

/// Reads a file.
pub fn read(bytes: &[u8]) -> Result<Table, Unreadable> {
    let text = decoded(bytes)?;
    let records = records(text)?;
    let mut records = records.into_iter();
    let head = records.next().ok_or(Unreadable::Empty)?;
    let rows: Vec<Row> = records.collect();
    let columns = named(head.cells)?;
    if rows.is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(Table { columns, rows })
}

fn is_blank(row: &Row) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty())
}

/// The text without its byte order mark.
fn decoded(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line = |at: usize| 1 + breaks(&bytes[..at]);
    let text = std::str::from_utf8(bytes)
        .map_err(|wrong| Unreadable::NotUtf8 { line: line(wrong.valid_up_to()) })?;
    match text.find('\0') {
        Some(at) => Err(Unreadable::Nul { line: line(at) }),
        None => Ok(text),
    }
}

/// How many lines end in these bytes, by `\n`, `\r\n` or `\r` alone.
fn breaks(bytes: &[u8]) -> u64 {
    let ends = |(at, byte): (usize, &u8)| match byte {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        b'\r' => true,
        _ => false,
    };
    bytes.iter().enumerate().filter(|(at, byte)| ends((*at, byte))).map(|_| 1).sum()
}

/// Every record but blank ones, with the line that it begins in. What is too much is not kept.
fn records(text: &str) -> Result<Vec<Row>, Unreadable> {
    let closed = format!("{text}\n{END}\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(closed.as_bytes());
    let (mut kept, mut last, mut record) = (Vec::new(), None, csv::StringRecord::new());
    let (mut seen, mut line, mut found) = (0, 1, 0);
    // The text is UTF-8 and records may have any length: nothing is left to go wrong.
    while reader.read_record(&mut record).unwrap_or(false) {
        let at = record.position().map_or(0, csv::Position::byte);
        let at = begin(closed.as_bytes(), usize::try_from(at).unwrap_or(usize::MAX));
        line += breaks(&closed.as_bytes()[seen..at]);
        seen = at;
        if record.len() > MAX_COLUMNS {
            return Err(Unreadable::TooManyColumns { found: record.len() });
        }
        let row = Row { line, cells: record.iter().map(str::to_owned).collect() };
        if let Some(row) = last.replace(row).filter(|row| !is_blank(row)) {
            found += 1;
            if found <= MAX_ROWS + 1 {
                kept.push(row);
            }
        }
    }
    match last {
        Some(last) if last.cells == [END] => {}
        last => return Err(Unreadable::Unclosed { line: last.map_or(1, |last| last.line) }),
    }
    kept.iter().try_for_each(bounded)?;
    if found > MAX_ROWS + 1 {
        return Err(Unreadable::TooManyRows { found: found - 1 });
    }
    Ok(kept)
}

/// Where a record begins, after the line breaks before it.
fn begin(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    (from + breaks).min(bytes.len())
}

fn bounded(row: &Row) -> Result<(), Unreadable> {
    let too_long = |cell: &String| cell.len() > MAX_CELL && cell.chars().count() > MAX_CELL;
    match row.cells.iter().position(too_long) {
        Some(at) => Err(Unreadable::CellTooLong { line: row.line, cell: at + 1 }),
        None => Ok(()),
    }
}

/// What separates the cells: whichever of the three stands most often in the first line.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let head = text.trim_start().chars().take_while(|c| {
        quoted ^= *c == '"';
        quoted || !matches!(c, '\r' | '\n')
    });
    let (mut counts, mut quoted) = ([0_usize; 3], false);
    for c in head {
        quoted ^= c == '"';
        if let Some(at) = [',', ';', '\t'].iter().position(|known| *known == c && !quoted) {
            counts[at] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let at = counts.iter().position(|count| *count == most).unwrap_or_default();
    [b',', b';', b'\t'][at]
}

/// The names of the columns; one without a name is called after its place.
fn named(head: Vec<String>) -> Result<Vec<String>, Unreadable> {
    let mut seen = BTreeSet::new();
    let named = head.into_iter().enumerate().map(|(at, name)| match name.trim() {
        "" => format!("Column {}", at + 1),
        name => name.to_owned(),
    });
    let named: Vec<String> = named.collect();
    match named.iter().find(|name| !seen.insert(name.to_lowercase())) {
        Some(name) => Err(Unreadable::SameName { name: name.chars().take(60).collect() }),
        None => Ok(named),
    }
}

#[cfg(test)]
mod tests;
