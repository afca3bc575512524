//! Somebody comes back from Microsoft. The round is used up first, whatever comes of it; then
//! Microsoft is asked, with no transaction open; then the sign-in goes on, or says why it doesn't.

use authn::lockout;
use graph::Redemption;
use model::{
    Actor, FactorEvent,
    audit::{AuditKind, Outcome as AuditOutcome},
    ids::{PendingRequestId, RegistrationId},
    microsoft_account::{Errand, Identity, MicrosoftAccount, MicrosoftRound, Vouched},
    pending_request::PendingRequest,
    registration::Registration,
    user::User,
};
use store::{
    Tx, audit_log, entra_links, microsoft_accounts, microsoft_rounds, pending_requests,
    registrations, tenants, users,
};

use super::{
    Bond, Stopped, is_of,
    stopped::{admitted, by},
};
use crate::{
    Employee, Error, House, Result, Visitor,
    registrations::Consented,
    sign_in::{Key, Screen, place_keys, uncount},
    visitor::Secret,
};

/// What a browser brings back from Microsoft.
#[derive(Debug, Clone)]
pub struct Comeback {
    /// To which registration's address.
    pub registration: RegistrationId,
    /// The state that it left with.
    pub state: String,
    /// The code; or why there is none.
    pub answer: std::result::Result<String, Declined>,
    /// The directory that consented, as the address says.
    pub tenant: String,
}

/// Microsoft sent no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// The word of the protocol (`access_denied`).
    pub error: String,
    /// Microsoft's sentence, with its number.
    pub description: String,
}

/// Where somebody who came back is led.
#[derive(Debug)]
pub enum Returned {
    /// The sign-in that waited goes on under this handle, or says why it doesn't.
    SignIn(Secret, Option<Stopped>),
    /// A directory was asked to consent to a registration.
    Consent(RegistrationId, Consented),
    /// The account is linked, or the reason why it isn't.
    Linked(std::result::Result<(), Stopped>),
    /// Nothing waits for this: it was used before, took too long, or began in another browser.
    Unasked,
}

impl House {
    /// Takes what a browser brings back from Microsoft; `me` is who is signed in there, if anybody.
    pub async fn return_from_microsoft(
        &self,
        comeback: Comeback,
        visitor: &Visitor,
        me: Option<&Employee>,
    ) -> Result<Returned> {
        let bond = Bond::of(Secret::from_cookie(&comeback.state), &visitor.browser);
        let Some((round, registration)) = self.take_round(&comeback, &bond, visitor).await? else {
            return Ok(Returned::Unasked);
        };
        if let Errand::Consent { user, session } = round.errand {
            let tenant = || comeback.tenant.parse().ok();
            let (id, answer) = (registration.id, comeback.answer.as_ref().map(|_| tenant()));
            let who = (user, session);
            let outcome = self.take_consent(registration, who, answer, visitor).await?;
            return Ok(Returned::Consent(id, outcome));
        }
        let vouched = self.ask_microsoft(&registration, &comeback, &bond, visitor).await?;
        let (house, visitor, me) = (self.clone(), visitor.clone(), me.cloned());
        self.store()
            .write(move |tx| {
                // Microsoft took its time: what counts is what the registration says by now.
                let now = registrations::by_id(tx, registration.id)?.filter(|it| it.enabled);
                let Some(registration) = now else {
                    let whose = (Actor::Anonymous, "microsoft");
                    house.audit_comeback(tx, &visitor, whose, Some("the registration is off"))?;
                    return Ok(Returned::Unasked);
                };
                if !vouched.as_ref().is_err_and(|stopped| stopped.is_a_guess()) {
                    uncount(tx, &comeback_keys(&visitor))?;
                }
                let vouched = match vouched {
                    Ok(vouched) => house.accept(tx, &registration, vouched)?,
                    Err(stopped) => Err(stopped),
                };
                match round.errand {
                    Errand::SignIn { request } => {
                        house.go_on_after(tx, &visitor, (request, &registration), &vouched)
                    }
                    Errand::Link { user, session } => {
                        let me = me.filter(|me| is_of(me, (user, session)));
                        let Some(me) = me else { return Ok(Returned::Unasked) };
                        house.link(tx, &visitor, (&me, &registration), vouched)
                    }
                    Errand::Consent { .. } => Ok(Returned::Unasked),
                }
            })
            .await
    }

