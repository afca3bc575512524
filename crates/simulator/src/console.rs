//! The simulator's own addresses, which Microsoft does not have: an index page, the state, the
//! request log, and faults over HTTP.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, ServiceConfig};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::faults::Fault;
use crate::login::openid::Twist;
use crate::page::{escape, page};
use crate::sample;
use crate::tenant::{Tenant, User};
use crate::world::World;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/simulator", web::get().to(index))
        .route("/simulator/style.css", web::get().to(style))
        .route("/simulator/state", web::get().to(state))
        .route("/simulator/users", web::post().to(settle))
        .route("/simulator/certificates", web::post().to(register))
        .route("/simulator/requests", web::get().to(requests))
        .route("/simulator/faults", web::get().to(waiting))
        .route("/simulator/faults", web::post().to(inject))
        .route("/simulator/faults", web::delete().to(clear));
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css").body(include_str!("data/style.css"))
}

async fn requests(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.requests())
}

/// Adds somebody who was in the tenant before anybody federated or synchronised anything.
async fn settle(
    properties: Json<serde_json::Map<String, serde_json::Value>>,
    world: Data<World>,
) -> HttpResponse {
    let now = world.now();
    let id = world.change(|tenant| sample::settle(tenant, properties.into_inner(), now));
    HttpResponse::Created().json(json!({ "id": id }))
}

/// Registers a certificate for the app registration, as an admin does in Microsoft's own console.
async fn register(der: web::Bytes, world: Data<World>) -> HttpResponse {
    if bergshamra_keys::loader::load_x509_cert_der(&der).is_err() {
        return HttpResponse::BadRequest().body("That is no certificate (DER).");
    }
    world.change(|tenant| tenant.app.certificates.push(STANDARD.encode(&der)));
    HttpResponse::NoContent().finish()
}

async fn waiting(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.faults.waiting())
}

/// A fault, or a setting of the lag or of the life of tokens.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Order {
    Lag {
        #[serde(rename = "replicationLagMillis")]
        millis: u64,
    },
    TokenLife {
        #[serde(rename = "tokenLifeSeconds")]
        seconds: i64,
    },
    Twist {
        #[serde(rename = "idToken")]
        twist: Twist,
    },
    Refuse {
        #[serde(rename = "refuseSignIn")]
        code: u32,
    },
    Fault(Fault),
}

async fn inject(order: Json<Order>, world: Data<World>) -> HttpResponse {
    match order.into_inner() {
        Order::Lag { millis } => {
            world.faults.set_replication_lag(std::time::Duration::from_millis(millis));
        }
        Order::TokenLife { seconds } => world.faults.set_token_life(seconds),
        Order::Refuse { code } => world.openid.refuse(code),
        Order::Twist { twist } => world.openid.twist(twist),
        Order::Fault(fault) => world.faults.inject(fault),
    }
    HttpResponse::NoContent().finish()
}

async fn clear(world: Data<World>) -> HttpResponse {
    world.faults.clear();
    HttpResponse::NoContent().finish()
}

async fn state(world: Data<World>) -> HttpResponse {
    let state = world.read(|tenant| {
        let skus: Vec<_> = tenant
            .skus
            .iter()
            .map(|sku| {
                json!({
                    "skuId": sku.id, "skuPartNumber": sku.part_number, "seats": sku.seats,
                    "consumed": tenant.consumed(&sku.id),
                })
            })
            .collect();
        json!({
            "tenant": {"id": tenant.id, "displayName": tenant.display_name},
            "app": {"clientId": tenant.app.client_id, "roles": tenant.app.roles},
            "domains": tenant.domains,
            "users": tenant.users().collect::<Vec<_>>(),
            "deleted": tenant.deleted().collect::<Vec<_>>(),
            "skus": skus,
        })
    });
    HttpResponse::Ok().json(state)
}

async fn index(world: Data<World>) -> HttpResponse {
    let body = world.read(|tenant| {
        let rows: Vec<String> = tenant.users().map(|user| row(tenant, user)).collect();
        let domains: Vec<String> = tenant.domains.iter().map(|domain| {
                let (name, kind) = (escape(&domain.name), domain.authentication_type());
                format!("<tr><td>{name}</td><td>{kind}</td></tr>")
            }).collect();
        format!(
            r#"<main>
<h1>{} in the simulated Entra ID</h1>
<p><a href="/outlook">Outlook</a> · <a href="/simulator/state">State</a> ·
<a href="/simulator/app-registrations">App registrations</a> ·
<a href="/simulator/requests">Requests</a> · <a href="/simulator/faults">Faults</a></p>
<h2>Domains</h2>
<div class="scroll"><table><thead><tr><th>Domain</th><th>Authentication</th></tr></thead>
<tbody>{domains}</tbody></table></div>
<h2>Users</h2>
<div class="scroll"><table><thead><tr><th>Name</th><th>User name</th><th>Sign-in</th>
<th>Location</th><th>Licences</th><th>Immutable id</th></tr></thead><tbody>{rows}</tbody></table></div>
</main>"#,
            escape(&tenant.display_name),
            domains = domains.concat(),
            rows = rows.concat(),
        )
    });
    page(200, "Simulated Entra ID", &body)
}

fn row(tenant: &Tenant, user: &User) -> String {
    let part_numbers: Vec<&str> = user
        .licenses
        .iter()
        .filter_map(|held| tenant.sku(&held.sku_id))
        .map(|sku| sku.part_number.as_str())
        .collect();
    let cells = [
        user.display_name(),
        user.upn(),
        if user.account_enabled() { "allowed" } else { "blocked" },
        user.usage_location().unwrap_or_default(),
        &part_numbers.join(", "),
        user.immutable_id().unwrap_or_default(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
    format!("<tr><td>{}</td></tr>", cells.join("</td><td>"))
}
