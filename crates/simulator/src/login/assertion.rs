//! What an assertion of SAML 1.1 or 2.0 says, read from the element that will be verified (federation.md 1.4).
//! The order is the recorded one: conditions, attributes, authentication, signature.

use uppsala::NodeId;

use super::shape::{DSIG, SAML11, SAML20, Tree};
use super::{Denial, MULTIPLE_AUTHN};
use crate::clock;

const WINDOWS_OR_MULTIPLE: &str = "http://schemas.microsoft.com/claims/wiaormultiauthn";
const BEARER: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
const BEARER_2_0: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// The only form of naming people that Entra takes.
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const IMMUTABLE_ID: (&str, &str) =
    ("http://schemas.microsoft.com/LiveID/Federation/2008/05", "ImmutableID");
const METHOD: (&str, &str) =
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims", "authenticationmethod");

/// What an assertion says.
#[derive(Debug, PartialEq)]
pub(super) struct Assertion {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) not_before: i64,
    pub(super) not_on_or_after: i64,
    pub(super) authenticated_at: i64,
    pub(super) methods: Vec<String>,
    attributes: Vec<Attribute>,
    pub(super) signature: NodeId,
}

#[derive(Debug, PartialEq)]
struct Attribute {
    namespace: String,
    name: String,
    values: Vec<String>,
}

impl Assertion {
    /// Reads an assertion, or says that its form is wrong.
    pub(super) fn read(tree: &Tree<'_>, node: NodeId) -> Result<Self, Denial> {
        read(tree, node).ok_or_else(|| {
            Denial::new(50008, "The SAML token is invalid: its elements are not as the schema and the profile demand.")
        })
    }

    /// Another signed message, as far as its signature needs it.
    pub(super) fn of_message(id: String, issuer: String, signature: NodeId) -> Self {
        Self {
            id,
            issuer,
            audience: String::new(),
            not_before: 0,
            not_on_or_after: 0,
            authenticated_at: 0,
            methods: Vec::new(),
            attributes: Vec::new(),
            signature,
        }
    }

