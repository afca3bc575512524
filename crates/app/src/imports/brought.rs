//! What new people bring along from where they were: a password hash and the seed of an authenticator
//! app, with which they sign in as before. Security admins alone hand in either.

use model::{
    Role,
    audit::AuditKind,
    credential::Credential,
    factor::TotpFactor,
    ids::FactorId,
    import::{Field, ImportRow, Terms},
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

/// Stops unless an admin may hand in what the columns hold.
pub(super) fn may_bring(admin: &Admin, terms: &Terms) -> Result<()> {
    admin.require(needed(terms))
}

/// The role that it takes to import a file that is read like this.
pub(super) fn needed(terms: &Terms) -> Role {
    let secret = terms.mapping.keys().any(|field| is_secret(*field));
    if secret { Role::SecurityAdmin } else { Role::UserAdmin }
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
