//! What a token says about a person. One claim is one function; `multipleauthn` comes from an
//! `MfaClaim` and from nothing else (R094, `federation.md` 1.4).

use model::{
    Proof, Ts,
    amr::Method,
    issued_token::{Reason, SaidClaim},
};

use crate::{Stamp, uris};

/// Everything that one token vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Who vouches: the issuer URI of the person's domain, byte for byte.
    pub issuer: String,
    /// Who may believe it: the realm of the relying party, byte for byte.
    pub audience: String,
    /// What the person proved in this session.
    pub proof: Proof,
    /// Whether they are inside a configured network; `None` where none is configured.
    pub inside_network: Option<bool>,
    /// Whether the session outlives the browser; `None` to leave it unsaid.
    pub persistent_session: Option<bool>,
}

/// A claim as a token carries it: the URI is `namespace/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) values: Vec<&'a str>,
}

/// How the person proved it, in the words of `authnmethodsreferences`.
#[must_use]
pub fn methods(proof: &Proof) -> Vec<&'static str> {
    let mut methods = Vec::with_capacity(2);
    if proof.has(Method::Password) {
        methods.push(uris::METHOD_PASSWORD);
    }
    if proof.mfa().is_some() {
        methods.push(uris::MULTIPLE_AUTHN);
    }
    if methods.is_empty() {
        methods.push(uris::AM_UNSPECIFIED);
    }
    methods
}

/// The one method that the authentication statement names.
pub(crate) fn authentication_method(proof: &Proof) -> &'static str {
    if proof.mfa().is_some() {
        uris::MULTIPLE_AUTHN
    } else if proof.has(Method::Password) {
        uris::AM_PASSWORD
    } else {
        uris::AM_UNSPECIFIED
    }
}

/// The moments that claims name, as text. None lies after the time of issue.
pub(crate) struct Moments {
    pub(crate) first_factor: String,
    pub(crate) second_factor: Option<String>,
}

impl Moments {
    pub(crate) fn of(proof: &Proof, stamp: &Stamp) -> Self {
        let text = |at: Ts| at.min(stamp.now).to_xml();
        Self {
            first_factor: text(proof.authenticated_at()),
            second_factor: proof.mfa().map(|claim| text(claim.at())),
        }
    }
}

/// What a statement says of the sign-in itself, in the order in which AD FS writes it.
pub(crate) fn of_sign_in<'a>(statement: &'a Statement, moments: &'a Moments) -> Vec<Claim<'a>> {
    let claims = with_reasons(statement, moments);
    claims.into_iter().flatten().map(|(claim, _)| claim).collect()
}

/// The same with its reasons, for the journal.
pub(crate) fn said_of_sign_in(statement: &Statement, moments: &Moments) -> Vec<SaidClaim> {
    let claims = with_reasons(statement, moments).into_iter().flatten();
    let said = claims.map(|(claim, reason)| SaidClaim {
        name: format!("{}/{}", claim.namespace, claim.name),
        values: claim.values.into_iter().map(str::to_owned).collect(),
        reason,
    });
    said.collect()
}

/// Whether a claim of this name says something of the sign-in itself. No admin may pick it for
/// another value: what was proved comes from factor events and from nothing else (R094).
#[must_use]
pub fn is_of_sign_in(name: &str) -> bool {
    [
        (IDENTITY_2008, "authenticationinstant"),
        (IDENTITY_2008, METHOD),
        (MICROSOFT, REFERENCES),
        (IDENTITY_2017, SECOND_FACTOR),
        (NETWORK, INSIDE),
        (SESSION, "psso"),
    ]
    .iter()
    .any(|(namespace, last)| {
        let rest = name.get(..namespace.len()).filter(|it| it.eq_ignore_ascii_case(namespace));
        let rest = rest.and_then(|_| name[namespace.len()..].strip_prefix('/'));
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(last))
    })
}

/// Looks at what a token really says, not at what was asked for.
pub(crate) fn say_mfa(claims: &[Claim<'_>]) -> bool {
    let are_methods = |claim: &Claim<'_>| {
        let name = (claim.namespace, claim.name);
        name == (IDENTITY_2008, METHOD) || name == (MICROSOFT, REFERENCES)
    };
    claims.iter().any(|claim| are_methods(claim) && claim.values.contains(&uris::MULTIPLE_AUTHN))
}

