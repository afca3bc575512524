//! Alarms for another system, by a signed POST: written in the transaction of what they tell of, tried
//! by whichever node is quicker, and again after a while as long as nobody takes them.

use std::time::Duration;

use hooks::{Courier, Parcel, destination};
use model::{
    Role, Ts,
    alarm::{Alarm, Severity},
    audit::AuditKind,
    ids::DeliveryId,
    user::User,
    webhook::{Delivery, Webhook},
};
use serde_json::json;
use store::{Tx, audit_log, users, webhooks};
use url::Url;

use crate::{
    Admin, Error, House, Result, Visitor,
    letters::{Turn, wait},
    visitor::Secret,
};

/// How many are sent in one go.
const PORTION: i64 = 10;
/// How long a node may take for one before another tries it.
const TAKEN_FOR: Duration = Duration::from_mins(1);
/// News that nobody takes for so long is given up.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);
/// How many the console shows.
const SHOWN: i64 = 50;

/// What the console shows.
#[derive(Debug, Clone)]
pub struct WebhookView {
    /// Where alarms go, by whom it was set and since when; never the secret.
    pub set: Option<(String, Option<User>, Ts)>,
    /// What waits or was sent lately, the newest first.
    pub deliveries: Vec<Delivery>,
}

impl House {
    /// Where alarms go besides mail, and what went there.
    pub async fn webhook(&self, admin: &Admin) -> Result<WebhookView> {
        admin.require(Role::SecurityAdmin)?;
        self.store()
            .read(|tx| {
                let set = match webhooks::get(tx)? {
                    Some(hook) => Some((hook.url, users::by_id(tx, hook.set_by)?, hook.set_at)),
                    None => None,
                };
                Ok::<_, Error>(WebhookView { set, deliveries: webhooks::deliveries(tx, SHOWN)? })
            })
            .await
    }

    /// Sends alarms to an address from now on. The secret that signs them comes back this once. For
    /// owners with a fresh second factor (R147).
    pub async fn set_webhook(
        &self,
        admin: &Admin,
        typed: &str,
        visitor: &Visitor,
    ) -> Result<Secret> {
        admin.require(Role::Owner)?;
        admin.require_fresh(self.now())?;
        let url = destination(typed, self.settings().webhooks)
            .map_err(|error| Error::invalid("url", error.to_string()))?;
        let secret = Secret::draw(self.random());
        let hook = Webhook {
            url: url.to_string(),
            secret: secret.expose().into(),
            set_by: admin.user().id,
            set_at: self.now(),
        };
        let mut row = visitor.audit(self, admin.actor(), AuditKind::WebhookChanged, host_of(&url));
        "set".clone_into(&mut row.detail);
        self.store()
            .write(move |tx| {
                webhooks::put(tx, &hook)?;
                Ok::<_, Error>(audit_log::record(tx, &row)?)
            })
            .await?;
        Ok(secret)
    }

    /// Sends alarms nowhere but by mail from now on; what waits is given up.
    pub async fn remove_webhook(&self, admin: &Admin, visitor: &Visitor) -> Result<()> {
        admin.require(Role::Owner)?;
        admin.require_fresh(self.now())?;
        let mut row = visitor.audit(self, admin.actor(), AuditKind::WebhookChanged, "webhook");
        "removed".clone_into(&mut row.detail);
        self.store()
            .write(move |tx| {
                if webhooks::remove(tx, "the webhook was removed")? {
                    audit_log::record(tx, &row)?;
                }
                Ok(())
            })
            .await
    }

    /// Sends a try there now, and says how it ended.
    pub async fn try_webhook(&self, admin: &Admin) -> Result<Delivery> {
        admin.require(Role::SecurityAdmin)?;
        let body = json!({ "event": "test", "from": self.settings().public_url.as_str() });
        let delivery = self.delivery("A try".to_owned(), &body);
        let hook = self.store().read(|tx| Ok::<_, Error>(webhooks::get(tx)?)).await?;
        let hook = hook.ok_or_else(|| Error::not_found("webhook"))?;
        let mut delivery = self.bring(&hook, delivery).await?;
        // Written down once it is over: tried while somebody looks on, by nobody else, and not again.
        delivery.due_at = None;
        let kept = delivery.clone();
        self.store().write(move |tx| Ok::<_, Error>(webhooks::send(tx, &kept)?)).await?;
        Ok(delivery)
    }

