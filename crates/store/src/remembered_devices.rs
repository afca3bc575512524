//! Browsers in which a person is not asked for a second factor for some days. What their cookie carries
//! is known by digests alone: a name that stays, by which a copy is noticed, and a secret that is
//! renewed each time.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use model::{
    Ts,
    ids::{RememberedDeviceId, UserId},
    remembered_device::RememberedDevice,
    session::ClientInfo,
};

use crate::{Error, Tx, revision, schema::remembered_devices, text::Row};

/// More than this nobody has; the one that was used longest ago is forgotten.
const KEPT: i64 = 20;

#[derive(Queryable, Insertable)]
#[diesel(table_name = remembered_devices, treat_none_as_default_value = false)]
struct DeviceRow {
    id: String,
    user_id: String,
    series_digest: Vec<u8>,
    secret_digest: Vec<u8>,
    former_digest: Option<Vec<u8>>,
    basis: Vec<u8>,
    made_at: i64,
    used_at: i64,
    expires_at: i64,
    address: String,
    user_agent: String,
}

/// A browser, and what it must carry besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// The browser.
    pub device: RememberedDevice,
    /// The digest of its secret.
    pub secret: [u8; 32],
    /// The digest of the secret before.
    pub former: Option<[u8; 32]>,
}

/// Remembers a browser by the digests of its lasting name and of its first secret.
pub fn put(
    tx: &mut Tx,
    device: &RememberedDevice,
    (series_digest, secret_digest): (&[u8; 32], &[u8; 32]),
) -> Result<(), Error> {
    let row = DeviceRow {
        id: device.id.to_string(),
        user_id: device.user_id.to_string(),
        series_digest: series_digest.to_vec(),
        secret_digest: secret_digest.to_vec(),
        former_digest: None,
        basis: device.basis.to_vec(),
        made_at: device.made_at.0,
        used_at: device.used_at.0,
        expires_at: device.expires_at.0,
        address: device.client.address.clone(),
        user_agent: device.client.user_agent.clone(),
    };
    diesel::insert_into(remembered_devices::table).values(&row).execute(&mut tx.conn)?;
    let too_many: Vec<String> = remembered_devices::table
        .filter(remembered_devices::user_id.eq(&row.user_id))
        .order((remembered_devices::used_at.desc(), remembered_devices::id.desc()))
        .offset(KEPT)
        .limit(1000)
        .select(remembered_devices::id)
        .load(&mut tx.conn)?;
    if !too_many.is_empty() {
        let oldest = remembered_devices::table.filter(remembered_devices::id.eq_any(too_many));
        diesel::delete(oldest).execute(&mut tx.conn)?;
        revision::bump(tx);
    }
    Ok(())
}

/// The browser with this name, and what it must carry.
pub fn by_series(tx: &mut Tx, digest: &[u8; 32]) -> Result<Option<Carrier>, Error> {
    let row: Option<DeviceRow> = remembered_devices::table
        .filter(remembered_devices::series_digest.eq(&digest[..]))
        .first(&mut tx.conn)
        .optional()?;
    row.map(DeviceRow::carrier).transpose()
}

/// One browser.
pub fn by_id(tx: &mut Tx, id: RememberedDeviceId) -> Result<Option<RememberedDevice>, Error> {
    let row: Option<DeviceRow> =
        remembered_devices::table.find(id.to_string()).first(&mut tx.conn).optional()?;
    row.map(DeviceRow::read).transpose()
}

/// A person's browsers, the one that was used last first.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<RememberedDevice>, Error> {
    let rows: Vec<DeviceRow> = remembered_devices::table
        .filter(remembered_devices::user_id.eq(user.to_string()))
        .order((remembered_devices::used_at.desc(), remembered_devices::id.desc()))
        .load(&mut tx.conn)?;
    rows.into_iter().map(DeviceRow::read).collect()
}

/// Gives a browser a new secret in the place of the one that it came with: true exactly once for each,
/// however many come with it at the same time.
pub fn renew(
    tx: &mut Tx,
    id: RememberedDeviceId,
    (old, new): (&[u8; 32], &[u8; 32]),
    client: &ClientInfo,
    now: Ts,
) -> Result<bool, Error> {
    let carrying = remembered_devices::table
        .find(id.to_string())
        .filter(remembered_devices::secret_digest.eq(&old[..]));
    let changed = diesel::update(carrying)
        .set((
            remembered_devices::secret_digest.eq(&new[..]),
            remembered_devices::former_digest.eq(Some(&old[..])),
            remembered_devices::used_at.eq(now.0),
            remembered_devices::address.eq(&client.address),
            remembered_devices::user_agent.eq(&client.user_agent),
        ))
        .execute(&mut tx.conn)?;
    Ok(changed == 1)
}

/// Forgets one browser; false when it was forgotten before.
pub fn forget(tx: &mut Tx, id: RememberedDeviceId) -> Result<bool, Error> {
    let one = remembered_devices::table.find(id.to_string());
    let forgotten = diesel::delete(one).execute(&mut tx.conn)? > 0;
    if forgotten {
        revision::bump(tx);
    }
    Ok(forgotten)
}

/// Forgets every browser of a person; says how many.
pub fn forget_all_of(tx: &mut Tx, user: UserId) -> Result<usize, Error> {
    let theirs = remembered_devices::table.filter(remembered_devices::user_id.eq(user.to_string()));
    let forgotten = diesel::delete(theirs).execute(&mut tx.conn)?;
    if forgotten > 0 {
        revision::bump(tx);
    }
    Ok(forgotten)
}

/// Forgets what expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = remembered_devices::table.filter(remembered_devices::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl DeviceRow {
    fn carrier(self) -> Result<Carrier, Error> {
        let row = Row { table: "remembered_devices", id: &self.id };
        let secret = row.digest(&self.secret_digest)?;
        let former = self.former_digest.as_deref().map(|it| row.digest(it)).transpose()?;
        Ok(Carrier { secret, former, device: self.read()? })
    }

    fn read(self) -> Result<RememberedDevice, Error> {
        let row = Row { table: "remembered_devices", id: &self.id };
        Ok(RememberedDevice {
            id: row.id(&self.id)?,
            user_id: row.id(&self.user_id)?,
            basis: row.digest(&self.basis)?,
            made_at: Ts(self.made_at),
            used_at: Ts(self.used_at),
            expires_at: Ts(self.expires_at),
            client: ClientInfo { address: self.address, user_agent: self.user_agent },
        })
    }
}
