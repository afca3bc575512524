//! Opens a SAML message: whose it is, whether its signature holds, what it says. The signature is
//! checked on the very tree that the answer is read from (R099), with keys that were registered for
//! its issuer (R104, R107).

use std::time::Duration;

use model::Ts;

use super::{
    Refusal,
    binding::{Binding, Direction, Received},
    logout::{LogoutRequest, LogoutResponse},
    request::AuthnRequest,
};
use crate::{
    Error,
    uris::{self, SAML20, SAMLP},
    xml::{
        dsig::{self, TrustedKeys},
        read::{Elements, Kind, Node, parse},
    },
};

/// How far the clock of a sender may be from ours (R113).
const SKEW: Duration = Duration::from_mins(5);

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A token.
    Authn(Box<AuthnRequest>),
    /// To end a session.
    Logout(LogoutRequest),
    /// How a session ended there.
    LoggedOut(LogoutResponse),
}

/// What every message says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its id, which the answer names.
    pub id: String,
    /// Who sent it, byte for byte.
    pub issuer: String,
    /// Whether a registered key signed it.
    pub is_signed: bool,
}

/// Whether a party's messages must be signed. The flag is stored, never guessed from the keys (R104).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// Whatever is unsigned is refused.
    Required,
    /// Requests that a browser brings to sign in; the others may be unsigned. So Entra does it
    /// (`federation.md` 2.4).
    RequiredToSignIn,
    /// Unsigned messages are taken; a signature that is there must hold if keys are known.
    Optional,
}

/// What is known of the party that a message comes from, and what it may be measured by.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'k> {
    /// The entity id that was looked up.
    pub issuer: &'k str,
    /// Its registered keys.
    pub keys: TrustedKeys<'k>,
    /// Whether it must sign.
    pub signing: Signing,
    /// Our address that was called; a message for another one is refused.
    pub destination: &'k str,
    /// Now.
    pub now: Ts,
}

/// Who claims to have sent it. Good for looking up the party's keys and for nothing else.
pub fn claimed_issuer(received: &Received) -> Result<String, Refusal> {
    let tree = parse(&received.xml, Kind::Foreign).map_err(unreadable)?;
    let root = tree.root().map_err(unreadable)?;
    let issuer = read_issuer(&mut root.elements()).map_err(unreadable)?;
    Ok(issuer.to_owned())
}

/// Checks a message and reads it.
pub fn read(received: &Received, expected: &Expected<'_>) -> Result<Message, Refusal> {
    let tree = parse(&received.xml, Kind::Foreign).map_err(unreadable)?;
    let root = tree.root().map_err(unreadable)?;
    let (header, parts) = read_header(root, received, expected)?;
    let message = match received.direction {
        Direction::Request if root.is(SAMLP, "AuthnRequest") => {
            AuthnRequest::read(header, root, parts).map(|request| Message::Authn(Box::new(request)))
        }
        Direction::Request if root.is(SAMLP, "LogoutRequest") => {
            LogoutRequest::read(header, root, parts).map(Message::Logout)
        }
        Direction::Response if root.is(SAMLP, "LogoutResponse") => {
            LogoutResponse::read(header, root, parts).map(Message::LoggedOut)
        }
        _ => return Err(Refusal::UnknownMessage),
    };
    match message.map_err(unreadable)? {
        Message::Logout(request)
            if request.not_on_or_after.is_some_and(|until| until <= expected.now) =>
        {
            Err(Refusal::OutOfTime)
        }
        message => Ok(message),
    }
}

fn unreadable(_: Error) -> Refusal {
    Refusal::Unreadable
}

/// Checks what all messages have in common, in the order in which it is cheap.
fn read_header<'t, 'x>(
    root: Node<'t, 'x>,
    received: &Received,
    expected: &Expected<'_>,
) -> Result<(Header, Elements<'t, 'x>), Refusal> {
    let id = root.attribute("ID").map_err(unreadable)?;
    let is_2_0 = root.attribute("Version") == Ok("2.0");
    let mut parts = root.elements();
    let issuer = read_issuer(&mut parts).map_err(unreadable)?;
    if !is_2_0 || issuer != expected.issuer {
        return Err(Refusal::UnknownMessage);
    }
    if root.find_attribute("Destination").is_some_and(|named| named != expected.destination) {
        return Err(Refusal::ForeignDestination);
    }
    let instant = root.attribute("IssueInstant").ok().and_then(Ts::from_rfc3339);
    let sent = instant.ok_or(Refusal::Unreadable)?;
    if sent.since(expected.now) > SKEW || expected.now.since(sent) > SKEW {
        return Err(Refusal::OutOfTime);
    }
    let signature = parts.optional(uris::DSIG, "Signature").map_err(unreadable)?;
    let is_signed = match received.binding {
        // In this binding the signature of the query is the one that counts.
        Binding::Redirect if !received.has_query_signature() => false,
        Binding::Redirect => holds(received.verify_query(&expected.keys), expected)?,
        Binding::Post | Binding::Soap => match signature {
            None => false,
            Some(node) => {
                let held = dsig::verify_received(root, node, id, &expected.keys);
                holds(held.map_err(|_| Refusal::BadSignature), expected)?
            }
        },
    };
    let must_sign = match expected.signing {
        Signing::Required => true,
        Signing::RequiredToSignIn => {
            root.is(SAMLP, "AuthnRequest") && received.binding != Binding::Soap
        }
        Signing::Optional => false,
    };
    if !is_signed && must_sign {
        return Err(Refusal::Unsigned);
    }
    Ok((Header { id: id.to_owned(), issuer: issuer.to_owned(), is_signed }, parts))
}

/// A signature that does not hold is refused; without any registered key it says nothing.
fn holds(verified: Result<(), Refusal>, expected: &Expected<'_>) -> Result<bool, Refusal> {
    match verified {
        Ok(()) => Ok(true),
        Err(_) if expected.keys.are_none() && expected.signing == Signing::Optional => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

fn read_issuer<'t>(parts: &mut Elements<'t, '_>) -> crate::Result<&'t str> {
    let issuer = parts.expect(SAML20, "Issuer")?;
    let plain = issuer.find_attribute("Format").is_none_or(|format| format == uris::NAME_ID_ENTITY);
    if !plain {
        return Err(Error::Unreadable("its issuer is no entity"));
    }
    issuer.trimmed()
}
