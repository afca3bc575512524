//! The console: one file per screen. Each handler calls one verb of the house and shows a page.

mod access_pass;
mod alarms;
mod applications;
mod assignments;
mod audit;
mod client_certificate;
mod directories;
mod domain;
mod explain;
mod external_mfa;
mod group;
mod groups;
mod home;
mod import;
mod imports;
mod keys;
mod leavers;
mod mapping;
mod matches;
mod microsoft365;
mod office365;
mod old_clients;
mod paging;
mod password;
mod policy;
mod preflight;
mod program;
mod programs;
mod registrations;
mod rehearsal;
mod relying_parties;
pub(crate) mod rights;
mod role;
pub(crate) mod setup;
pub(crate) mod step_up;
mod sync_run;
mod sync_runs;
mod tenant_people;
mod tokens;
mod user;
mod user_edit;
mod user_new;
mod users;
mod webhook;

use actix_web::web::{self, ServiceConfig};

/// The addresses of the console.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .configure(people)
        .configure(groups_of_people)
        .configure(lists_of_people)
        .configure(other_systems)
        .configure(tenant)
        .configure(domains)
        .configure(parties)
        .configure(sign_in_with_microsoft)
        .configure(policy_rules)
        .configure(password_directories)
        .configure(runs)
        .configure(users_of_the_tenant);
    config
        .route("/admin", web::get().to(home::show))
        .route("/admin/alarms", web::get().to(alarms::show))
        .route("/admin/alarms/look", web::post().to(alarms::look))
        .route("/admin/alarms/webhook", web::get().to(webhook::show))
        .route("/admin/alarms/webhook", web::post().to(webhook::set))
        .route("/admin/alarms/webhook/remove", web::post().to(webhook::remove))
        .route("/admin/alarms/webhook/test", web::post().to(webhook::attempt))
        .route("/admin/alarms/{id}/acknowledge", web::post().to(alarms::acknowledge))
        .route("/admin/audit", web::get().to(audit::show))
        .route("/admin/explain", web::get().to(explain::show))
        .route("/admin/keys", web::get().to(keys::show))
        .route("/admin/keys/next", web::post().to(keys::make_next))
        .route("/admin/keys/look", web::post().to(keys::look))
        .route("/admin/keys/promote", web::post().to(keys::promote))
        .route("/admin/keys/replace", web::post().to(keys::replace))
        .route("/admin/keys/sessions", web::post().to(keys::revoke))
        .route("/admin/keys/{id}/certificate.cer", web::get().to(keys::certificate))
        .route("/admin/setup", web::get().to(setup::show))
        .route("/admin/setup/look", web::post().to(setup::look))
        .route("/admin/old-clients", web::get().to(old_clients::show))
        .route("/admin/step-up", web::get().to(step_up::ask))
        .route("/admin/step-up", web::post().to(step_up::check))
        .route("/admin/step-up/passkey", web::post().to(step_up::check_passkey));
}

fn people(config: &mut ServiceConfig) {
    config
        .route("/admin/users", web::get().to(users::show))
        .route("/admin/users/new", web::get().to(user_new::ask))
        .route("/admin/users/new", web::post().to(user_new::create))
        .route("/admin/users/{id}", web::get().to(user::show))
        .route("/admin/users/{id}/edit", web::get().to(user_edit::ask))
        .route("/admin/users/{id}/edit", web::post().to(user_edit::save))
        .route("/admin/users/{id}/rename", web::post().to(user_edit::rename))
        .route("/admin/users/{id}/tokens", web::get().to(tokens::show))
        .route("/admin/users/{id}/assign", web::post().to(assignments::assign))
        .route("/admin/users/{id}/unassign", web::post().to(assignments::unassign))
        .route("/admin/users/{id}/block", web::post().to(user::block))
        .route("/admin/users/{id}/unblock", web::post().to(user::unblock))
        .route("/admin/users/{id}/end-sessions", web::post().to(user::end_sessions))
        .route("/admin/users/{id}/unlock", web::post().to(user::unlock))
        .route("/admin/users/{id}/hold", web::post().to(leavers::place_hold))
        .route("/admin/users/{id}/hold/lift", web::post().to(leavers::lift_hold))
        .route("/admin/users/{id}/role", web::post().to(role::change))
        .route("/admin/users/{id}/password-place", web::post().to(password::choose))
        .route("/admin/users/{id}/initial-password", web::post().to(user::give_initial_password))
        .route("/admin/users/{id}/enrollment-code", web::post().to(user::make_enrollment_code))
        .route("/admin/users/{id}/exemption", web::post().to(policy::exempt))
        .route("/admin/users/{id}/exemption/end", web::post().to(policy::end_exemption))
        .route("/admin/users/{id}/access-pass", web::post().to(access_pass::give))
        .route("/admin/users/{id}/access-pass/withdraw", web::post().to(access_pass::withdraw))
        .route("/admin/users/{id}/microsoft/{account}/remove", web::post().to(user::unlink))
        .route("/admin/users/{id}/factors/reset", web::post().to(user::reset_factors));
}