    /// The immutable id, when the token names one and only one.
    pub(super) fn immutable_id(&self) -> Option<&str> {
        let mut found = self.values(IMMUTABLE_ID);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether the identity provider claims a second factor.
    pub(super) fn claims_mfa(&self) -> bool {
        self.methods.iter().any(|method| method == MULTIPLE_AUTHN || method == WINDOWS_OR_MULTIPLE)
    }

    fn values(
        &self,
        (namespace, name): (&'static str, &'static str),
    ) -> impl Iterator<Item = &str> {
        self.attributes
            .iter()
            .filter(move |held| held.namespace == namespace && held.name == name)
            .flat_map(|held| held.values.iter().map(String::as_str))
    }
}

/// A SAML 2.0 assertion: only the name id, `IDPEmail` and the context class count (federation.md
/// 2.3). Its schema puts the signature right behind the issuer.
pub(super) fn read_2_0(
    tree: &Tree<'_>,
    node: NodeId,
    (recipient, request): (&str, &str),
) -> Option<Assertion> {
    clock::read(tree.attribute(node, "IssueInstant")?)
        .filter(|_| tree.attribute(node, "Version") == Some("2.0"))?;
    let [issuer, signature, subject, conditions, authentication, attributes] = tree.exactly(
        node,
        [
            (SAML20, "Issuer"),
            (DSIG, "Signature"),
            (SAML20, "Subject"),
            (SAML20, "Conditions"),
            (SAML20, "AuthnStatement"),
            (SAML20, "AttributeStatement"),
        ],
    )?;
    let [name, confirmation] =
        tree.exactly(subject, [(SAML20, "NameID"), (SAML20, "SubjectConfirmation")])?;
    let [data] = tree.exactly(confirmation, [(SAML20, "SubjectConfirmationData")])?;
    let confirms = tree.attribute(confirmation, "Method") == Some(BEARER_2_0)
        && tree.attribute(name, "Format") == Some(PERSISTENT)
        && tree.attribute(data, "Recipient") == Some(recipient)
        && tree.attribute(data, "InResponseTo") == Some(request);
    clock::read(tree.attribute(data, "NotOnOrAfter")?).filter(|_| confirms)?;
    let [restriction] = tree.exactly(conditions, [(SAML20, "AudienceRestriction")])?;
    let [audience] = tree.exactly(restriction, [(SAML20, "Audience")])?;
    let [context] = tree.exactly(authentication, [(SAML20, "AuthnContext")])?;
    let [class] = tree.exactly(context, [(SAML20, "AuthnContextClassRef")])?;
    let [email] = tree.exactly(attributes, [(SAML20, "Attribute")])?;
    let [address] = tree.exactly(email, [(SAML20, "AttributeValue")])?;
    (tree.attribute(email, "Name") == Some("IDPEmail") && tree.text(address)?.contains('@'))
        .then_some(())?;
    let (namespace, claim) = IMMUTABLE_ID;
    let immutable_id = Attribute {
        namespace: namespace.to_owned(),
        name: claim.to_owned(),
        values: vec![tree.text(name)?],
    };
    Some(Assertion {
        id: tree.attribute(node, "ID").filter(|id| is_id(id))?.to_owned(),
        issuer: tree.text(issuer)?,
        audience: tree.text(audience)?,
        not_before: clock::read(tree.attribute(conditions, "NotBefore")?)?,
        not_on_or_after: clock::read(tree.attribute(conditions, "NotOnOrAfter")?)?,
        authenticated_at: clock::read(tree.attribute(authentication, "AuthnInstant")?)?,
        methods: vec![tree.text(class)?],
        attributes: vec![immutable_id],
        signature,
    })
}

fn read(tree: &Tree<'_>, node: NodeId) -> Option<Assertion> {
    let is_1_1 = tree.attribute(node, "MajorVersion")? == "1"
        && tree.attribute(node, "MinorVersion")? == "1";
    clock::read(tree.attribute(node, "IssueInstant")?).filter(|_| is_1_1)?;
    let [conditions, attributes, authentication, signature] = tree.exactly(
        node,
        [
            (SAML11, "Conditions"),
            (SAML11, "AttributeStatement"),
            (SAML11, "AuthenticationStatement"),
            (DSIG, "Signature"),
        ],
    )?;
    let [restriction] = tree.exactly(conditions, [(SAML11, "AudienceRestrictionCondition")])?;
    let [audience] = tree.exactly(restriction, [(SAML11, "Audience")])?;
    let [subject] = tree.exactly(authentication, [(SAML11, "Subject")])?;
    let (about, attributes) = attribute_statement(tree, attributes)?;
    if about != name_identifier(tree, subject)? {
        return None;
    }
    let mut read = Assertion {
        id: tree.attribute(node, "AssertionID").filter(|id| is_id(id))?.to_owned(),
        issuer: tree.attribute(node, "Issuer")?.to_owned(),
        audience: tree.text(audience)?,
        not_before: clock::read(tree.attribute(conditions, "NotBefore")?)?,
        not_on_or_after: clock::read(tree.attribute(conditions, "NotOnOrAfter")?)?,
        authenticated_at: clock::read(tree.attribute(authentication, "AuthenticationInstant")?)?,
        methods: vec![tree.attribute(authentication, "AuthenticationMethod")?.to_owned()],
        attributes,
        signature,
    };
    let more: Vec<String> = read.values(METHOD).map(str::to_owned).collect();
    read.methods.extend(more);
    read.methods.dedup();
    Some(read)
}

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

fn attribute_statement(tree: &Tree<'_>, node: NodeId) -> Option<(String, Vec<Attribute>)> {
    let children = tree.elements(node)?;
    let (subject, rest) = children.split_first()?;
    let about = name_identifier(tree, *subject)?;
    let attributes: Option<Vec<Attribute>> =
        rest.iter().map(|child| attribute(tree, *child)).collect();
    attributes.filter(|held| !held.is_empty()).map(|held| (about, held))
}

fn attribute(tree: &Tree<'_>, node: NodeId) -> Option<Attribute> {
    if !tree.is(node, SAML11, "Attribute") {
        return None;
    }
    let value = |child: &NodeId| {
        tree.is(*child, SAML11, "AttributeValue").then(|| tree.text(*child)).flatten()
    };
    let values: Vec<String> = tree.elements(node)?.iter().map(value).collect::<Option<_>>()?;
    (!values.is_empty()).then_some(Attribute {
        namespace: tree.attribute(node, "AttributeNamespace")?.to_owned(),
        name: tree.attribute(node, "AttributeName")?.to_owned(),
        values,
    })
}

fn name_identifier(tree: &Tree<'_>, subject: NodeId) -> Option<String> {
    if !tree.is(subject, SAML11, "Subject") {
        return None;
    }
    let [name, confirmation] =
        tree.exactly(subject, [(SAML11, "NameIdentifier"), (SAML11, "SubjectConfirmation")])?;
    let [method] = tree.exactly(confirmation, [(SAML11, "ConfirmationMethod")])?;
    if tree.text(method)? != BEARER {
        return None;
    }
    Some(format!("{} {}", tree.attribute(name, "Format").unwrap_or_default(), tree.text(name)?))
}
