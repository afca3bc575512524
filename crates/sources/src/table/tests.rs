//! Files as people export them, and files that somebody made to hurt.

use proptest::prelude::*;

use super::*;

fn cells(text: &str) -> Vec<(u64, Vec<String>)> {
    let table = read(text.as_bytes()).expect("readable");
    table.rows.into_iter().map(|row| (row.line, row.cells)).collect()
}

fn wrong(bytes: &[u8]) -> Option<Unreadable> {
    read(bytes).err()
}

fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
}

#[test]
fn comma_semicolon_and_tab_are_found_out_with_and_without_a_mark() {
    for file in ["a,b\n1,2\n", "a;b\r\n1;2", "a\tb\r1\t2\r", "\u{feff}a;b\n1;2\n"] {
        assert_eq!(cells(file), [row(2, &["1", "2"])], "{file:?}");
    }
    assert_eq!(cells("\"a,x\";b\n\"1;\";2,5\n"), [row(2, &["1;", "2,5"])]);
}

#[test]
fn lines_are_counted_through_cells_of_several_lines_and_empty_ones() {
    let file = "a,b\n\n\"one\ntwo\",2\n\r\n , \n3,4\n";
    assert_eq!(cells(file), [row(3, &["one\ntwo", "2"]), row(7, &["3", "4"])]);
    assert_eq!(cells("a,b\r\n\r\n1,2\r\n3\r\n"), [row(3, &["1", "2"]), row(4, &["3"])]);
}

#[test]
fn what_can_not_be_read_is_said_with_its_line() {
    assert_eq!(wrong(b""), Some(Unreadable::Empty));
    assert_eq!(wrong(b"a,b\n\n"), Some(Unreadable::Empty));
    assert_eq!(wrong(b"\xff\xfea\0"), Some(Unreadable::Utf16));
    assert_eq!(wrong(b"a\nb\nM\xfcller\n"), Some(Unreadable::NotUtf8 { line: 3 }));
    assert_eq!(wrong(b"a\r\nb\0\r\n"), Some(Unreadable::Nul { line: 2 }));
    assert_eq!(wrong(b"a,b\n1,2\n\"3,4\n5,6\n"), Some(Unreadable::Unclosed { line: 3 }));
    assert_eq!(wrong(b"a,A\n1,2\n"), Some(Unreadable::SameName { name: "A".to_owned() }));
}

#[test]
fn what_is_too_much_is_refused() {
    let columns = vec!["x"; 10_000].join(",");
    assert_eq!(
        wrong(format!("{columns}\n{columns}\n").as_bytes()),
        Some(Unreadable::TooManyColumns { found: 10_000 })
    );
    let wide = format!("a\n{columns}\n");
    assert_eq!(wrong(wide.as_bytes()), Some(Unreadable::TooManyColumns { found: 10_000 }));
    let cell = format!("a,b\n1,{}\n", "x".repeat(1024 * 1024));
    assert_eq!(wrong(cell.as_bytes()), Some(Unreadable::CellTooLong { line: 2, cell: 2 }));
    assert_eq!(cells(&format!("a\n{}\n", "ü".repeat(MAX_CELL)))[0].1[0].chars().count(), MAX_CELL);
    let many = "a\n".repeat(MAX_ROWS + 2);
    assert_eq!(wrong(many.as_bytes()), Some(Unreadable::TooManyRows { found: MAX_ROWS + 1 }));
    assert_eq!(wrong(&vec![b'a'; MAX_BYTES + 1]), Some(Unreadable::TooLarge));
}

#[test]
fn a_column_without_a_name_is_called_after_its_place() {
    let table = read(b"a,,c\n1,2,3\n").expect("readable");
    assert_eq!(table.columns, ["a", "Column 2", "c"]);
}

proptest! {
    /// Whatever is written by the book is read back as it was, whatever the cells hold.
    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[ -~äß\n\r;,\t\"]{0,20}", 3), 1..8)
    ) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: &Vec<String>| {
            cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
        };
        let file = format!("a,b,c\r\n{}", rows.iter().map(line).collect::<String>());
        let kept: Vec<Vec<String>> =
            rows.into_iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        let found = read(file.as_bytes());
        let found = found.map(|table| table.rows.into_iter().map(|row| row.cells).collect());
        prop_assert_eq!(found.unwrap_or_else(|_| Vec::new()), kept);
    }

    /// No bytes stop it.
    #[test]
    fn it_reads_or_says_why_not(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }
}
