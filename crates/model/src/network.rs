//! A network of addresses, as people write it: `203.0.113.0/24`, `2001:db8::/32`, or one address.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The text names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as 203.0.113.0/24")]
pub struct InvalidNetwork;

/// A network; its bits beyond the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address lies in it. An IPv4 address in IPv6 clothes is an IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(address.to_canonical(), self.prefix) == Some(self.first)
    }

    /// Whether it is larger than any organisation's own.
    #[must_use]
    pub const fn is_vast(&self) -> bool {
        self.prefix < if self.first.is_ipv4() { 8 } else { 16 }
    }

    /// Its first and its last address.
    #[must_use]
    pub fn ends(&self) -> [IpAddr; 2] {
        let prefix = u32::from(self.prefix);
        let last = match self.first {
            IpAddr::V4(ip) => {
                Ipv4Addr::from(u32::from(ip) | u32::MAX.checked_shr(prefix).unwrap_or(0)).into()
            }
            IpAddr::V6(ip) => {
                Ipv6Addr::from(u128::from(ip) | u128::MAX.checked_shr(prefix).unwrap_or(0)).into()
            }
        };
        [self.first, last]
    }

    /// Its first and its last address, and the ones just beside them.
    #[must_use]
    pub fn edges(&self) -> Vec<IpAddr> {
        let [first, last] = self.ends();
        [beside(first, false), Some(first), Some(last), beside(last, true)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The same for an address as text; what is no address lies nowhere.
    #[must_use]
    pub fn contains_text(&self, address: &str) -> bool {
        address.parse().is_ok_and(|address| self.contains(address))
    }
}

/// The address before or after, if there is one.
fn beside(address: IpAddr, after: bool) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(ip) => {
            let ip = u32::from(ip);
            Ipv4Addr::from(if after { ip.checked_add(1)? } else { ip.checked_sub(1)? }).into()
        }
        IpAddr::V6(ip) => {
            let ip = u128::from(ip);
            Ipv6Addr::from(if after { ip.checked_add(1)? } else { ip.checked_sub(1)? }).into()
        }
    })
}

/// Networks as people read them, with something between each two.
#[must_use]
pub fn joined(networks: &[Network], between: &str) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// The first address of the network of this size around an address.
fn masked(address: IpAddr, prefix: u8) -> Option<IpAddr> {
    match address {
        IpAddr::V4(ip) => {
            let host = 32_u32.checked_sub(u32::from(prefix))?;
            let mask = u32::MAX.checked_shl(host).unwrap_or(0);
            Some(Ipv4Addr::from(u32::from(ip) & mask).into())
        }
        IpAddr::V6(ip) => {
            let host = 128_u32.checked_sub(u32::from(prefix))?;
            let mask = u128::MAX.checked_shl(host).unwrap_or(0);
            Some(Ipv6Addr::from(u128::from(ip) & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let first: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let whole = if first.is_ipv4() { 32 } else { 128 };
        let digits = prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix = if text.contains('/') {
            prefix.parse().ok().filter(|_| digits).ok_or(InvalidNetwork)?
        } else {
            whole
        };
        match masked(first, prefix) {
            Some(masked) if masked == first && first.to_canonical() == first => {
                Ok(Self { first, prefix })
            }
            _ => Err(InvalidNetwork),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, InvalidNetwork> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_its_network_and_in_no_other() {
        for (network, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("203.0.113.0/24", "::ffff:203.0.113.9", "::cb00:7109"),
            ("0.0.0.0/0", "198.51.100.1", "2001:db8::1"),
            ("::/0", "2001:db8::1", "198.51.100.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("128.0.0.0/1", "255.255.255.255", "127.255.255.255"),
        ] {
            let network: Network = network.parse().expect("a network");
            assert!(network.contains_text(inside), "{network} {inside}");
            assert!(!network.contains_text(outside), "{network} {outside}");
            assert!(!network.contains_text("") && !network.contains_text("unknown"));
            assert_eq!(network.to_string().parse(), Ok(network));
            assert!(network.ends().iter().all(|end| network.contains(*end)), "{network}");
        }
    }

    #[test]
    fn a_network_ends_where_the_next_one_begins() {
        let ends = |text: &str| text.parse::<Network>().expect("a network").ends();
        assert_eq!(ends("10.0.0.0/8").map(|end| end.to_string()), ["10.0.0.0", "10.255.255.255"]);
        assert_eq!(ends("10.0.0.7").map(|end| end.to_string()), ["10.0.0.7", "10.0.0.7"]);
        let edges = |text: &str| text.parse::<Network>().expect("a network").edges();
        let beside = edges("10.0.0.0/8").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(beside, ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"]);
        assert_eq!(edges("0.0.0.0/0").len(), 2);
        let [first, last] = ends("::/0").map(|end| end.to_string());
        assert_eq!(
            (first.as_str(), last.as_str()),
            ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        );
    }

    #[test]
    fn what_is_not_exactly_a_network_is_refused() {
        for odd in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/+8",
            "10.0.0.0/ 8",
            "::/129",
            "::ffff:10.0.0.0/104",
            "contoso.com",
            "10.0.0",
        ] {
            assert_eq!(odd.parse::<Network>(), Err(InvalidNetwork), "{odd}");
        }
    }
}
