//! The campaign in which everybody sets up a second factor: its last day, who is left, and who needs
//! none for a while (F048).

mod exempt;
mod invite;
mod put_off;

use std::time::Duration;

use model::{
    Role, Ts, audit::AuditKind, campaign::Campaign, exemption::Exemption, ids::UserId, user::User,
};
use store::{
    Page, Tx, audit_log, campaign, exemptions, factors, passkeys,
    users::{self, Coverage, Show, UserSearch},
};

use crate::{Admin, Error, House, Result, Visitor};

pub use exempt::NewExemption;

const DAY: Duration = Duration::from_hours(24);
/// A last day that is farther away moves nobody.
const FARTHEST: Duration = Duration::from_hours(366 * 24);

/// What the board shows.
#[derive(Debug, Clone)]
pub struct CampaignView {
    /// Its last day, and what was written.
    pub campaign: Campaign,
    /// How far everybody has come.
    pub coverage: Coverage,
    /// How many need no second factor for a while, by an admin's word or their own.
    pub exempt: usize,
    /// Who has none yet.
    pub left: Page<Left>,
}

/// Somebody who has no second factor.
#[derive(Debug, Clone)]
pub struct Left {
    /// Who.
    pub user: User,
    /// What lets them do without, if anything.
    pub exemption: Option<Exemption>,
    /// They had one before: setting up another takes a code, whatever the day (R033).
    pub enrolled_before: bool,
}

/// What an admin says of the campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignChange {
    /// The last day on which people enrol by themselves, as browsers send dates; empty: they need a
    /// code from now on.
    pub last_day: String,
    /// Whether they may put it off until then.
    pub may_put_off: bool,
}

impl House {
    /// The board: how far everybody has come, and a page of who is left.
    pub async fn campaign(
        &self,
        _admin: &Admin,
        query: &str,
        (limit, offset): (i64, i64),
    ) -> Result<CampaignView> {
        let now = self.now();
        let search =
            UserSearch { query: query.trim().to_owned(), show: Show::WithoutFactor, limit, offset };
        self.store()
            .read(move |tx| {
                let found = users::search(tx, &search)?;
                let ids: Vec<UserId> = found.rows.iter().map(|user| user.id).collect();
                let mut exempt = exemptions::of(tx, &ids, now)?;
                let left = |user: User| {
                    let enrolled_before = factors::enrolled_before(tx, user.id)?;
                    Ok::<_, Error>(Left {
                        exemption: exempt.remove(&user.id),
                        enrolled_before,
                        user,
                    })
                };
                let rows = found.rows.into_iter().map(left).collect::<Result<_>>()?;
                Ok(CampaignView {
                    campaign: campaign::get(tx)?,
                    coverage: users::coverage(tx)?,
                    exempt: exemptions::holders(tx, now)?.len(),
                    left: Page { rows, total: found.total },
                })
            })
            .await
    }

