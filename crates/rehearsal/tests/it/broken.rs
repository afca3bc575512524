//! Something is broken right before a step: exactly that step fails and says why, and nothing after it is
//! tried.

use model::{
    federated_domain::BrowserProtocol,
    rehearsal::{Outcome, Rehearsal, Step, Verdict},
};
use rehearsal::{Audience, Source, rehearse};
use simulator::{Fault, Simulator, Trouble};

use crate::sample::of;

const ALICE: &str = "alice@contoso.com";
const DOMAIN: &str = "contoso.com";

/// Breaks something at the copy right before a step.
struct Saboteur {
    before: Step,
    breaks: fn(&Simulator),
}

impl Audience for Saboteur {
    fn begins(&mut self, step: Step, copy: Option<&Simulator>) {
        if step == self.before {
            (self.breaks)(copy.expect("the stage is set"));
        }
    }
}

async fn broken(protocol: BrowserProtocol, before: Step, breaks: fn(&Simulator)) -> Outcome {
    let rehearsal = rehearse(Source::Sample(protocol), &mut Saboteur { before, breaks }).await;
    assert!(!rehearsal.passed(), "{before:?}");
    only_this_failed(&rehearsal, before);
    of(&rehearsal, before).clone()
}

pub(crate) fn only_this_failed(rehearsal: &Rehearsal, failed: Step) {
    let at = Step::ALL.iter().position(|step| *step == failed).unwrap();
    assert_eq!(rehearsal.steps.len(), Step::ALL.len());
    for (nth, outcome) in rehearsal.steps.iter().enumerate() {
        let verdict = outcome.verdict;
        match nth.cmp(&at) {
            std::cmp::Ordering::Less => {
                assert!(matches!(verdict, Verdict::Passed | Verdict::NotUsed), "{outcome:?}");
            }
            std::cmp::Ordering::Equal => assert_eq!(verdict, Verdict::Failed, "{outcome:?}"),
            std::cmp::Ordering::Greater => {
                assert_eq!(verdict, Verdict::NotTried, "{outcome:?}");
                assert!(outcome.evidence.is_empty() && outcome.millis == 0, "{outcome:?}");
            }
        }
    }
}

fn says(outcome: &Outcome, said: &str) {
    assert!(outcome.evidence.join("\n").contains(said), "{said}: {outcome:?}");
}

fn forbid(copy: &Simulator, method: &str, path: &str) {
    copy.faults().inject(Fault {
        method: Some(method.to_owned()),
        path: Some(path.to_owned()),
        times: 100,
        skip: 0,
        trouble: Trouble::Forbidden,
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn who_can_not_be_made_fails_the_sync() {
    let seen = broken(BrowserProtocol::WsFed, Step::Sync, |copy| {
        forbid(copy, "POST", "/v1.0/users");
    });
    says(&seen.await, "alice@contoso.com is not there.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_domain_fails_the_script() {
    let seen = broken(BrowserProtocol::WsFed, Step::Federate, |copy| {
        copy.change_domain(DOMAIN, |domain| domain.is_default = true);
    });
    says(&seen.await, "is the default domain of the tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_microsoft_does_not_know_fails_the_browser() {
    let seen = broken(BrowserProtocol::WsFed, Step::WsFed, |copy| {
        copy.set(ALICE, "onPremisesImmutableId", "c29tZWJvZHkgZWxzZQ==");
    });
    says(&seen.await, "alice@contoso.com was not let in: AADSTS51004");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_fails_the_browser_that_comes_by_saml() {
    let seen = broken(BrowserProtocol::Saml2, Step::Saml2, |copy| {
        copy.change_domain(DOMAIN, |domain| {
            let federation = domain.federation.as_mut().unwrap();
            federation.issuer_uri.push('x');
        });
    });
    says(&seen.await, "AADSTS50107");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_fails_the_rich_client() {
    let seen = broken(BrowserProtocol::WsFed, Step::WsTrust, |copy| {
        copy.set(ALICE, "accountEnabled", false);
    });
    says(&seen.await, "AADSTS50057");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_address_the_mail_server_fails() {
    let seen = broken(BrowserProtocol::Saml2, Step::Ecp, |copy| {
        copy.change_domain(DOMAIN, |domain| {
            domain.federation.as_mut().unwrap().active_sign_in_uri = None;
        });
    });
    says(&seen.await, "Microsoft names no address for mail servers.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_microsoft_rejects_fails_the_step_up() {
    let seen = broken(BrowserProtocol::WsFed, Step::StepUp, |copy| {
        copy.change_domain(DOMAIN, |domain| {
            let federation = domain.federation.as_mut().unwrap();
            federation.federated_idp_mfa_behavior = Some("rejectMfaByFederatedIdp".to_owned());
        });
    });
    says(&seen.await, "AADSTS50076");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_seat_the_licence_does_not_arrive() {
    let seen = broken(BrowserProtocol::WsFed, Step::Provision, |copy| copy.set_seats("SPB", 3));
    says(&seen.await, "has no licence of SPB.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_microsoft_was_not_seen_to_know_fails_the_roll_over() {
    let seen = broken(BrowserProtocol::WsFed, Step::RollOver, |copy| {
        copy.change_domain(DOMAIN, |domain| {
            domain.federation.as_mut().unwrap().next_signing_certificate = None;
        });
        forbid(copy, "PATCH", "/v1.0/domains/contoso.com/federationConfiguration");
    });
    says(&seen.await, "The script stopped.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_back_fails_the_revert() {
    let seen = broken(BrowserProtocol::WsFed, Step::Revert, |copy| {
        forbid(copy, "PATCH", "/v1.0/domains/contoso.com");
    });
    says(&seen.await, "could not be given its previous state");
}
