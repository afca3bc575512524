//! The relying party: what it asks for, and how it judges what it gets.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use openssl::{
    pkey::{PKey, Private},
    x509::X509,
};
use samael::{
    crypto::{
        AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider as _, ReduceMode,
        gen_saml_assertion_id,
    },
    metadata::{EntityDescriptor, HTTP_POST_BINDING, HTTP_REDIRECT_BINDING, NameIdFormat},
    schema::{Assertion, Issuer, LogoutRequest, LogoutResponse, NameID, Status, StatusCode},
    service_provider::{ServiceProvider, ServiceProviderBuilder},
    traits::ToXml as _,
};
use serde_json::{Value, json};

use crate::message;

const ROOT: &str = "https://sp.example.test";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

type Said = Result<Value, Box<dyn Error>>;

/// A relying party with its key, what it asked for and who is signed in.
pub(crate) struct Party {
    provider: ServiceProvider,
    key: PKey<Private>,
    certificate: CertificateDer,
    outstanding: Vec<String>,
    name_id: Option<String>,
}

impl Party {
    /// The party whose key and certificate are in a folder, under its own name or another one.
    pub(crate) fn new(folder: &Path, name: Option<String>) -> Result<Self, Box<dyn Error>> {
        let key = PKey::private_key_from_pem(&fs::read(folder.join("key.pem"))?)?;
        let certificate: CertificateDer =
            X509::from_pem(&fs::read(folder.join("cert.pem"))?)?.to_der()?.into();
        let mut provider = ServiceProviderBuilder::default();
        provider
            .entity_id(name.unwrap_or_else(|| format!("{ROOT}/metadata")))
            .key(key.clone())
            .certificate(certificate.clone())
            .acs_url(format!("{ROOT}/acs"))
            .slo_url(format!("{ROOT}/slo"))
            .authn_name_id_format(NameIdFormat::PersistentNameIDFormat.value().to_owned())
            .max_issue_delay(Duration::minutes(5))
            .max_clock_skew(Duration::minutes(5))
            .allowed_signature_algorithms(vec![AllowedSignatureAlgorithm::RsaSha256]);
        if let Ok(xml) = fs::read_to_string(folder.join("idp.xml")) {
            provider.idp_metadata(xml.parse::<EntityDescriptor>()?);
        }
        let provider = provider.build()?;
        Ok(Self { provider, key, certificate, outstanding: Vec::new(), name_id: None })
    }

    /// samael's metadata always says that requests are unsigned; ours are signed.
    pub(crate) fn metadata(&self) -> Said {
        let mut metadata = self.provider.metadata()?;
        for party in metadata.sp_sso_descriptors.iter_mut().flatten() {
            party.authn_requests_signed = Some(true);
            party.name_id_formats =
                Some(vec![NameIdFormat::PersistentNameIDFormat.value().to_owned()]);
        }
        Ok(json!({ "xml": metadata.to_string()? }))
    }

    /// A request for a sign-in, in a signed address.
    pub(crate) fn request_by_redirect(&mut self, relay_state: &str) -> Said {
        let to = self.provider.sso_binding_location(HTTP_REDIRECT_BINDING);
        let request = self.provider.make_authentication_request(&to.ok_or("no redirect")?)?;
        self.outstanding.push(request.id.clone());
        let address = request.signed_redirect(relay_state, &self.key)?;
        Ok(json!({ "address": address.ok_or("no address")?.as_str() }))
    }

    /// A request for a sign-in, signed in a form.
    pub(crate) fn request_by_form(&mut self, relay_state: &str) -> Said {
        let to = self.provider.sso_binding_location(HTTP_POST_BINDING).ok_or("no form")?;
        let mut request = self.provider.make_authentication_request(&to)?;
        self.outstanding.push(request.id.clone());
        request.signature = Some(message::signature(&request.id, &self.certificate));
        let xml = request.to_signed_xml(&self.key.private_key_to_der()?)?;
        let fields = json!({ "SAMLRequest": STANDARD.encode(xml), "RelayState": relay_state });
        Ok(json!({ "action": to, "fields": fields }))
    }

