//! Where alarms are sent, with its secret sealed, and what waits or was sent there.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    webhook::{Delivery, Webhook},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    Error, Tx,
    connection::both,
    schema::{webhook_deliveries, webhooks},
    seal::Place,
    sealed_columns::SealedColumn,
    text::Row,
};

/// There is one, and this is its name.
const ALARMS: &str = "alarms";
/// Of what was sent no more is remembered.
const REMEMBERED: i64 = 100;

const PLACE: Place<'_> = Place { column: SealedColumn::WebhookSecret, row: ALARMS };

#[derive(Queryable, Insertable)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false)]
struct DeliveryRow {
    id: String,
    title: String,
    body: String,
    attempts: i64,
    made_at: i64,
    due_at: Option<i64>,
    taken_at: Option<i64>,
    answer: String,
}

/// The webhook, if there is one.
pub fn get(tx: &mut Tx) -> Result<Option<Webhook>, Error> {
    type Found = (String, String, Vec<u8>, String, i64);
    let found: Option<Found> = webhooks::table.find(ALARMS).first(&mut tx.conn).optional()?;
    let Some((id, url, sealed, set_by, set_at)) = found else { return Ok(None) };
    let row = Row { table: "webhooks", id: &id };
    let opened = tx.seal.open(PLACE, &sealed)?;
    let secret = std::str::from_utf8(opened.expose_secret()).map_err(|_| row.corrupt())?;
    let secret = SecretString::from(secret);
    Ok(Some(Webhook { url, secret, set_by: row.id(&set_by)?, set_at: Ts(set_at) }))
}

/// Whether there is one; its secret stays closed.
pub fn is_set(tx: &mut Tx) -> Result<bool, Error> {
    Ok(webhooks::table.count().get_result::<i64>(&mut tx.conn)? > 0)
}

/// Keeps a webhook in the place of the one before.
pub fn put(tx: &mut Tx, webhook: &Webhook) -> Result<(), Error> {
    let values = (
        webhooks::url.eq(&webhook.url),
        webhooks::secret.eq(tx.seal.close(PLACE, webhook.secret.expose_secret().as_bytes())?),
        webhooks::set_by.eq(webhook.set_by.to_string()),
        webhooks::set_at.eq(webhook.set_at.0),
    );
    both!(tx, conn => diesel::insert_into(webhooks::table)
        .values((webhooks::id.eq(ALARMS), values.clone()))
        .on_conflict(webhooks::id)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// Takes the webhook away; what waits for it is given up with these words.
pub fn remove(tx: &mut Tx, words: &str) -> Result<bool, Error> {
    let gone = diesel::delete(webhooks::table.find(ALARMS)).execute(&mut tx.conn)?;
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::due_at.is_not_null()))
        .set((webhook_deliveries::due_at.eq(None::<i64>), webhook_deliveries::answer.eq(words)))
        .execute(&mut tx.conn)?;
    Ok(gone == 1)
}

/// Writes a delivery down; the oldest that wait for nothing any more are forgotten.
pub fn send(tx: &mut Tx, delivery: &Delivery) -> Result<(), Error> {
    diesel::insert_into(webhook_deliveries::table)
        .values(DeliveryRow::of(delivery))
        .execute(&mut tx.conn)?;
    let old: Vec<String> = webhook_deliveries::table
        .filter(webhook_deliveries::due_at.is_null())
        .order((webhook_deliveries::made_at.desc(), webhook_deliveries::id.desc()))
        .offset(REMEMBERED)
        .limit(REMEMBERED)
        .select(webhook_deliveries::id)
        .load(&mut tx.conn)?;
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(old)))
        .execute(&mut tx.conn)?;
    Ok(())
}

/// Deliveries that are due, the longest waiting first.
pub fn due(tx: &mut Tx, now: Ts, limit: i64) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<DeliveryRow> = webhook_deliveries::table
        .filter(webhook_deliveries::due_at.le(now.0))
        .order((webhook_deliveries::due_at, webhook_deliveries::id))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(DeliveryRow::read).collect()
}

/// The newest deliveries.
pub fn deliveries(tx: &mut Tx, limit: i64) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<DeliveryRow> = webhook_deliveries::table
        .order((webhook_deliveries::made_at.desc(), webhook_deliveries::id.desc()))
        .limit(limit)
        .load(&mut tx.conn)?;
    rows.into_iter().map(DeliveryRow::read).collect()
}

/// Takes a delivery to try it: it is due again only at `until`. False when another node was quicker.
pub fn take(tx: &mut Tx, delivery: &Delivery, until: Ts) -> Result<bool, Error> {
    let untaken = webhook_deliveries::table
        .find(delivery.id.to_string())
        .filter(webhook_deliveries::attempts.eq(i64::from(delivery.attempts)))
        .filter(webhook_deliveries::due_at.is_not_null());
    let changed = diesel::update(untaken)
        .set((
            webhook_deliveries::due_at.eq(until.0),
            webhook_deliveries::attempts.eq(webhook_deliveries::attempts + 1),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Writes down how a try ended. What was given up meanwhile stays so.
pub fn tried(tx: &mut Tx, delivery: &Delivery) -> Result<(), Error> {
    let row = DeliveryRow::of(delivery);
    let waiting =
        webhook_deliveries::table.find(&row.id).filter(webhook_deliveries::due_at.is_not_null());
    diesel::update(waiting)
        .set((
            webhook_deliveries::due_at.eq(row.due_at),
            webhook_deliveries::taken_at.eq(row.taken_at),
            webhook_deliveries::answer.eq(&row.answer),
        ))
        .execute(&mut tx.conn)?;
    Ok(())
}

impl DeliveryRow {
    fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            title: delivery.title.clone(),
            body: delivery.body.clone(),
            attempts: i64::from(delivery.attempts),
            made_at: delivery.made_at.0,
            due_at: delivery.due_at.map(|at| at.0),
            taken_at: delivery.taken_at.map(|at| at.0),
            answer: delivery.answer.clone(),
        }
    }

    fn read(self) -> Result<Delivery, Error> {
        let row = Row { table: "webhook_deliveries", id: &self.id };
        Ok(Delivery {
            id: row.id(&self.id)?,
            attempts: row.number(self.attempts)?,
            made_at: Ts(self.made_at),
            due_at: self.due_at.map(Ts),
            taken_at: self.taken_at.map(Ts),
            title: self.title,
            body: self.body,
            answer: self.answer,
        })
    }
}
