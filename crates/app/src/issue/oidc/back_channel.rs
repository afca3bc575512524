//! Telling clients that a session ended (Back-Channel Logout 1.0): noted in the transaction that ends
//! it, told by whichever node is quicker, and again after a while until the client has heard.

use std::time::Duration;

use federation::{
    Stamp,
    oidc::logout_token::{self, Ended},
};
use hooks::Courier;
use model::{
    Actor,
    audit::{AuditKind, Outcome},
    oidc::ClientSession,
    relying_party::{NameIdFormat, RelyingParty},
};
use store::{Tx, audit_log, client_sessions, users};
use tokio::task::JoinSet;
use url::Url;

use crate::{Error, House, Result, letters::wait, relying_parties::subject, visitor};

/// How many are told in one go.
const PORTION: i64 = 20;
/// How long a node may take for one before another tries it.
const TAKEN_FOR: Duration = Duration::from_mins(1);
/// A client that has not heard for so long is given up; its own session is over by then.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);
/// The token is for now (Back-Channel Logout 2.4).
const TOKEN_FOR: Duration = Duration::from_mins(2);

/// What one client is told.
struct News {
    to: Url,
    token: String,
}

impl House {
    /// Tells the clients that are due, all at once, and says how many have heard.
    pub async fn tell_clients(&self) -> Result<usize> {
        let now = self.now();
        let due = self
            .store()
            .read_briefly(move |tx| Ok::<_, Error>(client_sessions::due(tx, now, PORTION)?));
        let mut telling = JoinSet::new();
        for heard in due.await? {
            let house = self.clone();
            telling.spawn(async move {
                Ok::<_, Error>(house.take_turn(&heard).await? && house.tell_client(&heard).await?)
            });
        }
        let mut told = 0;
        for ended in telling.join_all().await {
            match ended {
                Ok(has_heard) => told += usize::from(has_heard),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "a client can't be told of a sign-out now");
                }
            }
        }
        Ok(told)
    }

    async fn take_turn(&self, heard: &ClientSession) -> Result<bool> {
        let (taken, until) = (heard.clone(), self.now() + TAKEN_FOR + wait(heard.attempts));
        let take = move |tx: &mut Tx| Ok::<_, Error>(client_sessions::take(tx, &taken, until)?);
        self.store().write(take).await
    }

    /// Tells one client; false while it has not heard.
    async fn tell_client(&self, heard: &ClientSession) -> Result<bool> {
        let (house, asked) = (self.clone(), heard.clone());
        let said = self.store().read_briefly(move |tx| house.news_for(tx, &asked)).await?;
        // Whoever wants to hear no more, or is gone, has nothing to be told.
        let Some((party, news)) = said else {
            self.settle_client(heard, None).await?;
            return Ok(false);
        };
        let fields = [("logout_token", news.token.as_str())];
        match Courier::new(self.settings().webhooks).post_form(&news.to, &fields).await {
            Ok(status) => {
                let detail = format!("taken, with {status}");
                self.settle_client(heard, Some((party, Outcome::Done, detail))).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(
                    client = party.name,
                    error = &error as &dyn std::error::Error,
                    "a client did not hear of a sign-out"
                );
                if self.now().since(heard.ended_at.unwrap_or_default()) > GIVE_UP_AFTER {
                    let detail = format!("given up after a day: {error}");
                    self.settle_client(heard, Some((party, Outcome::Refused, detail))).await?;
                    return Ok(false);
                }
                self.leave_alone(heard).await?;
                Ok(false)
            }
        }
    }

    /// A client that does not listen holds up nobody else: what else it is to be told waits as well.
    async fn leave_alone(&self, heard: &ClientSession) -> Result<()> {
        let (client, until) = (heard.relying_party_id, self.now() + wait(heard.attempts));
        let put_off =
            move |tx: &mut Tx| Ok::<_, Error>(client_sessions::put_off(tx, client, until)?);
        self.store().write(put_off).await
    }

    /// What a client is told, signed now: tokens of this kind are good for two minutes.
    fn news_for(&self, tx: &mut Tx, heard: &ClientSession) -> Result<Option<(RelyingParty, News)>> {
        let premises = self.premises(tx)?;
        let party = premises.party(heard.relying_party_id).filter(|party| party.enabled).cloned();
        let (Some(party), Some(domain)) = (party, premises.domain(heard.domain_id)) else {
            return Ok(None);
        };
        let address = party.settings.oidc.back_channel.as_deref().map(Url::parse);
        let (Some(Ok(to)), Some(user)) = (address, users::by_id(tx, heard.user_id)?) else {
            return Ok(None);
        };
        let (_, named) = subject(&user, NameIdFormat::Persistent).name_id("");
        let ended = Ended {
            issuer: self.endpoints(&domain.slug).oidc_issuer(),
            audience: party.realm.clone(),
            subject: named,
            session: heard.session_id.to_string(),
        };
        let stamp = Stamp { token_id: self.draw(), now: self.now(), lifetime: TOKEN_FOR };
        let (_, signer) = premises.signer()?;
        let token = logout_token::issue(&ended, &stamp, &signer)?;
        Ok(Some((party, News { to, token })))
    }

    /// Forgets it, and writes down how it ended.
    async fn settle_client(
        &self,
        heard: &ClientSession,
        ended: Option<(RelyingParty, Outcome, String)>,
    ) -> Result<()> {
        let (told, house) = (heard.clone(), self.clone());
        self.store()
            .write(move |tx| {
                client_sessions::forget(tx, &told)?;
                let Some((party, outcome, detail)) = ended else { return Ok(()) };
                let upn = users::by_id(tx, told.user_id)?.map(|user| user.upn.to_string());
                let upn = upn.unwrap_or_default();
                let by = visitor::inside(&house.correlation_id());
                let mut row = by.audit(&house, Actor::Schedule, AuditKind::ClientTold, &upn);
                row.outcome = outcome;
                row.detail = format!("{}: {detail}", party.name);
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await
    }
}
