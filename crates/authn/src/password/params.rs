//! What one hash costs.

use std::{fmt, str::FromStr, time::Duration};

use super::HASH_BYTES;
use crate::Error;

/// The cost of one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// Memory in KiB.
    pub m_kib: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self::FLOOR
    }
}

impl Params {
    /// The least that R001 allows.
    pub const FLOOR: Self = Self { m_kib: 19_456, t: 2, p: 1 };

    /// Refuses what is weaker than the floor.
    pub fn floor(self) -> Result<Self, Error> {
        let Self { m_kib, t, p } = self;
        let enough = m_kib >= Self::FLOOR.m_kib && t >= Self::FLOOR.t && p >= Self::FLOOR.p;
        if enough { Ok(self) } else { Err(Error::WeakParameters { m_kib, t, p }) }
    }

    /// The passes that bring one hash between 20 and 50 ms on a machine where one with these
    /// parameters took `took`; never below the floor (R002). Its result
    /// is kept: measured anew at each start it would have hashes made anew for nothing.
    #[must_use]
    pub fn fitted(self, took: Duration) -> Self {
        let pass = (took / self.t.max(1)).max(Duration::from_micros(1)).as_micros();
        let least = 20_000_u128.div_ceil(pass);
        let most = (50_000 / pass).max(1);
        let t = u128::from(self.t).max(least).min(most);
        Self { t: u32::try_from(t).unwrap_or(self.t).max(Self::FLOOR.t), ..self }
    }

    pub(super) fn argon2(self) -> Result<argon2::Params, Error> {
        argon2::Params::new(self.m_kib, self.t, self.p, Some(HASH_BYTES)).map_err(Error::Hash)
    }
}

/// As PHC strings write them: `m=19456,t=2,p=1`.
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { m_kib, t, p } = self;
        write!(f, "m={m_kib},t={t},p={p}")
    }
}

impl FromStr for Params {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let (m, rest) = text.strip_prefix("m=")?.split_once(",t=")?;
            let (t, p) = rest.split_once(",p=")?;
            Some(Self { m_kib: m.parse().ok()?, t: t.parse().ok()?, p: p.parse().ok()? })
        };
        read().ok_or_else(|| Error::UnreadableParameters(text.to_owned()))?.floor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_back_as_they_were_written_and_never_below_the_floor() {
        let params = Params { t: 3, ..Params::FLOOR };
        assert_eq!(params.to_string(), "m=19456,t=3,p=1");
        assert_eq!(params.to_string().parse(), Ok(params));
        for wrong in ["", "m=19456,t=2", "m=19456,t=2,p=", "m=19456,t=1,p=1", "m=8,t=2,p=1"] {
            assert!(wrong.parse::<Params>().is_err(), "{wrong}");
        }
    }
}
