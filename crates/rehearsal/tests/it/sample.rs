//! The sample goes through, whichever protocol its browsers use.

use model::{
    federated_domain::BrowserProtocol,
    rehearsal::{Outcome, Rehearsal, Step, Verdict},
};
use rehearsal::{Audience, Source, rehearse};

/// Nobody watches.
struct Nobody;

impl Audience for Nobody {}

pub(crate) fn of(rehearsal: &Rehearsal, step: Step) -> &Outcome {
    rehearsal.steps.iter().find(|outcome| outcome.step == step).unwrap()
}

fn says(rehearsal: &Rehearsal, step: Step, said: &str) {
    let outcome = of(rehearsal, step);
    assert!(outcome.evidence.join("\n").contains(said), "{said}: {outcome:?}");
}

async fn play(protocol: BrowserProtocol) -> Rehearsal {
    let rehearsal = rehearse(Source::Sample(protocol), &mut Nobody).await;
    assert!(rehearsal.passed(), "{rehearsal:#?}");
    let played: Vec<Step> = rehearsal.steps.iter().map(|outcome| outcome.step).collect();
    assert_eq!(played, Step::ALL);
    rehearsal
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_goes_there_and_back_by_ws_federation() {
    let rehearsal = play(BrowserProtocol::WsFed).await;
    for step in [Step::Saml2, Step::Ecp] {
        assert_eq!(of(&rehearsal, step).verdict, Verdict::NotUsed, "{step:?}");
    }
    says(&rehearsal, Step::Sync, "alice@contoso.com is there, with the immutable id and SPB.");
    says(&rehearsal, Step::Federate, "its plan has the SHA-256 ");
    says(&rehearsal, Step::WsFed, "erin@contoso.com: asked for password and code");
    says(&rehearsal, Step::WsTrust, "the password became a token, and that an access token.");
    says(&rehearsal, Step::StepUp, "Microsoft took the claim of it.");
    says(&rehearsal, Step::Provision, "rehearsal-newcomer-");
    says(&rehearsal, Step::RollOver, "Between: a sign-in with the key that was the next one.");
    says(&rehearsal, Step::Revert, "The domain is managed again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_goes_there_and_back_by_saml() {
    let rehearsal = play(BrowserProtocol::Saml2).await;
    for step in [Step::WsFed, Step::WsTrust] {
        assert_eq!(of(&rehearsal, step).verdict, Verdict::NotUsed, "{step:?}");
    }
    says(&rehearsal, Step::Saml2, "alice@contoso.com: asked for password and code");
    says(&rehearsal, Step::Ecp, "the password became a token, which opened the mailbox.");
}
