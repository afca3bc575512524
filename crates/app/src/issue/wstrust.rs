//! WS-Trust: a name and a password come in, a token or a fault goes out.

use federation::{
    metadata::mex,
    wstrust::{
        request::{self, Arrival, Refusal, Request},
        response::{self, Fault, Reply},
    },
};
use model::{old_client::Cause, pending_request::Demand, wstrust::PasswordDoor};

pub use federation::wstrust::Version;

use super::{
    Ask, Envelope, Issuance, Who,
    door::{Admission, Door, Knock},
};
use crate::{House, Result, Visitor};

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// The domain's path segment.
    pub slug: &'a str,
    /// The version that the address belongs to.
    pub version: Version,
    /// The actions that the HTTP headers name.
    pub actions: &'a [String],
    /// The message.
    pub body: &'a str,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The domain has no such door.
    Closed,
    /// The body is no message that we read.
    Unreadable,
    /// No token: a SOAP fault.
    Fault(String),
    /// A token, in its SOAP envelope.
    Token(String),
}

impl House {
    /// The description of a domain's WS-Trust addresses; `None` while it has none.
    pub async fn trust_description(&self, slug: &str) -> Result<Option<String>> {
        let door = self.door(slug, PasswordDoor::WsTrust).await?;
        Ok(door.map(|door| mex::document(&self.endpoints(&door.domain.slug))))
    }

    /// Answers a request for a token.
    pub async fn answer_trust(&self, arrived: &Arrived<'_>, visitor: &Visitor) -> Result<Answer> {
        let Some(door) = self.door(arrived.slug, PasswordDoor::WsTrust).await? else {
            return Ok(Answer::Closed);
        };
        let address = self.endpoints(&door.domain.slug).trust_uri(arrived.version);
        let now = self.now();
        let Arrived { version, actions, body, .. } = *arrived;
        match request::parse(body, &Arrival { version, address: &address, actions, now }) {
            Ok(request) => self.try_person(door, version, request, visitor).await,
            Err(refusal) => {
                let cause = Cause::Message(refusal.why().to_owned());
                self.refuse_at(&door, visitor, cause, None).await?;
                Ok(match &refusal {
                    Refusal::Unreadable(_) => Answer::Unreadable,
                    Refusal::Failed { relates_to, .. } => {
                        let reply = Reply { version, relates_to: relates_to.as_deref(), now };
                        Answer::Fault(response::fault(&reply, Fault::RequestFailed))
                    }
                })
            }
        }
    }

    async fn try_person(
        &self,
        door: Door,
        version: Version,
        request: Request,
        visitor: &Visitor,
    ) -> Result<Answer> {
        let Request { username, password, applies_to, relates_to, context } = request;
        let fault = |fault| {
            let reply = Reply { version, relates_to: relates_to.as_deref(), now: self.now() };
            Ok(Answer::Fault(response::fault(&reply, fault)))
        };
        let (domain_id, name) = (door.domain.id, username.clone());
        let knock = Knock { username, password, realm: applies_to };
        let (who, party) = match self.knock(&door, knock, visitor).await? {
            Admission::Foreign => return fault(Fault::RequestFailed),
            Admission::Refused => return fault(Fault::FailedAuthentication),
            Admission::Admitted(who, party) => (who, *party),
        };
        let ask = Ask {
            domain_id,
            party,
            demand: Demand::default(),
            asked_at: self.now(),
            is_loop: false,
            envelope: Envelope::WsTrust,
            who: Who::AtTheDoor(who),
        };
        let Issuance::Issued(issued) = self.issue(&ask, &visitor.client, None).await? else {
            self.refuse_at(&door, visitor, Cause::Changed, Some(&name)).await?;
            return fault(Fault::FailedAuthentication);
        };
        let reply = Reply { version, relates_to: relates_to.as_deref(), now: self.now() };
        let audience = &issued.statement.audience;
        let (token, stamp) = (&issued.token, &issued.stamp);
        Ok(Answer::Token(response::issued(&reply, token, audience, stamp, context.as_deref())))
    }
}
