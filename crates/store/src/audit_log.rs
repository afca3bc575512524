//! What happened (R151), written in the same transaction as the change (R152).

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl,
    TextExpressionMethods,
    dsl::{count_star, max, min},
};
use model::{
    Ts,
    audit::{AuditEvent, AuditKind, Outcome},
    old_client::Note,
    upn::fold,
    wstrust::PasswordDoor,
};

use crate::{
    Error, Page, Tx,
    schema::audit_log,
    text::{self, Row},
};

/// Which rows to look for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only about this subject, in any case, or with this correlation id.
    pub subject: Option<String>,
    /// Only about somebody who had these names, each in its time: names change hands.
    pub names: Vec<Named>,
    /// Only of this kind.
    pub kind: Option<AuditKind>,
    /// Only what ended like this.
    pub outcome: Option<Outcome>,
    /// How many rows at most.
    pub limit: i64,
    /// How many rows to leave out before.
    pub offset: i64,
}

/// A name that somebody had for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, in any case.
    pub name: String,
    /// After this; nobody else had it before where there is none.
    pub since: Option<Ts>,
    /// Until this and no longer, if they gave it up.
    pub until: Option<Ts>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false)]
struct EventRow {
    id: String,
    at: i64,
    actor: String,
    kind: String,
    subject: String,
    subject_fold: String,
    outcome: String,
    detail: String,
    client_address: String,
    correlation_id: String,
}

/// What is read of a row: all but its place in the chain.
const COLUMNS: (
    audit_log::id,
    audit_log::at,
    audit_log::actor,
    audit_log::kind,
    audit_log::subject,
    audit_log::subject_fold,
    audit_log::outcome,
    audit_log::detail,
    audit_log::client_address,
    audit_log::correlation_id,
) = (
    audit_log::id,
    audit_log::at,
    audit_log::actor,
    audit_log::kind,
    audit_log::subject,
    audit_log::subject_fold,
    audit_log::outcome,
    audit_log::detail,
    audit_log::client_address,
    audit_log::correlation_id,
);

/// Writes an event down.
pub fn record(tx: &mut Tx, event: &AuditEvent) -> Result<(), Error> {
    let row = EventRow {
        id: event.id.to_string(),
        at: event.at.0,
        actor: text::json(&event.actor),
        kind: event.kind.as_str().to_owned(),
        subject: event.subject.clone(),
        subject_fold: fold(&event.subject),
        outcome: text::word(event.outcome),
        detail: event.detail.clone(),
        client_address: event.client_address.clone(),
        correlation_id: event.correlation_id.clone(),
    };
    diesel::insert_into(audit_log::table).values(&row).execute(&mut tx.conn)?;
    Ok(())
}

/// Events, newest first.
pub fn list(tx: &mut Tx, filter: &AuditFilter) -> Result<Page<AuditEvent>, Error> {
    let (limit, offset) = text::page(filter.limit, filter.offset);
    let matching = || {
        let mut query = audit_log::table.into_boxed();
        if let Some(subject) = &filter.subject {
            query = query.filter(
                audit_log::subject_fold
                    .eq(fold(subject))
                    .or(audit_log::correlation_id.eq(subject.to_lowercase())),
            );
        }
        for (number, named) in filter.names.iter().enumerate() {
            let (since, until) = (named.since.unwrap_or(Ts(i64::MIN)), named.until);
            let then =
                audit_log::at.gt(since.0).and(audit_log::at.le(until.unwrap_or(Ts(i64::MAX)).0));
            let theirs = audit_log::subject_fold.eq(fold(&named.name)).and(then);
            query = if number == 0 { query.filter(theirs) } else { query.or_filter(theirs) };
        }
        if let Some(kind) = filter.kind {
            query = query.filter(audit_log::kind.eq(kind.as_str()));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(audit_log::outcome.eq(text::word(outcome)));
        }
        query
    };
    let total = matching().count().get_result(&mut tx.conn)?;
    let rows: Vec<EventRow> = matching()
        .select(COLUMNS)
        .order((audit_log::at.desc(), audit_log::id.desc()))
        .limit(limit)
        .offset(offset)
        .load(&mut tx.conn)?;
    Ok(Page { rows: rows.into_iter().map(EventRow::read).collect::<Result<_, _>>()?, total })
}

