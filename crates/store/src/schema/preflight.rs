//! What was looked at before a domain is federated.

diesel::table! {
    preflights (domain_id) {
        domain_id -> Text,
        at -> BigInt,
        state -> Text,
        findings -> Text,
    }
}
