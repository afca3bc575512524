//! The shape of `wresult`: the RSTR exactly as AD FS writes it (federation.md 1.4), with one
//! SAML 1.1 assertion in its place. Whoever sends another shape is told so.

use uppsala::{Document, NodeId, NodeKind, Parser};

use super::Denial;

const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const SECEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The namespace of SAML 1.1 assertions, which is also their token type.
pub(super) const SAML11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// The namespace of SAML 2.0 assertions.
pub(super) const SAML20: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of XML signatures.
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SOAP: [&str; 2] =
    ["http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"];
/// A longer `wresult` is not looked at.
const MOST_BYTES: usize = 128 * 1024;

/// A parsed document with the questions that the checks ask.
pub(super) struct Tree<'d> {
    pub(super) doc: Document<'d>,
}

impl<'d> Tree<'d> {
    /// Parses without DTDs, entities, deep nesting, comments and processing instructions.
    pub(super) fn parse(xml: &'d str) -> Result<Self, Denial> {
        let malformed =
            |why: &str| Denial::new(90107, format!("The request message is not valid XML: {why}."));
        if xml.len() > MOST_BYTES {
            return Err(malformed("it is too long"));
        }
        let parser = Parser::new().with_forbid_dtd(true).with_max_depth(32);
        let doc = parser.parse(xml).map_err(|error| malformed(&error.to_string()))?;
        let tree = Self { doc };
        let odd = tree.doc.descendants(tree.doc.root()).into_iter().any(|node| {
            matches!(
                tree.doc.node_kind(node),
                Some(
                    NodeKind::Comment(_) | NodeKind::ProcessingInstruction(_) | NodeKind::CData(_)
                )
            )
        });
        if odd { Err(malformed("it has comments, CDATA or instructions")) } else { Ok(tree) }
    }

    /// Whether an element has this name.
    pub(super) fn is(&self, node: NodeId, namespace: &str, name: &str) -> bool {
        self.doc.element(node).is_some_and(|element| element.matches_name_ns(namespace, name))
    }

    /// The children that are elements; `None` when there is text between them.
    pub(super) fn elements(&self, node: NodeId) -> Option<Vec<NodeId>> {
        let mut elements = Vec::new();
        for child in self.doc.children_iter(node) {
            match self.doc.node_kind(child)? {
                NodeKind::Element(_) => elements.push(child),
                NodeKind::Text(text) if text.trim().is_empty() => {}
                _ => return None,
            }
        }
        Some(elements)
    }

    /// The children, when they are exactly these elements in this order.
    pub(super) fn exactly<const N: usize>(
        &self,
        node: NodeId,
        names: [(&str, &str); N],
    ) -> Option<[NodeId; N]> {
        let found: [NodeId; N] = self.elements(node)?.try_into().ok()?;
        let fits = found.iter().zip(names).all(|(node, (space, name))| self.is(*node, space, name));
        fits.then_some(found)
    }

    /// The text of an element that holds nothing but text.
    pub(super) fn text(&self, node: NodeId) -> Option<String> {
        let mut text = String::new();
        for child in self.doc.children_iter(node) {
            text.push_str(self.doc.text_content(child)?);
        }
        (!text.is_empty()).then_some(text)
    }

    /// An attribute without namespace.
    pub(super) fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        let attributes = &self.doc.element(node)?.attributes;
        let mut found = attributes
            .iter()
            .filter(|held| held.name.namespace_uri.is_none() && held.name.local_name == name);
        found.next().map(|held| held.value.as_ref())
    }

    /// How many elements of this name the whole document has.
    pub(super) fn count(&self, namespace: &str, name: &str) -> usize {
        let all = self.doc.descendants(self.doc.root());
        all.into_iter().filter(|node| self.is(*node, namespace, name)).count()
    }
}

/// The parts of an RSTR that matter further on.
pub(super) struct Envelope {
    pub(super) assertion: NodeId,
    pub(super) applies_to: String,
}

/// Finds the one assertion of an RSTR.
pub(super) fn envelope(tree: &Tree<'_>) -> Result<Envelope, Denial> {
    let odd =
        |what: &str| Denial::new(20012, format!("The WS-Federation message is invalid: {what}."));
    let root = tree.doc.document_element().ok_or_else(|| odd("it is empty"))?;
    if SOAP.iter().any(|soap| tree.is(root, soap, "Fault") || tree.is(root, soap, "Envelope")) {
        return Err(Denial::new(20001, "The identity provider answered with a fault."));
    }
    if !tree.is(root, TRUST, "RequestSecurityTokenResponse") {
        return Err(odd("wresult is not a RequestSecurityTokenResponse"));
    }
    one_assertion(tree)?;
    read(tree, root).ok_or_else(|| odd("the response does not have the parts it must have"))
}

fn one_assertion(tree: &Tree<'_>) -> Result<(), Denial> {
    if tree.count(SAML20, "Assertion") > 0 {
        return Err(Denial::new(50008, "The SAML token is invalid: a SAML 1.1 token is expected."));
    }
    match tree.count(SAML11, "Assertion") {
        1 => Ok(()),
        0 => Err(Denial::new(500_082, "SAML assertion is not present in the token.")),
        _ => Err(Denial::new(50008, "The SAML token is invalid: it has more than one assertion.")),
    }
}

fn read(tree: &Tree<'_>, root: NodeId) -> Option<Envelope> {
    let [lifetime, applies, token, attached, unattached, token_type, request_type, key_type] = tree
        .exactly(
            root,
            [
                (TRUST, "Lifetime"),
                (POLICY, "AppliesTo"),
                (TRUST, "RequestedSecurityToken"),
                (TRUST, "RequestedAttachedReference"),
                (TRUST, "RequestedUnattachedReference"),
                (TRUST, "TokenType"),
                (TRUST, "RequestType"),
                (TRUST, "KeyType"),
            ],
        )?;
    tree.elements(lifetime).filter(|moments| moments.len() == 2)?;
    let [endpoint] = tree.exactly(applies, [(ADDRESSING, "EndpointReference")])?;
    let [address] = tree.exactly(endpoint, [(ADDRESSING, "Address")])?;
    let [assertion] = tree.exactly(token, [(SAML11, "Assertion")])?;
    let id = tree.attribute(assertion, "AssertionID")?;
    let names_it = |reference| {
        let [inner] = tree.exactly(reference, [(SECEXT, "SecurityTokenReference")])?;
        let [key] = tree.exactly(inner, [(SECEXT, "KeyIdentifier")])?;
        (tree.text(key)? == id).then_some(())
    };
    names_it(attached)?;
    names_it(unattached)?;
    let fits = tree.text(token_type)? == SAML11
        && tree.text(request_type)? == format!("{TRUST}/Issue")
        && tree.text(key_type)? == "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey";
    fits.then_some(Envelope { assertion, applies_to: tree.text(address)? })
}