/// The password checks since a moment, put together: of whom, from where, how they ended, how many.
/// At most 100,000 sorts.
pub fn password_checks(tx: &mut Tx, since: Ts) -> Result<Vec<PasswordChecks>, Error> {
    let kinds = [AuditKind::PasswordChecked.as_str(), AuditKind::Throttled.as_str()];
    let rows: Vec<(String, String, String, i64)> = audit_log::table
        .filter(audit_log::kind.eq_any(kinds))
        .filter(audit_log::at.ge(since.0))
        .group_by((audit_log::subject_fold, audit_log::client_address, audit_log::outcome))
        .select((
            audit_log::subject_fold,
            audit_log::client_address,
            audit_log::outcome,
            count_star(),
        ))
        .limit(100_000)
        .load(&mut tx.conn)?;
    let read = |(name, address, outcome, times): (String, String, String, i64)| {
        let row = Row { table: "audit_log", id: &name };
        Ok(PasswordChecks {
            outcome: row.word(&outcome)?,
            times: row.number(times)?,
            address,
            name: name.clone(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Some password checks that ended the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordChecks {
    /// The name that was typed, folded.
    pub name: String,
    /// From which address.
    pub address: String,
    /// How they ended.
    pub outcome: Outcome,
    /// How many there were.
    pub times: u32,
}

/// What the doors for programs refused since a moment, put together: of whom, why, from where, how
/// often; the latest first. At most 10,000 sorts.
pub fn refusals_at_doors(
    tx: &mut Tx,
    since: Ts,
    subject: Option<&str>,
) -> Result<Vec<RefusalsAtDoor>, Error> {
    let kinds = [AuditKind::PasswordChecked, AuditKind::Throttled, AuditKind::RequestRefused];
    let [trust, ecp] =
        [PasswordDoor::WsTrust, PasswordDoor::Ecp].map(|it| format!("{}%", it.name()));
    let mut query = audit_log::table
        .filter(audit_log::kind.eq_any(kinds.map(AuditKind::as_str)))
        .filter(audit_log::at.ge(since.0))
        .filter(audit_log::outcome.eq(text::word(Outcome::Refused)))
        .filter(audit_log::detail.like(trust).or(audit_log::detail.like(ecp)))
        .group_by((audit_log::subject_fold, audit_log::detail, audit_log::client_address))
        .select((
            (audit_log::subject_fold, audit_log::detail, audit_log::client_address),
            count_star(),
            (min(audit_log::at), max(audit_log::at)),
        ))
        .into_boxed();
    if let Some(subject) = subject {
        query = query.filter(audit_log::subject_fold.eq(fold(subject)));
    }
    let rows: Vec<Sort> =
        query.order(max(audit_log::at).desc()).limit(10_000).load(&mut tx.conn)?;
    let read = |((name, detail, address), times, (first, last)): Sort| {
        let note = Note::read(&detail)?;
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        Some(RefusalsAtDoor { name, note, address, times, first: Ts(first?), last: Ts(last?) })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Name, detail and address of refusals that are alike, how many, the first and the last.
type Sort = ((String, String, String), i64, (Option<i64>, Option<i64>));

/// Some refusals at a door for programs that read alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalsAtDoor {
    /// The name that came, folded; the domain's, where none came.
    pub name: String,
    /// By which door, by what program, and why.
    pub note: Note,
    /// From which address.
    pub address: String,
    /// How many there were.
    pub times: u32,
    /// When it began.
    pub first: Ts,
    /// When it was seen last.
    pub last: Ts,
}

impl EventRow {
    fn read(self) -> Result<AuditEvent, Error> {
        let row = Row { table: "audit_log", id: &self.id };
        Ok(AuditEvent {
            id: row.id(&self.id)?,
            at: Ts(self.at),
            actor: row.json(&self.actor)?,
            kind: AuditKind::from_name(&self.kind).ok_or_else(|| row.corrupt())?,
            outcome: row.word(&self.outcome)?,
            subject: self.subject,
            detail: self.detail,
            client_address: self.client_address,
            correlation_id: self.correlation_id,
        })
    }
}
