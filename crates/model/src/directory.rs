//! A directory that checks passwords for us: LDAP or Active Directory.

use std::{fmt, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    Ts,
    ids::{DirectoryId, UserId},
};

/// The longest time for which a password opens while its directory is away, in days.
pub const KEEP_DAYS: u16 = 30;

/// Where a directory is, how people are found in it, and what happens while it is away.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Our id.
    pub id: DirectoryId,
    /// What admins and people call it.
    pub name: String,
    /// Its host, which its certificate must name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How what is said to it is kept secret.
    pub encryption: Encryption,
    /// The certificates that may have signed its own, in PEM; empty: those of this machine.
    pub authority: String,
    /// As whom we look people up there.
    pub account: String,
    /// The password of that account.
    pub password: SecretString,
    /// Below what people are looked for.
    pub base: String,
    /// By what they are found; [`NAME`] stands for the sign-in name.
    pub filter: String,
    /// For how many days a password opens while the directory is away; 0: not at all.
    pub keep_days: u16,
    /// Where people change their password, in words; may be empty.
    pub help: String,
    /// When it was last changed.
    pub changed_at: Ts,
}

/// In a filter: the sign-in name.
pub const NAME: &str = "{name}";
/// In a filter: the part of the sign-in name before the `@`.
pub const LOCAL_NAME: &str = "{user}";

/// How what is said to a directory is kept secret; there is no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// TLS from the first byte, usually at port 636.
    Tls,
    /// TLS after a first word, usually at port 389; without it nothing is said.
    StartTls,
}

/// What a directory says to a name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is their password.
    Right,
    /// The directory says no.
    Refused(Refusal),
    /// The directory did not say: it is away.
    Away(Absence),
}

/// Why a directory says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not their password.
    WrongPassword,
    /// Nobody there has this name.
    Unknown,
    /// Several there have this name.
    Ambiguous,
    /// What was typed is no password that may be sent: it is empty, say.
    NotSent,
    /// So many wrong passwords came from unfamiliar places that one more is not sent.
    NotAsked,
    /// The account is locked after wrong passwords.
    Locked,
    /// The account is disabled.
    Disabled,
    /// The account has ended.
    Ended,
    /// The password has ended.
    PasswordEnded,
    /// The password must be changed first.
    MustChange,
    /// Not at this time, or not from here.
    NotNow,
    /// It doesn't let this account in, and doesn't say why.
    Unwilling,
}

/// Where the conversation with a directory ended, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// How far it came.
    pub step: Step,
    /// Why, in words for admins.
    pub why: String,
    /// Whether it gave no answer at all. Only then does what was kept of a password open.
    pub silent: bool,
}

/// The steps of a conversation with a directory, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Its host's name is looked up.
    Name,
    /// It is called.
    Connection,
    /// The conversation becomes secret, and its certificate is checked.
    Tls,
    /// Our account signs in.
    Account,
    /// The person is looked for.
    Search,
    /// The person signs in.
    Person,
}

/// What is remembered of a password that a directory checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPassword {
    /// Whose.
    pub user_id: UserId,
    /// Which directory found it right.
    pub directory_id: DirectoryId,
    /// What was proved before this time was proved with another password.
    pub since: Ts,
    /// When the directory last found it right.
    pub confirmed_at: Ts,
    /// By what it is known again; none after the directory said no to that very password.
    pub verifier: Option<Verifier>,
    /// Whether it may open while the directory is away.
    pub may_open: bool,
}

/// A password's hash, as it is made for our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    /// The PHC string.
    pub phc: String,
    /// Which pepper went into it.
    pub pepper_id: String,
}

/// Where somebody's password is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delegation {
    /// As their domain has it.
    #[default]
    ByDomain,
    /// Here, whatever their domain has.
    Here,
    /// By this directory.
    To(DirectoryId),
}

impl Refusal {
    /// Whether it is about the account, whatever the password: what was kept of it opens no more. Not
    /// that it is locked: anybody locks it with wrong passwords.
    #[must_use]
    pub const fn is_of_account(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::Disabled
                | Self::Ended
                | Self::PasswordEnded
                | Self::MustChange
                | Self::Unwilling
        )
    }

    /// Whether the password that was typed is good for nothing any more.
    #[must_use]
    pub const fn ends_the_password(self) -> bool {
        matches!(self, Self::WrongPassword)
            || self.is_of_account() && !matches!(self, Self::Unwilling)
    }

    /// Whether the directory judged what was typed.
    #[must_use]
    pub const fn is_a_judgement(self) -> bool {
        !matches!(self, Self::NotSent | Self::NotAsked | Self::Ambiguous | Self::NotNow)
    }

    /// In words, after "the directory says that".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WrongPassword => "the password is wrong",
            Self::Unknown => "nobody there has this name",
            Self::Ambiguous => "several there have this name",
            Self::NotSent => "nothing, for it was not asked: what was typed is no password",
            Self::NotAsked => {
                "nothing, for it was not asked: too many wrong passwords came from unfamiliar places"
            }
            Self::Locked => "the account is locked",
            Self::Disabled => "the account is disabled",
            Self::Ended => "the account has ended",
            Self::PasswordEnded => "the password has ended",
            Self::MustChange => "the password must be changed first",
            Self::NotNow => "the account may not sign in now, or not from here",
            Self::Unwilling => "it doesn't let this account in",
        }
    }
}

