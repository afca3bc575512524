//! A QR code as the path of one SVG element, so that pages need no image and no script.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::Error;

/// The quiet zone that scanners need around the code, in modules.
const QUIET: i32 = 4;

/// A drawn code: `<svg viewBox="0 0 {size} {size}"><path d="{path}"/></svg>`, dark on light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Width and height in modules, quiet zone included.
    pub size: usize,
    /// The `d` attribute: every dark run of modules.
    pub path: String,
}

/// Draws `text`.
pub fn draw(text: &str) -> Result<Qr, Error> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| Error::TooLongForQr)?;
    let mut path = String::new();
    for y in 0..code.size() {
        draw_row(&code, y, &mut path);
    }
    let size = usize::try_from(code.size() + 2 * QUIET).map_err(|_| Error::TooLongForQr)?;
    Ok(Qr { size, path })
}

fn draw_row(code: &QrCode, y: i32, path: &mut String) {
    let mut x = 0;
    while x < code.size() {
        let run = (x..code.size()).take_while(|&x| code.get_module(x, y)).zip(0..).count();
        let width = i32::try_from(run).unwrap_or_default();
        if width > 0 {
            // Writing to a String can't fail.
            let _ = write!(path, "M{},{}h{width}v1h-{width}z", x + QUIET, y + QUIET);
        }
        x += width.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paints the path back onto a grid, as a browser would.
    fn painted(qr: &Qr) -> Vec<Vec<bool>> {
        let mut grid = vec![vec![false; qr.size]; qr.size];
        for run in qr.path.split_terminator('z') {
            let (at, rest) = run.trim_start_matches('M').split_once('h').unwrap();
            let (x, y) = at.split_once(',').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let width: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            grid[y][x..x + width].fill(true);
        }
        grid
    }

    #[test]
    fn the_path_paints_exactly_the_dark_modules() {
        let text = "otpauth://totp/Gatehouse:alice%40contoso.com?secret=JBSWY3DPEHPK3PXP";
        let qr = draw(text).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let grid = painted(&qr);
        for (y, row) in grid.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let (x, y) = (i32::try_from(x).unwrap(), i32::try_from(y).unwrap());
                assert_eq!(*dark, code.get_module(x - QUIET, y - QUIET), "{x},{y}");
            }
        }
        assert!(grid.iter().flatten().any(|dark| *dark));
    }

    #[test]
    fn a_text_that_does_not_fit_is_an_error() {
        assert_eq!(draw(&"x".repeat(5_000)), Err(Error::TooLongForQr));
    }
}
