//! What letters say. Plain text, short; a subject never holds a secret or a name.

use model::{Ts, audit::AuditKind, user::User};
use url::Url;

use crate::{Visitor, campaign::last_day};

/// What a person is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum News<'a> {
    /// The link by which they choose a new password.
    ResetLink(&'a Url),
    /// They asked for one and have no second factor, without which there is none (R042).
    NoReset,
    /// They asked for one, and their password is kept by a directory.
    PasswordElsewhere(&'a str),
    /// Their password was changed.
    PasswordChanged,
    /// An admin gave them a new initial password.
    PasswordReset,
    /// They have a new second factor.
    FactorAdded(&'a str),
    /// They have one second factor less.
    FactorRemoved(&'a str),
    /// Their recovery codes were replaced.
    RecoveryCodesMade,
    /// One of their recovery codes was used, and so many are left.
    RecoveryCodeUsed(i64),
    /// An admin took all their second factors away.
    FactorsReset,
    /// Mail about their account goes to another address from now on.
    MailChanged,
    /// An admin gave them this sign-in name.
    Renamed(&'a str),
    /// An admin gave out a pass for their account that is good for so many hours.
    AccessPassGiven(u64),
    /// The code that lets a sign-in of theirs go on, and until when it does.
    MailedCode(&'a str, Ts),
    /// The pass of the help desk was used.
    AccessPassUsed,
    /// They will not be asked for a second factor in a browser, for so many days.
    DeviceRemembered(&'a str),
    /// What such a browser carries came again after it was replaced.
    DeviceCopied,
    /// They said that somebody else signed in as them.
    SignInDisowned,
    /// Somebody at the server let this owner in again, who had lost everything.
    OwnerRecovered(&'a str),
    /// They put setting up a second factor off.
    PutOff,
    /// An admin lets them do without a second factor until the end of a day.
    Exempt(Ts),
    /// A Microsoft account signs them in from now on.
    MicrosoftLinked(&'a str),
    /// It does so no more.
    MicrosoftUnlinked(&'a str),
    /// Their account is here now, and opens with what they had elsewhere.
    BroughtAlong(&'a str),
}

impl<'a> News<'a> {
    /// What a person must hear of what was just done to their own account, if anything (R035).
    pub(crate) const fn of(kind: AuditKind, detail: &'a str) -> Option<Self> {
        match kind {
            AuditKind::PasswordChanged => Some(Self::PasswordChanged),
            AuditKind::FactorEnrolled => Some(Self::FactorAdded(detail)),
            AuditKind::FactorRemoved => Some(Self::FactorRemoved(detail)),
            AuditKind::RecoveryCodesMade => Some(Self::RecoveryCodesMade),
            AuditKind::FactorPutOff => Some(Self::PutOff),
            AuditKind::MicrosoftLinked => Some(Self::MicrosoftLinked(detail)),
            AuditKind::MicrosoftUnlinked => Some(Self::MicrosoftUnlinked(detail)),
            AuditKind::DeviceRemembered => Some(Self::DeviceRemembered(detail)),
            _ => None,
        }
    }
}

/// The subject and the text of a letter.
pub(crate) fn write(
    news: &News<'_>,
    (person, organisation): (&User, &str),
    public_url: &Url,
    visitor: &Visitor,
    now: Ts,
) -> (String, String) {
    let (subject, what) = say(news);
    let subject = format!("{organisation}: {subject}");
    let name = &person.profile.display_name;
    let when = now.datetime().format("%-d %B %Y at %H:%M UTC");
    let from = &visitor.client.address;
    let end = match news {
        News::ResetLink(_) | News::NoReset | News::PasswordElsewhere(_) => {
            "If it wasn't you who asked, there is nothing to do: without this letter and your second \
             factor nobody gets in."
                .to_owned()
        }
        _ => format!(
            "If it wasn't you, tell your admin at once, and look at your sign-ins and devices: \
             {public_url}portal/security"
        ),
    };
    let text = format!(
        "Hello {name},\n\n{what}\n\nAccount: {}\nWhen: {when}\nFrom: {from}\n\n{end}\n",
        person.upn
    );
    (subject, text)
}

const NO_RESET: &str = "somebody asked for a new password for your account. Your account has no second factor \
     yet, so it can't be given one by mail: ask your admin.";
const PASSWORD_RESET: &str = "an admin gave you a new initial password. You choose your own when you sign in with \
     it; until then the one from before is worth nothing.";
const MAIL_CHANGED: &str = "the mail address of your account was changed. This is the last letter to the \
     address from before.";
const ACCESS_PASS_USED: &str = "the temporary access pass that an admin gave you was used to sign in. It is worth \
     nothing now.";
const DEVICE_COPIED: &str = "a browser that was remembered, so that it needed no second factor, came with what it \
     carried before. Perhaps somebody has a copy. It is forgotten, and everybody is asked for a \
     second factor again there.";
const DISOWNED: &str = "somebody who is signed in as you said that a sign-in was not yours. Your other sessions \
     here have ended, and no browser is remembered any more. Change your password now, and look \
     whether each second factor is yours.";
const PUT_OFF: &str =
    "somebody signed in with your password and put setting up a second factor off.";
const FACTORS_RESET: &str = "an admin took all second factors of your account away, so that you can set up new \
     ones.";

fn say(news: &News<'_>) -> (&'static str, String) {
    match news {
        News::ResetLink(link) => (
            "choose a new password",
            format!(
                "open this page to choose a new password. The link works once, for 30 minutes, and \
                 you will be asked for your second factor.\n\n{link}"
            ),
        ),
        News::NoReset => ("your password", NO_RESET.to_owned()),
        News::PasswordElsewhere(place) => (
            "your password",
            format!("somebody asked for a new password for your account. {place}"),
        ),
        News::PasswordChanged => {
            ("your password was changed", "your password was changed.".to_owned())
        }
        News::PasswordReset => ("your password was replaced", PASSWORD_RESET.to_owned()),
        News::FactorAdded(what) => {
            ("a second factor was added", format!("a second factor was added: {what}."))
        }
        News::FactorRemoved(what) => {
            ("a second factor was removed", format!("a second factor was removed: {what}."))
        }
        News::RecoveryCodesMade => (
            "new recovery codes",
            "new recovery codes were made; the ones from before are worth nothing now.".to_owned(),
        ),
        News::RecoveryCodeUsed(left) => (
            "a recovery code was used",
            format!("one of your recovery codes was used; you have {left} left."),
        ),
        News::MailChanged => ("your mail address was changed", MAIL_CHANGED.to_owned()),
        News::Renamed(upn) => ("your sign-in name was changed", renamed(upn)),
        News::AccessPassGiven(hours) => (
            "a temporary access pass was made",
            format!(
                "an admin made a temporary access pass for your account. For {hours} h it stands in \
                 for your second factor, once; your password is asked for as ever."
            ),
        ),
        News::MailedCode(code, until) => ("your code", mailed_code(code, *until)),
        News::AccessPassUsed => {
            ("your temporary access pass was used", ACCESS_PASS_USED.to_owned())
        }
        News::BroughtAlong(what) => (
            "your account",
            format!("your account is here now. You sign in with {what} from before."),
        ),
        News::MicrosoftLinked(what) => ("a Microsoft account was linked", linked(what)),
        News::MicrosoftUnlinked(what) => ("a Microsoft account was unlinked", unlinked(what)),
        News::DeviceRemembered(days) => ("a browser is remembered", remembered(days)),
        News::DeviceCopied => ("a remembered browser was forgotten", DEVICE_COPIED.to_owned()),
        News::SignInDisowned => ("a sign-in was not yours", DISOWNED.to_owned()),
        News::OwnerRecovered(upn) => ("an owner was let in again", recovered(upn)),
        News::PutOff => ("your second factor was put off", PUT_OFF.to_owned()),
        News::Exempt(until) => ("no second factor for a while", exempt(*until)),
        News::FactorsReset => ("your second factors were reset", FACTORS_RESET.to_owned()),
    }
}

fn renamed(upn: &str) -> String {
    format!(
        "the sign-in name of your account was changed. From now on you sign in as {upn}; your \
         password and your second factor stay."
    )
}

fn recovered(upn: &str) -> String {
    format!(
        "somebody who may use the server's command line let an owner in again: {upn} has a new initial \
         password and no second factor until one is set up. If nobody of you asked for that, somebody \
         else has the server."
    )
}

fn mailed_code(code: &str, until: Ts) -> String {
    let until = until.datetime().format("%H:%M UTC");
    format!(
        "your code is {code}. It is good once, until {until}, on the page where it was asked for. \
         Nobody else needs it: give it to nobody.\n\nWhoever asked for it knows your password. If that \
         wasn't you, change it."
    )
}

fn exempt(until: Ts) -> String {
    format!(
        "an admin lets you sign in without a second factor until the end of {}. Your password \
         alone opens your account until then.",
        last_day(until).datetime().format("%-d %B %Y")
    )
}

fn linked(what: &str) -> String {
    format!("a Microsoft account signs you in from now on: {what}.")
}

fn unlinked(what: &str) -> String {
    format!("a Microsoft account does not sign you in any more: {what}.")
}

fn remembered(days: &str) -> String {
    format!(
        "somebody signed in with your password and second factor and had the browser remembered: \
         {days}, your password alone opens your account there."
    )
}
