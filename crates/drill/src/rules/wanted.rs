//! How everybody shall be in the tenant, from the rows of the database alone: written anew here, so that a
//! mistake of the engine's isn't made twice (I03, I07, I13, I14, I16, I19).

use std::collections::HashSet;

use serde_json::Value;
use simulator::{TenantView, User};

use crate::play::Play;

/// One person, as our rows have them.
#[derive(Debug, Clone)]
struct Person {
    upn: String,
    anchor: String,
    active: bool,
    profile: Value,
    /// The products of the newest assignment, and when it ended.
    assignment: Option<(HashSet<String>, Option<i64>)>,
}

/// How everybody shall be there.
#[derive(Debug, Clone)]
pub struct Wanted {
    people: Vec<Person>,
    handed_out: HashSet<String>,
    fallback: String,
    grace_days: i64,
    delete_days: Option<i64>,
    now: i64,
    /// Immutable ids of people who had products before.
    licensed: HashSet<String>,
    /// Immutable ids of people whose object can't be had or mustn't be touched.
    spared: HashSet<String>,
}

const DAY: i64 = 86_400_000_000;

const PEOPLE: &str = "SELECT json_object('upn', upn, 'anchor', immutable_id, 'state', state, \
    'profile', json(profile), 'licences', (SELECT json(licences) FROM assignments \
    WHERE user_id = users.id ORDER BY assigned_at DESC, id DESC LIMIT 1), \
    'ended', (SELECT ended_at FROM assignments \
    WHERE user_id = users.id ORDER BY assigned_at DESC, id DESC LIMIT 1)) AS line FROM users";

fn products(licences: &Value) -> HashSet<String> {
    // SQLite hands nested JSON on as text.
    let parsed = licences.as_str().and_then(|text| serde_json::from_str(text).ok());
    let licences: Value = parsed.unwrap_or_else(|| licences.clone());
    let ids = licences.as_array().into_iter().flatten();
    ids.filter_map(|licence| licence["sku_id"].as_str()).map(str::to_lowercase).collect()
}

fn person(line: &str) -> Person {
    let row: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let assignment =
        (!row["licences"].is_null()).then(|| (products(&row["licences"]), row["ended"].as_i64()));
    Person {
        upn: text("upn"),
        anchor: text("anchor"),
        active: row["state"] == "active",
        profile: row["profile"].clone(),
        assignment,
    }
}

impl Wanted {
    /// As the rows say now.
    pub fn read(play: &mut Play<'_>, spared: &[String]) -> Self {
        let (now, licensed) = (play.stage.clock.truly().0, play.licensed.clone());
        let watch = &mut play.watch;
        let people: Vec<Person> = watch.lines(PEOPLE).iter().map(|line| person(line)).collect();
        let settings = watch.lines("SELECT settings AS line FROM applications").concat();
        let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
        let all = watch.lines("SELECT licences AS line FROM assignments");
        let handed_out =
            all.iter().flat_map(|line| products(&Value::from(line.as_str()))).collect();
        Self {
            people,
            handed_out,
            fallback: settings["usage_location"].as_str().unwrap_or_default().to_owned(),
            grace_days: settings["licence_grace_days"].as_i64().unwrap_or_default(),
            delete_days: settings["delete_days"].as_i64(),
            now,
            licensed,
            spared: spared.iter().cloned().collect(),
        }
    }

    /// In what the tenant differs from that.
    pub fn differences(&self, them: &TenantView) -> Vec<String> {
        let mut found = Vec::new();
        let mut anchors = HashSet::new();
        for user in &them.users {
            if user.immutable_id().is_some_and(|anchor| !anchors.insert(anchor)) {
                found.push(format!("I03: two objects have the immutable id of {}", user.upn()));
            }
        }
        for person in &self.people {
            let theirs =
                them.users.iter().find(|user| user.immutable_id() == Some(&*person.anchor));
            if self.spared.contains(&person.anchor) || theirs.is_some_and(is_admin) {
                continue;
            }
            let differs = match &person.assignment {
                None => None,
                Some((products, None)) if person.active => self.open(person, products, theirs),
                Some((products, ended)) => self.closed(person, (products, *ended), theirs, them),
            };
            found.extend(differs.map(|what| format!("{what}: {}", person.upn)));
        }
        found
    }

    fn held(&self, user: &User) -> HashSet<String> {
        let ids = user.licenses.iter().map(|licence| licence.sku_id.to_lowercase());
        ids.filter(|id| self.handed_out.contains(id)).collect()
    }

    fn open(
        &self,
        person: &Person,
        products: &HashSet<String>,
        theirs: Option<&User>,
    ) -> Option<String> {
        let Some(user) = theirs else { return Some("I07: assigned and not there".to_owned()) };
        if !user.account_enabled() {
            return Some("I07: assigned and shut out".to_owned());
        }
        if !user.upn().eq_ignore_ascii_case(&person.upn) {
            return Some(format!("I07: called {}", user.upn()));
        }
        let own = person.profile["country"].as_str().filter(|country| country.len() == 2);
        let wanted = own.unwrap_or(&self.fallback);
        if own.is_some() && user.usage_location() != Some(wanted) || user.usage_location().is_none()
        {
            return Some(format!("I07: used in {:?} and not in {wanted}", user.usage_location()));
        }
        for (ours, name) in [
            ("display_name", "displayName"),
            ("job_title", "jobTitle"),
            ("department", "department"),
        ] {
            let wanted = person.profile[ours].as_str();
            if wanted.is_some() && user.text(name) != wanted {
                return Some(format!("I07: {name} is {:?} and not {wanted:?}", user.text(name)));
            }
        }
        let held = self.held(user);
        (held != *products).then(|| format!("I07, I16: has {held:?} and not {products:?}"))
    }

    fn closed(
        &self,
        person: &Person,
        (products, ended): (&HashSet<String>, Option<i64>),
        theirs: Option<&User>,
        them: &TenantView,
    ) -> Option<String> {
        let over = |days: i64| ended.is_some_and(|ended| self.now >= ended + days * DAY);
        let deleted = self.delete_days.is_some_and(over);
        let Some(user) = theirs else {
            let in_bin =
                them.deleted.iter().any(|user| user.immutable_id() == Some(&*person.anchor));
            return (in_bin && !deleted).then(|| "I01, I19: deleted before the day".to_owned());
        };
        if user.account_enabled() {
            return Some("I13: may sign in and must not".to_owned());
        }
        if deleted {
            return Some("I07: not deleted on the day".to_owned());
        }
        let held = self.held(user);
        match (over(self.grace_days), held.is_empty()) {
            (true, false) => Some("I07: has products after the days of grace".to_owned()),
            (false, true) if self.licensed.contains(&person.anchor) && !products.is_empty() => {
                Some("I05, I19: lost the products before the days of grace were over".to_owned())
            }
            _ => None,
        }
    }
}

/// Kim is one of the tenant's administrators.
fn is_admin(user: &User) -> bool {
    user.upn().starts_with("kim@")
}
