//! Who may send which form of the console and fetch which of its files, and how fresh their second
//! factor must be (R144, R147). Every form has a row: one without is refused. The verbs in `app` ask
//! again, for whoever comes another way.

use actix_web::{HttpRequest, http::Method};
use app::{Admin, Error, Kind};
use model::{Role, Ts};

use crate::error::Failure;

/// How fresh the second factor must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// As old as the session may be.
    Session,
    /// Five minutes at most; who is late is led to prove it again and back to the page.
    Fresh,
    /// Five minutes at most; the form itself says so, and what was typed into it stays.
    FreshInForm,
    /// It depends on what is typed.
    Depends,
}

/// What one address takes.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// `GET` for files and pages that not everybody may see, else `POST`.
    pub method: &'static str,
    /// The address as the router knows it.
    pub route: &'static str,
    /// The least role.
    pub role: Role,
    /// How fresh the second factor must be.
    pub proof: Proof,
}

use Proof::{Depends, Fresh, FreshInForm, Session};
use Role::{Auditor, HelpDesk, Owner, SecurityAdmin, UserAdmin};

const fn post(route: &'static str, role: Role, proof: Proof) -> Right {
    Right { method: "POST", route, role, proof }
}

const fn get(route: &'static str, role: Role, proof: Proof) -> Right {
    Right { method: "GET", route, role, proof }
}

