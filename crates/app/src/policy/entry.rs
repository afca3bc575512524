//! The policy at the doors that give no token: whoever opens a page of the portal or the console is
//! judged each time, with whatever session they came by.

use authn::policy::Verdict;
use model::{
    pending_request::Demand,
    policy::{Client, Target},
    session::Session,
    user::User,
};

use store::Tx;

use super::{Attempt, may_ask, ruling};
use crate::{Admin, Employee, House, Result, Visitor, issue::Denial, mailed_codes};

/// Whether somebody may open a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// They may.
    Open,
    /// What they proved is too little, or too old.
    SignInFirst,
    /// A rule denies it from here.
    Denied(Denial),
}

impl House {
    /// What the policy says of somebody at the portal.
    pub async fn enter_portal(&self, me: &Employee, visitor: &Visitor) -> Result<Entry> {
        self.entry(Target::Portal, (me.user(), me.session()), visitor).await
    }

    /// What the policy says of somebody at the console.
    pub async fn enter_console(&self, admin: &Admin, visitor: &Visitor) -> Result<Entry> {
        self.entry(Target::Console, (admin.user(), admin.session()), visitor).await
    }

    /// Whether a rule takes a passkey or security key alone of somebody at a door.
    pub(crate) fn takes_keys_alone(
        &self,
        tx: &mut Tx,
        target: Target,
        user: &User,
        visitor: &Visitor,
    ) -> Result<bool> {
        let premises = self.premises(tx)?;
        let (client, from) = (Client::Browser, &visitor.client);
        let (asked, at) = (may_ask(target, client, false), self.now());
        let attempt = Attempt { target, client, from, asked, at };
        Ok(ruling(tx, &premises, user, &attempt)?.verdict.takes_a_passkey())
    }

    async fn entry(
        &self,
        target: Target,
        (user, session): (&User, &Session),
        visitor: &Visitor,
    ) -> Result<Entry> {
        let (house, user, session) = (self.clone(), user.clone(), session.clone());
        let from = visitor.client.clone();
        let entry = self.store().read_briefly(move |tx| {
            let premises = house.premises(tx)?;
            let client = Client::Browser;
            let asked = may_ask(target, client, false);
            let attempt = Attempt { target, client, from: &from, asked, at: house.now() };
            let mut ruling = ruling(tx, &premises, &user, &attempt)?;
            let (proof, demand) = (session.proof(), Demand::default());
            if let Some(proof) = &proof {
                ruling = mailed_codes::heeded(&premises, ruling, (&user, proof), demand);
            }
            let spared = (&user, session.remembered);
            let verdict = house.in_session(tx, spared, ruling.verdict, demand)?;
            let Verdict::Allowed { mfa, max_age, .. } = verdict else {
                return Ok(Entry::Denied(Denial::ByPolicy {
                    upn: user.upn.to_string(),
                    party: name(target).to_owned(),
                    rule: ruling.rule.map(|rule| rule.name.clone()).unwrap_or_default(),
                }));
            };
            let Some(proof) = proof else { return Ok(Entry::SignInFirst) };
            let age = house.now().since(proof.authenticated_at()).as_secs();
            let young = max_age.is_none_or(|most| age <= most);
            Ok::<_, crate::Error>(if mfa.is_met_by(&proof) && young {
                Entry::Open
            } else {
                Entry::SignInFirst
            })
        });
        let entry = entry.await?;
        if let Entry::Denied(denial) = &entry {
            self.record_denial(visitor, denial).await?;
        }
        Ok(entry)
    }
}

/// What people call a door.
const fn name(target: Target) -> &'static str {
    match target {
        Target::Console => "the console",
        Target::Portal | Target::Party(_) => "the portal",
    }
}
