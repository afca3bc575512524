//! What an `AuthnRequest` asks for (SAML 2.0 core 3.4.1; `federation.md` 2.2). It may select among
//! what is registered and demand more of the sign-in; it grants nothing.

use super::message::Header;
use crate::{
    Error, Result,
    uris::{SAML20, SAMLP},
    xml::read::{Elements, Node},
};

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Who asks, and under which id.
    pub header: Header,
    /// Where the answer shall go; may only select a registered address.
    pub reply: Option<String>,
    /// The same by its number in the party's metadata.
    pub reply_index: Option<u16>,
    /// How the answer shall travel, if it says so.
    pub protocol_binding: Option<String>,
    /// The person must sign in afresh.
    pub force: bool,
    /// The person must not be shown anything.
    pub passive: bool,
    /// In which form the person shall be named, if it says so.
    pub name_id_format: Option<String>,
    /// How the person shall have signed in, if it says so.
    pub contexts: Option<RequestedContexts>,
}

/// `RequestedAuthnContext`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedContexts {
    /// How a context is compared with the list.
    pub comparison: Comparison,
    /// Class references; none when the party asks by declaration, which nobody does.
    pub classes: Vec<String>,
}

/// How a context must relate to one of the requested ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Be one of them.
    Exact,
    /// Be at least as strong as one of them.
    Minimum,
    /// Be stronger than all of them.
    Better,
    /// Be as strong as possible without being stronger than one of them.
    Maximum,
}

impl AuthnRequest {
    pub(super) fn read(
        header: Header,
        root: Node<'_, '_>,
        mut parts: Elements<'_, '_>,
    ) -> Result<Self> {
        if root.count(SAMLP, "AuthnRequest") != 1 {
            return Err(Error::Unreadable("there is a request inside the request"));
        }
        let text = |name| root.find_attribute(name).map(str::to_owned);
        parts.optional(SAMLP, "Extensions")?;
        // A subject would pick the person: nobody but they themselves does that.
        let policy = parts.optional(SAMLP, "NameIDPolicy")?;
        parts.optional(SAML20, "Conditions")?;
        let contexts = parts.optional(SAMLP, "RequestedAuthnContext")?;
        parts.optional(SAMLP, "Scoping")?;
        parts.finish()?;
        let index = root.find_attribute("AssertionConsumerServiceIndex");
        let unreadable = |_| Error::Unreadable("an index is no number");
        Ok(Self {
            header,
            reply: text("AssertionConsumerServiceURL"),
            reply_index: index.map(str::parse).transpose().map_err(unreadable)?,
            protocol_binding: text("ProtocolBinding"),
            force: truth(root, "ForceAuthn")?,
            passive: truth(root, "IsPassive")?,
            name_id_format: policy
                .and_then(|node| node.find_attribute("Format"))
                .map(str::to_owned),
            contexts: contexts.map(RequestedContexts::read).transpose()?,
        })
    }
}

impl RequestedContexts {
    fn read(node: Node<'_, '_>) -> Result<Self> {
        let comparison = match node.find_attribute("Comparison") {
            None | Some("exact") => Comparison::Exact,
            Some("minimum") => Comparison::Minimum,
            Some("better") => Comparison::Better,
            Some("maximum") => Comparison::Maximum,
            Some(_) => return Err(Error::Unreadable("it compares in no known way")),
        };
        let mut classes = Vec::new();
        let mut parts = node.elements();
        while let Some(class) = parts.step()? {
            if class.is(SAML20, "AuthnContextClassRef") {
                classes.push(class.trimmed()?.to_owned());
            } else if !class.is(SAML20, "AuthnContextDeclRef") {
                return Err(Error::Unreadable("it asks for a context in an unknown way"));
            }
        }
        Ok(Self { comparison, classes })
    }
}

fn truth(node: Node<'_, '_>, name: &str) -> Result<bool> {
    match node.find_attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Error::Unreadable("a truth value is neither")),
    }
}
