//! What the sync does to one object, and how a house comes to be just before each.

/// What the sync does to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// Makes it.
    CreateUser,
    /// Takes over one that was there, by writing the immutable id.
    MatchExisting,
    /// Sets what describes it.
    UpdateAttributes,
    /// Sets where its licences are used.
    SetUsageLocation,
    /// Gives a product.
    AssignLicense,
    /// Takes a product.
    RemoveLicense,
    /// Shuts somebody out.
    BlockSignIn,
    /// Lets somebody in again.
    UnblockSignIn,
    /// Ends the sessions of somebody who was shut out.
    RevokeSessions,
    /// Gives another sign-in name.
    ChangeUpn,
    /// Puts it into the bin.
    SoftDelete,
    /// Brings it back from there.
    RestoreDeleted,
}

impl Op {
    /// Each.
    pub const ALL: [Self; 12] = [
        Self::CreateUser,
        Self::MatchExisting,
        Self::UpdateAttributes,
        Self::SetUsageLocation,
        Self::AssignLicense,
        Self::RemoveLicense,
        Self::BlockSignIn,
        Self::UnblockSignIn,
        Self::RevokeSessions,
        Self::ChangeUpn,
        Self::SoftDelete,
        Self::RestoreDeleted,
    ];

    /// Its name in the matrix.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateUser => "create_user",
            Self::MatchExisting => "match_existing",
            Self::UpdateAttributes => "update_attributes",
            Self::SetUsageLocation => "set_usage_location",
            Self::AssignLicense => "assign_license",
            Self::RemoveLicense => "remove_license",
            Self::BlockSignIn => "block_sign_in",
            Self::UnblockSignIn => "unblock_sign_in",
            Self::RevokeSessions => "revoke_sessions",
            Self::ChangeUpn => "change_upn",
            Self::SoftDelete => "soft_delete",
            Self::RestoreDeleted => "restore_deleted",
        }
    }

    /// The journal's word for it.
    pub const fn action(self) -> &'static str {
        match self {
            Self::CreateUser => "create",
            Self::MatchExisting => "adopt",
            Self::UpdateAttributes => "update",
            Self::SetUsageLocation => "set_usage_location",
            Self::AssignLicense | Self::RemoveLicense => "set_licences",
            Self::BlockSignIn => "block_sign_in",
            Self::UnblockSignIn => "unblock_sign_in",
            Self::RevokeSessions => "revoke_sessions",
            Self::ChangeUpn => "rename",
            Self::SoftDelete => "soft_delete",
            Self::RestoreDeleted => "restore",
        }
    }

    /// Whom it is done to.
    pub const fn person(self) -> &'static str {
        match self {
            Self::CreateUser => "bob",
            Self::MatchExisting => "lena",
            _ => "alice",
        }
    }

    /// Whether somebody loses something.
    pub const fn takes(self) -> bool {
        matches!(
            self,
            Self::RemoveLicense
                | Self::BlockSignIn
                | Self::RevokeSessions
                | Self::ChangeUpn
                | Self::SoftDelete
        )
    }
}
