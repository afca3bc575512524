//! What of a person reaches Entra.

diesel::table! {
    attribute_mappings (id) {
        id -> Text,
        rules -> Text,
        pseudonym_key -> Binary,
        changed_at -> BigInt,
    }
}
