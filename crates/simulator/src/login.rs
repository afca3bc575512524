//! The login host: realm discovery, the token endpoint, and `login.srf`, where tokens of
//! federated domains are judged. Sign-ins under way are remembered here, never on disk.

mod accept;
mod assertion;
mod bearer;
mod client_assertion;
mod discovery;
pub(crate) mod external_mfa;
mod log;
pub(crate) mod openid;
mod realm;
mod request_signature;
mod saml2;
mod shape;
mod sign_ins;
mod token;
mod verify;

pub(crate) use accept::{Verdict, accept};
pub(crate) use discovery::{LOGIN, instance, openid_configuration};
pub use log::SignIn;
pub(crate) use log::SignInLog;
pub(crate) use realm::{
    Demand, Realm, credential_type, get_user_realm, get_user_realm_xml, realm, user_realm,
};
pub(crate) use request_signature::CERTIFICATE as REQUEST_CERTIFICATE;
pub(crate) use saml2::{Form, log_out, logout_redirect, redirect, request_form};
pub(crate) use sign_ins::{Session, SignIns};
pub(crate) use token::{TokenRequest, token};

/// The realm that tokens for Microsoft name, and the audience they carry.
pub(crate) const REALM: &str = "urn:federation:MicrosoftOnline";
/// The claim value that proves a second factor, and `wauth` that asks for one.
pub(crate) const MULTIPLE_AUTHN: &str = "http://schemas.microsoft.com/claims/multipleauthn";

/// A refusal of the login host: its AADSTS code and what it means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) code: u32,
    pub(crate) sentence: String,
}

impl Denial {
    /// A denial with a sentence.
    pub(crate) fn new(code: u32, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }
}
