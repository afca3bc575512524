//! A person's password as it is known here: hashed by us, or checked by a directory.

use model::{
    Ts,
    credential::Credential,
    directory::{Directory, KeptPassword},
    ids::UserId,
    user::User,
};
use store::{Tx, credentials, directories, kept_passwords};

use crate::Result;

/// What stands for a person's password.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    /// Its hash is here.
    Here(Credential),
    /// A directory checks it.
    Elsewhere(Box<Elsewhere>),
}

/// A password that a directory checks.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    pub(crate) directory: Directory,
    /// What is remembered of it, if that directory found it right before.
    pub(crate) kept: Option<KeptPassword>,
}

impl Held {
    /// What was proved before this time was proved with another password.
    pub(crate) fn since(&self) -> Ts {
        match self {
            Self::Here(credential) => credential.set_at,
            Self::Elsewhere(elsewhere) => elsewhere.kept.as_ref().map_or(Ts(0), |kept| kept.since),
        }
    }

    /// By when a first password must be changed.
    pub(crate) fn must_change_before(&self) -> Option<Ts> {
        match self {
            Self::Here(credential) => credential.must_change_before,
            Self::Elsewhere(_) => None,
        }
    }
}

/// The password of this person, or what a name in this domain would have. The same reads for everybody
/// (R023).
pub(crate) fn held(tx: &mut Tx, id: UserId, domain: &str) -> Result<Option<Held>> {
    let credential = credentials::by_user(tx, id)?;
    let kept = kept_passwords::of_user(tx, id)?;
    Ok(match directories::of(tx, id, domain)? {
        Some(directory) => {
            let kept = kept.filter(|kept| kept.directory_id == directory.id);
            Some(Held::Elsewhere(Box::new(Elsewhere { directory, kept })))
        }
        None => credential.map(Held::Here),
    })
}

/// A person's password.
pub(crate) fn held_of(tx: &mut Tx, user: &User) -> Result<Option<Held>> {
    held(tx, user.id, &user.upn.domain())
}

/// The directory that checks a person's password, if one does.
pub(crate) fn directory_of(tx: &mut Tx, user: &User) -> Result<Option<Directory>> {
    Ok(directories::of(tx, user.id, &user.upn.domain())?)
}
