//! A plan as text: one line a step, for run pages, the command line and tests.

use std::fmt::Write as _;

use model::plan::{Action, Plan};

/// The whole plan, conflicts last.
#[must_use]
pub fn of(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let _ = writeln!(
            text,
            "{} {} {}: {} ({} -> {})",
            sign(&step.action),
            step.action.label().to_lowercase(),
            step.upn,
            step.reason,
            step.before,
            step.after
        );
    }
    for conflict in &plan.conflicts {
        let _ = writeln!(text, "? {}: {}", conflict.upn, conflict.reason);
    }
    text
}

/// `!` takes access away, `-` takes licences or the account, `+` makes, joins or brings back, `~`
/// changes.
#[must_use]
pub fn sign(action: &Action) -> char {
    match action {
        Action::BlockSignIn | Action::RevokeSessions => '!',
        Action::Create { .. } | Action::Link | Action::Adopt { .. } | Action::Restore => '+',
        Action::SoftDelete => '-',
        Action::SetLicences { add, .. } if add.is_empty() => '-',
        _ => '~',
    }
}
