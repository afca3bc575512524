//! `POST /login.srf`: the judge of walk A. Every check that Entra makes on a federated sign-in,
//! in one place, each refusal with its AADSTS code (federation.md 7).

use super::assertion::Assertion;
use super::realm::Demand;
use super::shape::{self, Tree};
use super::sign_ins::{Pending, Spent};
use super::{Denial, REALM, Session, SignIn, saml2, verify};
use crate::clock::SECOND;
use crate::tenant::{Domain, FederationConfiguration, Tenant, User};
use crate::world::World;

/// How far the two clocks may differ.
pub(super) const SKEW: i64 = 300 * SECOND;

/// What becomes of a token.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// A mailbox session; this is its cookie. Or a computer goes on being set up.
    SignedIn { cookie: String, is_setup: bool },
    /// Back to the identity provider, once, for the second factor.
    Back { address: String },
    /// A person who signed out there; the session here is over too.
    SignedOut,
    /// The identity provider asks to end sessions; it is answered with this form.
    LoggedOut(saml2::Form),
    /// Refused.
    Denied(Denial),
}

/// Judges the posted form.
pub(crate) fn accept(world: &World, form: &[(String, String)]) -> Verdict {
    judge(world, form).unwrap_or_else(Verdict::Denied)
}

fn judge(world: &World, form: &[(String, String)]) -> Result<Verdict, Denial> {
    if form.iter().any(|(name, _)| name == "SAMLResponse") {
        return saml2::judge(world, form);
    }
    let (wresult, wctx) = fields(form)?;
    world.sign_ins.pending(wctx, world.now()).ok_or_else(spent_context)?;
    let tree = Tree::parse(wresult)?;
    let envelope = shape::envelope(&tree)?;
    let assertion = Assertion::read(&tree, envelope.assertion)?;
    let (domain, certificates) = world.read(|tenant| issuer(tenant, &assertion))?;
    if domain.federation.as_ref().is_some_and(FederationConfiguration::speaks_saml) {
        let sentence = "The WS-Federation message is invalid: the domain is federated by another \
                        protocol.";
        return Err(Denial::new(20012, sentence));
    }
    verify::verify(&tree, wresult, (envelope.assertion, &assertion), &certificates)?;
    if assertion.audience != REALM || envelope.applies_to != REALM {
        let sentence = format!("The SAML token is invalid: its audience is not {REALM}.");
        return Err(Denial::new(50008, sentence));
    }
    admit(world, (&assertion, "saml11"), &domain, wctx)
}

/// The rest, whatever protocol brought the assertion: its times, its person, its second factor, and
/// that neither it nor the sign-in was used before.
pub(super) fn admit(
    world: &World,
    (assertion, token_type): (&Assertion, &str),
    domain: &Domain,
    context: &str,
) -> Result<Verdict, Denial> {
    let now = world.now();
    let pending = world.sign_ins.pending(context, now).ok_or_else(spent_context)?;
    times(assertion, now)?;
    let user = world.read(|tenant| person(tenant, assertion, domain, now))?;
    let factor = factor(domain, assertion, &pending)?;
    let spending = (assertion.id.as_str(), assertion.not_on_or_after + SKEW);
    world.sign_ins.use_up(context, spending, now).map_err(|spent| match spent {
        Spent::Context => spent_context(),
        Spent::Assertion => {
            Denial::new(50008, "The SAML token is invalid: this assertion was used before.")
        }
    })?;
    let did_mfa = match factor {
        Factor::Done => true,
        Factor::NotDone if pending.is_setup => {
            let sentence = "Due to a configuration change made by your administrator, you must use \
                            multifactor authentication to set up Windows Hello.";
            return Err(Denial::new(50076, sentence));
        }
        Factor::NotDone => false,
        Factor::Wanted => return Ok(back(world, domain, &pending)),
    };
    world.sign_in_log.write(SignIn {
        at: now,
        user_id: user.id.clone(),
        upn: user.upn().to_owned(),
        incoming_token_type: token_type.to_owned(),
        error_code: 0,
        // Nobody reaches the simulator from elsewhere.
        ip_address: "127.0.0.1".to_owned(),
    });
    let cookie = world.sign_ins.open(Session {
        user_id: user.id,
        did_mfa,
        methods: assertion.methods.clone(),
        authenticated_at: assertion.authenticated_at,
        begun_at: now,
        index: assertion.id.clone(),
    });
    Ok(Verdict::SignedIn { cookie, is_setup: pending.is_setup })
}

