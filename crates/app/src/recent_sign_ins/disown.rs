//! "This wasn't me": whoever sees a sign-in that isn't theirs shuts everybody else out at once.
//!
//! It takes no fresh second factor, since whoever needs it may be away from their phone. So it must be
//! worth nothing to a stranger who holds a stolen session of the person. All it does is end and forget:
//! nothing is opened, shown or changed, no factor and no password is touched, and no limit on guesses is
//! lifted. A stranger could end the other sessions one by one anyway, but this tells the person by mail
//! and the admins by an alarm. Nobody presses again within the hour but by something that was proved
//! since, which takes what the stranger does not have: the person signs in anew, and has the last word.
//! The session that presses stays and gets a new secret, so that a copy of its cookie opens nothing from then on.

use std::time::Duration;

use model::{
    Actor, Ts,
    alarm::Cause,
    audit::{AuditKind, Outcome},
    ids::{TenantId, UserId},
    plan::Scope,
    user::User,
};
use store::{
    Tx, audit_log, entra_links, outbox, pending_requests, remembered_devices, reset_links,
    revocations, sessions, tenants, users,
};

use super::rows;
use crate::{
    Employee, Error, House, Kind, Result, Visitor,
    alarms::{Finding, raise},
    keys::may_write,
    letters::News,
    passkeys::still_there,
    passwords::{directory_of, held_of},
    sync::Lane,
    visitor::Secret,
};

/// For so long a person is reminded of what to do next.
const REMINDED_FOR: Duration = Duration::from_hours(7 * 24);
/// So long nothing is ended again by what was proved before.
const ONCE_WITHIN: Duration = Duration::from_hours(1);

/// That somebody said that a sign-in wasn't theirs, and what has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// When.
    pub at: Ts,
    /// Whether the password has been changed since; of one that a directory keeps nobody knows here.
    pub password_changed: bool,
    /// What became of their sessions at Microsoft.
    pub at_microsoft: AtMicrosoft,
}

/// What became of a person's sessions at Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtMicrosoft {
    /// They have no account there that is linked.
    None,
    /// They have ended.
    Ended,
    /// They are being ended.
    UnderWay,
    /// Nothing may be written there now: an admin has to end them.
    NotFromHere,
}

impl House {
    /// Ends what a stranger may hold of a person's sign-in, and gives this session a new secret.
    pub async fn disown_sign_ins(&self, me: &Employee, visitor: &Visitor) -> Result<Secret> {
        let (house, visitor) = (self.clone(), visitor.clone());
        let (id, session) = (me.user().id, me.session().id);
        let proved_at = me.session().events.iter().map(|event| event.at).max();
        let secret = Secret::draw(self.random());
        self.store()
            .write(move |tx| {
                still_there(tx, id, session)?;
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                let now = house.now();
                let said = last(tx, &user, now - ONCE_WITHIN)?;
                if said.is_some_and(|at| proved_at.is_none_or(|proved| proved < at)) {
                    let public = "This was done just now. Change your password, and look at your \
                                  second factors; to do it again, sign in anew.";
                    return Err(Error::new(Kind::Conflict, public));
                }
                sessions::end_all_of(tx, id, Some(session), now)?;
                sessions::rotate(tx, session, &secret.digest())?;
                pending_requests::forget_proofs_of(tx, id)?;
                reset_links::forget(tx, id)?;
                remembered_devices::forget_all_of(tx, id)?;
                house.end_at_microsoft(tx, id, now)?;
                house.tell_of_disowned(tx, &user, &visitor, now)?;
                Ok(secret)
            })
            .await
    }

    /// The same work as when an admin wants everybody's sessions ended, for one person.
    fn end_at_microsoft(&self, tx: &mut Tx, id: UserId, now: Ts) -> Result<()> {
        for tenant in tenants::all(tx)? {
            let tenant = tenant.id;
            if !is_linked(tx, tenant, id)? {
                continue;
            }
            match may_write(tx, tenant) {
                Ok(()) => {}
                Err(error) if error.kind == Kind::Conflict => continue,
                Err(error) => return Err(error),
            }
            revocations::ask_of(tx, tenant, id, now)?;
            let scope = Scope::Person(id);
            let urgent = outbox::is_urgent(tx, tenant, &scope)?;
            let lane = if urgent { Lane::Safety } else { Lane::Rest };
            self.put_work(tx, tenant, scope, lane)?;
        }
        Ok(())
    }

    /// All of it is of one moment: what becomes of the sessions at Microsoft is found by it.
    fn tell_of_disowned(&self, tx: &mut Tx, user: &User, visitor: &Visitor, now: Ts) -> Result<()> {
        let kind = AuditKind::SignInDisowned;
        let mut row = visitor.audit(self, Actor::Person(user.id), kind, user.upn.as_str());
        row.at = now;
        "every other session ended, every browser forgotten".clone_into(&mut row.detail);
        audit_log::record(tx, &row)?;
        self.inform(tx, user, &News::SignInDisowned, visitor)?;
        let address = visitor.client.address.clone();
        let cause = Cause::SignInDisowned { times: 1, address };
        raise(tx, self, Finding { subject: user.upn.to_string(), cause })
    }
}

/// What a person said within the last week, and how far it is.
pub(super) fn said(tx: &mut Tx, user: &User, now: Ts) -> Result<Option<Said>> {
    let Some(at) = last(tx, user, now - REMINDED_FOR)? else { return Ok(None) };
    let mut at_microsoft = AtMicrosoft::None;
    for tenant in tenants::all(tx)? {
        if is_linked(tx, tenant.id, user.id)? {
            let asked = revocations::of_person(tx, tenant.id, user.id)?;
            let there = match asked.filter(|(asked_at, _)| *asked_at >= at) {
                Some((_, true)) => AtMicrosoft::Ended,
                Some((_, false)) => AtMicrosoft::UnderWay,
                None => AtMicrosoft::NotFromHere,
            };
            at_microsoft = at_microsoft.max(there);
        }
    }
    let is_here = directory_of(tx, user)?.is_none();
    let password_changed = is_here && held_of(tx, user)?.is_some_and(|held| held.since() > at);
    Ok(Some(Said { at, password_changed, at_microsoft }))
}

fn last(tx: &mut Tx, user: &User, since: Ts) -> Result<Option<Ts>> {
    let said = rows(tx, user, (AuditKind::SignInDisowned, Outcome::Done), since, 1)?;
    Ok(said.rows.first().map(|event| event.at))
}

fn is_linked(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool> {
    let link = entra_links::of_user(tx, tenant, user)?;
    Ok(link.is_some_and(|link| link.deleted_at.is_none()))
}