    /// Writes down that another system is to hear of an alarm.
    pub(crate) fn tell_others(&self, tx: &mut Tx, alarm: &Alarm, turn: Turn) -> Result<()> {
        if !webhooks::is_set(tx)? {
            return Ok(());
        }
        let event = match turn {
            Turn::Raised => "alarm.raised",
            Turn::Ended => "alarm.ended",
        };
        let severity = match alarm.cause.severity() {
            Severity::Warning => "warning",
            Severity::Danger => "danger",
        };
        let body = json!({
            "event": event,
            "from": self.settings().public_url.as_str(),
            "at": self.now().to_string(),
            "alarm": {
                "id": alarm.id.to_string(),
                "kind": alarm.cause.kind(),
                "severity": severity,
                "subject": alarm.subject,
                "text": alarm.sentence(),
                "first_seen": alarm.first_seen_at.to_string(),
            },
        });
        let delivery = self.delivery(format!("{event}: {}", alarm.subject), &body);
        Ok(webhooks::send(tx, &delivery)?)
    }

    fn delivery(&self, title: String, body: &serde_json::Value) -> Delivery {
        let now = self.now();
        Delivery {
            id: DeliveryId(self.new_id()),
            title,
            body: body.to_string(),
            attempts: 0,
            made_at: now,
            due_at: Some(now),
            taken_at: None,
            answer: String::new(),
        }
    }

    /// Sends what is due, and says how much was taken.
    pub async fn send_webhooks(&self) -> Result<usize> {
        let now = self.now();
        let due = self.store().read(move |tx| {
            let due = webhooks::due(tx, now, PORTION)?;
            let hook = if due.is_empty() { None } else { webhooks::get(tx)? };
            Ok::<_, Error>(hook.map(|hook| (hook, due)))
        });
        let Some((hook, due)) = due.await? else { return Ok(0) };
        let mut sent = 0;
        for delivery in due {
            if self.take(&delivery).await? {
                let delivery = self.bring(&hook, delivery).await?;
                sent += usize::from(delivery.taken_at.is_some());
                self.store()
                    .write(move |tx| Ok::<_, Error>(webhooks::tried(tx, &delivery)?))
                    .await?;
            }
        }
        Ok(sent)
    }

    async fn take(&self, delivery: &Delivery) -> Result<bool> {
        let (taken, now) = (delivery.clone(), self.now());
        let until = now + TAKEN_FOR + wait(taken.attempts);
        self.store().write(move |tx| Ok(webhooks::take(tx, &taken, until)?)).await
    }

    /// Tries one that nobody else tries now; says how it ended.
    async fn bring(&self, hook: &Webhook, mut delivery: Delivery) -> Result<Delivery> {
        let now = self.now();
        let url = Url::parse(&hook.url).map_err(Error::bug)?;
        let id = delivery.id.to_string();
        let parcel =
            Parcel { url: &url, secret: &hook.secret, id: &id, body: &delivery.body, at: now };
        delivery.attempts += 1;
        match Courier::new(self.settings().webhooks).deliver(&parcel).await {
            Ok(status) => {
                (delivery.due_at, delivery.taken_at) = (None, Some(now));
                delivery.answer = format!("taken, with {status}");
            }
            Err(error) => {
                tracing::warn!(id, error = &error as &dyn std::error::Error, "news was not taken");
                let over = now.since(delivery.made_at) > GIVE_UP_AFTER;
                delivery.due_at = (!over).then(|| now + wait(delivery.attempts));
                delivery.answer = error.to_string();
            }
        }
        Ok(delivery)
    }
}

/// The host alone: the rest of an address may be a key.
fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}
