//! `/health/live`, `/health/ready` and `/health/alarms`: for probes; no secrets, no names (R166).

use actix_web::HttpResponse;
use app::alarms::AlarmState;

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

/// Whether an alarm is open that nobody has acknowledged. A node with alarms serves people well:
/// this is for whoever is called, never for a load balancer.
pub(crate) async fn alarms(desk: Desk) -> Answer {
    Ok(match desk.counter.house.alarm_state().await? {
        AlarmState::Quiet => HttpResponse::Ok().body("quiet\n"),
        AlarmState::Warning => HttpResponse::Ok().body("warning\n"),
        AlarmState::Danger => HttpResponse::ServiceUnavailable().body("danger\n"),
        AlarmState::Unwatched => HttpResponse::ServiceUnavailable().body("unwatched\n"),
    })
}
