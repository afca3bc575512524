//! What new people bring along from where they were: a password hash and the seed of an authenticator
//! app, with which they sign in as before. Security admins alone hand in either.

use model::{
    Role,
    audit::AuditKind,
    credential::Credential,
    factor::TotpFactor,
    ids::FactorId,
    import::{Field, Import, ImportRow, ImportState},
    user::User,
};
use secrecy::ExposeSecret as _;
use store::{Tx, audit_log, credentials, factors};

use super::check::Wanted;
use crate::{Admin, House, Result, Visitor, letters::News};

/// Columns that hold secrets.
const SECRETS: [Field; 2] = [Field::PasswordHash, Field::TotpSeed];

/// Whether a field's cells are never shown.
pub(super) fn is_secret(field: Field) -> bool {
    SECRETS.contains(&field)
}

/// Stops unless an admin may look into a file, say how it is read, and write it.
pub(super) fn may_open(admin: &Admin, import: &Import) -> Result<()> {
    admin.require(needed(admin, import))
}

/// The role that it takes. What another admin brought may hold secrets under any name until it is
/// written, and a file that was seen to hold some stays one; what they brought themselves they know.
pub(super) fn needed(admin: &Admin, import: &Import) -> Role {
    let is_mine = import.made_by == admin.user().id;
    let may_hold_some = import.state == ImportState::Draft || !import.terms.secrets.is_empty();
    let is_read = import.terms.mapping.keys().any(|field| is_secret(*field));
    if is_read || (may_hold_some && !is_mine) { Role::SecurityAdmin } else { Role::UserAdmin }
}

impl House {
    /// Keeps what somebody new brings along, and tells them of it in one letter (R035).
    pub(super) fn keep_what_was_brought(
        &self,
        tx: &mut Tx,
        (admin, visitor): (&Admin, &Visitor),
        (user, wanted): (&User, &Wanted),
        row: &mut ImportRow,
    ) -> Result<()> {
        if let Some(hash) = &wanted.password_hash {
            let credential = Credential {
                user_id: user.id,
                phc: hash.expose_secret().to_owned(),
                pepper_id: String::new(),
                must_change_before: None,
                set_at: user.created_at,
            };
            credentials::put(tx, &credential)?;
        }
        if let Some(seed) = &wanted.seed {
            let factor = TotpFactor {
                id: FactorId(self.new_id()),
                user_id: user.id,
                secret: seed.clone(),
                // What was typed elsewhere a moment ago opens nothing here (R026).
                last_step: Some(authn::totp::step_at(user.created_at)),
                confirmed_at: Some(user.created_at),
                created_at: user.created_at,
            };
            factors::put_totp(tx, &factor)?;
            factors::mark_enrolled(tx, user.id)?;
            let (kind, upn) = (AuditKind::FactorEnrolled, user.upn.as_str());
            let mut added = visitor.audit(self, admin.actor(), kind, upn);
            "authenticator app, brought along by an import".clone_into(&mut added.detail);
            audit_log::record(tx, &added)?;
        }
        let what = match (&wanted.password_hash, &wanted.seed) {
            (Some(_), Some(_)) => "your password and your authenticator app",
            (Some(_), None) => "your password",
            (None, Some(_)) => "your authenticator app",
            (None, None) => return Ok(()),
        };
        if wanted.password_hash.is_some() && wanted.seed.is_some() {
            // There is nothing to hand over.
            row.handed_out_at = Some(user.created_at);
        }
        self.inform(tx, user, &News::BroughtAlong(what), visitor)
    }
}