    /// The round that this is the end of. It came to the address of the registration that it left
    /// through, or it is none.
    async fn take_round(
        &self,
        comeback: &Comeback,
        bond: &Bond,
        visitor: &Visitor,
    ) -> Result<Option<(MicrosoftRound, Registration)>> {
        let (house, visitor) = (self.clone(), visitor.clone());
        let (state, came_to) = (bond.state.digest(), comeback.registration);
        let taken = self.store().write(move |tx| {
            let round = microsoft_rounds::take(tx, &state, &visitor.browser.digest())?;
            let why = match &round {
                Some(round) if round.registration_id != came_to => "came to another registration",
                Some(round) if round.expires_at <= house.now() => "took too long",
                Some(_) => return Ok(round),
                None => "nobody waits for it in this browser",
            };
            house.audit_comeback(tx, &visitor, (Actor::Anonymous, "microsoft"), Some(why))?;
            Ok::<_, Error>(None)
        });
        let Some(round) = taken.await? else { return Ok(None) };
        let registration = self.known_registration(round.registration_id).await?;
        // Consent is asked for before anybody signs in.
        let counts =
            |it: &Registration| it.enabled || matches!(round.errand, Errand::Consent { .. });
        Ok(registration.filter(counts).map(|registration| (round, registration)))
    }

    /// What Microsoft says of whoever came back; counted like a guess from there, and taken back when
    /// it was none.
    async fn ask_microsoft(
        &self,
        registration: &Registration,
        comeback: &Comeback,
        bond: &Bond,
        visitor: &Visitor,
    ) -> Result<std::result::Result<Vouched, Stopped>> {
        let code = match &comeback.answer {
            Ok(code) => code,
            Err(declined) => return Ok(Err(declined.reason())),
        };
        let (house, keys) = (self.clone(), comeback_keys(visitor));
        let counted = self.store().write(move |tx| house.count(tx, &keys)).await?;
        if counted.is_none() {
            return Ok(Err(Stopped::Throttled));
        }
        let redirect_uri = self.redirect_uri(registration.id)?;
        let redemption = Redemption {
            code,
            redirect_uri: redirect_uri.as_str(),
            verifier: &bond.verifier,
            nonce: &bond.nonce,
        };
        let client = self.sign_in_client(registration)?;
        match client.redeem(&redemption, self.now(), self.new_id()).await {
            Ok(Ok(vouched)) => Ok(Ok(vouched)),
            Ok(Err(fault)) => Ok(Err(Stopped::Disbelieved(fault))),
            Err(error) => Ok(Err(by(&error))),
        }
    }

    /// Whether an account may come through this registration at all.
    fn accept(
        &self,
        tx: &mut Tx,
        registration: &Registration,
        vouched: Vouched,
    ) -> Result<std::result::Result<Vouched, Stopped>> {
        if let Err(stopped) = admitted(registration.tenants.admission(vouched.identity.tenant)) {
            return Ok(Err(stopped));
        }
        if self.is_circle(tx, &vouched)? {
            return Ok(Err(Stopped::Circle));
        }
        Ok(Ok(vouched))
    }

