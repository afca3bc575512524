//! A small identity provider for the tests: canonical by construction, signed with aws-lc-rs.
//! What the product's own writer makes is judged elsewhere; here every field can be wrong.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A signing key with its self-signed certificate.
pub(crate) struct Signer {
    key: RsaKeyPair,
    pub(crate) certificate: String,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let size = rcgen::RsaKeySize::_2048;
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
        let parameters = rcgen::CertificateParams::new(vec!["idp.example.com".into()]).unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        Self {
            key: RsaKeyPair::from_pkcs8(key.serialized_der()).unwrap(),
            certificate: STANDARD.encode(certificate.der()),
        }
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
        signature
    }
}

/// What a token says.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) not_before: String,
    pub(crate) not_on_or_after: String,
    pub(crate) authenticated_at: String,
    pub(crate) method: String,
    pub(crate) immutable_id: Option<String>,
    pub(crate) swaps_statements: bool,
    pub(crate) swaps_conditions: bool,
}

const MFA: &str = "http://schemas.microsoft.com/claims/multipleauthn";
const PASSWORD: &str =
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password";

impl Token {
    pub(crate) fn new(id: &str, issuer: &str, immutable_id: &str) -> Self {
        Self {
            id: id.to_owned(),
            issuer: issuer.to_owned(),
            audience: "urn:federation:MicrosoftOnline".to_owned(),
            not_before: "2026-11-22T09:00:00.000Z".to_owned(),
            not_on_or_after: "2026-11-22T09:10:00.000Z".to_owned(),
            authenticated_at: "2026-11-22T09:00:30.000Z".to_owned(),
            method: MFA.to_owned(),
            immutable_id: Some(immutable_id.to_owned()),
            swaps_statements: false,
            swaps_conditions: false,
        }
    }

    pub(crate) fn with_password_only(self) -> Self {
        Self { method: PASSWORD.to_owned(), ..self }
    }

    fn subject(&self) -> String {
        let name = self.immutable_id.as_deref().unwrap_or("ada@contoso.com");
        format!(
            "<saml:Subject><saml:NameIdentifier Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{name}</saml:NameIdentifier><saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod></saml:SubjectConfirmation></saml:Subject>"
        )
    }

    /// The content of the assertion up to the signature.
    fn statements(&self) -> String {
        let conditions = format!(
            "<saml:Conditions NotBefore=\"{}\" NotOnOrAfter=\"{}\"><saml:AudienceRestrictionCondition><saml:Audience>{}</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions>",
            self.not_before, self.not_on_or_after, self.audience
        );
        let immutable_id = self.immutable_id.as_ref().map_or(String::new(), |value| {
            format!("<saml:Attribute AttributeName=\"ImmutableID\" AttributeNamespace=\"http://schemas.microsoft.com/LiveID/Federation/2008/05\"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>")
        });
        let attributes = format!(
            "<saml:AttributeStatement>{}<saml:Attribute AttributeName=\"UPN\" AttributeNamespace=\"http://schemas.xmlsoap.org/claims\"><saml:AttributeValue>ada@contoso.com</saml:AttributeValue></saml:Attribute>{immutable_id}</saml:AttributeStatement>",
            self.subject()
        );
        let authentication = format!(
            "<saml:AuthenticationStatement AuthenticationInstant=\"{}\" AuthenticationMethod=\"{}\">{}</saml:AuthenticationStatement>",
            self.authenticated_at,
            self.method,
            self.subject()
        );
        if self.swaps_statements {
            conditions + &authentication + &attributes
        } else if self.swaps_conditions {
            attributes + &conditions + &authentication
        } else {
            conditions + &attributes + &authentication
        }
    }

    /// The signed assertion.
    pub(crate) fn assertion(&self, signer: &Signer) -> String {
        let open = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" AssertionID=\"{}\" IssueInstant=\"{}\" Issuer=\"{}\" MajorVersion=\"1\" MinorVersion=\"1\">{}",
            self.id,
            self.not_before,
            self.issuer,
            self.statements()
        );
        let hash = STANDARD.encode(digest(&SHA256, format!("{open}</saml:Assertion>").as_bytes()));
        let body = format!(
            "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod><ds:Reference URI=\"#{}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{hash}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
            self.id
        );
        let covered =
            format!("<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{body}");
        let value = STANDARD.encode(signer.sign(covered.as_bytes()));
        format!(
            "{open}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>{body}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></saml:Assertion>",
            signer.certificate
        )
    }

    /// The whole `wresult`.
    pub(crate) fn wresult(&self, signer: &Signer) -> String {
        envelope(&self.id, &self.assertion(signer))
    }
}

/// The RSTR around an assertion.
pub(crate) fn envelope(id: &str, assertion: &str) -> String {
    let utility =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    let reference = format!(
        "<o:SecurityTokenReference xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"><o:KeyIdentifier ValueType=\"http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID\">{id}</o:KeyIdentifier></o:SecurityTokenReference>"
    );
    format!(
        "<t:RequestSecurityTokenResponse xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\"><t:Lifetime><wsu:Created xmlns:wsu=\"{utility}\">2026-11-22T09:00:00.000Z</wsu:Created><wsu:Expires xmlns:wsu=\"{utility}\">2026-11-22T09:10:00.000Z</wsu:Expires></t:Lifetime><wsp:AppliesTo xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"><wsa:EndpointReference xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><wsa:Address>urn:federation:MicrosoftOnline</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><t:RequestedSecurityToken>{assertion}</t:RequestedSecurityToken><t:RequestedAttachedReference>{reference}</t:RequestedAttachedReference><t:RequestedUnattachedReference>{reference}</t:RequestedUnattachedReference><t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType><t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType><t:KeyType>http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey</t:KeyType></t:RequestSecurityTokenResponse>"
    )
}
