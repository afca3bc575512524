//! What the front door fills in: deployment settings only. Product settings live in the database.

use std::{path::PathBuf, time::Duration};

pub use authn::password::Params as PasswordParams;
pub use federation::{keyring::RsaSize, signer::pkcs11::Settings as TokenSettings};
pub use hooks::{LogSettings, Settings as HookSettings};
pub use mail::{Encryption, Login as MailLogin, Settings as MailSettings, is_address};
use model::relying_party::CloudHosts;
pub use store::{MasterKey, MasterKeys, Settings as StoreSettings};
use url::Url;

/// How the house runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For real: https, `__Host-` cookies, Microsoft's clouds only.
    Production,
    /// The demo: loopback only; http, plain cookies and the simulator are allowed (ruling 21).
    Demo,
}

/// A new master key.
#[must_use]
pub fn new_master_key(random: &dyn crate::Random) -> MasterKey {
    MasterKey::from_bytes(crate::clock::draw(random))
}

/// Where the audit log is kept besides the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSettings {
    /// Gets a signed checkpoint of the log every hour.
    pub checkpoint_file: Option<PathBuf>,
    /// Gets each row as a line of JSON.
    pub export_file: Option<PathBuf>,
    /// Gets both by syslog over TLS.
    pub log_server: Option<LogSettings>,
}

/// Everything that a house needs to know before it opens.
#[derive(Debug)]
pub struct Settings {
    /// How it runs.
    pub mode: Mode,
    /// The address that people and Microsoft use, without a path.
    pub public_url: Url,
    /// Where things are remembered.
    pub store: store::Settings,
    /// The PKCS#11 token in which signing keys are made; `None` to make them here.
    pub pkcs11: Option<TokenSettings>,
    /// How large new signing keys are.
    pub signing_key_size: RsaSize,
    /// The mail server; `None` sends no letters.
    pub mail: Option<MailSettings>,
    /// Where letters about alarms go besides the admins who act on them.
    pub alarms_to: Vec<String>,
    /// How far news for another system may go.
    pub webhooks: HookSettings,
    /// Where the audit log is kept besides.
    pub audit: AuditSettings,
    /// How long tokens are good (2 to 60 minutes).
    pub token_lifetime: Duration,
    /// How passwords are hashed; `None` measures at the first start and keeps that.
    pub password_params: Option<PasswordParams>,
    /// How many passwords are hashed at once.
    pub hashing_slots: usize,
    /// Where the pretend Microsoft is; heeded in the demo alone.
    pub simulator: Option<CloudHosts>,
}

impl Settings {
    /// The usual settings for a store and a public address.
    #[must_use]
    pub fn new(mode: Mode, public_url: Url, store: store::Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            mode,
            public_url,
            store,
            pkcs11: None,
            signing_key_size: RsaSize::default(),
            mail: None,
            alarms_to: Vec::new(),
            webhooks: HookSettings::default(),
            audit: AuditSettings::default(),
            token_lifetime: Duration::from_mins(10),
            password_params: None,
            hashing_slots: cores,
            simulator: None,
        }
    }
}
