//! Passwords that have leaked or that everybody uses: a sorted set of truncated SHA-1 digests (R008).
//!
//! The format takes our own list as well as a full list of "Have I Been Pwned", whose entries are
//! SHA-1 digests already: `GHPW`, version, width of an entry, count, 65,537 positions by the first
//! two bytes of the digest, then the next `width` bytes of each, sorted. Our list is part of the
//! program; only the pages that a look-up touches are ever in memory. `data/README.md` says how it
//! was made.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::Error;

const MAGIC: &[u8; 4] = b"GHPW";
const VERSION: u8 = 1;
/// Magic, version, width, two bytes of nothing, count.
const HEADER: usize = 16;
const FANS: usize = 65_537;
const DIGEST: usize = 20;

/// Our own list.
static SHIPPED: &[u8] = include_bytes!("../../data/passwords.ghpw");

/// A list that can be asked.
#[derive(Debug, Clone, Copy)]
pub struct PasswordList<'a> {
    width: usize,
    fans: &'a [u8],
    entries: &'a [u8],
}

impl PasswordList<'static> {
    /// The list that the product brings along.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped list was written by this crate")
    }
}

impl<'a> PasswordList<'a> {
    /// Reads a list from a file's bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (header, rest) =
            bytes.split_at_checked(HEADER).ok_or(Error::PasswordList("too short"))?;
        if &header[..4] != MAGIC || header[4] != VERSION {
            return Err(Error::PasswordList("unknown format"));
        }
        let width = usize::from(header[5]);
        let (fans, entries) =
            rest.split_at_checked(4 * FANS).ok_or(Error::PasswordList("too short"))?;
        let list = Self { width, fans, entries };
        let is_whole = (1..=DIGEST - 2).contains(&width)
            && entries.len() == list.len() * width
            && header[8..16] == (list.len() as u64).to_le_bytes();
        if is_whole { Ok(list) } else { Err(Error::PasswordList("wrong length")) }
    }

    /// How many passwords it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fan(FANS - 1)
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this very text is listed.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let hashed = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        let hashed = hashed.as_ref();
        let first = usize::from(u16::from_be_bytes([hashed[0], hashed[1]]));
        let wanted = &hashed[2..2 + self.width];
        let (mut low, mut high) = (self.fan(first), self.fan(first + 1));
        while low < high {
            let middle = low.midpoint(high);
            match self.entry(middle).cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    /// How many entries have smaller first bytes than `first`.
    fn fan(&self, first: usize) -> usize {
        let bytes = self.fans.get(4 * first..4 * first + 4).and_then(|b| b.try_into().ok());
        bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize)
    }

    /// Past the end there is the empty entry, so that a damaged file finds nothing.
    fn entry(&self, position: usize) -> &[u8] {
        self.entries.get(position * self.width..(position + 1) * self.width).unwrap_or_default()
    }
}

/// The digest by which a text is listed.
#[must_use]
pub fn fingerprint(text: &str) -> [u8; DIGEST] {
    let hashed = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    hashed.as_ref().try_into().expect("SHA-1 has 20 bytes")
}

/// Writes a list: `width` bytes of each digest are kept after the first two (4 for ours, 6 for a
/// billion entries), which bounds false alarms to count / 2^(8 * (width + 2)).
#[must_use]
pub fn encode(mut digests: Vec<[u8; DIGEST]>, width: usize) -> Vec<u8> {
    let width = width.clamp(1, DIGEST - 2);
    let kept = 2 + width;
    digests.sort_unstable();
    digests.dedup_by(|a, b| a[..kept] == b[..kept]);
    let mut file = Vec::with_capacity(HEADER + 4 * FANS + digests.len() * width);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&[VERSION, u8::try_from(width).unwrap_or(0), 0, 0]);
    file.extend_from_slice(&(digests.len() as u64).to_le_bytes());
    for first in 0..FANS {
        let smaller =
            digests.partition_point(|d| usize::from(u16::from_be_bytes([d[0], d[1]])) < first);
        file.extend_from_slice(&u32::try_from(smaller).unwrap_or(u32::MAX).to_le_bytes());
    }
    for digest in &digests {
        file.extend_from_slice(&digest[2..kept]);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_list_finds_its_own_and_nothing_else() {
        let texts: Vec<String> = (0..5_000).map(|i| format!("listed {i}")).collect();
        for width in [1, 4, 18] {
            let file = encode(texts.iter().map(|t| fingerprint(t)).collect(), width);
            let list = PasswordList::parse(&file).unwrap();
            assert!(texts.iter().all(|t| list.contains(t)));
            let strangers = (0..5_000).filter(|i| list.contains(&format!("stranger {i}"))).count();
            // One byte after the first two leaves 24 bits: about one stranger in 3,000.
            assert!(strangers <= if width == 1 { 20 } else { 0 }, "{strangers} at {width}");
        }
    }

    #[test]
    fn the_first_and_the_last_digest_are_found() {
        let edges = vec![[0; DIGEST], [0xFF; DIGEST]];
        let file = encode(edges, 4);
        let list = PasswordList::parse(&file).unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!((list.fan(0), list.fan(1), list.fan(0xFFFF), list.fan(FANS - 1)), (0, 1, 1, 2));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let file = encode(vec![fingerprint("a"), fingerprint("b")], 4);
        assert!(PasswordList::parse(&file).is_ok());
        assert!(PasswordList::parse(&file[..file.len() - 1]).is_err());
        assert!(PasswordList::parse(&file[1..]).is_err());
        assert!(PasswordList::parse(b"").is_err());
        let mut wide = file.clone();
        wide[5] = 19;
        assert!(PasswordList::parse(&wide).is_err());
    }

    /// R008
    #[test]
    fn the_shipped_list_is_large_and_rarely_wrong() {
        let list = PasswordList::shipped();
        assert!(list.len() >= 100_000, "{}", list.len());
        assert!(!list.is_empty());
        let false_alarms = (0..200_000).filter(|i| list.contains(&format!("{i} nobody's"))).count();
        assert_eq!(false_alarms, 0);
    }
}
