//! Each step in each state: not begun, in the middle, done, and undone again.

use model::{
    Ts,
    application::Office365Settings,
    entra::{EntraDomain, FederationConfiguration},
    federated_domain::MfaBehavior,
    ids::FederatedDomainId,
    look::{ConnectionSeen, FederationSeen, Look},
    preflight::{Check, Finding, Preflight, Verdict},
};
use uuid::Uuid;

use super::{
    super::evidence::{Connection, Domain, FirstToken, MatchesSeen, Pilot, Presence},
    *,
};

const NOW: Ts = Ts::from_secs(1_795_597_200);
const HOUR: Duration = Duration::from_hours(1);

/// A change of the evidence.
type Change = fn(&mut Evidence);

fn look<T>(seen: T) -> Look<T> {
    Look { seen: Some((NOW - HOUR, seen)), tried_at: NOW - HOUR, trouble: None }
}

fn there() -> EntraDomain {
    EntraDomain {
        name: "contoso.com".to_owned(),
        verified: true,
        default: false,
        initial: false,
        root: true,
        federated: true,
    }
}

fn federation() -> FederationConfiguration {
    let text = String::new;
    FederationConfiguration {
        display_name: text(),
        issuer_uri: text(),
        passive_sign_in_uri: text(),
        active_sign_in_uri: None,
        metadata_exchange_uri: None,
        sign_out_uri: text(),
        signing_certificate: text(),
        next_signing_certificate: None,
        preferred_authentication_protocol: text(),
        federated_idp_mfa_behavior: MfaBehavior::Accept.in_graph().to_owned(),
        prompt_login_behavior: text(),
        is_signed_authentication_request_required: false,
    }
}

/// The first look failed, at a domain that is federated since before looks were kept.
fn never_read(evidence: &mut Evidence) {
    let trouble = Some("Microsoft did not answer.".to_owned());
    domain(evidence).look = Some(Look { seen: None, tried_at: NOW, trouble });
}

fn unfederated(evidence: &mut Evidence) {
    domain(evidence).look.as_mut().unwrap().seen.as_mut().unwrap().1.federation = None;
}

fn pilot(presence: Presence) -> Pilot {
    Pilot { upn: "paula@contoso.com".to_owned(), presence, licensed: true }
}

fn preflight_with(verdict: Verdict, check: Check) -> Preflight {
    let finding = Finding { check, verdict, evidence: String::new(), mend: None };
    let domain = FederatedDomainId(Uuid::nil());
    Preflight { domain, at: NOW - HOUR, state: Vec::new(), findings: vec![finding] }
}

/// Everything is proved.
fn complete() -> Evidence {
    let settings = Office365Settings {
        saved_at: Some(NOW - HOUR),
        first_plan_confirmed: true,
        ..Office365Settings::default()
    };
    let seen = FederationSeen {
        domain: Some(there()),
        federation: Some(federation()),
        first_with_us: Some(NOW - HOUR),
    };
    Evidence {
        now: NOW,
        connection: Some(Connection {
            credential_ends_at: Some(NOW + HOUR),
            certified: false,
            writes_stopped: false,
            look: Some(look(ConnectionSeen { missing: Vec::new() })),
            products: 2,
            free_seats: 25,
            settings,
            matches: Some(MatchesSeen { at: NOW - HOUR, open: 0, confirmed: 0, left_over: 0 }),
            last_run_at: Some(NOW - HOUR),
        }),
        domain: Some(Domain {
            name: "contoso.com".to_owned(),
            enabled: true,
            look: Some(look(seen)),
            with_us: true,
            differences: Vec::new(),
            mfa_behavior: MfaBehavior::Accept,
            demands: Vec::new(),
            people: 1,
            pilots: vec![pilot(Presence::There)],
            preflight: Some(preflight_with(Verdict::Passed, Check::Mail)),
            first_token: Some(FirstToken { upn: "paula@contoso.com".to_owned() }),
        }),
    }
}

fn after(change: Change) -> Evidence {
    let mut evidence = complete();
    change(&mut evidence);
    evidence
}

fn tenant(evidence: &mut Evidence) -> &mut Connection {
    evidence.connection.as_mut().unwrap()
}

fn domain(evidence: &mut Evidence) -> &mut Domain {
    evidence.domain.as_mut().unwrap()
}

