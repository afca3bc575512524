//! Codes on paper and by mail, and who has ever enrolled.

diesel::table! {
    recovery_codes (id) {
        id -> Text,
        user_id -> Text,
        digest -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    enrollment_codes (user_id) {
        user_id -> Text,
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    enrolled_users (user_id) {
        user_id -> Text,
    }
}

diesel::table! {
    access_passes (user_id) {
        user_id -> Text,
        digest -> Binary,
        reason -> Text,
        given_by -> Text,
        given_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    mailed_codes (request_id) {
        request_id -> Text,
        user_id -> Text,
        digest -> Binary,
        expires_at -> BigInt,
    }
}
