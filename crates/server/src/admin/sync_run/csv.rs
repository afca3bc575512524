//! A plan as RFC 4180 rows. A cell that a spreadsheet would take for a formula begins with a single
//! quote (R142).

use app::sync::RunStep;

use super::outcome;

/// The table with its head.
pub(super) fn table(steps: &[RunStep], is_over: bool) -> String {
    let head = ["action", "person", "reason", "before", "after", "result", "detail"];
    let mut text = line(&head);
    for row in steps {
        let (result, detail) = outcome(&row.outcome, is_over);
        let step = &row.step;
        let (upn, reason) = (step.upn.as_str(), step.reason.as_str());
        let cells =
            [step.action.label(), upn, reason, &step.before, &step.after, &result.text, detail];
        text.push_str(&line(&cells));
    }
    text
}

/// A row of any table that is meant for a spreadsheet.
pub(in crate::admin) fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R142
    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_row() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("\tx"), "'\tx");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("-1,2"), "\"'-1,2\"");
        assert_eq!(line(&["a", "b"]), "a,b\r\n");
    }
}
