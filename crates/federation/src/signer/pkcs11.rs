//! Keys in a PKCS#11 token (OASIS PKCS #11 v2.40): made in it, not extractable, used by their id.
//!
//! A session belongs to one thread at a time; whoever signs takes an idle one or opens another. A
//! session that failed is thrown away, and the next one signs in again, so that a token which was
//! away comes back by itself.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as Trouble, RvError},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
};
use model::{
    Ts,
    ids::SigningKeyId,
    signing_key::{PrivateKey, SigningKey},
};
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use secrecy::SecretString;

use super::Signs;
use crate::{
    Error, Result,
    keyring::{self, RsaSize},
};

/// Which token, and how it is opened.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The module's shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The PIN of its user.
    pub pin: SecretString,
}

/// A token that was signed in to.
pub struct Token {
    idle: Mutex<Vec<Session>>,
    pin: SecretString,
    slot: Slot,
    module: Pkcs11,
}

/// A private key in a token.
struct KeyInToken {
    token: Arc<Token>,
    handle: ObjectHandle,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("slot", &self.slot).finish_non_exhaustive()
    }
}

impl From<Trouble> for Error {
    fn from(cause: Trouble) -> Self {
        Self::Token(cause.to_string())
    }
}

impl Token {
    /// Loads the module, finds the token by its label and signs in.
    pub fn open(settings: &Settings) -> Result<Self> {
        let module = Pkcs11::new(&settings.module)?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Trouble::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(cause) => return Err(cause.into()),
        }
        let slot = find(&module, &settings.token)?;
        let token = Self { idle: Mutex::default(), pin: settings.pin.clone(), slot, module };
        token.with_session(|_| Ok(()))?;
        Ok(token)
    }

    /// Makes a key pair in the token and its certificate.
    pub(super) fn new_signing_key(
        self: &Arc<Self>,
        name: (SigningKeyId, &str, [u8; 16]),
        size: RsaSize,
        dates: (Ts, Duration),
    ) -> Result<SigningKey> {
        let (id, label) = (name.0.0.as_bytes().to_vec(), name.1.as_bytes().to_vec());
        let (public, handle) =
            self.with_session(|session| generate(session, (&id, &label), size))?;
        let key = KeyInToken { token: Arc::clone(self), handle };
        keyring::certified(&Certifying { key, public }, PrivateKey::InToken(id), name, dates)
    }

    /// The private key with this id.
    pub(super) fn key(self: &Arc<Self>, id: &[u8]) -> Result<impl Signs + use<>> {
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
        let found = self.with_session(|session| session.find_objects(&wanted))?;
        match found[..] {
            [handle] => Ok(KeyInToken { token: Arc::clone(self), handle }),
            [] => Err(Error::UnusableKey("the PKCS#11 token does not have it")),
            _ => Err(Error::UnusableKey("the PKCS#11 token has two of that id")),
        }
    }

    /// Works in an idle session, or in a new one when there is none or the idle one is of no use.
    fn with_session<T>(
        &self,
        work: impl Fn(&Session) -> std::result::Result<T, Trouble>,
    ) -> Result<T> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        if let Some(session) = idle
            && let Ok(done) = work(&session)
        {
            self.put_back(session);
            return Ok(done);
        }
        let session = self.module.open_rw_session(self.slot)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Trouble::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(cause) => return Err(cause.into()),
        }
        let done = work(&session)?;
        self.put_back(session);
        Ok(done)
    }

    fn put_back(&self, session: Session) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(session);
        }
    }
}

fn find(module: &Pkcs11, label: &str) -> Result<Slot> {
    for slot in module.get_slots_with_initialized_token()? {
        if module.get_token_info(slot)?.label() == label {
            return Ok(slot);
        }
    }
    Err(Error::Token(format!("no token is labelled {label}")))
}

/// An RSA pair: its public half as DER (RFC 8017 A.1.1), and the private half's handle.
fn generate(
    session: &Session,
    (id, label): (&[u8], &[u8]),
    size: RsaSize,
) -> std::result::Result<(Vec<u8>, ObjectHandle), Trouble> {
    let named = || [Attribute::Id(id.to_vec()), Attribute::Label(label.to_vec())];
    let mut public = named().to_vec();
    public.extend([
        Attribute::Token(true),
        Attribute::Verify(true),
        Attribute::ModulusBits(u64::from(size.bits()).into()),
        Attribute::PublicExponent(vec![1, 0, 1]),
    ]);
    let mut private = named().to_vec();
    private.extend([
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ]);
    let (public, private) =
        session.generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private)?;
    let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
    let (mut modulus, mut exponent) = (Vec::new(), Vec::new());
    for attribute in session.get_attributes(public, &wanted)? {
        match attribute {
            Attribute::Modulus(value) => modulus = value,
            Attribute::PublicExponent(value) => exponent = value,
            _ => {}
        }
    }
    let numbers = [integer(&modulus), integer(&exponent)].concat();
    Ok((element(0x30, &numbers), private))
}

/// A positive INTEGER in DER.
fn integer(big_endian: &[u8]) -> Vec<u8> {
    let start = big_endian.iter().position(|&byte| byte != 0).unwrap_or(big_endian.len());
    let digits = &big_endian[start..];
    let sign = digits.first().is_none_or(|&first| first >= 0x80);
    element(2, &[if sign { &[0][..] } else { &[] }, digits].concat())
}

/// A DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let start = length.iter().position(|&byte| byte != 0).unwrap_or(length.len() - 1);
    let digits = &length[start..];
    let mut out = vec![tag];
    if content.len() >= 0x80 {
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
    }
    out.extend_from_slice(digits);
    out.extend_from_slice(content);
    out
}

impl Signs for KeyInToken {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mechanism = Mechanism::Sha256RsaPkcs;
        self.token.with_session(|session| session.sign(&mechanism, self.handle, message))
    }
}

/// A new key while it signs its own certificate.
struct Certifying {
    key: KeyInToken,
    public: Vec<u8>,
}

impl PublicKeyData for Certifying {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for Certifying {
    fn sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, rcgen::Error> {
        self.key.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_der_wants_them() {
        assert_eq!(integer(&[0, 0, 1, 0, 1]), [2, 3, 1, 0, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        let long = element(0x30, &[7; 0x101]);
        assert_eq!((&long[..4], long.len()), (&[0x30, 0x82, 1, 1][..], 4 + 0x101));
        assert_eq!(element(4, &[7; 0x80])[..3], [4, 0x81, 0x80]);
    }
}
