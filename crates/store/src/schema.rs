//! The tables as diesel sees them; `migrations/` decides, a test compares.

mod accounts;
mod audit;
mod bringing;
mod clients;
mod codes;
mod confirming;
mod delegated;
mod directory;
mod keys;
mod leavers;
mod mail;
mod mapping;
mod matches;
mod microsoft;
mod people_brought;
mod policy;
mod preflight;
mod remembered;
mod watch;
mod whole;

pub(crate) use accounts::{
    account_bindings, account_looks, account_ticks, seen_accounts, seen_addresses,
};
pub(crate) use audit::{audit_chain, audit_sinks};
pub(crate) use bringing::{program_bindings, program_tokens, programs};
pub(crate) use clients::{client_sessions, oidc_grants, pushed_requests};
pub(crate) use codes::{
    access_passes, enrolled_users, enrollment_codes, mailed_codes, recovery_codes,
};
pub(crate) use confirming::{external_mfa, used_hints};
pub(crate) use delegated::{delegations, directories, directory_domains, kept_passwords};
pub(crate) use directory::{entitlements, former_names, group_members, groups};
pub(crate) use keys::{passkey_ceremonies, passkeys};
pub(crate) use leavers::{blocked_users, legal_holds};
pub(crate) use mail::{letters, reset_links, webhook_deliveries, webhooks};
pub(crate) use mapping::attribute_mappings;
pub(crate) use matches::{adoptions, match_decisions, role_looks, tenant_admins, tenant_looks};
pub(crate) use microsoft::{
    microsoft_accounts, microsoft_rounds, registration_credentials, registrations,
};
pub(crate) use people_brought::{import_files, import_rows, imported_hashes, imports};
pub(crate) use policy::{exemptions, policy_versions, wstrust_permits};
pub(crate) use preflight::{preflights, rehearsals};
pub(crate) use remembered::remembered_devices;
pub(crate) use watch::{alarms, looks, unexplained_sign_ins, watches};
pub(crate) use whole::{revision, seal_canary, settings};

diesel::table! {
    users (id) {
        id -> Text,
        upn -> Text,
        upn_fold -> Nullable<Text>,
        immutable_id -> Text,
        state -> Text,
        profile -> Text,
        role -> Nullable<Text>,
        search_fold -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        mail_fold -> Nullable<Text>,
    }
}

