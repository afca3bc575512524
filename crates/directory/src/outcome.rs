//! What a directory means by the result of a bind. Active Directory says the reason in its text,
//! others in the response of the password policy (draft-behera-ldap-password-policy).

use ldap3::{LdapResult, controls::RawControl};
use model::directory::{Answer, Refusal};

/// The control that asks for, and carries, what the password policy says.
pub(crate) const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// Asks for the reason.
pub(crate) fn ask_why() -> RawControl {
    RawControl { ctype: PASSWORD_POLICY.to_owned(), crit: false, val: None }
}

/// What the result of a person's bind means; `Err`: the directory did not judge it.
pub(crate) fn of_bind(result: &LdapResult) -> Result<Answer, String> {
    let refused = |refusal| Ok(Answer::Refused(refusal));
    match (result.rc, policy(result)) {
        // Let in, but for nothing else than a new password.
        (0, Some(Refusal::MustChange)) => refused(Refusal::MustChange),
        (0, _) => Ok(Answer::Right),
        (48 | 49, Some(why)) => refused(why),
        (48 | 49, None) => refused(sub_code(&result.text)),
        // Others than OpenLDAP and Active Directory say so when wrong passwords have locked it.
        (19, why) => refused(why.unwrap_or(Refusal::Locked)),
        (53, why) => refused(why.unwrap_or(Refusal::Unwilling)),
        _ => Err(said(result)),
    }
}

/// A result that is no answer, for admins.
pub(crate) fn said(result: &LdapResult) -> String {
    let text: String = result.text.chars().filter(|c| !c.is_control()).take(200).collect();
    match text.trim() {
        "" => format!("the directory answered with code {}", result.rc),
        text => format!("the directory answered with code {}: {text}", result.rc),
    }
}

/// The reason in Active Directory's text: `... AcceptSecurityContext error, data 775, v4563`.
fn sub_code(text: &str) -> Refusal {
    let code = text.split("data ").nth(1).unwrap_or_default();
    match code.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or_default() {
        "525" => Refusal::Unknown,
        "530" | "531" => Refusal::NotNow,
        "532" => Refusal::PasswordEnded,
        "533" => Refusal::Disabled,
        "701" => Refusal::Ended,
        "773" => Refusal::MustChange,
        "775" => Refusal::Locked,
        _ => Refusal::WrongPassword,
    }
}

/// The reason in the response of the password policy: a sequence whose element `[1]` is a number.
fn policy(result: &LdapResult) -> Option<Refusal> {
    let control = result.ctrls.iter().find(|control| control.1.ctype == PASSWORD_POLICY)?;
    let value = control.1.val.as_deref()?;
    let [0x30, length, elements @ ..] = value else { return None };
    let mut rest = elements.get(..usize::from(*length))?;
    while let [tag, length, content @ ..] = rest {
        let content_length = usize::from(*length);
        match (tag, content.get(..content_length)?) {
            (0x81, [0]) => return Some(Refusal::PasswordEnded),
            (0x81, [1]) => return Some(Refusal::Locked),
            (0x81, [2]) => return Some(Refusal::MustChange),
            _ => rest = content.get(content_length..)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use ldap3::controls::Control;

    use super::*;

    fn result(rc: u32, text: &str, policy: Option<&[u8]>) -> LdapResult {
        let control = |value: &[u8]| {
            let val = Some(value.to_vec());
            Control(None, RawControl { ctype: PASSWORD_POLICY.to_owned(), crit: false, val })
        };
        let [matched, text] = ["", text].map(str::to_owned);
        LdapResult {
            rc,
            matched,
            text,
            refs: Vec::new(),
            ctrls: policy.map(control).into_iter().collect(),
        }
    }

    #[test]
    fn the_reasons_of_active_directory_are_told_apart() {
        let refused = |code: &str| {
            let text = format!(
                "80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data {code}, v4563\0"
            );
            of_bind(&result(49, &text, None)).unwrap()
        };
        let expected = [
            ("52e", Refusal::WrongPassword),
            ("525", Refusal::Unknown),
            ("530", Refusal::NotNow),
            ("531", Refusal::NotNow),
            ("532", Refusal::PasswordEnded),
            ("533", Refusal::Disabled),
            ("701", Refusal::Ended),
            ("773", Refusal::MustChange),
            ("775", Refusal::Locked),
            ("80", Refusal::WrongPassword),
        ];
        for (code, refusal) in expected {
            assert_eq!(refused(code), Answer::Refused(refusal), "{code}");
        }
        let bare = of_bind(&result(49, "", None)).unwrap();
        assert_eq!(bare, Answer::Refused(Refusal::WrongPassword));
    }

    #[test]
    fn the_reasons_of_a_password_policy_are_told_apart() {
        let of = |rc, value: &[u8]| of_bind(&result(rc, "", Some(value))).unwrap();
        assert_eq!(of(49, &[0x30, 3, 0x81, 1, 1]), Answer::Refused(Refusal::Locked));
        assert_eq!(of(49, &[0x30, 3, 0x81, 1, 0]), Answer::Refused(Refusal::PasswordEnded));
        assert_eq!(of(0, &[0x30, 3, 0x81, 1, 2]), Answer::Refused(Refusal::MustChange));
        let warned = [0x30, 8, 0xa0, 3, 0x80, 1, 9, 0x81, 1, 1];
        assert_eq!(of(49, &warned), Answer::Refused(Refusal::Locked));
        assert_eq!(of(0, &[0x30, 5, 0xa0, 3, 0x80, 1, 9]), Answer::Right);
        for broken in [&[][..], &[0x30], &[0x30, 200, 0x81], &[0x30, 2, 0x81, 9]] {
            assert_eq!(of(49, broken), Answer::Refused(Refusal::WrongPassword), "{broken:?}");
        }
    }

    #[test]
    fn what_is_no_judgement_is_neither_yes_nor_no() {
        for rc in [1, 2, 3, 8, 10, 13, 51, 52, 80] {
            assert!(of_bind(&result(rc, "", None)).is_err(), "{rc}");
        }
    }
}