fn groups_of_people(config: &mut ServiceConfig) {
    config
        .route("/admin/groups", web::get().to(groups::show))
        .route("/admin/groups", web::post().to(groups::create))
        .route("/admin/groups/{id}", web::get().to(group::show))
        .route("/admin/groups/{id}/rename", web::post().to(group::rename))
        .route("/admin/groups/{id}/remove", web::post().to(group::remove))
        .route("/admin/groups/{id}/members", web::post().to(group::add_members))
        .route("/admin/groups/{id}/members/{person}/remove", web::post().to(group::remove_member))
        .route("/admin/groups/{id}/assign", web::post().to(group::assign))
        .route("/admin/groups/{id}/unassign", web::post().to(group::unassign));
}

fn lists_of_people(config: &mut ServiceConfig) {
    config
        .route("/admin/imports", web::get().to(imports::show))
        .route("/admin/imports", web::post().to(imports::upload))
        .route("/admin/imports/{id}", web::get().to(import::show))
        .route("/admin/imports/{id}/mapping", web::post().to(import::map))
        .route("/admin/imports/{id}/apply", web::post().to(import::apply))
        .route("/admin/imports/{id}/discard", web::post().to(import::discard))
        .route("/admin/imports/{id}/undo", web::post().to(import::undo))
        .route(
            "/admin/imports/{id}/first-sign-ins.csv",
            web::post().to(import::make_first_sign_ins),
        );
}

fn other_systems(config: &mut ServiceConfig) {
    config
        .route("/admin/programs", web::get().to(programs::list))
        .route("/admin/programs/new", web::get().to(programs::ask))
        .route("/admin/programs/new", web::post().to(programs::add))
        .route("/admin/programs/{id}", web::get().to(program::show))
        .route("/admin/programs/{id}", web::post().to(program::save))
        .route("/admin/programs/{id}/token", web::post().to(program::make_token))
        .route("/admin/programs/{id}/tokens/{token}/revoke", web::post().to(program::revoke))
        .route("/admin/programs/{id}/let-on", web::post().to(program::let_on))
        .route("/admin/programs/{id}/remove", web::post().to(program::remove));
}

fn tenant(config: &mut ServiceConfig) {
    config
        .route("/admin/applications", web::get().to(applications::show))
        .route("/admin/applications/office365", web::get().to(office365::show))
        .route("/admin/applications/office365", web::post().to(office365::save))
        .route("/admin/applications/office365/data", web::get().to(mapping::report::show))
        .route("/admin/applications/office365/data.csv", web::get().to(mapping::report::csv))
        .route("/admin/applications/office365/attributes", web::get().to(mapping::show))
        .route(
            "/admin/applications/office365/attributes/{attribute}",
            web::get().to(mapping::rule::show),
        )
        .route(
            "/admin/applications/office365/attributes/{attribute}",
            web::post().to(mapping::rule::save),
        )
        .route(
            "/admin/applications/office365/attributes/{attribute}/try",
            web::post().to(mapping::rule::attempt),
        )
        .route("/admin/microsoft365", web::get().to(microsoft365::show))
        .route("/admin/microsoft365", web::post().to(microsoft365::save))
        .route("/admin/microsoft365/domains", web::post().to(microsoft365::add_domain))
        .route("/admin/microsoft365/admins", web::post().to(microsoft365::keep_admins_out))
        .route("/admin/microsoft365/writes", web::post().to(microsoft365::set_writes))
        .route("/admin/microsoft365/external-mfa", web::get().to(external_mfa::show))
        .route("/admin/microsoft365/external-mfa", web::post().to(external_mfa::name_app))
        .route("/admin/microsoft365/external-mfa/switch", web::post().to(external_mfa::switch))
        .route("/admin/microsoft365/certificate", web::get().to(client_certificate::show))
        .route("/admin/microsoft365/certificate", web::post().to(client_certificate::make))
        .route("/admin/microsoft365/certificate.cer", web::get().to(client_certificate::download))
        .route(
            "/admin/microsoft365/certificate/use",
            web::post().to(client_certificate::put_to_use),
        )
        .route(
            "/admin/microsoft365/certificate/discard",
            web::post().to(client_certificate::discard),
        );
}

