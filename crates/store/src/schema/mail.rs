//! What has to do with mail, and with news for another system.

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

diesel::table! {
    webhooks (id) {
        id -> Text,
        url -> Text,
        secret -> Binary,
        set_by -> Text,
        set_at -> BigInt,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        title -> Text,
        body -> Text,
        attempts -> BigInt,
        made_at -> BigInt,
        due_at -> Nullable<BigInt>,
        taken_at -> Nullable<BigInt>,
        answer -> Text,
    }
}