/// Every form, and whatever else not every admin may see at any time.
pub const RIGHTS: &[Right] = &[
    post("/admin/step-up", Auditor, Session),
    post("/admin/step-up/passkey", Auditor, Session),
    post("/admin/setup/look", UserAdmin, Session),
    post("/admin/users/new", UserAdmin, Session),
    post("/admin/users/{id}/edit", UserAdmin, Depends),
    post("/admin/users/{id}/rename", UserAdmin, Fresh),
    post("/admin/users/{id}/assign", UserAdmin, Session),
    post("/admin/users/{id}/unassign", UserAdmin, Session),
    post("/admin/users/{id}/block", UserAdmin, Session),
    post("/admin/users/{id}/unblock", UserAdmin, Session),
    post("/admin/users/{id}/end-sessions", HelpDesk, Session),
    post("/admin/users/{id}/unlock", HelpDesk, Fresh),
    post("/admin/users/{id}/hold", UserAdmin, Session),
    post("/admin/users/{id}/hold/lift", SecurityAdmin, Fresh),
    post("/admin/users/{id}/role", SecurityAdmin, Fresh),
    post("/admin/users/{id}/password-place", SecurityAdmin, Fresh),
    post("/admin/users/{id}/initial-password", HelpDesk, Fresh),
    post("/admin/users/{id}/enrollment-code", HelpDesk, Fresh),
    post("/admin/users/{id}/exemption", SecurityAdmin, Fresh),
    post("/admin/users/{id}/exemption/end", SecurityAdmin, Session),
    post("/admin/users/{id}/access-pass", HelpDesk, Fresh),
    post("/admin/users/{id}/access-pass/withdraw", HelpDesk, Session),
    post("/admin/users/{id}/microsoft/{account}/remove", HelpDesk, Fresh),
    post("/admin/users/{id}/factors/reset", HelpDesk, Fresh),
    post("/admin/groups", UserAdmin, Session),
    post("/admin/groups/{id}/rename", UserAdmin, Session),
    post("/admin/groups/{id}/remove", UserAdmin, Session),
    post("/admin/groups/{id}/members", UserAdmin, Session),
    post("/admin/groups/{id}/members/{person}/remove", UserAdmin, Session),
    post("/admin/groups/{id}/assign", UserAdmin, Depends),
    post("/admin/groups/{id}/unassign", UserAdmin, Fresh),
    get("/admin/imports", UserAdmin, Session),
    post("/admin/imports", UserAdmin, Session),
    get("/admin/imports/{id}", UserAdmin, Session),
    post("/admin/imports/{id}/mapping", UserAdmin, Session),
    post("/admin/imports/{id}/apply", UserAdmin, Fresh),
    post("/admin/imports/{id}/discard", UserAdmin, Session),
    post("/admin/imports/{id}/undo", UserAdmin, Fresh),
    post("/admin/imports/{id}/first-sign-ins.csv", UserAdmin, Fresh),
    get("/admin/programs/new", UserAdmin, Fresh),
    post("/admin/programs/new", UserAdmin, FreshInForm),
    post("/admin/programs/{id}", UserAdmin, FreshInForm),
    post("/admin/programs/{id}/token", UserAdmin, FreshInForm),
    post("/admin/programs/{id}/tokens/{token}/revoke", UserAdmin, Fresh),
    post("/admin/programs/{id}/let-on", UserAdmin, FreshInForm),
    post("/admin/programs/{id}/remove", UserAdmin, Fresh),
    post("/admin/applications/office365", SecurityAdmin, Fresh),
    post("/admin/applications/office365/attributes/{attribute}", SecurityAdmin, FreshInForm),
    post("/admin/applications/office365/attributes/{attribute}/try", Auditor, Session),
    get("/admin/applications/office365/data.csv", Auditor, Fresh),
    get("/admin/relying-parties/new", SecurityAdmin, Fresh),
    post("/admin/relying-parties/new", SecurityAdmin, Fresh),
    post("/admin/relying-parties/read", SecurityAdmin, Session),
    post("/admin/relying-parties/{id}", SecurityAdmin, Fresh),
    post("/admin/relying-parties/{id}/metadata", SecurityAdmin, Session),
    post("/admin/relying-parties/{id}/switch", SecurityAdmin, Fresh),
    post("/admin/relying-parties/{id}/secret", SecurityAdmin, Fresh),
    post("/admin/relying-parties/{id}/remove", SecurityAdmin, Fresh),
    get("/admin/registrations/new", SecurityAdmin, Fresh),
    post("/admin/registrations/new", SecurityAdmin, FreshInForm),
    post("/admin/registrations/{id}", SecurityAdmin, FreshInForm),
    post("/admin/registrations/{id}/switch", SecurityAdmin, Fresh),
    post("/admin/registrations/{id}/test", SecurityAdmin, Session),
    post("/admin/registrations/{id}/consent", SecurityAdmin, Session),
    post("/admin/registrations/{id}/secret", SecurityAdmin, FreshInForm),
    post("/admin/registrations/{id}/certificate", SecurityAdmin, Fresh),
    post("/admin/registrations/{id}/credential/use", SecurityAdmin, Fresh),
    post("/admin/registrations/{id}/credential/remove", SecurityAdmin, Fresh),
    post("/admin/registrations/{id}/remove", SecurityAdmin, Fresh),
    post("/admin/microsoft365", SecurityAdmin, Fresh),
    post("/admin/microsoft365/domains", SecurityAdmin, Session),
    post("/admin/microsoft365/admins", SecurityAdmin, Fresh),
    post("/admin/microsoft365/writes", SecurityAdmin, Session),
    post("/admin/microsoft365/external-mfa", SecurityAdmin, FreshInForm),
    post("/admin/microsoft365/external-mfa/switch", SecurityAdmin, Fresh),
    post("/admin/microsoft365/certificate", SecurityAdmin, Fresh),
    post("/admin/microsoft365/certificate/use", SecurityAdmin, Fresh),
    post("/admin/microsoft365/certificate/discard", SecurityAdmin, Session),
    post("/admin/domains/{slug}/check", Auditor, Session),
    post("/admin/domains/{slug}/preflight", SecurityAdmin, Session),
    post("/admin/domains/{slug}/rehearsal", SecurityAdmin, Session),
    post("/admin/domains/{slug}/second-factor", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/demands/{file}", SecurityAdmin, Fresh),
    post("/admin/domains/{slug}/protocol", SecurityAdmin, Fresh),
    post("/admin/domains/{slug}/networks", SecurityAdmin, Fresh),
    post("/admin/domains/{slug}/wstrust", SecurityAdmin, Fresh),
    post("/admin/domains/{slug}/wstrust/off", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/federate.ps1", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/federate.sh", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/revert.ps1", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/revert.sh", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/stage.ps1", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/stage.sh", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/swap.ps1", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/swap.sh", SecurityAdmin, Fresh),
    get("/admin/domains/{slug}/{view}", SecurityAdmin, Fresh),
    post("/admin/sync-runs/preview", UserAdmin, Session),
    post("/admin/sync-runs/run", UserAdmin, Session),
    get("/admin/sync-runs/{id}/plan.csv", Auditor, Fresh),
    post("/admin/sync-runs/{id}/approve", SecurityAdmin, Fresh),
    post("/admin/sync-runs/{id}/apply", SecurityAdmin, Fresh),
    post("/admin/matches/look", UserAdmin, Session),
    post("/admin/matches/accept", SecurityAdmin, Fresh),
    post("/admin/matches/reject", UserAdmin, Session),
    post("/admin/matches/reopen", UserAdmin, Session),
    get("/admin/tenant-people", UserAdmin, Session),
    post("/admin/tenant-people/look", UserAdmin, Session),
    post("/admin/tenant-people/ticks", UserAdmin, Session),
    post("/admin/keys/next", SecurityAdmin, Fresh),
    post("/admin/keys/look", Auditor, Session),
    post("/admin/keys/promote", SecurityAdmin, Fresh),
    post("/admin/keys/replace", SecurityAdmin, Fresh),
    post("/admin/keys/sessions", SecurityAdmin, Fresh),
    post("/admin/alarms/look", Auditor, Session),
    post("/admin/alarms/{id}/acknowledge", SecurityAdmin, Session),
    get("/admin/alarms/webhook", SecurityAdmin, Session),
    post("/admin/alarms/webhook", Owner, Fresh),
    post("/admin/alarms/webhook/remove", Owner, Fresh),
    post("/admin/alarms/webhook/test", SecurityAdmin, Session),
    get("/admin/directories/new", Owner, Fresh),
    post("/admin/directories/new", Owner, FreshInForm),
    post("/admin/directories/{id}", Owner, FreshInForm),
    post("/admin/directories/{id}/test", SecurityAdmin, FreshInForm),
    post("/admin/directories/{id}/remove", Owner, Fresh),
    post("/admin/policy/rules/new", SecurityAdmin, Session),
    post("/admin/policy/rules/{id}", SecurityAdmin, Session),
    post("/admin/policy/rules/{id}/{action}", SecurityAdmin, Session),
    post("/admin/policy/publish", SecurityAdmin, Fresh),
    post("/admin/policy/discard", SecurityAdmin, Session),
    post("/admin/policy/devices", SecurityAdmin, Session),
    post("/admin/policy/second-factors", SecurityAdmin, Fresh),
    post("/admin/policy/second-factors/invite", UserAdmin, Session),
    post("/admin/policy/second-factors/mailed-codes", SecurityAdmin, Fresh),
    post("/admin/policy/history/{id}/restore", SecurityAdmin, Session),
];

/// Whether an admin may do what they ask for, with the second factor that they gave.
pub(crate) fn require(admin: &Admin, request: &HttpRequest, now: Ts) -> Result<(), Failure> {
    let route = request.match_pattern().unwrap_or_default();
    let is = |right: &&Right| right.route == route && right.method == request.method().as_str();
    let Some(right) = RIGHTS.iter().find(is) else {
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        let public = "Nobody may do this: it has no place in the list of rights.";
        return if reads { Ok(()) } else { Err(Error::new(Kind::Forbidden, public).into()) };
    };
    admin.require(right.role)?;
    if right.proof == Fresh {
        admin.require_fresh(now)?;
    }
    Ok(())
}
