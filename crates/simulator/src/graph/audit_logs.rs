//! `/auditLogs/signIns`: the interactive sign-ins, newest first (graph.md 2.14). Which token was
//! presented is said under `/beta` alone.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal};
use crate::clock;
use crate::login::SignIn;
use crate::sample;
use crate::world::World;

/// The largest page, and the usual one.
const MOST: usize = 1000;

pub(super) fn sign_ins(world: &World, caller: &Caller, call: &Call) -> Outcome {
    if call.method != "GET" {
        return Err(Refusal::method());
    }
    caller.needs(&["AuditLog.Read.All"])?;
    premium(world)?;
    let (since, top, before) = (since(call)?, top(call)?, call.query.after()?);
    let (page, has_more) = world.sign_in_log.page(before, top, |entry| entry.at >= since);
    let version = if call.is_beta { "beta" } else { "v1.0" };
    let collection = format!("{}/{version}/auditLogs/signIns", world.url());
    let mut body = Map::new();
    let context = format!("{}/{version}/$metadata#auditLogs/signIns", world.url());
    body.insert("@odata.context".into(), context.into());
    if let (true, Some((last, ..))) = (has_more, page.last()) {
        body.insert("@odata.nextLink".into(), call.query.next_link(&collection, *last).into());
    }
    let value: Vec<Value> = page.iter().map(|(_, id, entry)| show(call, id, entry)).collect();
    body.insert("value".into(), value.into());
    Ok(Answer::ok(body.into()))
}

/// Only a tenant with Entra ID P1 may read its log through Graph.
fn premium(world: &World) -> Result<(), Refusal> {
    let has_premium = world.read(|tenant| {
        let bought = tenant.skus.iter().filter(|sku| sku.seats > 0);
        bought.flat_map(|sku| &sku.plans).any(|plan| plan.name.starts_with("AAD_PREMIUM"))
    });
    has_premium.then_some(()).ok_or_else(|| {
        Refusal::new(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )
    })
}

/// From when on; the one filter that is understood here.
fn since(call: &Call) -> Result<i64, Refusal> {
    let Some(filter) = call.query.get("$filter") else { return Ok(i64::MIN) };
    let time = filter.strip_prefix("createdDateTime ge ").and_then(clock::read);
    time.ok_or_else(|| {
        Refusal::bad("BadRequest", format!("Invalid filter clause: Syntax error in '{filter}'."))
    })
}

fn top(call: &Call) -> Result<usize, Refusal> {
    let Some(text) = call.query.get("$top") else { return Ok(MOST) };
    text.parse().ok().filter(|top| (1..=MOST).contains(top)).ok_or_else(|| {
        Refusal::bad("BadRequest", format!("The limit of {MOST} for Top query has been exceeded."))
    })
}

fn show(call: &Call, id: &str, entry: &SignIn) -> Value {
    let mut shown = json!({
        "id": id, "createdDateTime": clock::graph(entry.at), "userId": entry.user_id,
        "userPrincipalName": entry.upn, "userDisplayName": entry.upn,
        "appId": sample::OFFICE_CLIENT_ID, "appDisplayName": "Office 365 Exchange Online",
        "ipAddress": entry.ip_address, "clientAppUsed": "Browser", "isInteractive": true,
        "conditionalAccessStatus": "notApplied", "correlationId": id,
        "status": {
            "errorCode": entry.error_code,
            "failureReason": if entry.error_code == 0 { "Other." } else { "Sign-in failed." },
            "additionalDetails": null,
        },
    });
    if call.is_beta {
        shown["incomingTokenType"] = entry.incoming_token_type.clone().into();
    }
    shown
}
