//! SAML 2.0 as Entra speaks it (federation.md 2): requests by form or by redirect, signed
//! where the domain demands it; answers
//! by form, judged; logout both ways.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;

use super::accept::{Verdict, admit, issuer, spent_context};
use super::assertion::{self, Assertion};
use super::realm::{Demand, append, escaped};
use super::shape::{DSIG, SAML20, Tree};
use super::{Denial, MULTIPLE_AUTHN, REALM, Session, request_signature, verify};
use crate::clock;
use crate::page::escape;
use crate::random;
use crate::tenant::FederationConfiguration;
use crate::world::World;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// A form that a browser posts.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) to: String,
    pub(crate) name: &'static str,
    pub(crate) message: String,
    pub(crate) relay_state: Option<String>,
}

/// The id of the request that a context belongs to: `_` and a GUID, as recorded.
fn request_id(context: &str) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    let hash = hex::encode(digest(&SHA256, context.as_bytes()));
    format!(
        "_{}-{}-{}-{}-{}",
        &hash[..8],
        &hash[8..12],
        &hash[12..16],
        &hash[16..20],
        &hash[20..32]
    )
}

/// Where the signature of a request goes, and whether it has one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    No,
    Inside,
}

/// The request, in the recorded shape: a signed one names its address.
fn authn_request(federation: &FederationConfiguration, demand: &Demand<'_>, is: Signed) -> String {
    let context = if demand.wants_mfa {
        format!(
            "<samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef xmlns:saml=\"{SAML20}\">{MULTIPLE_AUTHN}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
        )
    } else {
        String::new()
    };
    if is == Signed::Inside {
        return signed_request(federation, demand, &context);
    }
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" ID=\"{}\" Version=\"2.0\" IssueInstant=\"{}\"><Issuer xmlns=\"{SAML20}\">{REALM}</Issuer><samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/>{context}</samlp:AuthnRequest>",
        request_id(demand.context),
        clock::graph(demand.now),
    )
}

fn signed_request(
    federation: &FederationConfiguration,
    demand: &Demand<'_>,
    context: &str,
) -> String {
    let id = request_id(demand.context);
    let address = federation.passive_sign_in_uri.as_deref().unwrap_or_default();
    let (address, now) = (escape(address), clock::graph(demand.now));
    // In canonical form, so that what is signed need not be made of it.
    let write = |signature: &str| {
        format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" Destination=\"{address}\" ID=\"{id}\" IssueInstant=\"{now}\" Version=\"2.0\"><Issuer xmlns=\"{SAML20}\">{REALM}</Issuer>{signature}<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"></samlp:NameIDPolicy>{context}</samlp:AuthnRequest>"
        )
    };
    write(&request_signature::enveloped(&id, &write("")))
}

/// The request as a form: the documented way.
pub(crate) fn request_form(federation: &FederationConfiguration, demand: &Demand<'_>) -> Form {
    Form {
        to: federation.passive_sign_in_uri.clone().unwrap_or_default(),
        name: "SAMLRequest",
        message: STANDARD.encode(authn_request(federation, demand, inside(federation))),
        relay_state: Some(demand.context.to_owned()),
    }
}

/// The request as an address.
pub(crate) fn redirect(federation: &FederationConfiguration, demand: &Demand<'_>) -> String {
    let address = federation.passive_sign_in_uri.as_deref().unwrap_or_default();
    let query = packed(&authn_request(federation, demand, Signed::No), demand.context);
    match inside(federation) {
        Signed::Inside => append(address, &request_signature::beside(&query)),
        Signed::No => append(address, &query),
    }
}

fn inside(federation: &FederationConfiguration) -> Signed {
    match federation.is_signed_authentication_request_required {
        Some(true) => Signed::Inside,
        _ => Signed::No,
    }
}

fn packed(xml: &str, relay_state: &str) -> String {
    let message = STANDARD.encode(compress_to_vec(xml.as_bytes(), 6));
    format!("SAMLRequest={}&RelayState={}", escaped(&message), escaped(relay_state))
}

