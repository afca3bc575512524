//! The page of one's own sign-ins.

use serde::Serialize;

use crate::pages::{Page, parts::When};

/// Who came in as this person lately, and what to do when it wasn't them.
#[derive(Debug, Clone, Serialize)]
pub struct RecentSignIns {
    /// The sign-ins, newest first.
    pub sign_ins: Vec<Line>,
    /// What ended after the first step.
    pub stopped: Vec<Line>,
    /// "3 wrong passwords were"; empty: none was typed.
    pub wrong_passwords: String,
    /// What was done since they said that one wasn't theirs, and what they do next.
    pub was_not_me: Option<WasNotMe>,
    /// Where the password is changed, when a directory keeps it; empty: here.
    pub password_elsewhere: String,
}

/// A sign-in, or some that were stopped.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Browser and system in words, the program, or where it was stopped.
    pub title: String,
    /// How they proved who they are.
    pub proved: String,
    /// What it opened, by name.
    pub opened: String,
    /// From which address.
    pub address: String,
    /// When, or when the last time.
    pub at: When,
    /// It is the browser that looks at this page.
    pub current: bool,
}

/// After "This wasn't me".
#[derive(Debug, Clone, Serialize)]
pub struct WasNotMe {
    /// When they said so.
    pub said: When,
    /// What became of the sessions at Microsoft, in a sentence; empty without an account there.
    pub at_microsoft: String,
    /// The password was changed since.
    pub password_changed: bool,
}

impl Page for RecentSignIns {
    const TEMPLATE: &'static str = "portal/recent_sign_ins.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::sample();
        let was_not_me = WasNotMe {
            said: When::sample(),
            at_microsoft: "Your sessions at Microsoft have ended, too: sign in there again."
                .to_owned(),
            password_changed: false,
        };
        let quiet = Self {
            stopped: Vec::new(),
            wrong_passwords: String::new(),
            was_not_me: Some(WasNotMe { password_changed: true, ..was_not_me.clone() }),
            ..page.clone()
        };
        vec![
            ("", page.clone()),
            ("said", Self { was_not_me: Some(was_not_me), ..page }),
            ("changed", quiet),
        ]
    }
}

impl RecentSignIns {
    /// Alice's sign-ins.
    #[must_use]
    pub fn sample() -> Self {
        let line = |title: &str, proved: &str, opened: &str, address: &str, current| Line {
            title: title.to_owned(),
            proved: proved.to_owned(),
            opened: opened.to_owned(),
            address: address.to_owned(),
            at: if current { When::sample() } else { When::sample_earlier() },
            current,
        };
        let both = "Password, authenticator app";
        let windows = "Edge on Windows";
        let wrong = "A code was wrong, or used before";
        Self {
            sign_ins: vec![
                line(windows, both, "Microsoft 365, Wiki", "203.0.113.24", true),
                line(
                    "Firefox on Linux",
                    both,
                    "Your own page",
                    "2001:db8:85a3::8a2e:370:7334",
                    false,
                ),
                line(
                    "The program Outlook",
                    "Password, 12 times",
                    "Microsoft 365",
                    "203.0.113.24",
                    false,
                ),
            ],
            stopped: vec![line(
                "Stopped at the second factor",
                wrong,
                "2 tries",
                "198.51.100.7",
                false,
            )],
            wrong_passwords: "3 wrong passwords were".to_owned(),
            was_not_me: None,
            password_elsewhere: String::new(),
        }
    }
}