    /// samael's judgement of a response.
    pub(crate) fn response(&mut self, message: &str) -> Said {
        let outstanding: Vec<&str> = self.outstanding.iter().map(String::as_str).collect();
        let assertion = self.provider.parse_base64_response(message, Some(&outstanding))?;
        let subject = assertion.subject.as_ref().and_then(|subject| subject.name_id.as_ref());
        let subject = subject.ok_or("nobody is named")?;
        self.name_id = Some(subject.value.clone());
        Ok(json!({
            "name_id": subject.value,
            "format": subject.format,
            "attributes": attributes(&assertion),
            "context": contexts(&assertion),
        }))
    }

    /// A request to end the session. It names no session index: samael writes that before the name,
    /// where the schema does not allow it.
    pub(crate) fn logout(&self) -> Said {
        let to = self.logout_address()?;
        let request = LogoutRequest {
            id: Some(gen_saml_assertion_id()),
            version: Some("2.0".to_owned()),
            issue_instant: Some(now()),
            destination: Some(to.clone()),
            issuer: Some(self.issuer()),
            signature: None,
            session_index: None,
            name_id: self.name_id.clone().map(|value| NameID {
                format: Some(NameIdFormat::PersistentNameIDFormat.value().to_owned()),
                value,
            }),
        };
        let xml = request.to_string()?;
        let address = message::signed_address(&to, ("SAMLRequest", &xml), None, &self.key)?;
        Ok(json!({ "address": address.as_str() }))
    }

    /// How our request to end the session went.
    pub(crate) fn logout_response(&self, message: &str) -> Said {
        let response: LogoutResponse = self.verified(&message::xml(message)?)?.parse()?;
        let code = response.status.and_then(|status| status.status_code.value);
        Ok(json!({ "ok": code.as_deref() == Some(SUCCESS) }))
    }

    /// Ends the session as asked, and says so in a signed address.
    pub(crate) fn logout_request(&mut self, message: &str, relay_state: &str) -> Said {
        let request: LogoutRequest = self.verified(&message::xml(message)?)?.parse()?;
        if request.name_id.map(|name_id| name_id.value) != self.name_id.take() {
            return Err("the request is about somebody else".into());
        }
        let to = self.logout_address()?;
        let code = StatusCode { value: Some(SUCCESS.to_owned()) };
        let response = LogoutResponse {
            id: Some(gen_saml_assertion_id()),
            in_response_to: request.id,
            version: Some("2.0".to_owned()),
            issue_instant: Some(now()),
            destination: Some(to.clone()),
            consent: None,
            issuer: Some(self.issuer()),
            signature: None,
            status: Some(Status { status_code: code, status_message: None, status_detail: None }),
        };
        let said = ("SAMLResponse", &*response.to_string()?);
        let address = message::signed_address(&to, said, Some(relay_state), &self.key)?;
        Ok(json!({ "address": address.as_str() }))
    }

    /// Of a message in a form, what is signed with a key of our metadata.
    fn verified(&self, xml: &str) -> Result<String, Box<dyn Error>> {
        let certificates = self.provider.idp_signing_certs()?.ok_or("no keys in the metadata")?;
        let allowed = self.provider.allowed_signature_algorithms.as_deref();
        Ok(Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            xml,
            &certificates,
            ReduceMode::PreDigest,
            allowed,
        )?)
    }

    fn issuer(&self) -> Issuer {
        Issuer { value: self.provider.entity_id.clone(), ..Issuer::default() }
    }

    fn logout_address(&self) -> Result<String, Box<dyn Error>> {
        let address = self.provider.slo_binding_location(HTTP_REDIRECT_BINDING);
        address.ok_or_else(|| "no address for logout messages".into())
    }
}

fn attributes(assertion: &Assertion) -> BTreeMap<String, Vec<String>> {
    let statements = assertion.attribute_statements.iter().flatten();
    statements
        .flat_map(|statement| &statement.attributes)
        .map(|attribute| {
            let values = attribute.values.iter().filter_map(|value| value.value.clone());
            (attribute.name.clone().unwrap_or_default(), values.collect())
        })
        .collect()
}

fn contexts(assertion: &Assertion) -> Vec<String> {
    let statements = assertion.authn_statements.iter().flatten();
    statements
        .filter_map(|statement| statement.authn_context.as_ref()?.value.as_ref()?.value.clone())
        .collect()
}

/// Now: this program stands for somebody else's server, which has a clock of its own.
#[expect(clippy::disallowed_methods, reason = "it shares no clock with the product")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
