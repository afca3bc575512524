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
/// The claim with the sign-in name, as Entra knows it.
pub const CLAIM_UPN: &str = "http://schemas.xmlsoap.org/claims/UPN";
/// The claim by which Entra recognises a person.
pub const CLAIM_IMMUTABLE_ID: &str =
    "http://schemas.microsoft.com/LiveID/Federation/2008/05/ImmutableID";
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
/// SOAP 1.2 envelopes.
pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// SOAP 1.1 envelopes.
pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Whoever receives a SOAP 1.1 message next.
pub const SOAP11_NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";
/// An answer on the connection that the request came by.
pub const ADDRESSING_ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
/// The action of a SOAP fault.
pub const ADDRESSING_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";
/// A password as it is, in WS-Security.
pub const PASSWORD_TEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
/// What a token request of WS-Trust 1.3 asks for, and what its response answers.
pub const ISSUE_13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue";
/// A token without a key of its own, in WS-Trust 1.3.
pub const BEARER_KEY: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer";
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

/// SAML 2.0 assertions.
pub const SAML20: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML 2.0 protocol messages.
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// A message in a SOAP envelope, to a client without a browser that was asked over HTTP.
pub const BINDING_PAOS: &str = "urn:oasis:names:tc:SAML:2.0:bindings:PAOS";
/// The profile for clients without a browser.
pub const ECP: &str = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp";
/// Whoever presents a SAML 2.0 token is believed to be its subject.
pub const CM_BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// A message in the query of an address.
pub const BINDING_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// A message in a form.
pub const BINDING_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// How a message in a query is packed.
pub const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
/// A name that stands for a party.
pub const NAME_ID_ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
/// A name of a person that another token won't have.
pub const NAME_ID_TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// An attribute's name is a URI.
pub const ATTRIBUTE_URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
/// An attribute's name is a word.
pub const ATTRIBUTE_BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
/// Signed in with a password over a protected connection.
pub const AC_PASSWORD_PROTECTED: &str =
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
/// Signed in with a password.
pub const AC_PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
/// Signed in somehow.
pub const AC_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
/// Two factors of different kinds, in the words of research and education.
pub const REFEDS_MFA: &str = "https://refeds.org/profile/mfa";
/// It was done.
pub const STATUS_SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// The one who asked is the reason that it was not done.
pub const STATUS_REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
/// The one who answers is the reason that it was not done.
pub const STATUS_RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
/// Nothing could be done without showing something.
pub const STATUS_NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
/// None of the contexts asked for can be had.
pub const STATUS_NO_AUTHN_CONTEXT: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";
/// The person can't be named in that form.
pub const STATUS_INVALID_NAME_ID_POLICY: &str =
    "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy";
/// The answer can't travel that way.
pub const STATUS_UNSUPPORTED_BINDING: &str =
    "urn:oasis:names:tc:SAML:2.0:status:UnsupportedBinding";
/// It was understood and is not done.
pub const STATUS_REQUEST_DENIED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";
/// Some sessions may live on.
pub const STATUS_PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";

/// SAML 2.0 metadata.
pub const SAML_METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// WS-Federation.
pub const WS_FEDERATION: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
/// WS-Federation authorization (claim types).
pub const WS_AUTHORIZATION: &str = "http://docs.oasis-open.org/wsfed/authorization/200706";
/// XML Schema instance (`xsi:type`).
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
