//! Clients of OpenID Connect: what they bring beforehand, what they got, and what they want to hear of.

diesel::table! {
    oidc_grants (id) {
        id -> Text,
        code_digest -> Binary,
        relying_party_id -> Text,
        domain_id -> Text,
        user_id -> Text,
        session_id -> Text,
        browser -> Text,
        reply -> Text,
        terms -> Text,
        code_expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        access_digest -> Nullable<Binary>,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    pushed_requests (digest) {
        digest -> Binary,
        relying_party_id -> Text,
        domain_id -> Text,
        request -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    client_sessions (session_id, relying_party_id) {
        session_id -> Text,
        relying_party_id -> Text,
        domain_id -> Text,
        user_id -> Text,
        ended_at -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        attempts -> BigInt,
        made_at -> BigInt,
    }
}