/// Where a browser goes to end the session there too.
pub(crate) fn logout_redirect(
    federation: &FederationConfiguration,
    immutable_id: &str,
    session: &Session,
    now: i64,
) -> Option<String> {
    let address = federation.sign_out_uri.as_deref().filter(|address| !address.is_empty())?;
    let xml = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"{PROTOCOL}\" ID=\"_{}\" Version=\"2.0\" IssueInstant=\"{}\"><saml:Issuer xmlns:saml=\"{SAML20}\">{REALM}</saml:Issuer><saml:NameID xmlns:saml=\"{SAML20}\" Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{}</saml:NameID><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>",
        random::guid(),
        clock::graph(now),
        escape(immutable_id),
        escape(&session.index),
    );
    Some(append(address, &packed(&xml, "signed-out")))
}

/// Judges a posted `SAMLResponse`, or takes a posted `SAMLRequest` to log out.
pub(super) fn judge(world: &World, form: &[(String, String)]) -> Result<Verdict, Denial> {
    let field =
        |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let xml = decoded(field("SAMLResponse").unwrap_or_default())?;
    let tree = Tree::parse(&xml)?;
    let root = tree.doc.document_element().ok_or_else(|| odd("it is empty"))?;
    if tree.is(root, PROTOCOL, "LogoutResponse") {
        return logged_out(world, &tree, &xml);
    }
    let context = field("RelayState").ok_or_else(|| odd("RelayState is missing"))?;
    let pending = world.sign_ins.pending(context, world.now());
    let (request, reply) = pending
        .and_then(|pending| pending.request)
        .unwrap_or_else(|| (request_id(context), format!("{}/login.srf", world.url())));
    let named = |name: &str| tree.attribute(root, name);
    if !tree.is(root, PROTOCOL, "Response")
        || named("Destination") != Some(reply.as_str())
        || named("InResponseTo") != Some(request.as_str())
    {
        return Err(odd("it is no Response to the request that was sent, for this address"));
    }
    world.sign_ins.pending(context, world.now()).ok_or_else(spent_context)?;
    let children = tree.elements(root).ok_or_else(|| odd("there is text between its elements"))?;
    // The envelope may be signed too; Entra looks at the assertion alone.
    let (outer, parts): (Vec<_>, Vec<_>) =
        children.into_iter().partition(|node| tree.is(*node, DSIG, "Signature"));
    let [said_by, status, assertion] = parts[..] else {
        return Err(Denial::new(500_082, "SAML assertion is not present in the token."));
    };
    let code = tree.exactly(status, [(PROTOCOL, "StatusCode")]);
    if code.and_then(|[code]| tree.attribute(code, "Value")) != Some(SUCCESS) {
        return Err(Denial::new(500_082, "SAML assertion is not present in the token."));
    }
    if tree.count(SAML20, "Assertion") != 1 || !tree.is(assertion, SAML20, "Assertion") {
        return Err(Denial::new(50008, "The SAML token is invalid: it has not one assertion."));
    }
    let said_by = tree.text(said_by);
    let expected = (reply.as_str(), request.as_str());
    if outer.is_empty() {
        return vouched(world, (&tree, &xml), assertion, (said_by.as_deref(), expected), context);
    }
    let cut = tree.doc.node_source(assertion).ok_or_else(|| odd("it is empty"))?;
    let alone = Tree::parse(cut)?;
    let root = alone.doc.document_element().ok_or_else(|| odd("it is empty"))?;
    vouched(world, (&alone, cut), root, (said_by.as_deref(), expected), context)
}

/// Takes the answer to a `LogoutRequest`: signed by somebody who is trusted.
fn logged_out(world: &World, tree: &Tree<'_>, xml: &str) -> Result<Verdict, Denial> {
    let root = tree.doc.document_element().ok_or_else(|| odd("it is empty"))?;
    let parts = [(SAML20, "Issuer"), (DSIG, "Signature"), (PROTOCOL, "Status")];
    let parts = tree.exactly(root, parts);
    let [said_by, signature, _] = parts.ok_or_else(|| odd("it is no signed LogoutResponse"))?;
    let said_by = tree.text(said_by).ok_or_else(|| odd("a part of it is empty"))?;
    let id = tree.attribute(root, "ID").unwrap_or_default().to_owned();
    let message = Assertion::of_message(id, said_by, signature);
    let (_, certificates) = world.read(|tenant| issuer(tenant, &message))?;
    verify::verify(tree, xml, (root, &message), &certificates)?;
    Ok(Verdict::SignedOut)
}

