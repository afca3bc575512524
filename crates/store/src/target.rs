//! Where the database is. A PostgreSQL server on another host is refused: the connection would
//! carry secrets in the clear, because this build has no TLS for it.

use std::{fmt, net::IpAddr, path::PathBuf};

use url::{Host, Url};

use crate::{Error, MasterKeys};

/// What the store needs to know.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:///absolute/path.db` or `postgres://user@host/name`.
    pub url: String,
    /// What secrets are sealed with.
    pub master_keys: MasterKeys,
    /// How many connections are kept at most.
    pub pool_size: u32,
}

/// The URL may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded one.
    Sqlite,
    /// The one for several nodes.
    Postgres,
}

/// A checked database URL.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains(['?', ':']) {
                return Err(Error::Url("sqlite:// must be followed by a path".to_owned()));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            check_postgres(url)?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(Error::Url("it must begin with sqlite:// or postgres://".to_owned()))
    }

    pub(crate) const fn database(&self) -> Database {
        match self {
            Self::Sqlite(_) => Database::Sqlite,
            Self::Postgres(_) => Database::Postgres,
        }
    }
}

/// Names exactly one host: this machine, by loopback address or by the folder of a unix socket.
fn check_postgres(text: &str) -> Result<(), Error> {
    const REMOTE: &str =
        "PostgreSQL must be reached over loopback or a unix socket: this build has no TLS for it";
    const QUERY: [&str; 7] =
        ["host", "port", "user", "dbname", "password", "connect_timeout", "application_name"];
    let url = Url::parse(text).map_err(|error| Error::Url(error.to_string()))?;
    let mut hosts: Vec<bool> = Vec::new();
    match url.host() {
        None | Some(Host::Domain("")) => {}
        Some(host) => hosts.push(is_local(&host.to_string())),
    }
    for (name, value) in url.query_pairs() {
        if !QUERY.contains(&name.as_ref()) {
            return Err(Error::Url(format!("{name} can't be set here")));
        }
        if name == "host" {
            hosts.push(is_local(&value));
        }
    }
    let remote = || Err(Error::Url(REMOTE.to_owned()));
    if hosts.is_empty() || hosts.contains(&false) { remote() } else { Ok(()) }
}

fn is_local(host: &str) -> bool {
    let host = host.replace("%2F", "/").replace("%2f", "/");
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    !host.contains(',') && (host.starts_with('/') || host == "localhost" || loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_postgres_on_this_machine_is_accepted() {
        for good in [
            "postgres://gatehouse@127.0.0.1:54329/gatehouse",
            "postgres://gatehouse@[::1]/gatehouse",
            "postgresql://localhost/gatehouse",
            "postgres:///gatehouse?host=/run/postgresql&user=gatehouse",
            "postgres://gatehouse@%2Frun%2Fpostgresql/gatehouse",
        ] {
            assert!(matches!(Target::parse(good), Ok(Target::Postgres(_))), "{good}");
        }
        for bad in [
            "postgres://gatehouse@db.example/gatehouse",
            "postgres://127.0.0.1,db.example/gatehouse",
            "postgres:///gatehouse",
            "postgres:///gatehouse?host=db.example",
            "postgres:///gatehouse?host=/run,db.example",
            "postgres://127.0.0.1/gatehouse?host=db.example",
            "postgres://127.0.0.1/gatehouse?hostaddr=192.0.2.1",
            "postgres://127.0.0.1/gatehouse?service=far",
            "mysql://127.0.0.1/gatehouse",
        ] {
            assert!(matches!(Target::parse(bad), Err(Error::Url(_))), "{bad}");
        }
    }

    #[test]
    fn a_sqlite_url_names_a_file() {
        assert!(
            matches!(Target::parse("sqlite:///a/b.db"), Ok(Target::Sqlite(p)) if p.ends_with("b.db"))
        );
        for bad in ["sqlite://", "sqlite://:memory:", "sqlite:///a.db?mode=ro", "/a/b.db"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