    /// Whether Microsoft signs this account in by sending its person to us: it then vouches for nothing
    /// but what we said ourselves.
    fn is_circle(&self, tx: &mut Tx, vouched: &Vouched) -> Result<bool> {
        let Identity { tenant, object } = vouched.identity;
        let premises = self.premises(tx)?;
        let says = |name: &str| model::Upn::parse(name).ok().map(|upn| upn.domain());
        // Also as somebody's guest: their own directory signs them in, and that sends them to us.
        if says(&vouched.name).is_some_and(|domain| premises.is_federated(&domain)) {
            return Ok(true);
        }
        for connection in tenants::to_directory(tx, tenant)? {
            let linked = entra_links::by_object(tx, connection, object)?;
            let person = linked.map(|link| users::by_id(tx, link.user_id)).transpose()?.flatten();
            let domains = [says(&vouched.name), person.map(|person| person.upn.domain())];
            let mut federated = domains.iter().flatten().filter_map(|name| {
                premises.vouching_for(name, connection).filter(|it| it.federated_at.is_some())
            });
            if federated.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes on with the sign-in that waited, under a new handle.
    fn go_on_after(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (id, registration): (PendingRequestId, &Registration),
        vouched: &std::result::Result<Vouched, Stopped>,
    ) -> Result<Returned> {
        let now = self.now();
        let open = |request: &PendingRequest| {
            request.used_at.is_none()
                && request.expires_at > now
                && request.browser_digest == visitor.browser.digest()
        };
        let Some(mut request) = pending_requests::by_id(tx, id)?.filter(open) else {
            return Ok(Returned::Unasked);
        };
        let handle = Secret::draw(self.random());
        pending_requests::set_handle(tx, id, &handle.digest())?;
        // Meanwhile another tab may have gone on with a password.
        if !self.takes_microsoft(tx, &request, visitor)? {
            return Ok(Returned::SignIn(handle, None));
        }
        let found = match vouched {
            Ok(vouched) => {
                let method = registration.proves(vouched);
                let found = whose(tx, &request, vouched)?;
                found.map(|(person, account)| (person, account, method))
            }
            Err(stopped) => Err(*stopped),
        };
        let name = vouched.as_ref().map_or("microsoft", |vouched| vouched.name.as_str());
        let (person, account, method) = match found {
            Ok(found) => found,
            Err(stopped) => {
                let whose = (Actor::Anonymous, name);
                self.audit_comeback(tx, visitor, whose, Some(&stopped.detail()))?;
                return Ok(Returned::SignIn(handle, Some(stopped)));
            }
        };
        microsoft_accounts::used(tx, account.id, now)?;
        let whose = (Actor::Person(person.id), person.upn.as_str());
        self.audit_comeback(tx, visitor, whose, None)?;
        request.events = vec![FactorEvent { method, at: now }];
        self.passed_microsoft(tx, &mut request, &person, visitor)?;
        Ok(Returned::SignIn(handle, None))
    }

    /// From here on it is as after the password: blocks, rules and second factors hold.
    fn passed_microsoft(
        &self,
        tx: &mut Tx,
        request: &mut PendingRequest,
        person: &User,
        visitor: &Visitor,
    ) -> Result<()> {
        request.user_id = Some(person.id);
        request.hint = Some(person.upn.to_string());
        request.enrolling = None;
        request.remember = false;
        self.notice_copy(tx, visitor, person)?;
        let screen = self.advance(tx, request, visitor)?;
        self.audit_if_denied(tx, visitor, (request, person), &screen)
    }

    /// Writes down that somebody came back, and why it led nowhere.
    pub(super) fn audit_comeback(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        (actor, subject): (Actor, &str),
        why: Option<&str>,
    ) -> Result<()> {
        let subject = crate::sign_in::subject(subject);
        let mut row = visitor.audit(self, actor, AuditKind::MicrosoftChecked, &subject);
        if let Some(why) = why {
            row.outcome = AuditOutcome::Refused;
            why.clone_into(&mut row.detail);
        }
        Ok(audit_log::record(tx, &row)?)
    }

    /// Writes down that who came back opened nothing, and by which rule.
    fn audit_if_denied(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        whose: (&PendingRequest, &User),
        screen: &Screen,
    ) -> Result<()> {
        match screen.denial() {
            Some(reason) => self.audit_denied(tx, visitor, whose, reason),
            None => Ok(()),
        }
    }
}

impl Declined {
    /// Microsoft's number, if it gave one.
    pub(crate) fn number(&self) -> Option<u32> {
        let number = self.description.split_once("AADSTS").map_or("", |(_, rest)| rest);
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// What it means: that they changed their mind, or a number of Microsoft's.
    fn reason(&self) -> Stopped {
        match self.number() {
            // 65004: the person declined to consent.
            Some(65_004) => Stopped::Cancelled,
            Some(code) => Stopped::Refused(code),
            None if self.error == "access_denied" => Stopped::Cancelled,
            None => Stopped::Refused(0),
        }
    }
}

/// Where somebody comes back from, counted apart from passwords.
fn comeback_keys(visitor: &Visitor) -> Vec<Key> {
    let place = place_keys(visitor).into_iter();
    place.map(|(key, limit)| (lockout::from_microsoft(&key), limit)).collect()
}

/// The person whose account it is, by the link alone.
fn whose(
    tx: &mut Tx,
    request: &PendingRequest,
    vouched: &Vouched,
) -> Result<std::result::Result<(User, MicrosoftAccount), Stopped>> {
    let account = microsoft_accounts::by_identity(tx, vouched.identity)?;
    let Some(account) = account else { return Ok(Err(Stopped::Unknown)) };
    // Whoever takes the link away waits for us, or we see that it is gone.
    users::lock(tx, account.user_id)?;
    if microsoft_accounts::by_identity(tx, vouched.identity)?.as_ref() != Some(&account) {
        return Ok(Err(Stopped::Unknown));
    }
    let Some(person) = users::by_id(tx, account.user_id)? else {
        return Ok(Err(Stopped::Unknown));
    };
    let wanted = request.hint.as_deref().map(|hint| users::by_upn(tx, hint)).transpose()?;
    let is_theirs = |wanted: &Option<User>| wanted.as_ref().is_some_and(|it| it.id == person.id);
    if wanted.as_ref().is_some_and(|wanted| !is_theirs(wanted)) {
        return Ok(Err(Stopped::SomebodyElse));
    }
    Ok(Ok((person, account)))
}