impl Step {
    /// All, in their order.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::Connection, Self::Tls, Self::Account, Self::Search, Self::Person];

    /// In a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Name => "Look up the host's name",
            Self::Connection => "Connect",
            Self::Tls => "Encrypt, and check the certificate",
            Self::Account => "Sign in as our account",
            Self::Search => "Find the person",
            Self::Person => "Sign in as the person",
        }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let during = match self.step {
            Step::Name => "its name can't be looked up",
            Step::Connection => "it can't be reached",
            Step::Tls => "the conversation can't be made secret",
            Step::Account => "it does not let our account in",
            Step::Search => "people can't be looked for",
            Step::Person => "it could not check the password",
        };
        write!(f, "{during}: {}", self.why)
    }
}

impl Directory {
    /// Where people change their password, in a sentence.
    #[must_use]
    pub fn where_to_change(&self) -> String {
        match self.help.as_str() {
            "" => format!("Your password is kept by {}. Change it there.", self.name),
            help => format!("Your password is kept by {}. {help}", self.name),
        }
    }

    /// The filter that finds somebody; whatever they typed is nothing but a value in it.
    #[must_use]
    pub fn filter_for(&self, name: &str, escape: impl Fn(&str) -> String) -> String {
        let local = name.split('@').next().unwrap_or_default();
        // In one pass: a name that holds a placeholder is no placeholder.
        let mut filter = String::new();
        let mut rest = self.filter.as_str();
        while let Some(at) = rest.find('{') {
            filter.push_str(&rest[..at]);
            rest = &rest[at..];
            let (value, taken) = if rest.starts_with(NAME) {
                (escape(name), NAME.len())
            } else if rest.starts_with(LOCAL_NAME) {
                (escape(local), LOCAL_NAME.len())
            } else {
                ("{".to_owned(), 1)
            };
            filter.push_str(&value);
            rest = &rest[taken..];
        }
        filter + rest
    }
}

impl KeptPassword {
    /// What opens while the directory is away, if it still does.
    #[must_use]
    pub fn opening(&self, directory: &Directory, now: Ts) -> Option<&Verifier> {
        self.verifier.as_ref().filter(|_| self.may_open && now < self.opens_until(directory))
    }

    /// Until when it would open while the directory is away.
    #[must_use]
    pub fn opens_until(&self, directory: &Directory) -> Ts {
        self.confirmed_at + Duration::from_hours(24 * u64::from(directory.keep_days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(filter: &str) -> Directory {
        let text = String::new;
        Directory {
            id: DirectoryId(uuid::Uuid::nil()),
            name: "Berlin".to_owned(),
            host: text(),
            port: 636,
            encryption: Encryption::Tls,
            authority: text(),
            account: text(),
            password: text().into(),
            base: text(),
            filter: filter.to_owned(),
            keep_days: 2,
            help: text(),
            changed_at: Ts(0),
        }
    }

    #[test]
    fn a_name_that_holds_a_placeholder_is_no_placeholder() {
        let directory = directory("(|(mail={name})(uid={user}))");
        let filter = directory.filter_for("{user}@a", |value| format!("<{value}>"));
        assert_eq!(filter, "(|(mail=<{user}@a>)(uid=<{user}>))");
    }

    #[test]
    fn what_is_kept_opens_for_the_days_that_were_set() {
        let directory = directory("");
        let kept = KeptPassword {
            user_id: UserId(uuid::Uuid::nil()),
            directory_id: directory.id,
            since: Ts(0),
            confirmed_at: Ts(0),
            verifier: Some(Verifier { phc: "p".to_owned(), pepper_id: "a".to_owned() }),
            may_open: true,
        };
        let days = |days: u64| Ts(0) + Duration::from_hours(24 * days);
        assert!(kept.opening(&directory, days(1)).is_some());
        assert!(kept.opening(&directory, days(2)).is_none());
        let off = Directory { keep_days: 0, ..directory };
        assert!(kept.opening(&off, Ts(0)).is_none());
    }
}
