//! Who trusts our tokens.

use serde::{Deserialize, Serialize};

use crate::ids::{FederatedDomainId, RelyingPartyId};

/// A party that trusts our tokens, registered for one of our domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Our id.
    pub id: RelyingPartyId,
    /// What people call it.
    pub name: String,
    /// `wtrealm`, and the audience of its tokens; compared byte for byte.
    pub realm: String,
    /// Where answers may go; compared byte for byte. The first is the default.
    pub replies: Vec<String>,
    /// The domain that vouches for people there.
    pub domain_id: FederatedDomainId,
    /// A switched-off party gets no token (R082).
    pub enabled: bool,
}

/// One of Microsoft's clouds: every host and realm follows from it (never free text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    /// Worldwide, GCC included.
    Global,
    /// GCC High.
    UsGov,
    /// US Department of Defense.
    UsGovDod,
    /// 21Vianet.
    China,
    /// The simulator; its hosts are settings, and production refuses it.
    Simulator,
}

/// The addresses of one cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudHosts {
    /// `https://login.microsoftonline.com`, without a trailing slash.
    pub login: String,
    /// `https://graph.microsoft.com`, without a trailing slash.
    pub graph: String,
}

impl Cloud {
    /// The fixed addresses of a real cloud; `None` for the simulator.
    #[must_use]
    pub fn hosts(self) -> Option<CloudHosts> {
        let (login, graph) = match self {
            Self::Global => ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
            Self::UsGov => ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
            Self::UsGovDod => {
                ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us")
            }
            Self::China => (
                "https://login.partner.microsoftonline.cn",
                "https://microsoftgraph.chinacloudapi.cn",
            ),
            Self::Simulator => return None,
        };
        Some(CloudHosts { login: login.to_owned(), graph: graph.to_owned() })
    }

    /// Microsoft's realm in this cloud (`wtrealm`, audience).
    #[must_use]
    pub const fn realm(self) -> &'static str {
        match self {
            Self::China => "urn:federation:partner.microsoftonline.cn",
            _ => "urn:federation:MicrosoftOnline",
        }
    }

    /// The word that settings and the database use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "us_gov",
            Self::UsGovDod => "us_gov_dod",
            Self::China => "china",
            Self::Simulator => "simulator",
        }
    }
}

impl CloudHosts {
    /// Where Microsoft takes WS-Federation answers.
    #[must_use]
    pub fn reply(&self) -> String {
        format!("{}/login.srf", self.login)
    }
}
