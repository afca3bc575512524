//! Being the external MFA provider of tenants.

use super::tenants;

diesel::table! {
    external_mfa (tenant_id) {
        tenant_id -> Text,
        enabled -> Bool,
        app_id -> Nullable<Text>,
        changed_at -> BigInt,
    }
}

diesel::table! {
    used_hints (digest) {
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(external_mfa, tenants);
