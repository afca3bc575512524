//! What deleting an account rests on.

diesel::table! {
    blocked_users (user_id) {
        user_id -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    legal_holds (user_id) {
        user_id -> Text,
        reason -> Text,
        placed_by -> Text,
        placed_at -> BigInt,
        lifted_at -> Nullable<BigInt>,
    }
}
