//! The people of tenants, and what admins want of them.

use super::{entra_links, imports, match_decisions, tenant_admins};

diesel::table! {
    account_looks (tenant_id) {
        tenant_id -> Text,
        look_id -> Text,
        at -> BigInt,
        found -> BigInt,
        domains -> Text,
    }
}

diesel::table! {
    seen_accounts (look_id, object_id) {
        look_id -> Text,
        object_id -> Text,
        upn_fold -> Text,
        search_fold -> Text,
        domain -> Text,
        kind -> Text,
        enabled -> Bool,
        licensed -> Bool,
        account -> Text,
    }
}

diesel::table! {
    seen_addresses (look_id, address, object_id) {
        look_id -> Text,
        address -> Text,
        object_id -> Text,
    }
}

diesel::table! {
    account_ticks (import_id, object_id) {
        import_id -> Text,
        object_id -> Text,
        sync -> Bool,
        sso -> Bool,
        choice -> Text,
    }
}

diesel::table! {
    account_bindings (tenant_id, object_id) {
        tenant_id -> Text,
        object_id -> Text,
        user_id -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(seen_accounts, account_bindings);
diesel::allow_tables_to_appear_in_same_query!(seen_accounts, account_ticks);

diesel::allow_tables_to_appear_in_same_query!(seen_accounts, entra_links);
diesel::allow_tables_to_appear_in_same_query!(seen_accounts, match_decisions);
diesel::allow_tables_to_appear_in_same_query!(account_ticks, imports);
diesel::allow_tables_to_appear_in_same_query!(entra_links, tenant_admins);