    /// Sets the last day, or ends the campaign. Needs a fresh second factor (R147): until that day a
    /// password alone sets up a second factor.
    pub async fn change_campaign(
        &self,
        admin: &Admin,
        change: CampaignChange,
        visitor: &Visitor,
    ) -> Result<()> {
        admin.require(Role::SecurityAdmin)?;
        admin.require_fresh(self.now())?;
        let closes_at = closing(&change.last_day, self.now())?;
        if change.may_put_off && closes_at.is_none() {
            let public = "Say until when people may put it off: choose the last day.";
            return Err(Error::invalid("last_day", public));
        }
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let old = campaign::hold(tx)?;
                let may_put_off = change.may_put_off;
                let new = if closes_at == old.closes_at {
                    Campaign { may_put_off, ..old }
                } else {
                    old.with_end(closes_at, may_put_off, house.now())
                };
                campaign::put(tx, &new)?;
                let mut row = visitor.audit(&house, actor, AuditKind::CampaignChanged, "campaign");
                row.detail = in_words(closes_at, may_put_off);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Ends what lets people put it off when the campaign is over: then passwords need not stand alone.
    pub(crate) fn close_campaign(&self, tx: &mut Tx) -> Result<()> {
        // Held before it is read: an admin may be beginning another one.
        let campaign = campaign::hold(tx)?;
        if campaign.may_put_off && !campaign.is_open(self.now()) {
            campaign::put(tx, &Campaign { may_put_off: false, ..campaign })?;
        }
        Ok(())
    }

    /// Lets people in new accounts enrol without a code until then; for a new house.
    pub async fn grant_enrollment_grace(&self, until: Ts) -> Result<()> {
        let campaign = Campaign { closes_at: Some(until), ..Campaign::default() };
        self.store().write(move |tx| Ok::<_, Error>(campaign::put(tx, &campaign)?)).await
    }
}

/// What lets a person do without a second factor at this time; whoever has one needs nothing, and
/// nothing does for a role.
pub(crate) fn exemption(tx: &mut Tx, person: &User, at: Ts) -> Result<Option<Exemption>> {
    if person.role.is_some() {
        return Ok(None);
    }
    let Some(exemption) = exemptions::of_user(tx, person.id, at)? else { return Ok(None) };
    Ok((!has_factor(tx, person.id)?).then_some(exemption))
}

fn has_factor(tx: &mut Tx, id: UserId) -> Result<bool> {
    Ok(!factors::totp_of(tx, id)?.is_empty() || !passkeys::of_user(tx, id)?.is_empty())
}

/// The end of the last day.
fn closing(typed: &str, now: Ts) -> Result<Option<Ts>> {
    let Some(day) = day_ahead(typed, "last_day", FARTHEST, now)? else { return Ok(None) };
    Ok(Some(day + DAY))
}

/// A day that a browser sent, today at the earliest; none when nothing was typed.
fn day_ahead(typed: &str, field: &'static str, most: Duration, now: Ts) -> Result<Option<Ts>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = |public: String| Error::invalid(field, public);
    let day = Ts::from_rfc3339(&format!("{typed}T00:00:00Z")).ok_or_else(|| {
        wrong("That is no day. Write it as year, month and day: 2027-05-31.".to_owned())
    })?;
    if now.since(day) >= DAY {
        return Err(wrong("That day is past. Choose today or a later one.".to_owned()));
    }
    if day.since(now) > most {
        let days = most.as_secs() / DAY.as_secs();
        return Err(wrong(format!("That is too far away. Choose a day within {days} days.")));
    }
    Ok(Some(day))
}

/// The day that ends at this time, or in which it is.
pub(crate) fn last_day(closes_at: Ts) -> Ts {
    closes_at - Duration::from_secs(1)
}

fn in_words(closes_at: Option<Ts>, may_put_off: bool) -> String {
    let Some(closes_at) = closes_at else { return "ended: enrolling takes a code".to_owned() };
    let last = last_day(closes_at).datetime().format("%Y-%m-%d");
    let put_off = if may_put_off { "; it may be put off until then" } else { "" };
    format!("last day {last}{put_off}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_to_its_end_and_must_be_ahead() {
        let now = Ts::from_rfc3339("2026-11-25T09:00:00Z").unwrap();
        let closes = |typed: &str| closing(typed, now).map(|at| at.map(Ts::to_xml));
        assert_eq!(closes(" ").unwrap(), None);
        assert_eq!(closes("2026-11-25").unwrap().unwrap(), "2026-11-26T00:00:00.000Z");
        for (typed, why) in [
            ("2026-11-24", "past"),
            ("2027-11-28", "366 days"),
            ("2027-02-30", "no day"),
            ("tomorrow", "no day"),
        ] {
            let error = closes(typed).unwrap_err();
            assert!(error.public.contains(why), "{typed}: {}", error.public);
        }
    }
}
