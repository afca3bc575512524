//! The sign-in policy: ordered rules, of which the first that fits decides (F042). A version of it is
//! a draft until somebody publishes it; what was published stays, so that it can be taken up again.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    Role, Ts,
    ids::{GroupId, PolicyVersionId, RelyingPartyId, RuleId, UserId},
    network::Network,
};

/// The rules as they were at one time, in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Our id.
    pub id: PolicyVersionId,
    /// The rules; whom none fits needs a second factor at every sign-in.
    pub rules: Vec<Rule>,
    /// Who changed it last; nobody: it was the command line.
    pub made_by: Option<UserId>,
    /// When it was changed last.
    pub made_at: Ts,
    /// Since when it counts, or counted; `None`: it is a draft.
    pub published_at: Option<Ts>,
}

/// What holds for some sign-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Our id, which outlasts moving and renaming.
    pub id: RuleId,
    /// What admins call it.
    pub name: String,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Which sign-ins it fits.
    pub when: When,
    /// What holds for these.
    pub then: Then,
}

/// Which sign-ins a rule fits: all that satisfy each of these. What is empty is satisfied by all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// For what somebody signs in; empty: for any application or the portal, but not the console,
    /// which a rule must name.
    pub targets: Vec<Target>,
    /// People in one of these groups.
    pub groups: Vec<GroupId>,
    /// People with one of these roles.
    pub roles: Vec<Role>,
    /// From where.
    pub place: Option<Place>,
    /// By what kind of program.
    pub clients: Vec<Client>,
    /// A part of what the program calls itself, in any case; empty: whatever it calls itself.
    pub agent: String,
    /// Whether the application asks for a second factor by itself; `None`: either.
    pub asked: Option<bool>,
}

/// For what somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An application that gets a token.
    Party(RelyingPartyId),
    /// The employee's own pages.
    Portal,
    /// The console, where a second factor is needed whatever the rules say (R146).
    Console,
}

/// From where somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// From one of the networks, or else from anywhere but them.
    pub inside: bool,
    /// The networks; never empty.
    pub networks: Vec<Network>,
}

impl Place {
    /// Whether an address lies there. What is no address lies in no network.
    #[must_use]
    pub fn has(&self, address: &str) -> bool {
        let address: Option<IpAddr> = address.parse().ok();
        let within = |address| self.networks.iter().any(|network| network.contains(address));
        address.is_some_and(within) == self.inside
    }
}

/// By what kind of program somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// A browser, or the one inside an app.
    Browser,
    /// A program that sends a password by WS-Trust.
    WsTrust,
    /// A mail server that passes a password on by SAML ECP.
    Ecp,
}

impl Client {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Browser, Self::WsTrust, Self::Ecp];
}

/// What holds for a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Then {
    /// Nobody gets in.
    Deny,
    /// Whoever proves this much gets in.
    Allow {
        /// How much.
        factor: Factor,
        /// After so many hours they prove it anew; `None`: when the session ends.
        hours: Option<u16>,
        /// For so many days they may have the second factor left out in a browser of theirs; `None`:
        /// never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remember: Option<u16>,
    },
}

/// How much somebody must prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// A password; a second factor only where the application asks for it.
    WhenAsked,
    /// A password and a second factor.
    Always,
    /// A passkey, or a password and a security key: what nobody can give away to a false page.
    PhishingResistant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_were_stored_before_there_were_passkeys_are_still_read() {
        let stored = r#"{"allow":{"factor":"always","hours":8}}"#;
        let before: Then = serde_json::from_str(stored).expect("read");
        let always = |remember| Then::Allow { factor: Factor::Always, hours: Some(8), remember };
        assert_eq!(before, always(None));
        let now = Then::Allow { factor: Factor::PhishingResistant, hours: None, remember: None };
        let stored = serde_json::to_string(&now).expect("written");
        assert_eq!(stored, r#"{"allow":{"factor":"phishing_resistant","hours":null}}"#);
        assert_eq!(serde_json::from_str::<Then>(&stored).expect("read"), now);
        let stored = serde_json::to_string(&always(Some(14))).expect("written");
        assert_eq!(stored, r#"{"allow":{"factor":"always","hours":8,"remember":14}}"#);
        assert_eq!(serde_json::from_str::<Then>(&stored).expect("read"), always(Some(14)));
    }
}
