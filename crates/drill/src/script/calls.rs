//! The faults that happen on the wire and at Microsoft.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{Script, Subject, meddling};
use crate::{
    case::Case,
    fault::Step,
    op::Op,
    wire::{On, Rule, SAME_PAGE, Trouble},
};

const ALWAYS: u32 = u32::MAX;

const fn refused(status: u16, retry_after: Option<u64>) -> Trouble {
    Trouble::Refused { status, retry_after, carried_out: false }
}

/// Which call a step is about: the listing, or the operation.
fn at(case: &Case, subject: &Subject) -> On {
    match case.step {
        Step::P2 | Step::P7 => On::Listing,
        _ => On::Doing(case.op, subject.object.clone()),
    }
}

pub(super) fn script(case: &Case, subject: &Subject) -> Script {
    let on = at(case, subject);
    let listing = on == On::Listing;
    let next = |what: Trouble| vec![Rule::next(on.clone(), what)];
    let several = |what: Trouble, times: u32| vec![Rule::next(on.clone(), what).times(times)];
    let rules = match case.fault.number {
        7 => several(Trouble::Unreached, if listing { 9 } else { 3 }),
        8 => several(Trouble::Lost, if case.step == Step::P5 { 1 } else { 2 }),
        9 => several(Trouble::HalfAnswer, if listing { 9 } else { 1 }),
        10 => next(Trouble::Twice),
        11 => next(Trouble::Late(Duration::from_mins(10))),
        12 => several(refused(429, Some(if case.way == 0 { 1 } else { 300 })), 2),
        13 => several(refused(429, None), 3),
        14 => storm(),
        15 => {
            let (status, carried_out) =
                [(503, false), (504, true), (500, false), (500, true)][usize::from(case.way)];
            several(Trouble::Refused { status, retry_after: None, carried_out }, 3)
        }
        17 => {
            let no_token = Rule::next(On::Token, refused(503, None)).after(1).times(6);
            [several(refused(401, None), 2), vec![no_token]].concat()
        }
        18 => several(refused(403, None), ALWAYS),
        _ => return at_microsoft(case, subject),
    };
    placed(case, rules)
}

/// Nine of ten calls for half an hour; longer than any case has gone on by then.
fn storm() -> Vec<Rule> {
    let rule = Rule::next(On::Any, refused(429, Some(5))).times(400);
    vec![Rule { percent: 90, ..rule }]
}

/// In the run, or in the next one for what is read back.
fn placed(case: &Case, rules: Vec<Rule>) -> Script {
    match case.step {
        Step::P7 => Script { later: rules, ..Script::default() },
        _ => Script { rules, ..Script::default() },
    }
}

fn at_microsoft(case: &Case, subject: &Subject) -> Script {
    let name = format!("{}@contoso.com", case.op.person());
    let on = at(case, subject);
    let meanwhile = |what| placed(case, vec![Rule::next(on.clone(), Trouble::Meanwhile(what))]);
    let whose = subject.clone();
    match case.fault.number {
        19 => expired(case),
        20 => Script { lag: Duration::from_mins(2), ..Script::default() },
        21 => stale(case, &subject.anchor),
        22 => broken_listing(case.way),
        24 => taken(case, &on, &subject.anchor),
        25 => meanwhile(meddling(move |them| them.delete(&whose.id(them)))),
        26 => meanwhile(meddling(move |them| {
            let id = whose.id(them);
            them.set(&id, "jobTitle", "By hand");
            them.set(&id, "officeLocation", "Room 8");
        })),
        27 => meanwhile(meddling(move |them| them.make_admin(&name))),
        28 => Script {
            rules: vec![Rule::next(
                On::Doing(Op::AssignLicense, subject.object.clone()),
                Trouble::Meanwhile(meddling(|them| seats(them, 0))),
            )],
            restore: Some(meddling(|them| seats(them, 25))),
            ..Script::default()
        },
        35 => placed(case, vec![Rule::next(on, Trouble::Rewritten(Arc::new(strange))).times(2)]),
        36 => {
            let on = On::Doing(case.op, subject.object.clone());
            Script { rules: vec![Rule::next(on, Trouble::Pretended)], ..Script::default() }
        }
        _ => Script::default(),
    }
}

fn seats(them: &simulator::Simulator, number: usize) {
    for product in ["SPB", "EXCHANGESTANDARD"] {
        them.set_seats(product, number);
    }
}

