//! Being the external MFA provider of a tenant: Entra asks the first factor itself, and has the second
//! one proved here (`graph.md` 12).

use serde::{Deserialize, Serialize};

use crate::{
    Method, Proof, Ts,
    amr::SecondFactor,
    ids::{ClientId, EntraTenantId, RelyingPartyId, TenantId, UserId},
    microsoft_account::Identity,
    relying_party::{Cloud, CloudHosts},
};

/// What Entra calls a second factor of any kind but knowledge; what we answer when it names nothing.
const USUAL: &str = "possessionorinherence";
/// What is true of whoever proved something that they have. What an authenticator verified its holder
/// by is not known here, so nothing is said of knowledge or inherence.
const TRUE_OF_POSSESSION: [&str; 4] =
    [USUAL, "knowledgeorpossession", "knowledgeorpossessionorinherence", "possession"];

/// Whether a tenant's people prove their second factor here, and what Entra needs for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalMfa {
    /// Whose people. Entra is known here by this id (`client_id`).
    pub tenant_id: TenantId,
    /// Whether Entra is answered.
    pub enabled: bool,
    /// The app registration that Entra has consented to; for the call that the console shows, alone.
    pub app_id: Option<ClientId>,
    /// When it was changed last.
    pub changed_at: Ts,
}

/// A tenant that has second factors proved here, as far as its requests need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The connection; Entra is known here by its id.
    pub tenant: TenantId,
    /// Microsoft's id of the directory.
    pub directory: EntraTenantId,
    /// What admins call it.
    pub alias: String,
    /// Which cloud it lives in.
    pub cloud: Cloud,
    /// That cloud's addresses.
    pub hosts: CloudHosts,
}

/// What Entra says of whoever it asks about, in a token that holds (`id_token_hint`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Who it is.
    pub identity: Identity,
    /// What they are called towards us; the answer must say the same.
    pub subject: String,
    /// What the account is called at the moment; for people to read, and nothing is found by it.
    pub name: String,
}

/// What an answer may say, as Entra asked for it. An empty list takes anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Kinds of factors (`acr`).
    pub contexts: Vec<String>,
    /// Ways to prove one (`amr`).
    pub methods: Vec<String>,
}

/// A request of Entra's, as far as its answer needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalMfaRequest {
    /// The connection to the tenant that asks.
    pub tenant: TenantId,
    /// Whose second factor.
    pub user: UserId,
    /// Who they are there.
    pub identity: Identity,
    /// What they are called towards us.
    pub subject: String,
    /// The id by which Entra is known here, byte for byte.
    pub client_id: String,
    /// Where the answer goes.
    pub reply: String,
    /// Comes back as it is; `None` when there was none.
    pub state: Option<String>,
    /// Comes back inside the answer.
    pub nonce: String,
    /// What the answer may say.
    pub wanted: Wanted,
    /// Microsoft as an application of the tenant, whose rules hold; `None` while no domain is added.
    pub relying_party: Option<RelyingPartyId>,
}

/// What is said of a second factor that was verified here. Only [`Wanted::answer`] makes one, from
/// recorded factor events (R094).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    context: &'static str,
    method: &'static str,
    factor: SecondFactor,
}

impl Wanted {
    /// What may be said of what was proved; `None` when nothing of it is wanted.
    #[must_use]
    pub fn answer(&self, proof: &Proof) -> Option<Answer> {
        let context = self.context()?;
        proof.second_factors().find_map(|factor| {
            let method = self.word(factor.method())?;
            Some(Answer { context, method, factor })
        })
    }

    /// Whether proving it in this way can be answered.
    #[must_use]
    pub fn takes(&self, method: Method) -> bool {
        self.context().is_some() && self.word(method).is_some()
    }