/// Every such claim that there is, with its reason; `None` where there is nothing to say.
fn with_reasons<'a>(
    statement: &'a Statement,
    moments: &'a Moments,
) -> [Option<(Claim<'a>, Reason)>; 6] {
    [
        Some((authentication_instant(moments), Reason::FirstFactor)),
        authentication_methods(statement).map(|claim| (claim, Reason::Factors)),
        Some((methods_references(statement), Reason::Factors)),
        second_factor_instant(moments).map(|claim| (claim, Reason::SecondFactor)),
        inside_corporate_network(statement).map(|claim| (claim, Reason::Network)),
        persistent_session(statement).map(|claim| (claim, Reason::Persistence)),
    ]
}

const IDENTITY_2008: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims";
const IDENTITY_2017: &str = "http://schemas.microsoft.com/ws/2017/04/identity/claims";
const MICROSOFT: &str = "http://schemas.microsoft.com/claims";
const NETWORK: &str = "http://schemas.microsoft.com/ws/2012/01";
const SESSION: &str = "http://schemas.microsoft.com/2014/03";
const METHOD: &str = "authenticationmethod";
const REFERENCES: &str = "authnmethodsreferences";
const SECOND_FACTOR: &str = "multifactorauthenticationinstant";
const INSIDE: &str = "insidecorporatenetwork";

fn claim<'a>(namespace: &'a str, name: &'a str, value: &'a str) -> Claim<'a> {
    Claim { namespace, name, values: vec![value] }
}

fn authentication_instant(moments: &Moments) -> Claim<'_> {
    claim(IDENTITY_2008, "authenticationinstant", &moments.first_factor)
}

/// Only sent with a second factor: to Entra it is the proof of one.
fn authentication_methods(statement: &Statement) -> Option<Claim<'_>> {
    let values = statement.proof.mfa().map(|_| methods(&statement.proof))?;
    Some(Claim { namespace: IDENTITY_2008, name: METHOD, values })
}

fn methods_references(statement: &Statement) -> Claim<'_> {
    let values = methods(&statement.proof);
    Claim { namespace: MICROSOFT, name: REFERENCES, values }
}

fn second_factor_instant(moments: &Moments) -> Option<Claim<'_>> {
    let at = moments.second_factor.as_deref()?;
    Some(claim(IDENTITY_2017, SECOND_FACTOR, at))
}

fn inside_corporate_network(statement: &Statement) -> Option<Claim<'_>> {
    statement.inside_network.map(|inside| claim(NETWORK, INSIDE, word(inside)))
}

fn persistent_session(statement: &Statement) -> Option<Claim<'_>> {
    statement.persistent_session.map(|persistent| claim(SESSION, "psso", word(persistent)))
}

const fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use model::FactorEvent;

    use super::*;

    #[test]
    fn a_claim_about_the_sign_in_is_known_by_its_name_in_any_case() {
        for name in [
            "http://schemas.microsoft.com/claims/authnmethodsreferences",
            "http://schemas.microsoft.com/claims/AuthnMethodsReferences",
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/authenticationmethod",
            "HTTP://schemas.microsoft.com/ws/2012/01/insidecorporatenetwork",
        ] {
            assert!(is_of_sign_in(name), "{name}");
        }
        for name in [
            "",
            "mail",
            "http://schemas.microsoft.com/claims",
            "http://schemas.xmlsoap.org/claims/UPN",
            "http://schemas.microsoft.com/claims/authnmethodsreferences/x",
            "http://schemas.microsoft.com/claimé/authnmethodsreferences",
        ] {
            assert!(!is_of_sign_in(name), "{name}");
        }
    }

    #[test]
    fn multipleauthn_is_said_of_two_kinds_of_proof_and_of_nothing_else() {
        use Method::{AccessPass, Password, RecoveryCode, Totp};
        for (proved, mfa) in [
            (&[Password][..], false),
            (&[Totp], false),
            (&[RecoveryCode, Totp], false),
            (&[Password, Password], false),
            (&[Password, Totp], true),
            (&[RecoveryCode, Password], true),
            (&[AccessPass, Totp], false),
            (&[Password, AccessPass], true),
        ] {
            let events = proved.iter().map(|&method| FactorEvent { method, at: Ts(1) }).collect();
            let proof = Proof::from_events(events).expect("not empty");
            assert_eq!(methods(&proof).contains(&uris::MULTIPLE_AUTHN), mfa, "{proved:?}");
            assert_eq!(authentication_method(&proof) == uris::MULTIPLE_AUTHN, mfa, "{proved:?}");
        }
    }
}