fn policy_rules(config: &mut ServiceConfig) {
    config
        .route("/admin/policy", web::get().to(policy::show))
        .route("/admin/policy/rules/new", web::get().to(policy::ask_new))
        .route("/admin/policy/rules/new", web::post().to(policy::save_new))
        .route("/admin/policy/rules/{id}", web::get().to(policy::ask))
        .route("/admin/policy/rules/{id}", web::post().to(policy::save))
        .route("/admin/policy/rules/{id}/{action}", web::post().to(policy::change))
        .route("/admin/policy/review", web::get().to(policy::review))
        .route("/admin/policy/publish", web::post().to(policy::publish))
        .route("/admin/policy/discard", web::post().to(policy::discard))
        .route("/admin/policy/what-if", web::get().to(policy::what_if))
        .route("/admin/policy/second-factors", web::get().to(policy::campaign))
        .route("/admin/policy/second-factors", web::post().to(policy::save_campaign))
        .route("/admin/policy/second-factors/invite", web::post().to(policy::invite))
        .route(
            "/admin/policy/second-factors/mailed-codes",
            web::post().to(policy::allow_mailed_codes),
        )
        .route("/admin/policy/devices", web::get().to(policy::devices))
        .route("/admin/policy/devices", web::post().to(policy::add_device_rules))
        .route("/admin/policy/replay", web::get().to(policy::replay))
        .route("/admin/policy/history", web::get().to(policy::history))
        .route("/admin/policy/history/{id}/restore", web::post().to(policy::restore));
}

fn password_directories(config: &mut ServiceConfig) {
    config
        .route("/admin/directories", web::get().to(directories::show))
        .route("/admin/directories/new", web::get().to(directories::ask))
        .route("/admin/directories/new", web::post().to(directories::add))
        .route("/admin/directories/{id}", web::get().to(directories::show_one))
        .route("/admin/directories/{id}", web::post().to(directories::change))
        .route("/admin/directories/{id}/test", web::post().to(directories::attempt))
        .route("/admin/directories/{id}/remove", web::post().to(directories::remove));
}

fn parties(config: &mut ServiceConfig) {
    config
        .route("/admin/relying-parties", web::get().to(relying_parties::list))
        .route("/admin/relying-parties/new", web::get().to(relying_parties::ask))
        .route("/admin/relying-parties/new", web::post().to(relying_parties::register))
        .route("/admin/relying-parties/read", web::post().to(relying_parties::read))
        .route("/admin/relying-parties/{id}", web::get().to(relying_parties::show))
        .route("/admin/relying-parties/{id}", web::post().to(relying_parties::change))
        .route("/admin/relying-parties/{id}/metadata", web::post().to(relying_parties::reread))
        .route("/admin/relying-parties/{id}/switch", web::post().to(relying_parties::switch))
        .route("/admin/relying-parties/{id}/secret", web::post().to(relying_parties::renew_secret))
        .route("/admin/relying-parties/{id}/remove", web::post().to(relying_parties::remove));
}

