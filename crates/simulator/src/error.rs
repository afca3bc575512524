//! What can keep the simulator from running; refusals to callers are answers, not errors.

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The data file is there but cannot be read.
    #[error("cannot read the data file {}", path.display())]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The data file holds something else than a tenant.
    #[error("the data file {} does not hold a tenant", path.display())]
    Corrupt {
        /// The file.
        path: std::path::PathBuf,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// The server's thread ended before it listened.
    #[error("the simulator's thread ended early")]
    Thread,
}
