//! Signing someone in: one pending request, one typed state machine, one limiter for every door.
//!
//! Every verb takes the handle from the page and the visitor with the browser's cookie; both must
//! fit the stored request. What comes back is the next screen, or a sentence and the same screen.

mod account;
mod complete;
mod mailed_code;
mod microsoft;
mod passkey;
mod password;
mod screen;
mod second_factor;

use std::time::Duration;

use authn::{
    denial::Reason,
    flow::{self, Account, FlowState, Standing},
    policy::{Policy, Verdict},
};
use model::{
    Proof,
    ids::PendingRequestId,
    pending_request::{Demand, PendingRequest, Purpose},
    session::SessionAudience,
    user::User,
};
use store::{Tx, campaign, pending_requests, users};

use account::account;
pub use complete::SignedIn;
pub use mailed_code::MailedCode;
pub use microsoft::{Away, Comeback, Declined, Returned, Stopped};
pub use passkey::PasskeyQuestion;
pub(crate) use password::{FAMILIAR_FOR, Guess, Key, place_keys, subject, uncount};
use screen::names_nobody;
pub use screen::{Outcome, Screen};
pub(crate) use second_factor::{Tried, second_factor_keys};

use crate::{
    House, Result, Visitor,
    issue::external_mfa::narrowed,
    mailed_codes,
    policy::{self, Attempt},
    visitor::Secret,
};

/// How long a pending request is good (ruling 1).
pub const PENDING_FOR: Duration = Duration::from_mins(10);

impl House {
    /// Begins a sign-in for the portal or the console, and gives the handle for its page.
    pub async fn begin_sign_in(&self, purpose: Purpose, visitor: &Visitor) -> Result<Secret> {
        let demand = Demand { mfa: purpose == Purpose::Console, ..Demand::default() };
        self.begin(purpose, demand, None, visitor).await
    }

    pub(crate) async fn begin(
        &self,
        purpose: Purpose,
        demand: Demand,
        hint: Option<String>,
        visitor: &Visitor,
    ) -> Result<Secret> {
        let handle = Secret::draw(self.random());
        let request = self.waiting(&handle, (purpose, demand), hint, visitor);
        self.store()
            .write(move |tx| Ok::<_, crate::Error>(pending_requests::put(tx, &request)?))
            .await?;
        Ok(handle)
    }

    /// A new request of this browser that waits.
    pub(crate) fn waiting(
        &self,
        handle: &Secret,
        (purpose, demand): (Purpose, Demand),
        hint: Option<String>,
        visitor: &Visitor,
    ) -> PendingRequest {
        let now = self.now();
        PendingRequest {
            id: PendingRequestId(self.new_id()),
            handle_digest: handle.digest(),
            browser_digest: visitor.browser.digest(),
            purpose,
            demand,
            hint: hint.filter(|typed| !typed.trim().is_empty()),
            user_id: None,
            events: Vec::new(),
            enrolling: None,
            remember: false,
            created_at: now,
            expires_at: now + PENDING_FOR,
            used_at: None,
        }
    }

