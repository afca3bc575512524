//! `/metrics`: numbers for monitoring, in the text format of Prometheus. They tell what ends when and
//! what is wrong, so whoever asks brings the token of the configuration; without one nothing is here.

use std::fmt::Write as _;

use actix_web::{HttpResponse, http::header};
use app::alarms::Figures;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use model::Ts;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::{
    answer::{Answer, Desk},
    error::Failure,
};

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page.
pub(crate) async fn show(desk: Desk) -> Answer {
    let Some(token) = &desk.counter.settings.metrics_token else {
        return Err(Failure::NoSuchPage);
    };
    let brought = desk.request.headers().get(header::AUTHORIZATION);
    let brought = brought.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Of their digests, so that not even the length is told.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let fits =
        |text| verify_slices_are_equal(&digest(text), &digest(token.expose_secret())).is_ok();
    if !brought.is_some_and(fits) {
        let challenge = (header::WWW_AUTHENTICATE, "Bearer realm=\"Gatehouse metrics\"");
        return Ok(HttpResponse::Unauthorized().insert_header(challenge).body("unauthorized\n"));
    }
    let house = &desk.counter.house;
    let figures = house.figures().await?;
    let kind = (header::CONTENT_TYPE, FORMAT);
    Ok(HttpResponse::Ok().insert_header(kind).body(exposition(&figures, house.now())))
}

/// One family of numbers: its lines stand together, beneath what they are.
struct Family(String);

impl Family {
    fn new(name: &str, help: &str) -> Self {
        Self(format!("# HELP {name} {help}\n# TYPE {name} gauge\n"))
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Days from now, fewer than none when it is over.
#[expect(clippy::cast_precision_loss, reason = "days need no more digits")]
fn days(until: Ts, now: Ts) -> f64 {
    ((until.secs() - now.secs()) as f64 / 86_400.0 * 100.0).round() / 100.0
}

fn exposition(figures: &Figures, now: Ts) -> String {
    let name = "gatehouse_signing_certificate_days_left";
    let mut certificates = Family::new(name, "Days until the certificate of a signing key ends.");
    for (state, thumbprint, ends) in &figures.certificates {
        let labels = [("state", *state), ("thumbprint", thumbprint.as_str())];
        certificates.line(name, &labels, days(*ends, now));
    }
    let name = "gatehouse_client_credential_days_left";
    let mut credentials =
        Family::new(name, "Days until a secret or certificate that Microsoft knows us by ends.");
    for (usage, alias, ends) in &figures.credentials {
        credentials.line(name, &[("usage", usage), ("name", alias)], days(*ends, now));
    }
    let name = "gatehouse_open_alarms";
    let mut alarms = Family::new(name, "Alarms that are open, acknowledged or not.");
    for (severity, acknowledged, open) in &figures.open {
        let acknowledged = if *acknowledged { "true" } else { "false" };
        let labels = [("severity", *severity), ("acknowledged", acknowledged)];
        alarms.line(name, &labels, f64::from(*open));
    }
    let name = "gatehouse_watched";
    let mut watched = Family::new(name, "1 while the watch that raises alarms makes its rounds.");
    watched.line(name, &[], if figures.watched { 1.0 } else { 0.0 });
    [certificates, credentials, alarms, watched].map(|family| family.0).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exposition_is_one_that_monitoring_reads() {
        let now = Ts::from_secs(1_795_597_200);
        let figures = Figures {
            certificates: vec![(
                "active",
                "3F0A".to_owned(),
                now + std::time::Duration::from_hours(36),
            )],
            credentials: vec![(
                "tenant",
                "Con\"to\\so\nx".to_owned(),
                Ts::from_secs(now.secs() - 86_400),
            )],
            open: vec![("danger", false, 2)],
            watched: true,
        };
        assert_eq!(
            exposition(&figures, now),
            "# HELP gatehouse_signing_certificate_days_left Days until the certificate of a signing key ends.\n\
             # TYPE gatehouse_signing_certificate_days_left gauge\n\
             gatehouse_signing_certificate_days_left{state=\"active\",thumbprint=\"3F0A\"} 1.5\n\
             # HELP gatehouse_client_credential_days_left Days until a secret or certificate that Microsoft knows us by ends.\n\
             # TYPE gatehouse_client_credential_days_left gauge\n\
             gatehouse_client_credential_days_left{usage=\"tenant\",name=\"Con\\\"to\\\\so\\nx\"} -1\n\
             # HELP gatehouse_open_alarms Alarms that are open, acknowledged or not.\n\
             # TYPE gatehouse_open_alarms gauge\n\
             gatehouse_open_alarms{severity=\"danger\",acknowledged=\"false\"} 2\n\
             # HELP gatehouse_watched 1 while the watch that raises alarms makes its rounds.\n\
             # TYPE gatehouse_watched gauge\n\
             gatehouse_watched 1\n"
        );
    }
}
