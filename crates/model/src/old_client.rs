//! Programs without a browser that got no token: what the audit log says of each, written and read
//! back here.

use crate::wstrust::PasswordDoor;

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a program got no token. It is never told; the help desk is.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[$doc])* $name,)*
            /// The message itself can't be answered, for the reason in these words.
            Message(String),
        }

        impl Cause {
            /// Every cause that has words of its own.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As the audit log has it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { $(Self::$name => $text,)* Self::Message(why) => why }
            }

            fn read(text: &str) -> Self {
                let known = Self::ALL.iter().find(|cause| cause.as_str() == text);
                known.cloned().unwrap_or_else(|| Self::Message(text.to_owned()))
            }
        }
    };
}

causes! {
    /// Nobody has this sign-in name.
    UnknownPerson = "unknown person",
    /// The permit does not name the network.
    Network = "from a network that is not allowed",
    /// An admin has blocked the person, or they are gone.
    Blocked = "blocked",
    /// The person is of another domain than the one that was asked.
    ForeignDomain = "of another domain",
    /// The permit does not name the person.
    NotNamed = "not named by the permit, so a second factor is demanded",
    /// A rule of the sign-in policy forbids it.
    Forbidden = "not allowed by the sign-in policy",
    /// The person administers the tenant, and its administrators are kept out.
    TenantAdmin = "an administrator of the tenant, who is kept out",
    /// The person is not assigned to the application.
    NotAssigned = "not assigned to the application",
    /// The person still has a first password, or none.
    NoLastingPassword = "without a lasting password",
    /// The password was wrong.
    WrongPassword = "wrong password",
    /// So many guesses came before that nothing was checked.
    Throttled = "throttled",
    /// The request itself demands what can't be proved without a browser.
    FactorDemanded = "it demands a second factor, or another proof than a password",
    /// The request wants people named in another form than the registered one.
    ForeignName = "it wants people named in a form that is not registered",
    /// The token would be for an application that is not registered for this way.
    ForeignParty = "it is for nobody who is registered",
    /// What let the person in was changed before the token was made.
    Changed = "what let the person in has changed meanwhile",
}

/// One refusal at a door for programs, as the audit log has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Note {
    /// Which door.
    pub door: PasswordDoor,
    /// What the program said of itself; empty, if nothing.
    pub program: String,
    /// Why it got nothing.
    pub cause: Cause,
}

/// The note's beginning, which says how somebody came and what stands against them whatever their
/// password. How a guess ended is put behind it.
#[must_use]
pub fn at_door(door: PasswordDoor, obstacle: Option<&Cause>, program: &str) -> String {
    let against = obstacle.map(|cause| format!(", {}", cause.as_str())).unwrap_or_default();
    let by = match program {
        "" => String::new(),
        // What a program says of itself must not end the note before its time.
        program => format!(", by {}", program.replace(": ", " ")),
    };
    format!("{}{against}{by}", door.name())
}

impl Note {
    /// In words, for a row of the audit log.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}: {}", at_door(self.door, None, &self.program), self.cause.as_str())
    }

    /// The note that these words are; `None`: they are not about a door.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let doors = [PasswordDoor::WsTrust, PasswordDoor::Ecp];
        let found =
            doors.into_iter().find_map(|door| Some((door, text.strip_prefix(door.name())?)));
        let (door, rest) = found?;
        let named = rest.split_once(", by ").filter(|_| !rest.starts_with(": "));
        let (against, program, ended) = if let Some((against, rest)) = named {
            let (program, ended) = rest.split_once(": ")?;
            (against, program, ended)
        } else {
            let (against, ended) = rest.split_once(": ")?;
            (against, "", ended)
        };
        let cause = match against.strip_prefix(", ") {
            Some(obstacle) => Cause::read(obstacle),
            None => Cause::read(ended),
        };
        Some(Self { door, program: program.to_owned(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (PasswordDoor, String, Cause) {
        let note = Note::read(text).unwrap();
        (note.door, note.program, note.cause)
    }

    #[test]
    fn what_is_written_is_read_back_whatever_a_program_calls_itself() {
        let message = Cause::Message("it has expired".to_owned());
        let all = Cause::ALL.iter().chain([&message]);
        for (cause, door) in
            all.flat_map(|it| [(it, PasswordDoor::WsTrust), (it, PasswordDoor::Ecp)])
        {
            for program in ["", "Outlook", "x, by y: blocked", "a: throttled"] {
                let note = Note { door, program: program.to_owned(), cause: cause.clone() };
                let kept = program.replace(": ", " ");
                assert_eq!(read(&note.text()), (door, kept, cause.clone()), "{program}");
            }
        }
        for (program, kept) in [("x: y", "x y"), ("", "")] {
            let against = at_door(PasswordDoor::Ecp, Some(&Cause::Blocked), program);
            for ended in ["wrong password", "throttled"] {
                let found = read(&format!("{against}: {ended}"));
                assert_eq!(found, (PasswordDoor::Ecp, kept.to_owned(), Cause::Blocked));
            }
        }
    }

    #[test]
    fn other_rows_are_no_notes_and_old_ones_name_no_program() {
        for other in
            ["wrong_password", "", "WS-Trust", "WS-Trust, by Outlook", "denied by the rule \"x\""]
        {
            assert_eq!(Note::read(other), None, "{other}");
        }
        let old = (PasswordDoor::WsTrust, String::new(), Cause::ForeignParty);
        assert_eq!(read("WS-Trust: it is for nobody who is registered"), old);
        let said = Cause::Message("sent, by nobody: ever".to_owned());
        assert_eq!(
            read("SAML ECP: sent, by nobody: ever"),
            (PasswordDoor::Ecp, String::new(), said)
        );
    }
}
