//! Brings the audit log to other places (R155): its rows, each at least once and in their order, and
//! every hour a signed checkpoint. How far each place is stands in the database, which is the buffer:
//! whatever a place does not take waits there, and nobody who signs in waits for a place.

use std::{path::PathBuf, time::Duration};

use hooks::{LogLine, LogServer};
use model::audit_chain::{ChainedRow, Sink};
use store::{audit_chain, audit_sinks, leases};

use super::lines;
use crate::{Error, House, Result};

/// How many rows are brought in one go.
const PORTION: i64 = 500;
/// How often a place gets a checkpoint.
const CHECKPOINT_EVERY: Duration = Duration::from_hours(1);
/// How long a node may take for a portion before another brings it.
const TAKEN_FOR: Duration = Duration::from_mins(1);

/// A place that gets the log, and what it gets.
#[derive(Debug, Clone)]
pub struct AuditSink {
    name: String,
    cargo: Cargo,
    place: Place,
}

/// What is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cargo {
    Rows,
    Checkpoints,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Server(LogServer),
}

/// How bringing the log somewhere ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// The place has everything now; so many lines were new.
    All(usize),
    /// It did not take it; it is tried again later.
    Refused,
    /// Another node is at it.
    Elsewhere,
}

impl House {
    /// The places that the configuration names.
    pub fn audit_sinks(&self) -> Result<Vec<AuditSink>> {
        let settings = &self.settings().audit;
        let mut sinks = Vec::new();
        let mut add = |cargo, place, at: &str| {
            let what = if cargo == Cargo::Rows { "log" } else { "checkpoints" };
            sinks.push(AuditSink { name: format!("{what} {at}"), cargo, place });
        };
        if let Some(file) = &settings.checkpoint_file {
            add(Cargo::Checkpoints, Place::File(file.clone()), &file.display().to_string());
        }
        if let Some(file) = &settings.export_file {
            add(Cargo::Rows, Place::File(file.clone()), &file.display().to_string());
        }
        if let Some(server) = &settings.log_server {
            let at = format!("{}:{}", server.host, server.port);
            let place = Place::Server(LogServer::new(server).map_err(unusable)?);
            add(Cargo::Checkpoints, place.clone(), &at);
            add(Cargo::Rows, place, &at);
        }
        Ok(sinks)
    }

    /// Brings a place what it does not have yet.
    pub async fn bring_audit_log(&self, sink: &AuditSink) -> Result<Brought> {
        let mut brought = 0;
        loop {
            let portion = self.waits_for(sink).await?;
            let Some((lines, number)) = portion else { return Ok(Brought::All(brought)) };
            if !self.take_sink(sink).await? {
                return Ok(Brought::Elsewhere);
            }
            let count = lines.len();
            let ended = self.hand_over(sink, lines).await;
            let (name, now) = (sink.name.clone(), self.now());
            let Err(error) = ended else {
                let note = move |tx: &mut _| audit_sinks::delivered(tx, &name, number, now);
                self.store().write(note).await?;
                brought += count;
                continue;
            };
            let trouble = with_causes(&error);
            tracing::warn!(sink = name, trouble, "the audit log was not taken");
            let note = move |tx: &mut _| audit_sinks::failed(tx, &name, now, &trouble);
            self.store().write(note).await?;
            return Ok(Brought::Refused);
        }
    }

    /// The next lines for a place and the row they go up to; `None` when it has everything.
    async fn waits_for(&self, sink: &AuditSink) -> Result<Option<(Vec<LogLine>, i64)>> {
        let (name, cargo, now) = (sink.name.clone(), sink.cargo, self.now());
        self.store()
            .read(move |tx| {
                let known = audit_sinks::get(tx, &name)?;
                if cargo == Cargo::Rows {
                    let after = known.map_or(0, |sink| sink.number);
                    return Ok::<_, Error>(of_rows(&audit_chain::rows_after(tx, after, PORTION)?));
                }
                if known.is_some_and(|sink| is_early(&sink, now)) {
                    return Ok(None);
                }
                let Some(checkpoint) = audit_chain::checkpoint(tx, now)? else { return Ok(None) };
                let text = serde_json::to_string(&checkpoint).map_err(Error::bug)?;
                let kind = "audit.checkpoint".to_owned();
                let line = LogLine { at: now, is_warning: false, kind, text: lines::ascii(&text) };
                Ok(Some((vec![line], checkpoint.audit_checkpoint.number)))
            })
            .await
    }

    /// Of several nodes one brings a portion.
    async fn take_sink(&self, sink: &AuditSink) -> Result<bool> {
        let (name, node, now) =
            (format!("audit {}", sink.name), self.node().to_owned(), self.now());
        let taken = self
            .store()
            .write(move |tx| Ok::<_, Error>(leases::acquire(tx, &name, &node, TAKEN_FOR, now)?));
        Ok(taken.await?.is_some())
    }

    async fn hand_over(
        &self,
        sink: &AuditSink,
        lines: Vec<LogLine>,
    ) -> std::result::Result<(), hooks::Error> {
        match &sink.place {
            Place::Server(server) => {
                let sender = self.settings().public_url.host_str().unwrap_or_default();
                server.deliver(sender, &lines).await
            }
            Place::File(path) => {
                let path = path.clone();
                let text: String = lines.into_iter().map(|line| line.text + "\n").collect();
                let writing = tokio::task::spawn_blocking(move || hooks::append(&path, &text));
                writing
                    .await
                    .unwrap_or_else(|lost| Err(hooks::Error::File(std::io::Error::other(lost))))
            }
        }
    }
}

fn unusable(error: hooks::Error) -> Error {
    let field = "audit.syslog";
    Error::invalid(field, format!("{field} can't be used: {error}.")).because(error)
}

fn of_rows(rows: &[ChainedRow]) -> Option<(Vec<LogLine>, i64)> {
    let line = |row: &ChainedRow| LogLine {
        at: row.at,
        is_warning: row.outcome != "done",
        kind: row.kind.clone(),
        text: lines::of_row(row),
    };
    Some((rows.iter().map(line).collect(), rows.last()?.number))
}

/// Whether the next checkpoint is not due yet.
fn is_early(sink: &Sink, now: model::Ts) -> bool {
    sink.failing_since.is_none()
        && sink.delivered_at.is_some_and(|at| now.since(at) < CHECKPOINT_EVERY)
}

/// An error with what it comes from, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text} ({deeper})");
        cause = deeper.source();
    }
    text
}
