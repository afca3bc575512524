//! Where the audit log is kept besides the database.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use app::settings::{AuditSettings, LogSettings};
use serde::{Deserialize, Serialize};

/// `[audit]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditConfig {
    /// A file that gets a signed checkpoint of the audit log every hour, best on another machine's disk.
    #[serde(default)]
    pub(crate) checkpoint_file: Option<PathBuf>,
    /// A file that gets each row of the audit log as a line of JSON.
    #[serde(default)]
    pub(crate) export_file: Option<PathBuf>,
    /// A log server that gets both by syslog over TLS: `logs.example.com:6514`.
    #[serde(default)]
    pub(crate) syslog: Option<String>,
    /// The certificate (PEM) of the authority that vouches for it, if the machine does not know it.
    #[serde(default)]
    pub(crate) syslog_ca_file: Option<PathBuf>,
}

impl AuditConfig {
    /// What must hold: a place that nobody can find is no place.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (name, file) in
            [("checkpoint_file", &self.checkpoint_file), ("export_file", &self.export_file)]
        {
            let is_full = file.as_ref().is_none_or(|file| file.is_absolute());
            ensure!(is_full, "audit.{name} must be a full path, such as /var/log/gatehouse/...");
        }
        ensure!(
            self.checkpoint_file.is_none() || self.checkpoint_file != self.export_file,
            "audit.checkpoint_file and audit.export_file must be two files"
        );
        ensure!(
            self.syslog_ca_file.is_none() || self.syslog.is_some(),
            "audit.syslog_ca_file needs audit.syslog"
        );
        self.log_server().map(drop)
    }

    fn log_server(&self) -> anyhow::Result<Option<(String, u16)>> {
        let Some(place) = &self.syslog else { return Ok(None) };
        let wrong =
            || format!("audit.syslog: {place:?} is no host and port, logs.example.com:6514");
        let (host, port) = place.rsplit_once(':').with_context(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().ok().filter(|port| *port != 0).with_context(wrong)?;
        ensure!(!host.is_empty() && !host.contains('/'), wrong());
        Ok(Some((host.to_owned(), port)))
    }

    pub(super) fn settings(&self) -> anyhow::Result<AuditSettings> {
        let read = |file: &PathBuf| {
            std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))
        };
        let authority = self.syslog_ca_file.as_ref().map(read).transpose()?;
        let server = self.log_server()?;
        Ok(AuditSettings {
            checkpoint_file: self.checkpoint_file.clone(),
            export_file: self.export_file.clone(),
            log_server: server.map(|(host, port)| LogSettings { host, port, authority }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        let config: AuditConfig = toml::from_str(text).unwrap();
        config.check().map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    #[test]
    fn places_are_full_paths_and_hosts_with_ports() {
        for fine in [
            "",
            "syslog = \"logs.contoso.com:6514\"",
            "syslog = \"[2001:db8::1]:6514\"\nsyslog_ca_file = \"/etc/gatehouse/logs.pem\"",
            "checkpoint_file = \"/mnt/a\"\nexport_file = \"/var/log/b\"",
        ] {
            assert_eq!(complaint(fine), "", "{fine}");
        }
        for (wrong, word) in [
            ("checkpoint_file = \"a\"", "audit.checkpoint_file"),
            ("export_file = \"./a\"", "audit.export_file"),
            ("checkpoint_file = \"/a\"\nexport_file = \"/a\"", "two files"),
            ("syslog = \"logs.contoso.com\"", "logs.example.com:6514"),
            ("syslog = \"logs.contoso.com:none\"", "logs.example.com:6514"),
            ("syslog = \":6514\"", "logs.example.com:6514"),
            ("syslog = \"https://logs.contoso.com:6514\"", "logs.example.com:6514"),
            ("syslog_ca_file = \"/a\"", "needs audit.syslog"),
        ] {
            assert!(complaint(wrong).contains(word), "{wrong}: {}", complaint(wrong));
        }
    }
}
