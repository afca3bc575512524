//! Codes by e-mail, for people who have nothing else at hand: off until a security admin allows them.
//!
//! A mailbox is no second factor: whoever reads it has the code. So such a code spares somebody what
//! the house asks of everybody, as an exemption does, and proves nothing to anybody else: no rule, no
//! application that asks for a second factor, not the console, and no claim of one in a token (R094).
//! The mailbox must lie outside, as one that this sign-in opens would open itself.

use authn::policy::Ruling;
use model::{Method, Proof, Role, audit::AuditKind, pending_request::Demand, user::User};
use store::{Tx, audit_log, settings};

use crate::{Admin, Error, House, Kind, Result, Visitor, premises::Premises};

const ALLOWED: &str = "mailed_codes";

impl House {
    /// Whether codes by e-mail are allowed.
    pub async fn mailed_codes_allowed(&self, _admin: &Admin) -> Result<bool> {
        self.store().read(are_allowed).await
    }

    /// Allows codes by e-mail, or allows them no more: sessions that rest on one end at their next
    /// request. Needs a fresh second factor (R147).
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
                row.detail = if allowed { "allowed" } else { "not allowed any more" }.to_owned();
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}

/// Whether codes by e-mail are allowed.
pub(crate) fn are_allowed(tx: &mut Tx) -> Result<bool> {
    Ok(settings::get(tx, ALLOWED)?.as_deref() == Some("yes"))
}

/// The mailbox that may stand in for this person's second factor, where this ruling holds.
pub(crate) fn mailbox<'u>(
    premises: &Premises,
    ruling: &Ruling<'_>,
    user: &'u User,
    demand: Demand,
) -> Option<&'u str> {
    let by_the_house_alone = ruling.rule.is_none() && user.role.is_none() && !demand.mfa;
    if !premises.policy.takes_mailed_codes || !by_the_house_alone {
        return None;
    }
    let mailbox = user.profile.mail.as_deref()?;
    let (_, domain) = mailbox.rsplit_once('@')?;
    let domain = domain.to_lowercase();
    // Every tenant has addresses there that lead to the mailbox which this sign-in opens.
    let is_microsofts = domain.ends_with(".onmicrosoft.com");
    let is_inside = domain == user.upn.domain() || premises.vouches_for(&domain) || is_microsofts;
    (!is_inside).then_some(mailbox)
}

/// The ruling for somebody who proved this: less where a code from their mailbox may stand in.
pub(crate) fn heeded<'p>(
    premises: &Premises,
    ruling: Ruling<'p>,
    (user, proof): (&User, &Proof),
    demand: Demand,
) -> Ruling<'p> {
    let stands_in =
        proof.has(Method::MailedCode) && mailbox(premises, &ruling, user, demand).is_some();
    if stands_in { ruling.spared() } else { ruling }
}

/// As much of an address as its owner needs to know which it is.
pub(crate) fn masked(mailbox: &str) -> String {
    let (name, domain) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}\u{2026}@{domain}")
}
