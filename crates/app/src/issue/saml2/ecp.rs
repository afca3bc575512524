//! SAML 2.0 for clients without a browser (ECP): a mail server brings the name and the password that
//! an old mail program gave it, and the request of its own side. The door is the same kind of
//! exception as WS-Trust, and judges with the same functions.

use federation::{
    saml2::{Refusal, binding::Binding, ecp, message::Message, response::Status},
    uris::BINDING_PAOS,
};
use model::{old_client::Cause, pending_request::Demand, wstrust::PasswordDoor};
use secrecy::SecretString;

use super::{Opened, Prepared, Waiting, prepare};
use crate::{
    House, Result, Visitor,
    issue::{
        Ask, Envelope, Issuance, Who,
        door::{Admission, Door, Knock},
    },
};

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The domain has no such door.
    Closed,
    /// No token for this name and password, or none were given.
    Unauthorized,
    /// The message itself is refused: a SOAP fault.
    Fault(String),
    /// A response, in its SOAP envelope.
    Response(String),
}

/// A name and a password, as the HTTP headers bring them.
#[derive(Debug, Clone)]
pub struct Basic {
    /// The sign-in name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl House {
    /// Answers a request that came with a name and a password.
    pub async fn answer_ecp(
        &self,
        slug: &str,
        basic: Option<Basic>,
        envelope: &str,
        visitor: &Visitor,
    ) -> Result<Answer> {
        let Some(door) = self.door(slug, PasswordDoor::Ecp).await? else {
            return Ok(Answer::Closed);
        };
        let Some(basic) = basic else { return Ok(Answer::Unauthorized) };
        let address = self.endpoints(&door.domain.slug).ecp_uri();
        let opened = self.open_saml2(slug, Binding::Soap, envelope, &address).await?;
        let prepared = match opened.and_then(asked) {
            Ok(prepared) => prepared,
            Err(refusal) => {
                let cause = Cause::Message(refusal.sentence());
                self.refuse_at(&door, visitor, cause, Some(&basic.username)).await?;
                return Ok(Answer::Fault(ecp::fault(&refusal.sentence())?));
            }
        };
        let Prepared { waiting, demand, obstacle } = prepared;
        // There is no second factor on this way.
        let obstacle = obstacle.or(demand.mfa.then_some(Status::NoAuthnContext));
        if let Some(status) = obstacle {
            let cause = match status {
                Status::InvalidNameIdPolicy => Cause::ForeignName,
                _ => Cause::FactorDemanded,
            };
            self.refuse_at(&door, visitor, cause, Some(&basic.username)).await?;
            let xml = self.status_response(&waiting, status).await?;
            return Ok(Answer::Response(ecp::answer(&xml, &waiting.0.reply)?));
        }
        self.try_basic(door, basic, waiting, visitor).await
    }

    async fn try_basic(
        &self,
        door: Door,
        Basic { username, password }: Basic,
        waiting: Waiting,
        visitor: &Visitor,
    ) -> Result<Answer> {
        let knock = Knock { username, password, realm: waiting.1.realm.clone() };
        let name = knock.username.clone();
        let who = match self.knock(&door, knock, visitor).await? {
            Admission::Admitted(who, party) if *party == waiting.1 => who,
            _ => return Ok(Answer::Unauthorized),
        };
        let ask = Ask {
            domain_id: waiting.0.domain,
            party: waiting.1.clone(),
            demand: Demand::default(),
            asked_at: self.now(),
            is_loop: false,
            envelope: Envelope::Saml2(Box::new(waiting.0.clone())),
            who: Who::AtTheDoor(who),
        };
        let Issuance::Issued(issued) = self.issue(&ask, &visitor.client, None).await? else {
            self.refuse_at(&door, visitor, Cause::Changed, Some(&name)).await?;
            return Ok(Answer::Unauthorized);
        };
        let xml = self.token_response(&issued, &waiting)?;
        Ok(Answer::Response(ecp::answer(&xml, &waiting.0.reply)?))
    }
}

/// The request for a token that a message is, measured by what is registered.
fn asked(opened: Opened) -> std::result::Result<Prepared, Refusal> {
    let Opened { message, domain, party, .. } = opened;
    let Message::Authn(request) = message else { return Err(Refusal::UnknownMessage) };
    prepare(*request, domain, party, None, BINDING_PAOS)
}