/// Before the script ran, and before anybody was there.
fn before_the_script(evidence: &mut Evidence) {
    tenant(evidence).settings.first_plan_confirmed = false;
    let domain = domain(evidence);
    domain.with_us = false;
    domain.first_token = None;
    let (_, seen) = domain.look.as_mut().unwrap().seen.as_mut().unwrap();
    seen.federation = None;
    seen.first_with_us = None;
}

fn of(evidence: &Evidence, step: Step) -> StepState {
    judge(evidence).into_iter().find(|state| state.step == step).unwrap()
}

fn check(step: Step, cases: &[(Standing, &str, Change)]) {
    for (standing, says, change) in cases {
        let state = of(&after(*change), step);
        assert_eq!(state.standing, *standing, "{says}: {state:?}");
        assert!(state.says.contains(says), "{says}: {state:?}");
    }
}

use Standing::{Begun, Done, NotBegun, Undone};

#[test]
fn every_step_is_done_when_everything_shows_it() {
    for state in judge(&complete()) {
        assert_eq!(state.standing, Done, "{state:?}");
        assert_eq!(state.age, Age::Fresh, "{state:?}");
    }
}

#[test]
fn on_an_empty_install_nothing_is_begun() {
    let empty = Evidence { now: NOW, connection: None, domain: None };
    for state in judge(&empty) {
        assert_eq!(state.standing, NotBegun, "{state:?}");
    }
}

#[test]
fn the_connection_is_done_when_microsoft_lets_us_in_with_every_permission() {
    fn lacks(it: &mut Evidence) {
        let (_, seen) = tenant(it).look.as_mut().unwrap().seen.as_mut().unwrap();
        seen.missing = vec![("Domain.Read.All".to_owned(), "see the domains".to_owned())];
    }
    check(
        Step::Connection,
        &[
            (NotBegun, "No tenant is connected", |it| it.connection = None),
            (Begun, "nobody has looked", |it| tenant(it).look = None),
            (Begun, "Missing: Domain.Read.All (to see the domains)", |it| {
                lacks(it);
                tenant(it).settings.first_plan_confirmed = false;
            }),
            (Begun, "The last try failed", |it| {
                let trouble = Some("AADSTS7000215".to_owned());
                tenant(it).look = Some(Look { seen: None, tried_at: NOW, trouble });
            }),
            (Done, "lets us in", |_| {}),
            (Begun, "Missing", lacks),
            (Undone, "AADSTS7000222", |it| {
                tenant(it).look.as_mut().unwrap().trouble = Some("AADSTS7000222".to_owned());
            }),
            (Undone, "The secret has ended", |it| tenant(it).credential_ends_at = Some(NOW)),
        ],
    );
}

#[test]
fn the_application_is_done_with_a_domain_that_the_tenant_owns() {
    fn now_is(it: &mut Evidence, there: Option<EntraDomain>) {
        domain(it).look.as_mut().unwrap().seen.as_mut().unwrap().1.domain = there;
    }
    check(
        Step::Application,
        &[
            (NotBegun, "comes with the connection", |it| {
                it.connection = None;
                it.domain = None;
            }),
            (Begun, "no domain is added", |it| it.domain = None),
            (Begun, "nobody has looked", |it| domain(it).look = None),
            (Done, "with contoso.com, which the tenant owns", |_| {}),
            (Undone, "switched off", |it| domain(it).enabled = false),
            (Undone, "has no domain contoso.com", |it| now_is(it, None)),
            (Undone, "ownership isn't proved", |it| {
                now_is(it, Some(EntraDomain { verified: false, ..there() }));
            }),
            (Undone, "default domain", |it| {
                domain(it).with_us = false;
                now_is(it, Some(EntraDomain { default: true, ..there() }));
            }),
            (Undone, "follows the domain above", |it| {
                domain(it).with_us = false;
                now_is(it, Some(EntraDomain { root: false, ..there() }));
            }),
        ],
    );
}

