//! The sign-in policy's table.

diesel::table! {
    policy_versions (id) {
        id -> Text,
        state -> Text,
        rules -> Text,
        made_by -> Nullable<Text>,
        made_at -> BigInt,
        published_at -> Nullable<BigInt>,
    }
}
