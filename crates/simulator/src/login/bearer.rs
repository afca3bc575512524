//! `grant_type=…:saml1_1-bearer` at the token endpoint: the assertion that a rich client got by
//! WS-Trust becomes an access token of its person (federation.md 3.7). It is judged as at
//! `login.srf`, by the same checks; a `password` grant always fails, since the simulator keeps no
//! passwords.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::accept::{SKEW, issuer, person, times};
use super::assertion::Assertion;
use super::shape::{SAML11, Tree};
use super::token::{Failure, TokenRequest, failure, missing};
use super::{Denial, REALM, verify};
use crate::graph;
use crate::sample;
use crate::tenant::User;
use crate::world::World;

/// The grant.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:saml1_1-bearer";

/// Answers the grant.
pub(super) fn answer(world: &World, request: &TokenRequest<'_>) -> Result<Value, Failure> {
    let (client, scope) = client_and_scope(world, request)?;
    let encoded = request.field("assertion").ok_or_else(|| missing("assertion"))?;
    let invalid = |why: &str| {
        let sentence = format!("Assertion is invalid because of various reasons: {why}.");
        failure(400, "invalid_grant", 50013, sentence)
    };
    let bytes =
        [STANDARD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|way| way.decode(encoded).ok());
    let xml = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let xml = xml.ok_or_else(|| invalid("it is not the base64 of a text"))?;
    let refused = |denial| Failure { status: 400, error: "invalid_grant", denial };
    let (user, assertion) = judge(world, &xml).map_err(refused)?;
    let until = assertion.not_on_or_after + SKEW;
    if !world.sign_ins.spend(&assertion.id, until, world.now()) {
        return Err(invalid("it was used before"));
    }
    Ok(tokens(world, &user, client, scope))
}

/// Answers the `password` grant, which ends the same for every password.
pub(super) fn answer_password(world: &World, request: &TokenRequest<'_>) -> Result<Value, Failure> {
    client_and_scope(world, request)?;
    let name = request.field("username").ok_or_else(|| missing("username"))?;
    request.field("password").ok_or_else(|| missing("password"))?;
    let exists = world.read(|tenant| tenant.user(name).is_some());
    let (code, sentence) = if exists {
        (50126, "Error validating credentials due to invalid username or password.".to_owned())
    } else {
        (50034, format!("The user account {name} does not exist in the directory."))
    };
    Err(failure(400, "invalid_grant", code, sentence))
}

/// A public client that every tenant knows, or the tenant's own.
fn client_and_scope<'r>(
    world: &World,
    request: &'r TokenRequest<'_>,
) -> Result<(&'r str, &'r str), Failure> {
    let client = request.field("client_id").ok_or_else(|| missing("client_id"))?;
    let scope = request.field("scope").ok_or_else(|| missing("scope"))?;
    let own = world.read(|tenant| tenant.app.client_id.eq_ignore_ascii_case(client));
    if own || client.eq_ignore_ascii_case(sample::PUBLIC_CLIENT_ID) {
        return Ok((client, scope));
    }
    let sentence = format!("Application with identifier '{client}' was not found.");
    Err(failure(400, "unauthorized_client", 700_016, sentence))
}

fn judge(world: &World, xml: &str) -> Result<(User, Assertion), Denial> {
    let now = world.now();
    let tree = Tree::parse(xml)?;
    let root = tree.doc.document_element().filter(|root| tree.is(*root, SAML11, "Assertion"));
    let root = root.filter(|_| tree.count(SAML11, "Assertion") == 1).ok_or_else(|| {
        Denial::new(50008, "The SAML token is invalid: it is not one SAML 1.1 assertion.")
    })?;
    let assertion = Assertion::read(&tree, root)?;
    let (domain, certificates) = world.read(|tenant| issuer(tenant, &assertion))?;
    verify::verify(&tree, xml, (root, &assertion), &certificates)?;
    if assertion.audience != REALM {
        let sentence = format!("The SAML token is invalid: its audience is not {REALM}.");
        return Err(Denial::new(50008, sentence));
    }
    times(&assertion, now)?;
    let user = world.read(|tenant| person(tenant, &assertion, &domain, now))?;
    let behavior = domain.federation.as_ref().and_then(|f| f.federated_idp_mfa_behavior.as_deref());
    if behavior == Some("enforceMfaByFederatedIdp") && !assertion.claims_mfa() {
        return Err(Denial::new(
            50076,
            "Due to a configuration change made by your administrator, or because you moved to a \
             new location, you must use multi-factor authentication to access the resource.",
        ));
    }
    Ok((user, assertion))
}

fn tokens(world: &World, user: &User, client: &str, scope: &str) -> Value {
    let (now, life) = (world.now(), world.faults.token_life());
    let (access, id_token, tenant) = world.read(|tenant| {
        let access = graph::issue_delegated(tenant, (user, client, scope), now, life);
        (access, graph::issue_id_token(tenant, (user, client), now, life), tenant.id.clone())
    });
    let client_info = json!({"uid": user.id, "utid": tenant}).to_string();
    json!({
        "token_type": "Bearer", "scope": scope, "expires_in": life, "ext_expires_in": life,
        "access_token": access, "id_token": id_token,
        "client_info": URL_SAFE_NO_PAD.encode(client_info),
    })
}
