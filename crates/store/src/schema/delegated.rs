//! Directories that check passwords, and what is remembered of these.

diesel::table! {
    directories (id) {
        id -> Text,
        name -> Text,
        host -> Text,
        port -> BigInt,
        encryption -> Text,
        authority -> Text,
        account -> Text,
        password -> Binary,
        base -> Text,
        filter -> Text,
        keep_days -> BigInt,
        help -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    directory_domains (domain) {
        domain -> Text,
        directory_id -> Text,
    }
}

diesel::table! {
    delegations (user_id) {
        user_id -> Text,
        directory_id -> Nullable<Text>,
    }
}

diesel::table! {
    kept_passwords (id) {
        id -> Text,
        directory_id -> Text,
        since -> BigInt,
        confirmed_at -> BigInt,
        verifier -> Binary,
        may_open -> Bool,
    }
}
