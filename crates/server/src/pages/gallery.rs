//! Every page in every state that its samples show, rendered: for tests and for designers.

use super::{
    Chrome, Error, Page, Rail, Templates, Toast, admin, error, federation, parts::Tone, portal,
    sign_in,
};

/// One rendered sample.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// The template, and the state behind a dash (`sign_in/password-wrong`).
    pub name: String,
    /// The template's path.
    pub template: &'static str,
    /// The page.
    pub html: String,
}

/// Renders every sample of every page.
pub fn render_all(templates: &Templates) -> Result<Vec<Specimen>, Error> {
    let mut shown = Vec::new();
    show_sign_in(templates, &mut shown)?;
    show_portal(templates, &mut shown)?;
    show_people(templates, &mut shown)?;
    show_tenant(templates, &mut shown)?;
    Ok(shown)
}

fn show_sign_in(templates: &Templates, shown: &mut Vec<Specimen>) -> Result<(), Error> {
    let chrome = Chrome::sample();
    show::<sign_in::Address>(templates, &chrome, shown)?;
    show::<sign_in::Password>(templates, &chrome, shown)?;
    show::<sign_in::SecondFactor>(templates, &chrome, shown)?;
    show::<sign_in::Key>(templates, &chrome, shown)?;
    show::<sign_in::NoPasskey>(templates, &chrome, shown)?;
    show::<sign_in::RecoveryCode>(templates, &chrome, shown)?;
    show::<sign_in::MailedCode>(templates, &chrome, shown)?;
    show::<sign_in::EnrollTotp>(templates, &chrome, shown)?;
    show::<sign_in::EnrollKey>(templates, &chrome, shown)?;
    show::<sign_in::RecoveryCodes>(templates, &chrome, shown)?;
    show::<sign_in::EnrollmentCode>(templates, &chrome, shown)?;
    show::<sign_in::NewPassword>(templates, &chrome, shown)?;
    show::<sign_in::AskReset>(templates, &chrome, shown)?;
    show::<sign_in::ResetAsked>(templates, &chrome, shown)?;
    show::<sign_in::ResetLink>(templates, &chrome, shown)?;
    show::<sign_in::ExpiredRequest>(templates, &chrome, shown)?;
    show::<sign_in::SignedOut>(templates, &chrome, shown)?;
    show::<sign_in::ConfirmSignOut>(templates, &chrome, shown)?;
    show::<sign_in::NotAssigned>(templates, &chrome, shown)?;
    show::<sign_in::Blocked>(templates, &chrome, shown)?;
    show::<sign_in::NotConfirmed>(templates, &chrome, shown)?;
    show::<error::ErrorPage>(templates, &chrome, shown)?;
    show::<admin::step_up::StepUp>(templates, &chrome, shown)?;
    for (state, page) in federation::AutoPost::samples() {
        let html = templates.render_bare(&page)?;
        shown.push(specimen::<federation::AutoPost>(state, html));
    }
    for (state, page) in federation::MessagePost::samples() {
        let html = templates.render_bare(&page)?;
        shown.push(specimen::<federation::MessagePost>(state, html));
    }
    for (state, page) in federation::Leave::samples() {
        let html = templates.render_bare(&page)?;
        shown.push(specimen::<federation::Leave>(state, html));
    }
    Ok(())
}

fn show_portal(templates: &Templates, shown: &mut Vec<Specimen>) -> Result<(), Error> {
    let chrome = Chrome::sample_console(None);
    show::<portal::Home>(templates, &chrome, shown)?;
    show::<portal::Security>(templates, &chrome, shown)?;
    show::<portal::recent_sign_ins::RecentSignIns>(templates, &chrome, shown)?;
    show::<portal::authenticator::Authenticator>(templates, &chrome, shown)?;
    show::<portal::authenticator::NewAuthenticator>(templates, &chrome, shown)?;
    show::<portal::Passkey>(templates, &chrome, shown)
}

fn show_people(templates: &Templates, shown: &mut Vec<Specimen>) -> Result<(), Error> {
    let toast = Toast { tone: Tone::Ok, text: "Bob is assigned to Office 365.".to_owned() };
    let home = Chrome::sample_console(Some(Rail::Home));
    let people = Chrome::sample_console(Some(Rail::People));
    show::<admin::home::Home>(templates, &home, shown)?;
    show::<admin::alarms::Alarms>(templates, &home, shown)?;
    show::<admin::webhook::Webhook>(templates, &home, shown)?;
    show::<admin::users::Users>(templates, &people, shown)?;
    show::<admin::imports::Imports>(templates, &people, shown)?;
    show::<admin::programs::Programs>(templates, &people, shown)?;
    show::<admin::programs::ProgramNew>(templates, &people, shown)?;
    show::<admin::programs::ProgramPage>(templates, &people, shown)?;
    show::<admin::account_import::AccountImport>(templates, &people, shown)?;
    show::<admin::import::Import>(templates, &people, shown)?;
    show::<admin::campaign::Campaign>(templates, &people, shown)?;
    show::<admin::groups::Groups>(templates, &people, shown)?;
    show::<admin::groups::GroupPage>(templates, &people, shown)?;
    show::<admin::user_edit::UserEdit>(templates, &people, shown)?;
    show::<admin::user_new::UserNew>(templates, &people, shown)?;
    show::<admin::user_new::UserCreated>(templates, &people, shown)?;
    show::<admin::tokens::Tokens>(templates, &people, shown)?;
    show::<admin::user::User>(templates, &Chrome { toast: Some(toast), ..people }, shown)?;
    let activity = Chrome::sample_console(Some(Rail::Activity));
    show::<admin::old_clients::OldClients>(templates, &activity, shown)?;
    show::<admin::audit::Audit>(templates, &activity, shown)
}

