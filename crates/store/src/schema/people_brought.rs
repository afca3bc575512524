//! Lists of people that admins bring along.

diesel::table! {
    imports (id) {
        id -> Text,
        state -> Text,
        made_by -> Text,
        made_at -> BigInt,
        terms -> Text,
        done -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    import_files (id) {
        id -> Text,
        content -> Binary,
    }
}

diesel::table! {
    import_rows (import_id, line) {
        import_id -> Text,
        line -> BigInt,
        user_id -> Nullable<Text>,
        outcome -> Text,
        trace -> Text,
        at -> BigInt,
        handed_out_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    imported_hashes (id) {
        id -> Text,
        hash -> Binary,
        set_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(imports, import_files, import_rows);
