//! Setting up an authenticator app during a sign-in, and the recovery codes that come with it.

use serde::Serialize;

use super::{SAMPLE_HANDLE, SAMPLE_QUESTION, SAMPLE_UPN};
use crate::pages::{Page, parts::Problem};

/// Shows the secret once, as a QR code and as text, and asks for the first code.
#[derive(Debug, Clone, Serialize)]
pub struct EnrollTotp {
    /// The pending request.
    pub handle: String,
    /// Who has proved their password.
    pub upn: String,
    /// What the app needs to know.
    pub app: NewApp,
    /// The question for an authenticator that takes the app's place, where the house can ask one.
    pub passkey: Option<String>,
    /// Until when it may be put off, in a sentence; none where it must be done now.
    pub put_off: Option<String>,
    /// The mailbox, masked, that a code for this once may be sent to instead.
    pub mailbox: Option<String>,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

/// What a new authenticator app needs to know.
#[derive(Debug, Clone, Serialize)]
pub struct NewApp {
    /// The secret as a picture.
    pub qr: Qr,
    /// The `otpauth://` address, which opens the app on the same phone.
    pub uri: String,
    /// The secret in base32, as the copy button gives it.
    pub secret: String,
    /// The same in groups of four, for people who type it.
    pub secret_groups: Vec<String>,
}

/// Shows the new recovery codes, once.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryCodes {
    /// The pending request; empty when the codes were made in the portal.
    pub handle: String,
    /// Whose they are.
    pub upn: String,
    /// The codes, as people type them.
    pub codes: Vec<String>,
    /// Where *Continue* posts to (`/sign-in/recovery-codes`), or where the portal's link leads.
    pub next: String,
}

/// Asks for the one-time code that an admin hands over (R033).
#[derive(Debug, Clone, Serialize)]
pub struct EnrollmentCode {
    /// The pending request.
    pub handle: String,
    /// Who has proved their password.
    pub upn: String,
    /// Nothing but a passkey is set up with it, which not every browser can.
    pub only_key: bool,
    /// The mailbox, masked, that a code for this once may be sent to instead.
    pub mailbox: Option<String>,
    /// What was wrong with the last code.
    pub problem: Option<Problem>,
}

/// A QR code as a square and the path of its dark modules: markup-free, so nothing is trusted.
#[derive(Debug, Clone, Serialize)]
pub struct Qr {
    size: usize,
    path: String,
}

impl Qr {
    /// A code as `authn` drew it: the side of the square in modules, quiet zone included, and the
    /// SVG path of its dark modules.
    #[must_use]
    pub fn new(size: usize, path: String) -> Self {
        Self { size, path }
    }

    /// Something that looks like one.
    #[must_use]
    pub fn sample() -> Self {
        let module = |n: usize| format!("M{} {}h1v1h-1z", 4 + n % 29, 4 + n / 29);
        let dark = (0..29 * 29).filter(|n| (n * n * 7919 + n * 104_729) % 101 < 48);
        Self::new(37, dark.map(module).collect())
    }
}

impl NewApp {
    /// The sample's secret.
    #[must_use]
    pub fn sample() -> Self {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        let uri = format!("otpauth://totp/Contoso:{SAMPLE_UPN}?secret={secret}&issuer=Contoso");
        Self {
            qr: Qr::sample(),
            uri,
            secret: secret.to_owned(),
            secret_groups: secret
                .as_bytes()
                .chunks(4)
                .map(|group| String::from_utf8_lossy(group).into_owned())
                .collect(),
        }
    }
}

impl EnrollTotp {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            app: NewApp::sample(),
            passkey: Some(SAMPLE_QUESTION.to_owned()),
            put_off: None,
            mailbox: None,
            problem: None,
        }
    }
}

impl Page for EnrollTotp {
    const TEMPLATE: &'static str = "sign_in/enroll_totp.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right.",
            "Check that the phone's clock is set automatically, then type the next code.",
        );
        let put_off = "You can put this off until 31 Jan 2027, and will be asked again tomorrow.";
        let mailbox = Some("a\u{2026}@example.net".to_owned());
        let later = Self { put_off: Some(put_off.to_owned()), mailbox, ..page.clone() };
        vec![
            ("", page.clone()),
            ("wrong", Self { problem: Some(problem), ..page }),
            ("later", later),
        ]
    }
}

impl Page for RecoveryCodes {
    const TEMPLATE: &'static str = "sign_in/recovery_codes.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl RecoveryCodes {
    /// Ten codes.
    #[must_use]
    pub fn sample() -> Self {
        let code = |n: u32| format!("{n}k7v-m2q9-tz{n}4-hx6p-3wdr-8ncy");
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            codes: (0..10).map(code).collect(),
            next: "/sign-in/recovery-codes".to_owned(),
        }
    }
}

impl Page for EnrollmentCode {
    const TEMPLATE: &'static str = "sign_in/enrollment_code.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let problem = Problem::of_field(
            "code",
            "That code isn't right, or its time has run out.",
            "Ask your administrator for a new one.",
        );
        let key = Self { only_key: true, ..page.clone() };
        let mail = Self { mailbox: Some("a\u{2026}@example.net".to_owned()), ..page.clone() };
        vec![
            ("", page.clone()),
            ("key", key),
            ("mail", mail),
            ("wrong", Self { problem: Some(problem), ..page }),
        ]
    }
}

impl EnrollmentCode {
    /// The page as it first appears.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            handle: SAMPLE_HANDLE.to_owned(),
            upn: SAMPLE_UPN.to_owned(),
            only_key: false,
            mailbox: None,
            problem: None,
        }
    }
}