fn vouched(
    world: &World,
    (tree, xml): (&Tree<'_>, &str),
    node: uppsala::NodeId,
    (said_by, expected): (Option<&str>, (&str, &str)),
    context: &str,
) -> Result<Verdict, Denial> {
    let read = &assertion::read_2_0(tree, node, expected).ok_or_else(|| {
        Denial::new(
            50008,
            "The SAML token is invalid: its elements are not as the schema and the profile demand.",
        )
    })?;
    if said_by != Some(read.issuer.as_str()) {
        return Err(odd("the response and the assertion have two issuers"));
    }
    let (domain, certificates) = world.read(|tenant| issuer(tenant, read))?;
    let speaks = domain.federation.as_ref().is_some_and(FederationConfiguration::speaks_saml);
    if !speaks {
        return Err(odd("the domain is federated by another protocol"));
    }
    verify::verify(tree, xml, (node, read), &certificates)?;
    if read.audience != REALM {
        let sentence = format!("The SAML token is invalid: its audience is not {REALM}.");
        return Err(Denial::new(50008, sentence));
    }
    admit(world, (read, "saml20"), &domain, context)
}

/// Takes a `LogoutRequest` of an identity provider: signed, about a session that it opened.
pub(crate) fn log_out(world: &World, message: &str, relay_state: Option<&str>) -> Verdict {
    end(world, message, relay_state).unwrap_or_else(Verdict::Denied)
}

fn end(world: &World, message: &str, relay_state: Option<&str>) -> Result<Verdict, Denial> {
    let xml = decoded(message)?;
    let tree = Tree::parse(&xml)?;
    let root = tree.doc.document_element().ok_or_else(|| odd("it is empty"))?;
    let parts = tree.exactly(
        root,
        [(SAML20, "Issuer"), (DSIG, "Signature"), (SAML20, "NameID"), (PROTOCOL, "SessionIndex")],
    );
    let [said_by, signature, _, index] = parts
        .filter(|_| tree.is(root, PROTOCOL, "LogoutRequest"))
        .ok_or_else(|| odd("it is no signed LogoutRequest"))?;
    let text = |node| tree.text(node).ok_or_else(|| odd("a part of it is empty"));
    let id = tree.attribute(root, "ID").unwrap_or_default().to_owned();
    let envelope = Assertion::of_message(id.clone(), text(said_by)?, signature);
    let (domain, certificates) = world.read(|tenant| issuer(tenant, &envelope))?;
    verify::verify(&tree, &xml, (root, &envelope), &certificates)?;
    world.sign_ins.close_by_index(&text(index)?);
    let to = domain.federation.and_then(|held| held.sign_out_uri).unwrap_or_default();
    let answer = format!(
        "<samlp:LogoutResponse xmlns:samlp=\"{PROTOCOL}\" Destination=\"{}\" ID=\"_{}\" InResponseTo=\"{}\" IssueInstant=\"{}\" Version=\"2.0\"><saml:Issuer xmlns:saml=\"{SAML20}\">{REALM}</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"{SUCCESS}\"/></samlp:Status></samlp:LogoutResponse>",
        escape(&to),
        random::guid(),
        escape(&id),
        clock::graph(world.now()),
    );
    Ok(Verdict::LoggedOut(Form {
        to,
        name: "SAMLResponse",
        message: STANDARD.encode(answer),
        relay_state: relay_state.map(str::to_owned),
    }))
}

fn decoded(message: &str) -> Result<String, Denial> {
    let bytes = STANDARD.decode(message).map_err(|_| odd("it is not base64"))?;
    String::from_utf8(bytes).map_err(|_| odd("it is not text"))
}

fn odd(what: &str) -> Denial {
    Denial::new(750_054, format!("The SAML message is invalid: {what}."))
}
