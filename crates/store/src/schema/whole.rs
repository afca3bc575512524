//! What there is once for the whole house.

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    revision (id) {
        id -> BigInt,
        value -> BigInt,
    }
}

diesel::table! {
    seal_canary (id) {
        id -> Text,
        canary -> Binary,
    }
}
