//! The collected messages that an identity provider must refuse, or must answer without obeying:
//! requests of SAML 2.0 (01 to 24) and of WS-Trust (30 to 41).

use secrecy::ExposeSecret as _;
use store::testing::Throwaway;

use super::{
    sets::{Report, Stage, Vector, folder},
    wstrust::{soap, wrongs_of_refusal, wrongs_of_token},
};
use crate::wstrust::TRUST;

/// When the messages say that they were sent.
const SENT: &str = "2026-11-22T09:00:00Z";
/// Requests whose only oddity is the name or the lack of their id: there is nothing to obey.
const ANSWERED: [&str; 2] = ["34", "35"];

fn collected(below: &str) -> Vec<Vector> {
    let mut names: Vec<String> = std::fs::read_dir(folder().join(below))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.as_bytes()[0].is_ascii_digit())
        .collect();
    names.sort();
    let vector = |name: &String| Vector::collected(&name[..2], &format!("{below}/{name}"));
    names.iter().map(vector).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn collected_messages_are_refused_or_not_obeyed() {
    let stage = Stage::over(Throwaway::sqlite(), SENT).await;
    let mut report = Report::of("collected, SAML 2.0");
    for vector in collected("saml2/vectors") {
        stage.play(&vector, &mut report).await;
    }
    report.finish(24);

    stage.world.permit("alice@contoso.com", false).await;
    let password = stage.world.account("alice").password.expose_secret();
    let mut report = Report::of("collected, WS-Trust");
    for vector in collected("wstrust") {
        let body = String::from_utf8(vector.bytes(&stage.canary)).unwrap();
        let body = body
            .replace("sts.contoso.com/adfs/services/trust", &format!("idp.gatehouse.test{TRUST}"))
            .replace("ada@contoso.com", "alice@contoso.com")
            .replace("p&amp;ss&lt;word", password);
        let (answer, cost, marks) = stage.ask(&soap(body)).await;
        let wrongs = if ANSWERED.contains(&&*vector.id) {
            wrongs_of_token(&answer, marks)
        } else {
            wrongs_of_refusal(&answer, marks)
        };
        report.count(&vector, wrongs, cost);
    }
    report.finish(12);
    stage.canary.assert_silent();
}
