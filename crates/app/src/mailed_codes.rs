//! Codes by e-mail, for people who have nothing else at hand: off until a security admin allows them.
//!
//! A mailbox is no second factor: whoever reads it has the code. So such a code spares somebody what
//! the house asks of everybody, as an exemption does, and proves nothing to anybody else: no rule, no
//! application that asks for a second factor, not the console, and no claim of one in a token (R094).
//! The mailbox must lie outside, as one that this sign-in opens would open itself.

use authn::policy::Ruling;
use model::{
    Method, Proof, Role, Ts, audit::AuditKind, ids::UserId, pending_request::Demand,
    session::Session, tenant::is_microsofts, user::User,
};
use store::{Tx, audit_log, pending_requests, sessions, settings};

use crate::{Admin, Error, House, Kind, Result, Visitor, premises::Premises};

const ALLOWED: &str = "mailed_codes";

impl House {
    /// Whether codes by e-mail are allowed.
    pub async fn mailed_codes_allowed(&self, _admin: &Admin) -> Result<bool> {
        self.store().read(are_allowed).await
    }

    /// Allows codes by e-mail, or allows them no more: sessions that rest on one are asked for a second
    /// factor at their next request. Needs a fresh second factor (R147).
    pub async fn allow_mailed_codes(
        &self,
        admin: &Admin,
        allowed: bool,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        if allowed && !self.sends_letters() {
            let public = "There is no mail server to send codes with. Set [mail] first.";
            return Err(Error::new(Kind::Conflict, public));
        }
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                settings::put(tx, ALLOWED, if allowed { "yes" } else { "no" })?;
                let kind = AuditKind::MailedCodesChanged;
                let mut row = visitor.audit(&house, actor, kind, "policy");
                let word = if allowed { "allowed" } else { "not allowed any more" };
                word.clone_into(&mut row.detail);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Whether codes by e-mail are allowed.
pub(crate) fn are_allowed(tx: &mut Tx) -> Result<bool> {
    Ok(settings::get(tx, ALLOWED)?.as_deref() == Some("yes"))
}

/// The mailbox whose code may stand in for the second factor of somebody who proved this, where this
/// ruling holds. It takes their password: what else begins a sign-in may open the same mailbox.
pub(crate) fn mailbox<'u>(
    premises: &Premises,
    ruling: &Ruling<'_>,
    (user, proof): (&'u User, &Proof),
    demand: Demand,
) -> Option<&'u str> {
    let by_the_house_alone = ruling.rule.is_none() && user.role.is_none() && !demand.mfa;
    let knows = proof.has(Method::Password);
    if !premises.policy.takes_mailed_codes || !by_the_house_alone || !knows {
        return None;
    }
    let mailbox = user.profile.mail.as_deref()?;
    let (_, domain) = mailbox.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let is_inside =
        domain == user.upn.domain() || premises.vouches_for(&domain) || is_microsofts(&domain);
    (!is_inside).then_some(mailbox)
}

/// The ruling for somebody who proved this: less where a code from their mailbox stands in.
pub(crate) fn heeded<'p>(
    premises: &Premises,
    ruling: Ruling<'p>,
    proved: (&User, &Proof),
    demand: Demand,
) -> Ruling<'p> {
    let has_code = proved.1.has(Method::MailedCode);
    let stands_in = has_code && mailbox(premises, &ruling, proved, demand).is_some();
    if stands_in { ruling.spared() } else { ruling }
}

/// Takes back whatever rests on a code from the mailbox that somebody had: another one is theirs now.
pub(crate) fn forget_those_of(tx: &mut Tx, person: UserId, now: Ts) -> Result<()> {
    pending_requests::forget_proofs_of(tx, person)?;
    let rests_on_it =
        |session: &Session| session.events.iter().any(|event| event.method == Method::MailedCode);
    Ok(sessions::end_those(tx, person, rests_on_it, now)?)
}

/// As much of an address as its owner needs to know which it is.
pub(crate) fn masked(mailbox: &str) -> String {
    let (name, domain) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}\u{2026}@{domain}")
}
