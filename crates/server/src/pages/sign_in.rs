//! The steps of a sign-in: one card that asks for one thing at a time.
//!
//! `handle` is the pending request's handle; each form carries it back beside `csrf`.

mod enroll;
mod key;
mod mailed_code;
mod microsoft;
mod new_password;
mod refusal;
mod reset;

use serde::Serialize;

use super::{Page, parts::Problem};
pub use enroll::{EnrollTotp, EnrollmentCode, NewApp, Qr, RecoveryCodes};
pub use key::{EnrollKey, Key, NoPasskey};
pub use mailed_code::MailedCode;
pub use microsoft::MicrosoftOffer;
pub use new_password::NewPassword;
pub use refusal::{Blocked, ConfirmSignOut, ExpiredRequest, NotAssigned, NotConfirmed, SignedOut};
pub use reset::{AskReset, ResetAsked, ResetLink};

pub(super) const SAMPLE_HANDLE: &str = "q8Zk3vR0bN5tYw1mXf7u2A";
pub(super) const SAMPLE_UPN: &str = "alice@contoso.com";
pub(crate) const SAMPLE_QUESTION: &str = "{\"challenge\":\"q8Zk3vR0bN5tYw1mXf7u2A\"}";

/// Asks who is there; only when no address came along.
#[derive(Debug, Clone, Serialize)]
pub struct Address {
    /// The pending request.
    pub handle: String,
    /// Where the sign-in leads ("Microsoft 365", "your apps", "the console").
    pub destination: String,
    /// What was typed before, or empty.
    pub address: String,
    /// The question for authenticators, as the browser takes it; none where the house can ask none.
    pub passkey: Option<String>,
    /// Ways by Microsoft, one button each.
    pub microsoft: Vec<MicrosoftOffer>,
    /// What was wrong with it (its form alone; an unknown address looks like a known one).
    pub problem: Option<Problem>,
}

/// Asks for the password.
#[derive(Debug, Clone, Serialize)]
pub struct Password {
    /// The pending request.
    pub handle: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// The address that came along or was typed; it may name nobody.
    pub upn: String,
    /// The question for authenticators, as the browser takes it; none where the house can ask none.
    pub passkey: Option<String>,
    /// Ways by Microsoft, one button each.
    pub microsoft: Vec<MicrosoftOffer>,
    /// A new password may be asked for by mail.
    pub may_reset: bool,
    /// The same words for a wrong password, an unknown or blocked person and a throttled one.
    pub problem: Option<Problem>,
}

/// Asks for the code of the authenticator app, or for a passkey.
#[derive(Debug, Clone, Serialize)]
pub struct SecondFactor {
    /// The pending request.
    pub handle: String,
    /// The same where somebody else may sign in instead; empty where it is said who it is.
    pub switch: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// They have an authenticator app.
    pub with_app: bool,
    /// Whether what is on paper will do: a recovery code, or a pass.
    pub paper: bool,
    /// The mailbox, masked, that a code may be sent to instead.
    pub mailbox: Option<String>,
    /// The question for the passkeys that they have, if any.
    pub passkey: Option<String>,
    /// For how many days this browser may be remembered.
    pub remember: Option<u16>,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

/// Asks for a recovery code, or a pass of the help desk, instead.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryCode {
    /// The pending request.
    pub handle: String,
    /// The same where somebody else may sign in instead; empty where it is said who it is.
    pub switch: String,
    /// Where the sign-in leads.
    pub destination: String,
    /// Who has proved their password.
    pub upn: String,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

impl Page for Address {
    const TEMPLATE: &'static str = "sign_in/address.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "address",
            "That doesn't look like a work address.",
            "Type it in full, like alice@contoso.com.",
        );
        let wrong = Self { address: "alice".to_owned(), problem: Some(problem), ..page.clone() };
        let passkey = Some(SAMPLE_QUESTION.to_owned());
        let asking = Self { passkey, ..page.clone() };
        let microsoft = Self { microsoft: MicrosoftOffer::samples(), ..asking.clone() };
        vec![("", page), ("passkey", asking), ("microsoft", microsoft), ("wrong", wrong)]
    }
}

impl Page for Password {
    const TEMPLATE: &'static str = "sign_in/password.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "password",
            "That address and password don't match.",
            "Check both and try again; after a few tries it takes a little longer each time.",
        );
        let passkey = Some(SAMPLE_QUESTION.to_owned());
        let asking = Self { passkey, ..page.clone() };
        let back = Problem::of_form(
            "That Microsoft account is not linked to anybody here.",
            "Sign in another way, then link it on the security page of your portal.",
        );
        let microsoft =
            Self { microsoft: MicrosoftOffer::samples(), problem: Some(back), ..asking.clone() };
        vec![
            ("", page.clone()),
            ("passkey", asking),
            ("microsoft", microsoft),
            ("wrong", Self { problem: Some(problem), ..page }),
        ]
    }
}

impl Page for SecondFactor {
    const TEMPLATE: &'static str = "sign_in/second_factor.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right, or it was used before.",
            "Wait for the next one in your authenticator app and type that.",
        );
        let passkey = Some(SAMPLE_QUESTION.to_owned());
        let both = Self { passkey, ..page.clone() };
        let alone = Self { with_app: false, ..both.clone() };
        let wrong = Self { problem: Some(problem), ..page.clone() };
        let mail = Self { mailbox: Some("a\u{2026}@example.net".to_owned()), ..both.clone() };
        let remember = Self { remember: Some(14), ..both.clone() };
        let alone = Self { remember: Some(14), ..alone };
        vec![
            ("", page),
            ("passkey", both),
            ("passkey-alone", alone),
            ("remember", remember),
            ("mail", mail),
            ("wrong", wrong),
        ]
    }
}

impl Page for RecoveryCode {
    const TEMPLATE: &'static str = "sign_in/recovery_code.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right, or it was used before.",
            "Each works once; try the next one on your list.",
        );
        vec![("", page.clone()), ("wrong", Self { problem: Some(problem), ..page })]
    }
}

impl Address {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            address: String::new(),
            passkey: None,
            microsoft: Vec::new(),
            problem: None,
        }
    }
}

impl Password {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            passkey: None,
            microsoft: Vec::new(),
            may_reset: true,
            problem: None,
        }
    }
}

impl SecondFactor {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            switch: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            with_app: true,
            paper: true,
            mailbox: None,
            passkey: None,
            remember: None,
            problem: None,
        }
    }
}

impl RecoveryCode {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            switch: SAMPLE_HANDLE.to_owned(),
            destination: "Microsoft 365".to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            problem: None,
        }
    }
}