fn show_tenant(templates: &Templates, shown: &mut Vec<Specimen>) -> Result<(), Error> {
    let applications = Chrome::sample_console(Some(Rail::Applications));
    let tenant = Chrome::sample_console(Some(Rail::Microsoft365));
    show_policy(templates, shown)?;
    show::<admin::applications::Applications>(templates, &applications, shown)?;
    show::<admin::applications::Office365>(templates, &applications, shown)?;
    show::<admin::mapping::Mapping>(templates, &applications, shown)?;
    show::<admin::mapping::MappingRule>(templates, &applications, shown)?;
    show::<admin::mapping::MappingReport>(templates, &applications, shown)?;
    show::<admin::relying_parties::RelyingParties>(templates, &applications, shown)?;
    show::<admin::relying_parties::RelyingPartyNew>(templates, &applications, shown)?;
    show::<admin::relying_parties::RelyingPartyPage>(templates, &applications, shown)?;
    show::<admin::party_secret::PartySecret>(templates, &applications, shown)?;
    show::<admin::setup::Setup>(templates, &tenant, shown)?;
    show::<admin::microsoft365::Microsoft365>(templates, &tenant, shown)?;
    show::<admin::client_certificate::ClientCertificate>(templates, &tenant, shown)?;
    show::<admin::external_mfa::ExternalMfa>(templates, &tenant, shown)?;
    show::<admin::registrations::Registrations>(templates, &tenant, shown)?;
    show::<admin::registrations::RegistrationNew>(templates, &tenant, shown)?;
    show::<admin::registrations::RegistrationPage>(templates, &tenant, shown)?;
    show::<admin::domain::Domain>(templates, &tenant, shown)?;
    show::<admin::preflight::PreflightPage>(templates, &tenant, shown)?;
    show::<admin::rehearsal::RehearsalPage>(templates, &tenant, shown)?;
    show::<admin::second_factor::SecondFactor>(templates, &tenant, shown)?;
    show::<admin::protocols::Protocols>(templates, &tenant, shown)?;
    show::<admin::sync_runs::SyncRuns>(templates, &tenant, shown)?;
    show::<admin::matches::Matches>(templates, &tenant, shown)?;
    show::<admin::tenant_people::TenantPeople>(templates, &tenant, shown)?;
    show::<admin::sync_run::SyncRun>(templates, &tenant, shown)?;
    show::<admin::explain::Explain>(templates, &tenant, shown)?;
    show::<admin::keys::Keys>(templates, &tenant, shown)
}

fn show_policy(templates: &Templates, shown: &mut Vec<Specimen>) -> Result<(), Error> {
    let chrome = Chrome::sample_console(Some(Rail::Policy));
    show::<admin::policy::Policy>(templates, &chrome, shown)?;
    show::<admin::policy::RulePage>(templates, &chrome, shown)?;
    show::<admin::policy::PolicyReview>(templates, &chrome, shown)?;
    show::<admin::policy::WhatIf>(templates, &chrome, shown)?;
    show::<admin::devices::Devices>(templates, &chrome, shown)?;
    show::<admin::directories::Directories>(templates, &chrome, shown)?;
    show::<admin::directories::DirectoryPage>(templates, &chrome, shown)?;
    show::<admin::policy::PolicyReplay>(templates, &chrome, shown)?;
    show::<admin::policy::PolicyHistory>(templates, &chrome, shown)
}

fn show<P: Page>(
    templates: &Templates,
    chrome: &Chrome,
    shown: &mut Vec<Specimen>,
) -> Result<(), Error> {
    for (state, page) in P::samples() {
        let html = templates.render(chrome, &page)?;
        shown.push(specimen::<P>(state, html));
    }
    Ok(())
}

fn specimen<P: Page>(state: &str, html: String) -> Specimen {
    let stem = P::TEMPLATE.trim_end_matches(".html");
    let dash = if state.is_empty() { "" } else { "-" };
    Specimen { name: format!("{stem}{dash}{state}"), template: P::TEMPLATE, html }
}
