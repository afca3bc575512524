//! What was looked at before a domain is federated.

diesel::table! {
    preflights (domain_id) {
        domain_id -> Text,
        at -> BigInt,
        state -> Text,
        findings -> Text,
    }
}

diesel::table! {
    rehearsals (domain_id) {
        domain_id -> Text,
        asked_by -> Text,
        asked_at -> BigInt,
        played_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        seen -> Text,
    }
}
