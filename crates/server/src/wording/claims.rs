//! What a token says, and why, in words.

use model::{
    FactorEvent,
    issued_token::{IssuedToken, Protocol, Reason, SaidClaim},
};

use super::{events, times};

/// The protocol, as admins know it.
pub(crate) fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::WsFed => "WS-Federation",
        Protocol::Saml2 => "SAML 2.0",
        Protocol::WsTrust => "WS-Trust",
        Protocol::Oidc => "OpenID Connect",
    }
}

/// The last part of a claim's name: what differs from one to the next.
pub(crate) fn short(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}

/// Why a token says this, in a sentence.
pub(crate) fn reason(claim: &SaidClaim, token: &IssuedToken) -> String {
    match claim.reason {
        Reason::SignInName => "The person's sign-in name when the token was made.".to_owned(),
        Reason::ImmutableId => {
            "The value by which the other side recognises this person for ever.".to_owned()
        }
        Reason::FirstFactor => match token.events.first() {
            Some(event) => format!("When the first factor was proved: {}.", proved(event)),
            None => "When the first factor was proved.".to_owned(),
        },
        Reason::SecondFactor => {
            let second = token.events.iter().rev().find(|event| event.method.is_second_factor());
            second.map_or_else(
                || "When the second factor was proved.".to_owned(),
                |event| format!("When the second factor was proved: {}.", proved(event)),
            )
        }
        Reason::Factors => {
            let all: Vec<String> = token.events.iter().map(proved).collect();
            format!("What was proved: {}.", all.join("; "))
        }
        Reason::Network => {
            let where_it_lies = match claim.values.first().map(String::as_str) {
                Some("true") => "in a corporate network of the domain",
                _ => "in no corporate network of the domain",
            };
            format!("The request came from {}, {where_it_lies}.", address(token))
        }
        Reason::Persistence => "Whether the session outlives the browser.".to_owned(),
        Reason::Chosen => "Chosen by an admin for this application.".to_owned(),
    }
}

fn address(token: &IssuedToken) -> &str {
    if token.client_address.is_empty() { "an unknown address" } else { &token.client_address }
}

/// "Password on 25 Nov 2026, 09:14 UTC".
pub(crate) fn proved(event: &FactorEvent) -> String {
    let what = events::grounds(std::slice::from_ref(event));
    format!("{what} at {}", times::exact(event.at))
}
