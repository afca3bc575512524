//! `/health/live` and `/health/ready`: for probes; no secrets, no names (R166).

use actix_web::HttpResponse;

use crate::answer::{Answer, Desk};

/// The process answers.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().body("live\n")
}

/// The database answers and there is a key to sign with.
pub(crate) async fn ready(desk: Desk) -> Answer {
    match desk.counter.house.active_certificate().await {
        Ok(_) => Ok(HttpResponse::Ok().body("ready\n")),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Ok(HttpResponse::ServiceUnavailable().body("not ready\n"))
        }
    }
}