#[test]
fn provisioning_is_done_with_products_and_settings_that_somebody_saved() {
    check(
        Step::Provisioning,
        &[
            (NotBegun, "once a tenant is connected", |it| it.connection = None),
            (Begun, "and save", |it| {
                tenant(it).settings.first_plan_confirmed = false;
                tenant(it).settings.saved_at = None;
            }),
            (Begun, "no product", |it| {
                tenant(it).settings.first_plan_confirmed = false;
                tenant(it).products = 0;
            }),
            (Done, "2 products are loaded", |_| {}),
            (Done, "No seat is free", |it| tenant(it).free_seats = 0),
            (Done, "the settings are saved", |it| tenant(it).settings.saved_at = None),
            (Begun, "no product", |it| tenant(it).products = 0),
            (Begun, "Writes to the tenant are stopped", |it| tenant(it).writes_stopped = true),
        ],
    );
}

#[test]
fn sync_users_is_done_when_no_account_waits_for_an_answer() {
    fn seen(it: &mut Evidence, open: usize, confirmed: usize) {
        tenant(it).matches = Some(MatchesSeen { at: NOW, open, confirmed, left_over: 2 });
    }
    check(
        Step::Matches,
        &[
            (NotBegun, "Nobody has looked", |it| tenant(it).matches = None),
            (Begun, "3 accounts wait", |it| {
                seen(it, 3, 0);
                tenant(it).settings.first_plan_confirmed = false;
            }),
            (Done, "no account waits", |_| {}),
            (Begun, "2 accounts are nobody's here. Import those", |it| {
                seen(it, 0, 0);
                domain(it).people = 0;
            }),
            (Done, "takes 1 account over. 2 accounts are nobody's here.", |it| seen(it, 0, 1)),
            (Begun, "1 account waits", |it| seen(it, 1, 0)),
        ],
    );
}

#[test]
fn a_pilot_is_done_when_somebody_is_assigned_and_in_the_tenant() {
    fn first_time(it: &mut Evidence) {
        domain(it).first_token = None;
    }
    check(
        Step::Pilot,
        &[
            (NotBegun, "Nobody of contoso.com is assigned", |it| {
                first_time(it);
                domain(it).pilots.clear();
            }),
            (Begun, "The first plan waits", |it| tenant(it).settings.first_plan_confirmed = false),
            (Begun, "not in the tenant yet", |it| {
                first_time(it);
                domain(it).pilots = vec![pilot(Presence::Awaited)];
            }),
            (Done, "paula@contoso.com is assigned, and in the tenant", |_| {}),
            (Done, "a mailbox needs one", |it| domain(it).pilots[0].licensed = false),
            (Undone, "Nobody of contoso.com", |it| domain(it).pilots.clear()),
            (Undone, "was deleted", |it| domain(it).pilots = vec![pilot(Presence::InBin)]),
            (Begun, "not in the tenant", |it| domain(it).pilots = vec![pilot(Presence::Awaited)]),
        ],
    );
    let waits = of(&after(|it| tenant(it).settings.first_plan_confirmed = false), Step::Pilot);
    assert_eq!(waits.place, Place::Plans);
}

#[test]
fn the_pre_flight_is_done_for_a_day_when_nothing_fails_and_for_good_once_federated() {
    fn flown(it: &mut Evidence, verdict: Verdict, check: Check) {
        domain(it).preflight = Some(preflight_with(verdict, check));
    }
    fn old(it: &mut Evidence) {
        domain(it).preflight.as_mut().unwrap().at = NOW - HOUR * 25;
    }
    check(
        Step::Preflight,
        &[
            (NotBegun, "Nobody has looked yet", |it| domain(it).preflight = None),
            (Begun, "1 check fails", |it| {
                before_the_script(it);
                flown(it, Verdict::Failed, Check::Mail);
            }),
            (Begun, "1 check fails", |it| {
                before_the_script(it);
                flown(it, Verdict::Unseen, Check::EmergencyAccounts);
            }),
            (Done, "1 point is worth a look", |it| flown(it, Verdict::Warning, Check::Mail)),
            (Done, "No check fails. 1 could not be", |it| flown(it, Verdict::Unseen, Check::Mail)),
            (Done, "No check fails", old),
            (Undone, "more than a day old", |it| {
                before_the_script(it);
                old(it);
            }),
            (Begun, "1 check fails", |it| flown(it, Verdict::Failed, Check::Mail)),
        ],
    );
}