    fn context(&self) -> Option<&'static str> {
        if self.contexts.is_empty() {
            return Some(USUAL);
        }
        let mut asked = self.contexts.iter();
        asked.find_map(|asked| TRUE_OF_POSSESSION.into_iter().find(|it| it == asked))
    }

    /// The first word that is true of a method and wanted.
    fn word(&self, method: Method) -> Option<&'static str> {
        let words: &[&str] = match method {
            // A printed code and a pass are one-time passwords as well (RFC 8176).
            Method::Totp | Method::RecoveryCode | Method::AccessPass => &["otp"],
            // A key may be copied between devices, so it is not said to be of hardware.
            Method::Passkey | Method::SecurityKey => &["fido", "pop"],
            Method::Password | Method::MailedCode | Method::Microsoft | Method::MicrosoftMfa => &[],
        };
        let is_wanted =
            |word: &&str| self.methods.is_empty() || self.methods.iter().any(|it| it == word);
        words.iter().copied().find(is_wanted)
    }
}

impl Answer {
    /// The kind of the factor (`acr`).
    #[must_use]
    pub const fn context(self) -> &'static str {
        self.context
    }

    /// How it was proved (`amr`).
    #[must_use]
    pub const fn method(self) -> &'static str {
        self.method
    }

    /// What was verified.
    #[must_use]
    pub const fn factor(self) -> SecondFactor {
        self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FactorEvent;

    fn said(wanted: &Wanted, methods: &[Method]) -> Option<(&'static str, &'static str)> {
        let events =
            methods.iter().zip(1..).map(|(&method, at)| FactorEvent { method, at: Ts(at) });
        let answer = wanted.answer(&Proof::from_events(events.collect())?)?;
        Some((answer.context(), answer.method()))
    }

    fn wanted(contexts: &[&str], methods: &[&str]) -> Wanted {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Wanted { contexts: owned(contexts), methods: owned(methods) }
    }

    /// R094
    #[test]
    fn an_answer_says_what_was_proved_and_nothing_else() {
        use Method::{
            AccessPass, MailedCode, Microsoft, MicrosoftMfa, Passkey, Password, RecoveryCode,
            SecurityKey, Totp,
        };
        let usual = wanted(&[USUAL], &["face", "fido", "fpt", "hwk", "otp", "pop", "sms", "swk"]);
        for (methods, expected) in [
            (&[][..], None),
            (&[Password], None),
            (&[MailedCode], None),
            (&[Microsoft], None),
            (&[MicrosoftMfa], None),
            (&[Totp], Some("otp")),
            (&[RecoveryCode], Some("otp")),
            (&[AccessPass], Some("otp")),
            (&[SecurityKey], Some("fido")),
            (&[Passkey], Some("fido")),
            (&[Password, Totp], Some("otp")),
            (&[Totp, SecurityKey], Some("fido")),
            (&[SecurityKey, Totp], Some("otp")),
        ] {
            for asked in [&usual, &Wanted::default()] {
                let expected = expected.map(|method| (USUAL, method));
                assert_eq!(said(asked, methods), expected, "{methods:?}");
            }
        }
    }

    #[test]
    fn what_is_not_true_is_not_said_whoever_wants_it() {
        for context in ["knowledge", "inherence", "knowledgeorinherence", "phr"] {
            assert_eq!(said(&wanted(&[context], &[]), &[Method::Passkey]), None, "{context}");
        }
        for context in TRUE_OF_POSSESSION {
            let asked = wanted(&["inherence", context], &[]);
            assert_eq!(said(&asked, &[Method::Totp]), Some((context, "otp")));
        }
        let key = wanted(&[], &["hwk", "pop"]);
        assert_eq!(said(&key, &[Method::Passkey]), Some((USUAL, "pop")));
        assert_eq!(said(&key, &[Method::Totp]), None);
        assert!(key.takes(Method::SecurityKey) && !key.takes(Method::Totp));
        assert!(!wanted(&["knowledge"], &[]).takes(Method::Totp));
        assert_eq!(said(&wanted(&[], &["face"]), &[Method::Passkey, Method::Totp]), None);
    }
}