fn expired(case: &Case) -> Script {
    let expire = meddling(simulator::Simulator::expire_client_secret);
    let restore = Some(meddling(simulator::Simulator::renew_client_secret));
    if case.step == Step::P0 {
        return Script { arrange: Some(expire), restore, ..Script::default() };
    }
    let rules = vec![
        Rule::next(On::Organization, Trouble::Meanwhile(expire)),
        Rule::next(On::Listing, refused(401, None)),
    ];
    Script { restore, rules, ..Script::default() }
}

fn people(body: &mut Value) -> Option<&mut Vec<Value>> {
    body.get_mut("value")?.as_array_mut()
}

/// The listing without an object, or with the object as the listing before had it.
fn stale(case: &Case, anchor: &str) -> Script {
    let (omitted, shown) = (anchor.to_owned(), anchor.to_owned());
    let omit = move |body: &mut Value| {
        if let Some(people) = people(body) {
            people.retain(|person| person["onPremisesImmutableId"] != omitted.as_str());
        }
    };
    if case.way == 0 || (case.step == Step::P7 && case.op == Op::CreateUser) {
        let rule = Rule::next(On::Listing, Trouble::Rewritten(Arc::new(omit))).times(2);
        return placed(case, vec![rule]);
    }
    let kept: Arc<Mutex<Option<Value>>> = Arc::default();
    let as_before = move |body: &mut Value| {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(people) = people(body) else { return };
        for person in
            people.iter_mut().filter(|person| person["onPremisesImmutableId"] == shown.as_str())
        {
            let before = kept.get_or_insert_with(|| person.clone());
            person.clone_from(before);
        }
    };
    let rewrite = || Trouble::Rewritten(Arc::new(as_before.clone()));
    let later = vec![Rule::next(On::Listing, rewrite()).times(2)];
    Script { rules: vec![Rule::next(On::Listing, rewrite())], later, ..Script::default() }
}

/// It breaks off at its third page, goes in circles, or has an empty page in it.
fn broken_listing(way: u8) -> Script {
    let paged = Rule::next(On::Listing, Trouble::Paged(3)).times(ALWAYS);
    let breaks = match way {
        0 => vec![Rule::next(On::Listing, refused(503, None)).after(2).times(9)],
        1 => vec![Rule::next(On::Listing, Trouble::Rewritten(Arc::new(circle))).times(ALWAYS)],
        _ => vec![Rule::next(On::Listing, Trouble::Rewritten(Arc::new(empty)))],
    };
    let rules = [breaks, vec![paged]].concat();
    Script { rules, ..Script::default() }
}

fn circle(body: &mut Value) {
    body["@odata.nextLink"] = Value::from(SAME_PAGE);
}

/// Everybody is on the page after it.
fn empty(body: &mut Value) {
    body["value"] = json!([]);
    body["@odata.nextLink"] = Value::from(SAME_PAGE);
}

fn taken(case: &Case, on: &On, anchor: &str) -> Script {
    let name = match case.op {
        Op::ChangeUpn => "alice.ahmed@contoso.com",
        Op::CreateUser => "bob@contoso.com",
        Op::MatchExisting => "lena.else@contoso.com",
        _ => "alice@contoso.com",
    };
    let anchor = (case.op == Op::MatchExisting).then(|| anchor.to_owned());
    let settle = meddling(move |them| {
        let mut properties = json!({"userPrincipalName": name, "displayName": "Somebody else"});
        if let Some(anchor) = &anchor {
            properties["onPremisesImmutableId"] = anchor.as_str().into();
        }
        them.add_user(properties.as_object().cloned().unwrap_or_default());
    });
    Script {
        rules: vec![Rule::next(on.clone(), Trouble::Meanwhile(settle))],
        restore: Some(meddling(move |them| {
            let found =
                them.tenant().users.into_iter().find(|user| user.display_name() == "Somebody else");
            if let Some(user) = found {
                them.delete(&user.id);
            }
        })),
        ..Script::default()
    }
}

/// Unknown fields, nulls where there may be some, and a new kind of user.
fn strange(body: &mut Value) {
    body["@odata.something"] = json!({"new": [1, null, "x"]});
    let Some(people) = people(body) else { return };
    for person in people {
        person["brandNew"] = json!({"deep": {"er": null}});
        person["userType"] = json!("Visitor");
        for name in ["department", "licenseAssignmentStates"] {
            person[name] = Value::Null;
        }
    }
}
