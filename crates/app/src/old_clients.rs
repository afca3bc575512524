//! Why an old program keeps asking for the password: what the doors for programs refused, put together
//! by person, program and reason. A phone that tries an old password every few minutes is one line.

mod programs;

use std::{collections::HashMap, time::Duration};

use model::{
    Ts,
    federated_domain::FederatedDomain,
    old_client::Cause,
    user::User,
    wstrust::{PasswordDoor, WsTrustPermit},
};
use store::{
    Tx,
    audit_log::{self, RefusalsAtDoor},
    federated_domains, users, wstrust_permits,
};

use crate::{Admin, Error, House, Result, premises::closest};

/// More lines than this say that somebody guesses, which other pages tell.
const MOST: usize = 200;
/// More addresses than this are not named.
const ADDRESSES: usize = 5;

/// A program that was refused again and again for the same reason.
#[derive(Debug, Clone)]
pub struct OldClient {
    /// The name that came, folded; the domain's, where none came.
    pub name: String,
    /// Whose name it is.
    pub person: Option<User>,
    /// By which door.
    pub door: PasswordDoor,
    /// The program, as people know it.
    pub program: String,
    /// What it said of itself the last time.
    pub said: String,
    /// Why it got nothing.
    pub cause: Cause,
    /// The domain that was asked, as far as the name tells.
    pub domain: Option<FederatedDomain>,
    /// How often.
    pub times: u32,
    /// When it began, as far as was looked.
    pub first: Ts,
    /// When it was seen last.
    pub last: Ts,
    /// From where; the latest first, and not all of very many.
    pub addresses: Vec<String>,
}

/// What the page over everybody shows.
#[derive(Debug, Clone)]
pub struct OldClients {
    /// The programs, the latest first.
    pub lines: Vec<OldClient>,
    /// How many more there are.
    pub left_out: usize,
    /// Each domain with the permit that opens its doors, if one does now.
    pub doors: Vec<(FederatedDomain, Option<WsTrustPermit>)>,
}

impl House {
    /// What the doors for programs refused in the last days, over everybody.
    pub async fn old_clients(&self, _admin: &Admin, days: u32) -> Result<OldClients> {
        let now = self.now();
        self.store()
            .read(move |tx| {
                let mut lines = of(tx, since(now, days), None)?;
                let left_out = lines.len().saturating_sub(MOST);
                lines.truncate(MOST);
                let domains = federated_domains::all(tx)?.into_iter();
                let doors = domains.map(|domain| {
                    let permit = wstrust_permits::of_domain(tx, domain.id)?;
                    Ok::<_, Error>((domain, permit.filter(|permit| permit.is_live(now))))
                });
                Ok(OldClients { doors: doors.collect::<Result<_>>()?, lines, left_out })
            })
            .await
    }
}

/// What the doors refused of one person in the last 30 days.
pub(crate) fn of_person(tx: &mut Tx, user: &User, now: Ts) -> Result<Vec<OldClient>> {
    of(tx, since(now, 30), Some(user.upn.as_str()))
}

fn since(now: Ts, days: u32) -> Ts {
    now - Duration::from_hours(u64::from(days) * 24)
}

fn of(tx: &mut Tx, since: Ts, name: Option<&str>) -> Result<Vec<OldClient>> {
    let rows = audit_log::refusals_at_doors(tx, since, name)?;
    let domains = federated_domains::all(tx)?;
    let mut lines: Vec<OldClient> = Vec::new();
    let mut known = HashMap::new();
    for row in rows {
        let program = programs::name(&row.note.program);
        let key = (row.name.clone(), program.clone(), row.note.door, row.note.cause.clone());
        if let Some(at) = known.get(&key) {
            add(&mut lines[*at], row);
        } else {
            known.insert(key, lines.len());
            lines.push(line(tx, row, program, &domains)?);
        }
    }
    Ok(lines)
}

fn line(
    tx: &mut Tx,
    row: RefusalsAtDoor,
    program: String,
    domains: &[FederatedDomain],
) -> Result<OldClient> {
    let person = users::by_upn(tx, &row.name)?;
    let asked = match &person {
        Some(user) => closest(domains, &user.upn.domain()),
        None => domains.iter().find(|it| row.name.rsplit('@').next() == Some(it.name.as_str())),
    };
    Ok(OldClient {
        domain: asked.cloned(),
        name: row.name,
        person,
        door: row.note.door,
        program,
        said: row.note.program,
        cause: row.note.cause,
        times: row.times,
        first: row.first,
        last: row.last,
        addresses: vec![row.address],
    })
}

/// Rows come with the latest first.
fn add(line: &mut OldClient, row: RefusalsAtDoor) {
    line.times = line.times.saturating_add(row.times);
    line.first = line.first.min(row.first);
    if line.addresses.len() < ADDRESSES && !line.addresses.contains(&row.address) {
        line.addresses.push(row.address);
    }
}
