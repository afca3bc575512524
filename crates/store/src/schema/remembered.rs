//! Browsers that are remembered.

diesel::table! {
    remembered_devices (id) {
        id -> Text,
        user_id -> Text,
        series_digest -> Binary,
        secret_digest -> Binary,
        former_digest -> Nullable<Binary>,
        basis -> Binary,
        made_at -> BigInt,
        used_at -> BigInt,
        expires_at -> BigInt,
        address -> Text,
        user_agent -> Text,
    }
}