    /// The screen where this sign-in stands; `None` when it is over or another browser's.
    pub async fn sign_in_screen(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<Screen>> {
        let house = self.clone();
        let (handle, visitor) = (handle.clone(), visitor.clone());
        self.store()
            .read(move |tx| match house.pending(tx, &handle, &visitor)? {
                Some(request) => house.screen(tx, &request, &visitor).map(Some),
                None => Ok(None),
            })
            .await
    }

    /// Where this sign-in leads; `None` when it is over or another browser's.
    pub async fn sign_in_purpose(
        &self,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<Purpose>> {
        let house = self.clone();
        let (handle, visitor) = (handle.clone(), visitor.clone());
        let find = move |tx: &mut Tx| house.pending(tx, &handle, &visitor);
        Ok(self.store().read_briefly(find).await?.map(|request| request.purpose))
    }

    /// Takes the address; the answer is the same whether it names anybody (R024).
    pub async fn sign_in_address(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        typed: &str,
    ) -> Result<Outcome> {
        let house = self.clone();
        let (handle, visitor, typed) = (handle.clone(), visitor.clone(), typed.trim().to_owned());
        self.store()
            .write(move |tx| {
                let Some(mut request) = house.pending(tx, &handle, &visitor)? else {
                    return Ok(Outcome::Expired);
                };
                if request.purpose.confirms().is_some() {
                    return house.screen(tx, &request, &visitor).map(Outcome::Next);
                }
                request.user_id = None;
                request.events.clear();
                request.remember = false;
                request.hint = (!typed.is_empty()).then_some(typed);
                if request.hint.as_ref().is_some_and(|hint| hint.len() > 256) {
                    request.hint = None;
                }
                pending_requests::update(tx, &request)?;
                house.screen(tx, &request, &visitor).map(Outcome::Next)
            })
            .await
    }

    /// The live request behind a handle, if this browser began it.
    pub(crate) fn pending(
        &self,
        tx: &mut Tx,
        handle: &Secret,
        visitor: &Visitor,
    ) -> Result<Option<PendingRequest>> {
        let now = self.now();
        let found = pending_requests::by_handle(tx, &handle.digest())?;
        let mut found = found.filter(|request| {
            request.used_at.is_none()
                && request.expires_at > now
                && request.browser_digest == visitor.browser.digest()
        });
        // Whose second factor Entra asks for nobody changes by what they type.
        if let Some(request) = &mut found
            && let Some(person) = request.purpose.confirms()
        {
            request.user_id = Some(person);
        }
        Ok(found)
    }

    /// The screen that the state machine asks for.
    pub(crate) fn screen(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<Screen> {
        let address = request.hint.clone().unwrap_or_default();
        Ok(match self.step(tx, request, visitor)? {
            flow::Step::FirstFactor { .. } if names_nobody(&address) => {
                Screen::Address { begun: address }
            }
            flow::Step::FirstFactor { .. } => Screen::Password { address },
            flow::Step::SecondFactor { with } => {
                let remember = self.remembers_for(tx, request, visitor)?;
                let mailbox = self.mailbox(tx, request, visitor)?;
                Screen::SecondFactor { address, with, remember, mailbox }
            }
            flow::Step::Key => Screen::Key { address },
            flow::Step::Enroll { only_key, may_wait, .. } => match request.enrolling {
                Some(_) if only_key => Screen::EnrollKey { address },
                Some(id) => Screen::Enroll {
                    authenticator: House::authenticator(tx, id)?,
                    put_off_until: campaign::get(tx)?.closes_at.filter(|_| may_wait),
                    mailbox: self.mailbox(tx, request, visitor)?,
                    address,
                },
                None => Screen::EnrollmentCode {
                    mailbox: self.mailbox(tx, request, visitor)?,
                    address,
                    only_key,
                },
            },
            flow::Step::ChangePassword => Screen::NewPassword {
                address,
                min_length: crate::setup::policy(tx)?.min_password_length(),
            },
            flow::Step::Granted(_) => Screen::Done,
            flow::Step::Confirmed(_) => Screen::Confirmed,
            flow::Step::Denied(Reason::NoPasskey) => {
                Screen::NoPasskey { may_add: self.may_add_passkey(tx, request, visitor)?, address }
            }
            flow::Step::Denied(reason) => Screen::Denied { address, reason },
        })
    }

    /// Where the state machine says this sign-in stands (R040).
    pub(crate) fn step(
        &self,
        tx: &mut Tx,
        request: &PendingRequest,
        visitor: &Visitor,
    ) -> Result<flow::Step> {
        let mut policy = self.premises(tx)?.policy.clone();
        let person = request.user_id.map(|id| users::by_id(tx, id)).transpose()?.flatten();
        let known = match &person {
            Some(person) => Some(account(tx, person, request)?),
            None => None,
        };
        let resetting = known.as_ref().is_some_and(|(_, _, resetting)| *resetting);
        let (mut account, events) = known.map(|(account, events, _)| (account, events)).unzip();
        if let (Some(person), Some(account)) = (&person, &mut account) {
            let proved = Proof::from_events(events.clone().unwrap_or_default());
            self.rule(tx, (request, person, proved), visitor, (&mut policy, account))?;
        }
        if request.purpose.confirms().is_some() {
            let (proved, takes) = (events.unwrap_or_default(), |it| request.purpose.takes(it));
            return Ok(flow::confirm(account.as_ref(), proved, policy.mfa, takes));
        }
        let state = FlowState {
            audience: audience(&request.purpose),
            demand: request.demand,
            began_at: request.created_at,
            events: events.unwrap_or_default(),
            resetting,
            account,
        };
        Ok(flow::next(&state, &policy, self.now()))
    }

    /// What the rules say of a sign-in of this account, there and in this browser.
    fn rule(
        &self,
        tx: &mut Tx,
        (request, person, proved): (&PendingRequest, &User, Option<Proof>),
        visitor: &Visitor,
        (policy, account): (&mut Policy, &mut Account),
    ) -> Result<()> {
        let attempt = Attempt::of(request, visitor, self.now());
        let premises = self.premises(tx)?;
        let mut ruling = policy::ruling(tx, &premises, person, &attempt)?;
        if let Some(proof) = proved.filter(|_| request.purpose.confirms().is_none()) {
            ruling = mailed_codes::heeded(&premises, ruling, (person, &proof), request.demand);
        }
        let (verdict, by_rule) = (ruling.verdict, ruling.rule.is_some());
        // What a rule demands is not put off.
        policy.may_put_off &= !by_rule;
        account.factors = narrowed(account.factors, request);
        // A browser that is remembered spares nobody what somebody else is told was proved.
        let verdict = if request.purpose.confirms().is_some() {
            verdict
        } else {
            self.in_browser(tx, (request, person), visitor, verdict)?
        };
        match verdict {
            Verdict::Allowed { mfa, .. } => policy.mfa = mfa,
            Verdict::Denied if account.standing == Standing::Active => {
                account.standing = Standing::Forbidden;
            }
            Verdict::Denied => {}
        }
        Ok(())
    }
}

/// Which door a purpose opens.
pub(crate) fn audience(purpose: &Purpose) -> SessionAudience {
    match purpose {
        Purpose::Console => SessionAudience::Admin,
        Purpose::WsFed { .. }
        | Purpose::Saml2(_)
        | Purpose::Oidc(_)
        | Purpose::ExternalMfa(_)
        | Purpose::SignOut(_)
        | Purpose::Reset { .. }
        | Purpose::Portal => SessionAudience::Employee,
    }
}
