//! What may happen to a call on its way, and to which calls.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;
use simulator::Simulator;

use crate::op::Op;

/// Which calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// Every call to Graph.
    Any,
    /// What changes something.
    Writes,
    /// What asks for a token.
    Token,
    /// What asks whose tenant it is.
    Organization,
    /// A page of the listing of everybody.
    Listing,
    /// The call that does this to this object, if one is named.
    Doing(Op, Option<String>),
}

/// Something that is done to Microsoft's side.
pub type Meddling = Arc<dyn Fn(&Simulator) + Send + Sync>;
/// Another answer than the true one.
pub type Rewriting = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What happens to a call.
#[derive(Clone)]
pub enum Trouble {
    /// It never arrives.
    Unreached,
    /// It arrives and is done, and its answer is lost.
    Lost,
    /// Half of its answer arrives.
    HalfAnswer,
    /// Something on the way delivers it twice.
    Twice,
    /// The connection breaks, and the call arrives after this time all the same.
    Late(Duration),
    /// Microsoft can't or won't, and may have done it before it says so.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Seconds to wait.
        retry_after: Option<u64>,
        /// Whether it was done.
        carried_out: bool,
    },
    /// The answer is another.
    Rewritten(Rewriting),
    /// It is called done and wasn't.
    Pretended,
    /// Something else happens at Microsoft just before.
    Meanwhile(Meddling),
    /// The listing comes in pages of so many.
    Paged(usize),
    /// Whoever called stops here: before it is done, or after and before the answer.
    Stopped {
        /// Whether it was done.
        carried_out: bool,
    },
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Unreached => "unreached",
            Self::Lost => "lost",
            Self::HalfAnswer => "half an answer",
            Self::Twice => "twice",
            Self::Late(_) => "late",
            Self::Refused { status, .. } => return write!(f, "refused {status}"),
            Self::Rewritten(_) => "rewritten",
            Self::Pretended => "pretended",
            Self::Meanwhile(_) => "meanwhile",
            Self::Paged(_) => "paged",
            Self::Stopped { .. } => "stopped",
        };
        f.write_str(name)
    }
}

/// A trouble, and the calls that it meets.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which.
    pub on: On,
    /// How many of them are let through first.
    pub skip: u32,
    /// How many it meets.
    pub times: u32,
    /// In how many of a hundred times.
    pub percent: usize,
    /// Until when, since the clock began.
    pub until: Option<Duration>,
    /// What happens.
    pub what: Trouble,
}

impl Rule {
    /// Meets the next such call.
    pub const fn next(on: On, what: Trouble) -> Self {
        Self { on, skip: 0, times: 1, percent: 100, until: None, what }
    }

    /// Meets so many.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Lets so many through first.
    #[must_use]
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }
}

/// A call, as the wire sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query as it came.
    pub query: String,
    /// The body as text.
    pub body: String,
}

/// What the drill's people are described by.
const DESCRIBING: [&str; 5] = ["displayName", "givenName", "surname", "department", "jobTitle"];

impl Call {
    /// Whether it changes something at Graph.
    pub fn is_write(&self) -> bool {
        self.path.starts_with("/v1.0") && self.method != "GET"
    }

    /// What it does, if it is one of the operations.
    pub fn op(&self) -> Option<Op> {
        Op::ALL.into_iter().find(|op| self.does(*op))
    }

    fn has(&self, property: &str) -> bool {
        self.body.contains(&format!("\"{property}\""))
    }

    fn does(&self, op: Op) -> bool {
        let is = |method: &str, part: &str| self.method == method && self.path.contains(part);
        let patch = |property| is("PATCH", "/users/") && self.has(property);
        match op {
            Op::CreateUser => self.method == "POST" && self.path == "/v1.0/users",
            Op::MatchExisting => patch("onPremisesImmutableId"),
            Op::UpdateAttributes => DESCRIBING.into_iter().any(patch),
            Op::SetUsageLocation => patch("usageLocation"),
            Op::AssignLicense => {
                is("POST", "/assignLicense") && self.body.contains("\"addLicenses\":[{")
            }
            Op::RemoveLicense => {
                is("POST", "/assignLicense") && !self.body.contains("\"removeLicenses\":[]")
            }
            Op::BlockSignIn => patch("accountEnabled") && self.body.contains("false"),
            Op::UnblockSignIn => patch("accountEnabled") && self.body.contains("true"),
            Op::RevokeSessions => is("POST", "/revokeSignInSessions"),
            Op::ChangeUpn => patch("userPrincipalName"),
            Op::SoftDelete => is("DELETE", "/users/"),
            Op::RestoreDeleted => is("POST", "/restore"),
        }
    }
}

impl On {
    pub(super) fn fits(&self, call: &Call) -> bool {
        match self {
            Self::Any => call.path.starts_with("/v1.0"),
            Self::Writes => call.is_write(),
            Self::Token => call.path.ends_with("/oauth2/v2.0/token"),
            Self::Organization => call.path == "/v1.0/organization",
            Self::Listing => {
                call.path == "/v1.0/users" && call.method == "GET" && !call.query.contains("filter")
            }
            Self::Doing(op, object) => {
                let theirs = |object: &String| call.path.contains(object);
                call.does(*op) && object.as_ref().is_none_or(theirs)
            }
        }
    }
}