pub(super) fn spent_context() -> Denial {
    Denial::new(
        50089,
        "Authentication failed due to flow token expired: wctx is not one that is waiting. Sign \
         in again.",
    )
}

/// Exactly `wa`, `wresult` and `wctx`, each once.
fn fields(form: &[(String, String)]) -> Result<(&str, &str), Denial> {
    let odd = |what| Denial::new(20012, format!("The WS-Federation message is invalid: {what}."));
    let field = |name: &str| {
        let mut found = form.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    };
    let (Some(wa), Some(wresult), Some(wctx)) = (field("wa"), field("wresult"), field("wctx"))
    else {
        return Err(odd("wa, wresult and wctx are needed"));
    };
    if form.len() != 3 {
        return Err(odd("it has other fields than wa, wresult and wctx"));
    }
    if wa != "wsignin1.0" {
        return Err(odd("wa is not wsignin1.0"));
    }
    Ok((wresult, wctx))
}

pub(super) fn issuer(
    tenant: &Tenant,
    assertion: &Assertion,
) -> Result<(Domain, Vec<String>), Denial> {
    let domain = tenant.by_issuer(&assertion.issuer).ok_or_else(|| {
        Denial::new(
            50107,
            format!("The requested federation realm object '{}' does not exist.", assertion.issuer),
        )
    })?;
    let certificates = domain.federation.iter().flat_map(FederationConfiguration::certificates);
    Ok((domain.clone(), certificates.map(str::to_owned).collect()))
}

pub(super) fn times(assertion: &Assertion, now: i64) -> Result<(), Denial> {
    if now + SKEW < assertion.not_before || now - SKEW >= assertion.not_on_or_after {
        return Err(Denial::new(500_133, "Assertion is not within its valid time range."));
    }
    if assertion.authenticated_at > now {
        let sentence = "The SAML token is invalid: its AuthenticationInstant lies in the future.";
        return Err(Denial::new(50008, sentence));
    }
    Ok(())
}

pub(super) fn person(
    tenant: &Tenant,
    assertion: &Assertion,
    domain: &Domain,
    now: i64,
) -> Result<User, Denial> {
    let immutable_id = assertion.immutable_id().ok_or_else(|| {
        Denial::new(90020, "The SAML 1.1 Assertion is missing ImmutableID of the user.")
    })?;
    let user = tenant.by_immutable_id(immutable_id).filter(|user| user.visible_at <= now);
    let user = user.ok_or_else(|| {
        let sentence = format!(
            "The user account {immutable_id} does not exist in the {} directory. To sign into \
             this application, the account must be added to the directory.",
            tenant.id
        );
        Denial::new(51004, sentence)
    })?;
    if !user.account_enabled() {
        return Err(Denial::new(50057, "The user account is disabled."));
    }
    if tenant.domain_of(user.upn()).is_none_or(|own| own.name != domain.name) {
        return Err(Denial::new(
            5_000_820,
            "Sign-in blocked by a Federated Token Validation policy: the domain of the user is \
             not the one that this issuer vouches for.",
        ));
    }
    Ok(user.clone())
}

enum Factor {
    Done,
    NotDone,
    Wanted,
}

fn factor(domain: &Domain, assertion: &Assertion, pending: &Pending) -> Result<Factor, Denial> {
    let behavior = domain.federation.as_ref().and_then(|f| f.federated_idp_mfa_behavior.as_deref());
    match (behavior, assertion.claims_mfa()) {
        (Some("rejectMfaByFederatedIdp"), _) => Ok(Factor::NotDone),
        (_, true) => Ok(Factor::Done),
        (Some("enforceMfaByFederatedIdp"), false) if pending.was_asked_for_mfa => Err(Denial::new(
            50079,
            "The identity provider was asked for multifactor authentication and answered \
                 without it.",
        )),
        (Some("enforceMfaByFederatedIdp"), false) => Ok(Factor::Wanted),
        (_, false) => Ok(Factor::NotDone),
    }
}

fn back(world: &World, domain: &Domain, pending: &Pending) -> Verdict {
    let context = world.sign_ins.begin(&pending.username, true, world.now());
    let demand = Demand {
        username: &pending.username,
        context: &context,
        wants_mfa: true,
        now: world.now(),
    };
    let address = domain.federation.as_ref().map(|held| {
        if held.speaks_saml() {
            saml2::redirect(held, &demand)
        } else {
            held.sign_in_address(demand)
        }
    });
    Verdict::Back { address: address.unwrap_or_default() }
}
