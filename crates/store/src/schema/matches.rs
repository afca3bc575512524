//! Which objects of a tenant are whose.

diesel::table! {
    tenant_looks (tenant_id) {
        tenant_id -> Text,
        at -> BigInt,
        objects -> Text,
    }
}

diesel::table! {
    match_decisions (tenant_id, user_id, object_id) {
        tenant_id -> Text,
        user_id -> Text,
        object_id -> Text,
        answer -> Text,
        decided_by -> Text,
        decided_at -> BigInt,
        upn -> Text,
    }
}

diesel::table! {
    adoptions (tenant_id, object_id) {
        tenant_id -> Text,
        user_id -> Text,
        object_id -> Text,
        found_skus -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    tenant_admins (tenant_id, object_id) {
        tenant_id -> Text,
        object_id -> Text,
        immutable_id -> Nullable<Text>,
    }
}

diesel::table! {
    role_looks (tenant_id) {
        tenant_id -> Text,
        at -> BigInt,
    }
}
