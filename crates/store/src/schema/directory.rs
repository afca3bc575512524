//! Groups, and what they and people were given.

diesel::table! {
    entitlements (id) {
        id -> Text,
        application_id -> Text,
        user_id -> Nullable<Text>,
        group_id -> Nullable<Text>,
        licences -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    former_names (user_id, upn_fold) {
        user_id -> Text,
        upn_fold -> Text,
        given_up_at -> BigInt,
        followed -> Bool,
    }
}

diesel::table! {
    groups (id) {
        id -> Text,
        name -> Text,
        name_fold -> Text,
    }
}

diesel::table! {
    group_members (group_id, user_id) {
        group_id -> Text,
        user_id -> Text,
    }
}

diesel::joinable!(group_members -> groups (group_id));
diesel::allow_tables_to_appear_in_same_query!(entitlements, group_members, groups);
