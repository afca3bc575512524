//! The journal row of a token, written before the token leaves (R095).

use serde::{Deserialize, Serialize};

use crate::{
    FactorEvent, Ts,
    ids::{FederatedDomainId, IssuedTokenId, RelyingPartyId, SessionId, SigningKeyId, UserId},
    pending_request::Demand,
};

/// What was vouched for, to whom, and on what grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// Our id.
    pub id: IssuedTokenId,
    /// The token's own id (`AssertionID`).
    pub token_id: String,
    /// Whom it is about.
    pub user_id: UserId,
    /// The session it came from; `None` where the request itself brought the password.
    pub session_id: Option<SessionId>,
    /// The domain that vouched.
    pub domain_id: FederatedDomainId,
    /// Who it is for.
    pub relying_party_id: RelyingPartyId,
    /// The protocol.
    pub protocol: Protocol,
    /// The key that signed.
    pub signing_key_id: SigningKeyId,
    /// When.
    pub issued_at: Ts,
    /// The factor events that it rests on.
    pub events: Vec<FactorEvent>,
    /// Whether it says that MFA was done.
    pub says_mfa: bool,
    /// From which address it was asked for.
    pub client_address: String,
    /// What the program called itself. Tokens from before this was kept say nothing.
    pub client_agent: String,
    /// What the request asked of the sign-in; `None` for tokens from before this was kept.
    pub asked: Option<Asked>,
    /// SHA-256 of the token.
    pub digest: [u8; 32],
    /// What it says, and why. Tokens that were journaled before this was kept have none.
    pub claims: Vec<SaidClaim>,
}

/// What a request asked of the sign-in, whatever the policy asks besides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// In our words.
    #[serde(flatten)]
    pub demand: Demand,
    /// The authentication contexts that a party of SAML 2.0 takes, as it named them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<String>,
}

impl Asked {
    /// In words for people, with the parameters of the protocol that can say so.
    #[must_use]
    pub fn words(&self, protocol: Protocol) -> String {
        let (factor, age, afresh) = match protocol {
            Protocol::WsFed => {
                (" (wauth or resource_params)", " (wfresh)", " (wfresh=0 or prompt=login)")
            }
            Protocol::Saml2 => ("", "", " (ForceAuthn)"),
            Protocol::Oidc => (" (acr_values)", " (max_age)", " (max_age=0 or prompt=login)"),
            Protocol::WsTrust => ("", "", ""),
        };
        let Demand { mfa, max_age, password } = self.demand;
        let mut wishes = Vec::new();
        if mfa {
            wishes.push(format!("a second factor{factor}"));
        }
        match max_age {
            Some(0) => wishes.push(format!("a new sign-in{afresh}")),
            Some(seconds) => wishes.push(format!("a sign-in within {seconds} seconds{age}")),
            None => {}
        }
        if password {
            wishes.push("the password itself".to_owned());
        }
        if !self.contexts.is_empty() {
            wishes.push(format!("one of RequestedAuthnContext: {}", self.contexts.join(" ")));
        }
        if wishes.is_empty() { "nothing in particular".to_owned() } else { wishes.join("; ") }
    }
}

/// A claim of a token, with the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidClaim {
    /// Its name, as the token has it.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// Why it says so.
    pub reason: Reason,
}

/// Why a token says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is the person's sign-in name.
    SignInName,
    /// It is the value by which the other side recognises the person.
    ImmutableId,
    /// When the first factor was proved.
    FirstFactor,
    /// When the second factor was proved.
    SecondFactor,
    /// Which factors were proved.
    Factors,
    /// Whether the request came from a configured network.
    Network,
    /// Whether the session outlives the browser.
    Persistence,
    /// An admin chose it for this relying party.
    Chosen,
}

/// How a token left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// WS-Federation passive with SAML 1.1.
    WsFed,
    /// SAML 2.0 web single sign-on.
    Saml2,
    /// WS-Trust with SAML 1.1.
    WsTrust,
    /// OpenID Connect: an ID token, handed over for a code.
    Oidc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_said_with_the_parameters_of_their_protocol() {
        let demand = |mfa, max_age, password| Demand { mfa, max_age, password };
        let asked = |demand| Asked { demand, contexts: Vec::new() };
        let cases = [
            (asked(demand(false, None, false)), Protocol::WsFed, "nothing in particular"),
            (
                asked(demand(true, Some(0), false)),
                Protocol::WsFed,
                "a second factor (wauth or resource_params); a new sign-in (wfresh=0 or prompt=login)",
            ),
            (
                asked(demand(true, Some(300), false)),
                Protocol::Oidc,
                "a second factor (acr_values); a sign-in within 300 seconds (max_age)",
            ),
            (
                Asked {
                    contexts: vec!["a".into(), "b".into()],
                    ..asked(demand(false, Some(0), true))
                },
                Protocol::Saml2,
                "a new sign-in (ForceAuthn); the password itself; one of RequestedAuthnContext: a b",
            ),
        ];
        for (asked, protocol, words) in cases {
            assert_eq!(asked.words(protocol), words);
        }
    }
}