diesel::table! {
    peppers (id) {
        id -> Text,
        key -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    credentials (user_id) {
        user_id -> Text,
        phc -> Text,
        pepper_id -> Text,
        must_change_before -> Nullable<BigInt>,
        set_at -> BigInt,
    }
}

diesel::table! {
    totp_factors (id) {
        id -> Text,
        user_id -> Text,
        secret -> Binary,
        last_step -> Nullable<BigInt>,
        confirmed_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        audience -> Text,
        token_digest -> Binary,
        events -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        address -> Text,
        user_agent -> Text,
        remembered_device -> Nullable<Text>,
    }
}

diesel::table! {
    pending_requests (id) {
        id -> Text,
        handle_digest -> Binary,
        browser_digest -> Binary,
        purpose -> Text,
        demand -> Text,
        hint -> Nullable<Text>,
        user_id -> Nullable<Text>,
        events -> Text,
        enrolling -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        remember -> Bool,
    }
}

diesel::table! {
    guess_counters (key) {
        key -> Text,
        failures -> BigInt,
        window_began_at -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    known_devices (user_id, digest) {
        user_id -> Text,
        digest -> Binary,
        seen_at -> BigInt,
    }
}

diesel::table! {
    known_addresses (user_id, address) {
        user_id -> Text,
        address -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    tenants (id) {
        id -> Text,
        alias -> Text,
        entra_tenant_id -> Text,
        client_id -> Text,
        client_secret -> Binary,
        secret_expires_at -> Nullable<BigInt>,
        cloud -> Text,
        login_host -> Text,
        graph_host -> Text,
        writes_stopped -> Bool,
        admins_kept_out -> Bool,
        certificate -> Nullable<Binary>,
    }
}

diesel::table! {
    prepared_certificates (id) {
        id -> Text,
        certificate -> Binary,
        private_key -> Binary,
        not_after -> BigInt,
        made_at -> BigInt,
    }
}

diesel::table! {
    federated_domains (id) {
        id -> Text,
        tenant_id -> Text,
        name -> Text,
        slug -> Text,
        issuer_uri -> Text,
        enabled -> Bool,
        federated_at -> Nullable<BigInt>,
        browser_protocol -> Text,
        corporate_networks -> Text,
        mfa_behavior -> Text,
    }
}

diesel::table! {
    relying_parties (id) {
        id -> Text,
        name -> Text,
        realm -> Text,
        replies -> Text,
        domain_id -> Text,
        enabled -> Bool,
        kind -> Text,
        settings -> Text,
    }
}

diesel::table! {
    used_messages (relying_party_id, message_id) {
        relying_party_id -> Text,
        message_id -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        state -> Text,
        private_key -> Binary,
        certificate -> Binary,
        not_before -> BigInt,
        not_after -> BigInt,
        published_at -> Nullable<BigInt>,
        seen_by_entra_at -> Nullable<BigInt>,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    issued_tokens (id) {
        id -> Text,
        token_id -> Text,
        user_id -> Text,
        session_id -> Nullable<Text>,
        domain_id -> Text,
        relying_party_id -> Text,
        protocol -> Text,
        signing_key_id -> Text,
        issued_at -> BigInt,
        events -> Text,
        says_mfa -> Bool,
        client_address -> Text,
        digest -> Binary,
        claims -> Text,
        client_agent -> Text,
        asked -> Text,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        name -> Text,
        tenant_id -> Text,
        settings -> Text,
    }
}

diesel::table! {
    assignments (id) {
        id -> Text,
        user_id -> Text,
        application_id -> Text,
        licences -> Text,
        assigned_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    entra_links (tenant_id, user_id) {
        tenant_id -> Text,
        user_id -> Text,
        object_id -> Text,
        origin -> Text,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscribed_skus (tenant_id, sku_id) {
        tenant_id -> Text,
        sku_id -> Text,
        sku_part_number -> Text,
        enabled -> BigInt,
        consumed -> BigInt,
        usable -> Bool,
        service_plans -> Text,
        seen_at -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        tenant_id -> Text,
        scope -> Text,
        attempts -> BigInt,
        due_at -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        fence -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sync_runs (id) {
        id -> Text,
        tenant_id -> Text,
        scope -> Text,
        state -> Text,
        plan_hash -> Text,
        conflicts -> Text,
        wanted -> Nullable<BigInt>,
        reason -> Text,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        started_by -> Text,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sync_steps (id) {
        id -> Text,
        run_id -> Text,
        seq -> BigInt,
        user_id -> Text,
        action -> Text,
        step -> Text,
        destructive -> Bool,
        outcome -> Text,
        detail -> Text,
        at -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Text,
        at -> BigInt,
        actor -> Text,
        kind -> Text,
        subject -> Text,
        subject_fold -> Text,
        outcome -> Text,
        detail -> Text,
        client_address -> Text,
        correlation_id -> Text,
        number -> Nullable<BigInt>,
        hash -> Nullable<Text>,
    }
}

diesel::joinable!(sync_steps -> sync_runs (run_id));
diesel::allow_tables_to_appear_in_same_query!(sync_steps, sync_runs);
diesel::allow_tables_to_appear_in_same_query!(users, assignments);
diesel::allow_tables_to_appear_in_same_query!(users, group_members);
diesel::allow_tables_to_appear_in_same_query!(users, totp_factors);
diesel::allow_tables_to_appear_in_same_query!(users, passkeys);
diesel::allow_tables_to_appear_in_same_query!(users, tenant_admins);
diesel::allow_tables_to_appear_in_same_query!(program_bindings, users);
diesel::allow_tables_to_appear_in_same_query!(program_bindings, group_members);
diesel::allow_tables_to_appear_in_same_query!(program_bindings, groups);
diesel::allow_tables_to_appear_in_same_query!(sessions, client_sessions);
