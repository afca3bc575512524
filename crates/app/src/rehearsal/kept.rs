//! Rehearsals that an admin asks for: written down, played in the background on whichever node is quicker,
//! and kept with what was seen. The newest of each domain stays.

use std::time::Duration;

use model::{Actor, Role, Ts, audit::AuditKind, ids::FederatedDomainId, rehearsal::Rehearsal};
use store::{Tx, audit_log, federated_domains, rehearsals, rehearsals::KeptRehearsal};

use crate::{Admin, Error, House, Result, Visitor, visitor::inside};

/// A node that has said nothing for so long is taken for gone: no step takes this long.
const SILENCE: Duration = Duration::from_mins(5);

/// A rehearsal that is to be played.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of which domain.
    pub id: FederatedDomainId,
    /// Its name.
    pub domain: String,
    /// Who asked for it, and when: it is that one and no later one.
    pub asked: (Actor, Ts),
}

impl House {
    /// Asks for a rehearsal of a domain. There is one at a time: while one is under way, nothing changes.
    pub async fn ask_for_rehearsal(
        &self,
        admin: &Admin,
        id: FederatedDomainId,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        let (house, visitor, actor) = (self.clone(), visitor.clone(), admin.actor());
        self.store()
            .write(move |tx| {
                let name = name_of(tx, id)?;
                let before = rehearsals::of_domain(tx, id)?;
                if before.is_some_and(|it| it.ended_at.is_none()) {
                    return Ok(());
                }
                let now = house.now();
                rehearsals::put(tx, &waiting(id, &name, (actor, now)))?;
                let mut row = visitor.audit(&house, actor, AuditKind::DomainRehearsed, &name);
                "asked for".clone_into(&mut row.detail);
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// The newest rehearsal of a domain, over or not.
    pub async fn newest_rehearsal(
        &self,
        _admin: &Admin,
        id: FederatedDomainId,
    ) -> Result<Option<KeptRehearsal>> {
        self.store().read(move |tx| Ok::<_, Error>(rehearsals::of_domain(tx, id)?)).await
    }

    /// Takes one that waits to be played here.
    pub async fn take_rehearsal(&self) -> Result<Option<Wanted>> {
        let now = self.now();
        self.store()
            .write(move |tx| {
                let Some(taken) = rehearsals::take(tx, now, now - SILENCE)? else {
                    return Ok(None);
                };
                let (id, asked) = (taken.domain_id, (taken.asked_by, taken.asked_at));
                Ok::<_, Error>(Some(Wanted { id, domain: name_of(tx, id)?, asked }))
            })
            .await
    }

    /// Keeps what was seen so far.
    pub async fn note_rehearsal(&self, wanted: &Wanted, seen: Rehearsal) -> Result<()> {
        let (id, (_, at), now) = (wanted.id, wanted.asked, self.now());
        self.store()
            .write(move |tx| {
                rehearsals::note(tx, (id, at), &seen, (now, None))?;
                Ok::<_, Error>(())
            })
            .await
    }

    /// Keeps what was seen of one that is over, with its audit row.
    pub async fn end_rehearsal(&self, wanted: &Wanted, seen: Rehearsal) -> Result<()> {
        let (house, id, (actor, at), now) = (self.clone(), wanted.id, wanted.asked, self.now());
        self.store()
            .write(move |tx| {
                if !rehearsals::note(tx, (id, at), &seen, (now, Some(now)))? {
                    return Ok(());
                }
                house.audit_rehearsal(tx, actor, &seen)
            })
            .await
    }

    /// Keeps one that was played at the command line.
    pub async fn keep_operators_rehearsal(
        &self,
        id: FederatedDomainId,
        seen: Rehearsal,
    ) -> Result<()> {
        let (house, now, actor) = (self.clone(), self.now(), Actor::Operator);
        self.store()
            .write(move |tx| {
                let begun = waiting(id, &seen.domain, (actor, seen.began_at));
                let (played_at, ended_at) = (Some(now), Some(now));
                rehearsals::put(
                    tx,
                    &KeptRehearsal { played_at, ended_at, seen: seen.clone(), ..begun },
                )?;
                house.audit_rehearsal(tx, actor, &seen)
            })
            .await
    }

    fn audit_rehearsal(&self, tx: &mut Tx, actor: Actor, seen: &Rehearsal) -> Result<()> {
        let visitor = inside("rehearsal");
        let mut row = visitor.audit(self, actor, AuditKind::DomainRehearsed, &seen.domain);
        row.detail = match seen.failed() {
            None => "everything went as it should".to_owned(),
            Some(failed) => format!("it failed at: {}", failed.step.label()),
        };
        Ok(audit_log::record(tx, &row)?)
    }
}

fn name_of(tx: &mut Tx, id: FederatedDomainId) -> Result<String> {
    let domain = federated_domains::by_id(tx, id)?;
    Ok(domain.ok_or_else(|| Error::not_found("domain"))?.name)
}

fn waiting(id: FederatedDomainId, name: &str, (asked_by, asked_at): (Actor, Ts)) -> KeptRehearsal {
    KeptRehearsal {
        domain_id: id,
        asked_by,
        asked_at,
        played_at: None,
        ended_at: None,
        seen: Rehearsal::new(name, "a copy of the tenant", asked_at),
    }
}
