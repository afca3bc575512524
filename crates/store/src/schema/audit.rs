//! What has to do with the chain of the audit log.

diesel::table! {
    audit_chain (id) {
        id -> Text,
        key -> Binary,
        number -> BigInt,
        hash -> Text,
        signed_at -> BigInt,
        broken_at -> Nullable<BigInt>,
        signature -> Text,
        checked_at -> Nullable<BigInt>,
        checked_number -> BigInt,
        whole_at -> Nullable<BigInt>,
        finding -> Nullable<Text>,
    }
}

diesel::table! {
    audit_sinks (name) {
        name -> Text,
        number -> BigInt,
        tried_at -> BigInt,
        delivered_at -> Nullable<BigInt>,
        failing_since -> Nullable<BigInt>,
        trouble -> Text,
    }
}
