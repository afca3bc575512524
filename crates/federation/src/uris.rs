//! The fixed names of the protocols, each written once (`federation.md` 0.2, 1.4).

/// SAML 1.1 assertions: their namespace, and the token type.
pub const SAML11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// Whoever presents the token is believed to be its subject.
pub const BEARER: &str = "urn:oasis:names:tc:SAML:1.0:cm:bearer";
/// A name identifier whose form both sides know anyway.
pub const NAME_ID_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// SAML 1.1's name for "with a password".
pub const AM_PASSWORD: &str = "urn:oasis:names:tc:SAML:1.0:am:password";
/// SAML 1.1's name for "in a way that this list has no name for".
pub const AM_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.0:am:unspecified";
/// AD FS's name for "with a password".
pub const METHOD_PASSWORD: &str =
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password";
/// Two factors of different kinds were verified (R094).
pub const MULTIPLE_AUTHN: &str = "http://schemas.microsoft.com/claims/multipleauthn";
/// Windows authentication or two factors; asked for by hybrid join.
pub const WIA_OR_MULTIPLE_AUTHN: &str = "http://schemas.microsoft.com/claims/wiaormultiauthn";

/// XML signatures.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Exclusive canonical XML without comments.
pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The transform that takes the signature itself out.
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// RSA PKCS#1 v1.5 with SHA-256.
pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// SHA-256.
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// WS-Trust of February 2005.
pub const TRUST_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
/// WS-Trust 1.3.
pub const TRUST_13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// What a token response answers.
pub const ISSUE_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust/Issue";
/// A token without a key of its own.
pub const NO_PROOF_KEY: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey";
/// WS-Policy.
pub const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
/// WS-Addressing 1.0.
pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// WS-Security utility.
pub const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// WS-Security extensions 1.0.
pub const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// WS-Security extensions 1.1.
pub const WSSE11: &str = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
/// The token type of a SAML 1.1 assertion in WS-Security.
pub const WSS_SAML11: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1";
/// A reference to an assertion by its id.
pub const WSS_ASSERTION_ID: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID";

/// SAML 2.0 metadata.
pub const SAML_METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// WS-Federation.
pub const WS_FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
/// WS-Federation authorization (claim types).
pub const WS_AUTHORIZATION: &str = "http://docs.oasis-open.org/wsfed/authorization/200706";
/// XML Schema instance (`xsi:type`).
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
