//! Letters to everybody who has no second factor yet: when an admin says so, and in the last two
//! weeks by themselves. A round is written in portions, each in a transaction that remembers how far
//! it came: whichever node is quicker goes on with it, and nobody is written to twice.

use std::time::Duration;

use model::{
    Role,
    audit::AuditKind,
    campaign::{Campaign, Round},
};
use store::{Tx, audit_log, campaign, users};

use super::DAY;
use crate::{Admin, Error, House, Kind, Result, Visitor};

/// How many letters are written in one transaction.
const PORTION: i64 = 100;
/// Nobody is asked to more than once a day.
const BETWEEN: Duration = Duration::from_hours(24);

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
                let again = |at| now.since(at) < BETWEEN;
                if campaign.round.is_some() || campaign.invited_at.is_some_and(again) {
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
            Ok::<_, Error>(campaign.round.is_none() && campaign.due(now).is_none())
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
            campaign.round = Some(campaign.round.unwrap_or_default());
        }
        let (Some(round), Some(closes_at)) =
            (campaign.round, campaign.closes_at.filter(|_| campaign.is_open(now)))
        else {
            campaign::put(tx, &Campaign { round: None, ..campaign })?;
            return Ok(false);
        };
        let people = users::without_factor(tx, round.reached, PORTION)?;
        for person in &people {
            self.invite(tx, person, closes_at - DAY)?;
        }
        let reached = people.last().map(|person| person.id);
        campaign.round = reached.map(|_| Round { reached });
        campaign::put(tx, &campaign)?;
        Ok(campaign.round.is_some())
    }
}
