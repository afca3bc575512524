//! Signing in with Microsoft.

diesel::table! {
    registrations (id) {
        id -> Text,
        alias -> Text,
        alias_fold -> Text,
        client_id -> Text,
        client_secret -> Binary,
        secret_expires_at -> Nullable<BigInt>,
        cloud -> Text,
        login_host -> Text,
        graph_host -> Text,
        tenants -> Text,
        trusted -> Text,
        enabled -> Bool,
        created_at -> BigInt,
        certificate -> Nullable<Binary>,
    }
}

diesel::table! {
    registration_credentials (id) {
        id -> Text,
        secret -> Binary,
        certificate -> Nullable<Binary>,
        ends_at -> Nullable<BigInt>,
        added_at -> BigInt,
        turn -> Text,
    }
}

diesel::table! {
    microsoft_accounts (id) {
        id -> Text,
        user_id -> Text,
        tenant -> Text,
        object -> Text,
        name -> Text,
        linked_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    microsoft_rounds (id) {
        id -> Text,
        state_digest -> Binary,
        browser_digest -> Binary,
        registration_id -> Text,
        errand -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}
