//! What has to do with mail.

diesel::table! {
    letters (id) {
        id -> Text,
        recipient -> Text,
        subject -> Text,
        text -> Binary,
        attempts -> BigInt,
        made_at -> BigInt,
        due_at -> BigInt,
    }
}

diesel::table! {
    reset_links (user_id) {
        user_id -> Text,
        digest -> Binary,
        basis -> Binary,
        expires_at -> BigInt,
    }
}
