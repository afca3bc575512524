//! Browsers that were sent to Microsoft and have not come back: known by digests, taken once.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    TextExpressionMethods,
};
use model::{Ts, microsoft_account::MicrosoftRound};

use crate::{
    Error, Tx,
    schema::microsoft_rounds,
    text::{self, Row},
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = microsoft_rounds, treat_none_as_default_value = false)]
struct RoundRow {
    id: String,
    state_digest: Vec<u8>,
    browser_digest: Vec<u8>,
    registration_id: String,
    errand: String,
    created_at: i64,
    expires_at: i64,
}

/// Writes one down.
pub fn put(tx: &mut Tx, round: &MicrosoftRound) -> Result<(), Error> {
    let row = RoundRow {
        id: round.id.to_string(),
        state_digest: round.state_digest.to_vec(),
        browser_digest: round.browser_digest.to_vec(),
        registration_id: round.registration_id.to_string(),
        errand: text::json(&round.errand),
        created_at: round.created_at.0,
        expires_at: round.expires_at.0,
    };
    diesel::insert_into(microsoft_rounds::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Uses up the round with this state in this browser: of many at once exactly one gets it. It may have
/// expired.
pub fn take(
    tx: &mut Tx,
    state: &[u8; 32],
    browser: &[u8; 32],
) -> Result<Option<MicrosoftRound>, Error> {
    let row: Option<RoundRow> = microsoft_rounds::table
        .filter(microsoft_rounds::state_digest.eq(&state[..]))
        .filter(microsoft_rounds::browser_digest.eq(&browser[..]))
        .first(&mut tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let taken = diesel::delete(microsoft_rounds::table.find(&row.id)).execute(&mut tx.conn)? == 1;
    if taken { row.read().map(Some) } else { Ok(None) }
}

/// How the errand of a round for consent begins. Such a one closes no circle: whoever
/// gives it may well be signed in here for it.
const CONSENT: &str = "{\"for\":\"consent\"%";

/// Forgets every round of a browser that is under way to sign in; says how many there were.
pub fn forget_of_browser(tx: &mut Tx, browser: &[u8; 32], now: Ts) -> Result<usize, Error> {
    let open = microsoft_rounds::table
        .filter(microsoft_rounds::browser_digest.eq(&browser[..]))
        .filter(microsoft_rounds::errand.not_like(CONSENT))
        .filter(microsoft_rounds::expires_at.gt(now.0));
    Ok(diesel::delete(open).execute(&mut tx.conn)?)
}

/// Whether a browser is at Microsoft right now to sign in.
pub fn any_of_browser(tx: &mut Tx, browser: &[u8; 32], now: Ts) -> Result<bool, Error> {
    let open: i64 = microsoft_rounds::table
        .filter(microsoft_rounds::browser_digest.eq(&browser[..]))
        .filter(microsoft_rounds::errand.not_like(CONSENT))
        .filter(microsoft_rounds::expires_at.gt(now.0))
        .count()
        .get_result(&mut tx.conn)?;
    Ok(open > 0)
}

/// Forgets what expired before `before`.
pub fn purge(tx: &mut Tx, before: Ts) -> Result<usize, Error> {
    let old = microsoft_rounds::table.filter(microsoft_rounds::expires_at.lt(before.0));
    Ok(diesel::delete(old).execute(&mut tx.conn)?)
}

impl RoundRow {
    fn read(self) -> Result<MicrosoftRound, Error> {
        let row = Row { table: "microsoft_rounds", id: &self.id };
        Ok(MicrosoftRound {
            id: row.id(&self.id)?,
            state_digest: row.digest(&self.state_digest)?,
            browser_digest: row.digest(&self.browser_digest)?,
            registration_id: row.id(&self.registration_id)?,
            errand: row.json(&self.errand)?,
            created_at: Ts(self.created_at),
            expires_at: Ts(self.expires_at),
        })
    }
}
