//! What is known of a browser that goes round: what the party asks for, and what it was sent and did
//! not take (`federation.md` 5.3). A help desk finds the cause by comparing the two.

use federation::{keyring, loop_guard::WITHIN};
use model::{
    FactorEvent, Ts,
    issued_token::{Asked, IssuedToken, Protocol},
    signing_key::SigningKey,
    user::User,
};
use store::{Tx, issued_tokens, signing_keys};

use super::{Ask, Envelope, Grounds};
use crate::{House, Result, premises::Premises};

/// How many of the person's tokens are looked at.
const LOOKED_AT: i64 = 9;

/// A round that a browser goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What people call the party.
    pub party: String,
    /// By which protocol it asks.
    pub protocol: Protocol,
    /// What it asks for, this time.
    pub asked: Asked,
    /// What it was sent within the last minute, newest first.
    pub sent: Vec<Sent>,
}

/// A token that was not taken, as far as anybody needs it to find out why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: Ts,
    /// What was proved, and when.
    pub events: Vec<FactorEvent>,
    /// Whether it says that MFA was done.
    pub says_mfa: bool,
    /// Who vouched.
    pub issuer: String,
    /// SHA-1 of the certificate of the key that signed, as Entra shows it.
    pub key: String,
}

impl Round {
    /// For the audit log.
    pub(super) fn detail(&self) -> String {
        let asked = self.asked.words(self.protocol);
        let newest = self.sent.first().map_or_else(String::new, |sent| {
            let mfa = if sent.says_mfa { "with" } else { "without" };
            format!("; the newest {mfa} MFA, by {}, signed with {}", sent.issuer, sent.key)
        });
        let times = self.sent.len();
        format!("sends the browser back after each token: asked for {asked}; sent {times}{newest}")
    }
}

impl Ask {
    /// What the journal keeps of it.
    pub(super) fn asked(&self) -> Asked {
        let mut asked = Asked { demand: self.demand, contexts: Vec::new() };
        match &self.envelope {
            Envelope::Saml2(request) => asked.contexts.clone_from(&request.contexts),
            // That was asked for, and seen to, when the code was given.
            Envelope::Oidc(redeemed) => asked.demand.max_age = redeemed.max_age(),
            Envelope::WsFed | Envelope::WsTrust | Envelope::OidcCode => {}
        }
        asked
    }
}

impl House {
    pub(super) fn round(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        (grounds, user): (&Grounds, &User),
        premises: &Premises,
    ) -> Result<Round> {
        let own = premises.counting(&ask.party, user).map(|party| party.id);
        let now = self.now();
        let is_one = |token: &IssuedToken| {
            let party = token.relying_party_id;
            let here = token.session_id == grounds.session
                && token.protocol == ask.envelope.protocol()
                && now.since(token.issued_at) < WITHIN;
            here && (party == ask.party.id || Some(party) == own)
        };
        let tokens = issued_tokens::of_user(tx, user.id, LOOKED_AT)?;
        let keys = signing_keys::all(tx)?;
        let sent = tokens.into_iter().filter(is_one);
        Ok(Round {
            party: ask.party.name.clone(),
            protocol: ask.envelope.protocol(),
            asked: ask.asked(),
            sent: sent.map(|token| self.sent(token, premises, &keys)).collect(),
        })
    }

    fn sent(&self, token: IssuedToken, premises: &Premises, keys: &[SigningKey]) -> Sent {
        let domain = premises.domain(token.domain_id);
        let issuer = domain.map(|domain| match token.protocol {
            Protocol::Oidc => self.endpoints(&domain.slug).oidc_issuer(),
            _ => domain.issuer_uri.clone(),
        });
        let key = keys.iter().find(|key| key.id == token.signing_key_id);
        Sent {
            at: token.issued_at,
            says_mfa: token.says_mfa,
            issuer: issuer.unwrap_or_default(),
            key: key.map(|key| keyring::thumbprint(&key.certificate)).unwrap_or_default(),
            events: token.events,
        }
    }
}