#[test]
fn the_script_is_done_when_the_tenant_sends_its_people_here() {
    fn lost(it: &mut Evidence) {
        domain(it).with_us = false;
        domain(it).look.as_mut().unwrap().seen.as_mut().unwrap().1.federation = None;
    }
    check(
        Step::Script,
        &[
            (NotBegun, "Show the script", before_the_script),
            (Begun, "sent to another address", |it| {
                domain(it).differences = vec!["passiveSignInUri"];
            }),
            (Done, "sends people of contoso.com here", |_| {}),
            (Undone, "is federated no more", lost),
            (Undone, "with somebody else", |it| domain(it).with_us = false),
        ],
    );
}

#[test]
fn it_is_verified_when_all_reads_back_as_planned_and_somebody_signed_in() {
    check(
        Step::Verified,
        &[
            (NotBegun, "once the script has run", before_the_script),
            (Begun, "nobody has read it back", |it| domain(it).look = None),
            (Begun, "could not be read back yet", never_read),
            (Begun, "could not be read back yet", unfederated),
            (Begun, "1 property is not as planned: signOutUri", |it| {
                domain(it).first_token = None;
                domain(it).differences = vec!["signOutUri"];
            }),
            (Begun, "Sign in to Outlook as paula@contoso.com", |it| domain(it).first_token = None),
            (Done, "paula@contoso.com got the first token", |_| {}),
            (Begun, "2 properties are not as planned: signingCertificate, signOutUri", |it| {
                domain(it).differences = vec!["signingCertificate", "signOutUri"];
            }),
            (NotBegun, "once the script has run", |it| domain(it).with_us = false),
        ],
    );
}

#[test]
fn the_second_factor_is_done_when_what_was_chosen_is_in_force() {
    check(
        Step::SecondFactor,
        &[
            (NotBegun, "Choose where", before_the_script),
            (Begun, "Nobody has looked", |it| domain(it).look = None),
            (
                Begun,
                "\u{201c}Here alone\u{201d} is chosen, \u{201c}Here or at Microsoft\u{201d} is in",
                |it| {
                    domain(it).first_token = None;
                    domain(it).mfa_behavior = MfaBehavior::Enforce;
                },
            ),
            (Begun, "could not be read yet", never_read),
            (Done, "\u{201c}Here or at Microsoft\u{201d} is in force, as chosen.", |_| {}),
            (Done, "was not looked at for a day", |it| domain(it).preflight = None),
            (Done, "demands besides: Security defaults", |it| {
                domain(it).demands = vec!["Security defaults"];
            }),
            (Begun, "is chosen", |it| domain(it).mfa_behavior = MfaBehavior::Reject),
            (NotBegun, "Choose where", |it| domain(it).with_us = false),
        ],
    );
}

#[test]
fn evidence_that_is_old_says_so_and_what_was_lost_proves_nothing() {
    fn aged<T>(look: &mut Look<T>) {
        look.seen.as_mut().unwrap().0 = NOW - HOUR * 25;
    }
    let old = after(|it| {
        aged(tenant(it).look.as_mut().unwrap());
        aged(domain(it).look.as_mut().unwrap());
        tenant(it).matches.as_mut().unwrap().at = NOW - HOUR * 25;
    });
    let by_looks =
        [Step::Connection, Step::Application, Step::Matches, Step::Script, Step::Verified];
    for step in by_looks {
        let state = of(&old, step);
        assert_eq!((state.standing, &state.age), (Done, &Age::Old), "{state:?}");
        assert_eq!(state.seen_at, Some(NOW - HOUR * 25), "{state:?}");
    }
    let lost = after(|it| {
        domain(it).look.as_mut().unwrap().trouble = Some("Microsoft did not answer.".to_owned());
    });
    for step in [Step::Application, Step::Script, Step::Verified, Step::SecondFactor] {
        let state = of(&lost, step);
        assert_eq!(state.standing, Begun, "{state:?}");
        assert_eq!(state.age, Age::Lost("Microsoft did not answer.".to_owned()), "{state:?}");
    }
    assert_eq!(of(&lost, Step::Connection).standing, Done, "it was tried as late");
    let newer = after(|it| {
        let look = domain(it).look.as_mut().unwrap();
        look.trouble = Some("Microsoft did not answer.".to_owned());
        look.tried_at = NOW;
    });
    assert_eq!(of(&newer, Step::Connection).standing, Begun, "nobody knows whether it still is");
}
