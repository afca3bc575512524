//! Other systems that bring people.

diesel::table! {
    programs (id) {
        id -> Text,
        name -> Text,
        name_fold -> Text,
        brings_groups -> Bool,
        removal -> Text,
        made_at -> BigInt,
        made_by -> Text,
        last_at -> Nullable<BigInt>,
        last_did -> Text,
        held_at -> Nullable<BigInt>,
        let_on_at -> Nullable<BigInt>,
        let_on_for -> Nullable<BigInt>,
    }
}

diesel::table! {
    program_tokens (id) {
        id -> Text,
        program_id -> Text,
        digest -> Binary,
        made_at -> BigInt,
        made_by -> Text,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    program_bindings (id) {
        id -> Text,
        program_id -> Text,
        kind -> Text,
        external_id -> Nullable<Text>,
        bound_at -> BigInt,
        gone_at -> Nullable<BigInt>,
        blocked_at -> Nullable<BigInt>,
        lost_at -> Nullable<BigInt>,
    }
}
