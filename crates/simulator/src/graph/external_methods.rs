//! External methods of the authentication methods policy (graph.md 12.2).

use serde_json::{Value, json};

use super::{Answer, Call, Caller, Outcome, Refusal};
use crate::login::external_mfa::ExternalMethod;
use crate::random;
use crate::world::World;

const WRITE: &[&str] = &["Policy.ReadWrite.AuthenticationMethod"];
const PATH: &str = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
const KIND: &str = "#microsoft.graph.externalAuthenticationMethodConfiguration";

pub(super) fn answer(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            caller.needs(&["Policy.Read.All", WRITE[0]])?;
            let all = world.read(|tenant| tenant.policies.external_methods.clone());
            Ok(Answer::ok(json!({"value": all.iter().map(shown).collect::<Vec<_>>()})))
        }
        ("POST", []) => {
            caller.needs(WRITE)?;
            let method = read(&call.json()?)?;
            world.change(|tenant| {
                let all = &mut tenant.policies.external_methods;
                if all.iter().any(|it| it.display_name == method.display_name) {
                    return Err(Refusal::request("The display name is used by another method."));
                }
                all.push(method.clone());
                let location = format!("{}/v1.0{PATH}/{}", world.url(), method.id);
                Ok(Answer::created(shown(&method), location))
            })
        }
        ("DELETE", [id]) => {
            caller.needs(WRITE)?;
            world.change(|tenant| {
                let all = &mut tenant.policies.external_methods;
                let before = all.len();
                all.retain(|it| it.id != **id);
                if all.len() == before { Err(Refusal::not_found(id)) } else { Ok(Answer::empty()) }
            })
        }
        _ => Err(Refusal::method()),
    }
}

fn read(body: &Value) -> Result<ExternalMethod, Refusal> {
    let missing = || Refusal::request("One or more properties contains invalid values.");
    let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    let setting = &body["openIdConnectSetting"];
    let discovery_url = text(&setting["discoveryUrl"]).ok_or_else(missing)?;
    let targets = body["includeTargets"].as_array().is_some_and(|all| !all.is_empty());
    if body["@odata.type"] != KIND
        || !discovery_url.ends_with("/.well-known/openid-configuration")
        || !targets
    {
        return Err(missing());
    }
    Ok(ExternalMethod {
        id: random::guid(),
        display_name: text(&body["displayName"]).ok_or_else(missing)?,
        app_id: text(&body["appId"]).ok_or_else(missing)?,
        client_id: text(&setting["clientId"]).ok_or_else(missing)?,
        discovery_url,
        enabled: body["state"] == "enabled",
    })
}

fn shown(method: &ExternalMethod) -> Value {
    json!({
        "@odata.type": KIND,
        "id": method.id, "displayName": method.display_name, "appId": method.app_id,
        "state": if method.enabled { "enabled" } else { "disabled" },
        "openIdConnectSetting": {
            "clientId": method.client_id, "discoveryUrl": method.discovery_url,
        },
        "includeTargets": [{"targetType": "group", "id": "all_users"}], "excludeTargets": [],
    })
}
