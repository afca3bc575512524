//! Letters to everybody who has no second factor yet: when an admin says so, and in the last two
//! weeks by themselves. A round is written in portions, each in a transaction that remembers how far
//! it came: whichever node is quicker goes on with it, and nobody is written to twice.

use model::{
    Role,
    audit::AuditKind,
    campaign::{Campaign, Round},
    ids::UserId,
};
use store::{Tx, audit_log, campaign, exemptions, factors, letters, users};

use super::last_day;
use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How many letters are written in one transaction.
const PORTION: i64 = 100;
/// While more letters wait, no more invitations are written: links and alarms must not wait for them.
const MOST_WAITING: i64 = 100;

impl House {
    /// Begins letters to everybody who is left; they are written by [`House::invite_some`].
    pub async fn invite_to_enroll(&self, admin: &Admin, visitor: &Visitor) -> Result<()> {
        admin.require(Role::UserAdmin)?;
        let conflict = |public: &str| Err(Error::new(Kind::Conflict, public));
        if !self.sends_letters() {
            return conflict("There is no mail server: set [mail] in the configuration first.");
        }
        let (house, actor, visitor) = (self.clone(), admin.actor(), visitor.clone());
        self.store()
            .write(move |tx| {
                let (campaign, now) = (campaign::hold(tx)?, house.now());
                if !campaign.is_open(now) {
                    return conflict("Choose the last day first: the letter says it.");
                }
                if !campaign.may_write(now) {
                    return conflict("They were written to within the last day. Leave them a day.");
                }
                let round = Some(Round::default());
                campaign::put(tx, &Campaign { round, invited_at: Some(now), ..campaign })?;
                let row = visitor.audit(&house, actor, AuditKind::CampaignInvited, "campaign");
                Ok(audit_log::record(tx, &row)?)
            })
            .await
    }

    /// Begins a reminder that is due, and writes the next letters of a round that is under way; says
    /// whether more are to be written.
    pub async fn invite_some(&self) -> Result<bool> {
        let now = self.now();
        let idle = move |tx: &mut Tx| {
            let campaign = campaign::get(tx)?;
            let nothing = campaign.round.is_none() && campaign.due(now).is_none();
            Ok::<_, Error>(nothing || letters::waiting(tx)? > MOST_WAITING)
        };
        if !self.sends_letters() || self.store().read(idle).await? {
            return Ok(false);
        }
        let house = self.clone();
        self.store().write(move |tx| house.next_portion(tx)).await
    }

    fn next_portion(&self, tx: &mut Tx) -> Result<bool> {
        let mut campaign = campaign::hold(tx)?;
        let now = self.now();
        if let Some(notice) = campaign.due(now) {
            campaign.reminded = Some(notice);
            (campaign.round, campaign.invited_at) = (Some(Round::default()), Some(now));
        }
        let (Some(round), Some(closes_at)) =
            (campaign.round, campaign.closes_at.filter(|_| campaign.is_open(now)))
        else {
            campaign::put(tx, &Campaign { round: None, ..campaign })?;
            return Ok(false);
        };
        let people = users::without_factor(tx, round.reached, PORTION)?;
        let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
        let exempt = exemptions::of(tx, &ids, now)?;
        for person in &people {
            let spared = exempt.get(&person.id).is_some_and(|exemption| !exemption.is_own());
            // Whoever had one before needs a code from the help desk, whatever the day.
            if !spared && !factors::enrolled_before(tx, person.id)? {
                self.invite(tx, person, last_day(closes_at))?;
            }
        }
        let reached = people.last().map(|person| person.id);
        campaign.round = reached.map(|_| Round { reached });
        campaign::note(tx, &campaign)?;
        Ok(campaign.round.is_some())
    }
}