fn sign_in_with_microsoft(config: &mut ServiceConfig) {
    config
        .route("/admin/registrations", web::get().to(registrations::list))
        .route("/admin/registrations/new", web::get().to(registrations::ask))
        .route("/admin/registrations/new", web::post().to(registrations::add))
        .route("/admin/registrations/{id}", web::get().to(registrations::show))
        .route("/admin/registrations/{id}", web::post().to(registrations::save))
        .route("/admin/registrations/{id}/test", web::post().to(registrations::test))
        .route("/admin/registrations/{id}/consent", web::post().to(registrations::consent))
        .route("/admin/registrations/{id}/secret", web::post().to(registrations::add_secret))
        .route(
            "/admin/registrations/{id}/certificate",
            web::post().to(registrations::make_certificate),
        )
        .route(
            "/admin/registrations/{id}/certificate.cer",
            web::get().to(registrations::download_certificate),
        )
        .route(
            "/admin/registrations/{id}/credential/use",
            web::post().to(registrations::use_credential),
        )
        .route(
            "/admin/registrations/{id}/credential/remove",
            web::post().to(registrations::remove_credential),
        )
        .route("/admin/registrations/{id}/switch", web::post().to(registrations::switch))
        .route("/admin/registrations/{id}/remove", web::post().to(registrations::remove));
}

fn domains(config: &mut ServiceConfig) {
    config
        .route("/admin/domains/{slug}", web::get().to(domain::show))
        .route("/admin/domains/{slug}/check", web::post().to(domain::check))
        .route("/admin/domains/{slug}/preflight", web::get().to(preflight::show))
        .route("/admin/domains/{slug}/preflight", web::post().to(preflight::run))
        .route("/admin/domains/{slug}/rehearsal", web::get().to(rehearsal::show))
        .route("/admin/domains/{slug}/rehearsal", web::post().to(rehearsal::ask))
        .route("/admin/domains/{slug}/rehearsal.json", web::get().to(rehearsal::download))
        .route("/admin/domains/{slug}/second-factor", web::get().to(domain::second_factor::show))
        .route("/admin/domains/{slug}/second-factor", web::post().to(domain::second_factor::choose))
        .route(
            "/admin/domains/{slug}/demands/{file}",
            web::get().to(domain::second_factor::download),
        )
        .route("/admin/domains/{slug}/protocol", web::post().to(domain::choose_protocol))
        .route("/admin/domains/{slug}/protocols", web::get().to(domain::protocols::show))
        .route("/admin/domains/{slug}/networks", web::post().to(domain::protocols::name_networks))
        .route("/admin/domains/{slug}/wstrust", web::post().to(domain::protocols::permit))
        .route("/admin/domains/{slug}/wstrust/off", web::post().to(domain::protocols::forbid))
        .route("/admin/domains/{slug}/federate.ps1", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/federate.sh", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/revert.ps1", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/revert.sh", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/stage.ps1", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/stage.sh", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/swap.ps1", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/swap.sh", web::get().to(domain::script::download))
        .route("/admin/domains/{slug}/{view}", web::get().to(domain::script::show));
}

fn runs(config: &mut ServiceConfig) {
    config
        .route("/admin/sync-runs", web::get().to(sync_runs::show))
        .route("/admin/sync-runs/preview", web::post().to(sync_runs::preview))
        .route("/admin/sync-runs/run", web::post().to(sync_runs::run))
        .route("/admin/sync-runs/{id}", web::get().to(sync_run::show))
        .route("/admin/sync-runs/{id}/plan.csv", web::get().to(sync_run::csv))
        .route("/admin/sync-runs/{id}/approve", web::post().to(sync_run::approve))
        .route("/admin/sync-runs/{id}/apply", web::post().to(sync_run::apply));
}

fn users_of_the_tenant(config: &mut ServiceConfig) {
    config
        .route("/admin/matches", web::get().to(matches::show))
        .route("/admin/matches/look", web::post().to(matches::look))
        .route("/admin/matches/accept", web::post().to(matches::accept))
        .route("/admin/matches/reject", web::post().to(matches::reject))
        .route("/admin/matches/reopen", web::post().to(matches::reopen))
        .route("/admin/tenant-people", web::get().to(tenant_people::show))
        .route("/admin/tenant-people/look", web::post().to(tenant_people::look))
        .route("/admin/tenant-people/ticks", web::post().to(tenant_people::tick));
}
