//! What the watch keeps.

diesel::table! {
    alarms (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        cause -> Text,
        first_seen_at -> BigInt,
        last_seen_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        acknowledged_by -> Nullable<Text>,
        acknowledged_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    watches (kind, subject) {
        kind -> Text,
        subject -> Text,
        tried_at -> BigInt,
        trouble -> Nullable<Text>,
        allowed -> Bool,
        read_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    looks (kind, subject) {
        kind -> Text,
        subject -> Text,
        tried_at -> BigInt,
        trouble -> Nullable<Text>,
        seen_at -> Nullable<BigInt>,
        seen -> Nullable<Text>,
    }
}

diesel::table! {
    unexplained_sign_ins (tenant_id, entry) {
        tenant_id -> Text,
        entry -> Text,
        at -> BigInt,
    }
}
