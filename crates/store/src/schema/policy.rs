//! Who may sign in how: the policy, and what is permitted besides.

diesel::table! {
    exemptions (user_id) {
        user_id -> Text,
        until -> BigInt,
        reason -> Text,
        granted_by -> Text,
        granted_at -> BigInt,
    }
}

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

diesel::table! {
    wstrust_permits (domain_id) {
        domain_id -> Text,
        networks -> Text,
        user_ids -> Text,
        group_ids -> Text,
        expires_at -> BigInt,
        reason -> Text,
        granted_by -> Text,
        granted_at -> BigInt,
        ecp -> Bool,
    }
}
