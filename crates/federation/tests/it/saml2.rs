//! SAML 2.0: what we write to the byte and in the eyes of others, what strangers send and what
//! becomes of it.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    assertion::{
        Attribute, Description, SignedToken, Subject,
        saml20::{self, Envelope},
    },
    endpoints::Endpoints,
    metadata::party::{Flaw, Loopback, PartyMetadata},
    metadata::{federation_metadata::MetadataInput, saml_metadata},
    saml2::{
        Refusal, Sha1, TrustedKeys,
        binding::{self, Direction, Outgoing, PostForm, Received},
        context::Vocabulary,
        ecp,
        logout::{self, LogoutStatus, Sending, SessionOf},
        message::{self, Expected, Message, Signing},
        response::{self, Addressing, Outer, Status},
        sp_metadata,
    },
    uris,
};
use model::{
    Method::{self, Password, Totp},
    ids::{FederatedDomainId, RelyingPartyId},
    issued_token::Reason,
    relying_party::{
        NameIdFormat, PartyKind, PartySettings, RelyingParty, SignOutBinding, SignedRequests,
    },
};

use crate::support::{
    AUDIENCE, ISSUER, at, certificate, golden, path, signer, stamp, statement, tool, tool_agrees,
};

const REPLY: &str = "https://login.microsoftonline.com/login.srf";
const REQUEST: &str = "_1e089e5c-a976-4881-af74-3b92c89e7e2c";
const OURS: &str = "https://idp.gatehouse.test/d/contoso-com/adfs/ls/";

fn envelope() -> Envelope {
    Envelope {
        recipient: REPLY.to_owned(),
        in_response_to: Some(REQUEST.to_owned()),
        about: Description {
            subject: Subject::Named {
                format: NameIdFormat::Persistent.uri(),
                value: "7BVXb2y0RkmXv3pQ9sYq1w==".to_owned(),
                reason: Reason::ImmutableId,
            },
            attributes: vec![Attribute {
                reason: Reason::SignInName,
                name: "IDPEmail".to_owned(),
                name_format: None,
                values: vec!["Ada.O'Hara@contoso.com".to_owned()],
            }],
        },
        acceptable: Vec::new(),
        vocabulary: Vocabulary::Microsoft,
    }
}

fn issue(methods: &[Method]) -> SignedToken {
    saml20::issue(&statement(methods), &envelope(), &stamp(), &signer()).expect("a token")
}

fn addressing() -> Addressing<'static> {
    Addressing {
        issuer: ISSUER,
        to: REPLY,
        in_response_to: Some(REQUEST),
        id: *b"gatehouse-answer",
        now: stamp().now,
    }
}

fn responses() -> [(&'static str, String); 4] {
    let token = issue(&[Password, Totp]);
    let signer = signer();
    let both = response::success(&addressing(), &token, Outer::Signed(&signer));
    [
        (
            "saml2-response-mfa.xml",
            response::success(&addressing(), &token, Outer::Plain).expect("a response"),
        ),
        (
            "saml2-response-password.xml",
            response::success(&addressing(), &issue(&[Password]), Outer::Plain).expect("another"),
        ),
        ("saml2-response-both-signed.xml", both.expect("a signed response")),
        (
            "saml2-response-no-passive.xml",
            response::failure(&addressing(), Status::NoPassive, &signer).expect("a refusal"),
        ),
    ]
}

fn sending(binding: SignOutBinding) -> Sending<'static> {
    Sending {
        issuer: ISSUER,
        to: "https://wiki.contoso.com/saml/slo",
        binding,
        relay_state: Some("state & more"),
        id: *b"gatehouse-logout",
        now: stamp().now,
    }
}

fn form_of(sent: Outgoing) -> Option<PostForm> {
    match sent {
        Outgoing::Post(form) => Some(form),
        Outgoing::Redirect(_) => None,
    }
}

fn xml_of(form: &PostForm) -> String {
    let bytes = STANDARD.decode(&form.message).expect("base64");
    String::from_utf8(bytes).expect("UTF-8")
}

fn logouts(binding: SignOutBinding) -> [Outgoing; 2] {
    let about = SessionOf {
        name_id_format: NameIdFormat::Persistent.uri(),
        name_id: "7BVXb2y0RkmXv3pQ9sYq1w==",
        session_index: "_67617465686f7573652d746f6b656e21",
    };
    let sending = sending(binding);
    let request = logout::request(&sending, &about, &signer()).expect("a request");
    let answer = logout::response(&sending, REQUEST, LogoutStatus::Partial, &signer());
    [request, answer.expect("an answer")]
}

/// Every signed document of this protocol, with the element whose id the signature names.
fn documents() -> Vec<(&'static str, String, &'static str)> {
    let mut all = Vec::new();
    for (name, xml) in responses() {
        let outer = name.contains("both") || name.contains("no-passive");
        let root = if outer {
            "urn:oasis:names:tc:SAML:2.0:protocol:Response"
        } else {
            "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
        };
        all.push((name, xml, root));
    }
    let names = [
        ("saml2-logout-request.xml", "urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest"),
        ("saml2-logout-response.xml", "urn:oasis:names:tc:SAML:2.0:protocol:LogoutResponse"),
    ];
    for (sent, (name, root)) in logouts(SignOutBinding::Post).into_iter().zip(names) {
        all.push((name, xml_of(&form_of(sent).expect("a form was asked for")), root));
    }
    let wrapped = ecp::answer(&responses()[1].1, REPLY).expect("an envelope");
    all.push(("saml2-ecp-answer.xml", wrapped, "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"));
    all.push((
        "saml2-metadata.xml",
        metadata(&[certificate()], None),
        "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
    ));
    let next = fs::read(path("data/next-certificate.der")).expect("another certificate");
    all.push((
        "saml2-metadata-party.xml",
        metadata(&[certificate(), next], Some(&wiki())),
        "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
    ));
    all
}

fn metadata(certificates: &[Vec<u8>], party: Option<&RelyingParty>) -> String {
    let public = url::Url::parse("https://sts.contoso.com").expect("an address");
    let endpoints = Endpoints::new(&public, "contoso-com");
    let input = MetadataInput { issuer_uri: ISSUER, endpoints: &endpoints, certificates };
    let draft = saml_metadata::draft(&input, party, at("2026-11-25T09:00:00Z")).expect("a draft");
    draft.sign(&signer()).expect("signed").xml
}

/// A party whose requests are signed, and who knows people by their mail address.
fn wiki() -> RelyingParty {
    RelyingParty {
        id: RelyingPartyId(uuid::Uuid::from_u128(7)),
        domain_id: FederatedDomainId(uuid::Uuid::from_u128(8)),
        name: "Wiki".to_owned(),
        kind: PartyKind::Saml2,
        realm: "https://wiki.contoso.com/saml".to_owned(),
        replies: vec!["https://wiki.contoso.com/saml/acs".to_owned()],
        settings: PartySettings {
            requests: SignedRequests::Required,
            name_id: NameIdFormat::EmailAddress,
            ..PartySettings::default()
        },
        enabled: true,
    }
}

/// R128: the active certificate first, then the next one, for everybody and for one party.
#[test]
fn the_next_certificate_follows_the_active_one_and_a_party_sees_its_own_terms() {
    let next = fs::read(path("data/next-certificate.der")).expect("another certificate");
    let xml = metadata(&[certificate(), next.clone()], Some(&wiki()));
    let named: Vec<&str> = xml.split("<ds:X509Certificate>").skip(1).collect();
    let all = [certificate(), certificate(), next].map(|der| STANDARD.encode(der));
    assert_eq!(named.len(), 3, "the signature's own, then both");
    assert!(named.iter().zip(&all).all(|(at, wanted)| at.starts_with(wanted)), "{xml}");
}

fn xmlsec_verifies(xml: &str, root: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("message.xml");
    fs::write(&file, xml).expect("written");
    let certificate = path("data/test-certificate.pem");
    let id = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";
    let mut arguments = vec!["--verify", "--id-attr:ID", root];
    if root != id {
        arguments.extend(["--id-attr:ID", id]);
    }
    arguments.push("--pubkey-cert-pem");
    let names = [certificate.to_str().expect("UTF-8"), file.to_str().expect("UTF-8")];
    tool("xmlsec1", &[&arguments[..], &names[..]].concat()).status.success()
}

#[test]
fn every_document_is_the_same_to_the_byte_canonical_and_verified_by_xmlsec1() {
    for (name, xml, root) in documents() {
        golden(name, &xml);
        let bytes = bergshamra_c14n::canonicalize::<&str>(
            &xml,
            bergshamra_c14n::C14nMode::Exclusive,
            None,
            &[],
        );
        assert_eq!(String::from_utf8(bytes.expect("well-formed")).as_deref(), Ok(xml.as_str()));
        assert!(xmlsec_verifies(&xml, root), "{name}");
        let forged = xml.replacen("contoso.com", "c0ntoso.com", 9);
        assert!(!xmlsec_verifies(&forged, root), "{name}");
    }
}

#[test]
fn a_refusal_by_ecp_is_the_same_to_the_byte() {
    golden("saml2-ecp-fault.xml", &ecp::fault("No & <nothing> more.").expect("a fault"));
}

#[test]
fn every_document_is_valid_by_the_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    // A SOAP envelope has a schema of its own; what it carries is among the others.
    for (name, xml, _) in documents().into_iter().filter(|(name, ..)| !name.contains("ecp")) {
        let kind = if name.contains("metadata") { "metadata" } else { "protocol" };
        let schema = path(&format!("xsd/saml-schema-{kind}-2.0.xsd"));
        let file = folder.path().join(name);
        fs::write(&file, xml).expect("written");
        let (schema, file) = (schema.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
        tool_agrees("xmllint", &["--nonet", "--noout", "--schema", schema, file]);
    }
}

/// R089, R090
#[test]
fn the_context_class_tells_the_truth_and_the_times_are_bounded() {
    for (methods, class) in [
        (&[Password][..], uris::AC_PASSWORD_PROTECTED),
        (&[Password, Totp], uris::MULTIPLE_AUTHN),
        (&[Totp], uris::AC_UNSPECIFIED),
    ] {
        let token = issue(methods);
        assert!(token.text.contains(&format!("ClassRef>{class}</saml:AuthnContextClassRef>")));
        assert_eq!(token.says_mfa, class == uris::MULTIPLE_AUTHN);
    }
    let token = issue(&[Password]).text;
    assert!(token.contains("InResponseTo=\"_1e089e5c-a976-4881-af74-3b92c89e7e2c\" NotOnOrAfter=\"2026-11-25T09:05:00.041Z\" Recipient="));
    assert!(token.contains("SessionIndex=\"_67617465686f7573652d746f6b656e21\""));
}

#[test]
fn a_context_that_is_not_true_makes_no_token() {
    let wanted = Envelope { acceptable: vec![uris::MULTIPLE_AUTHN.to_owned()], ..envelope() };
    let refused = saml20::issue(&statement(&[Password]), &wanted, &stamp(), &signer());
    assert!(refused.is_err());
}

/// What the party of the stored attacks is registered with.
fn read(received: &Received, signing: Signing, sha1: Sha1) -> Result<Message, Refusal> {
    let keys = [fs::read(path("hostile/saml2/sp.der")).expect("the party's certificate")];
    let none: [Vec<u8>; 0] = [];
    let keys = if signing == Signing::Required { &keys[..] } else { &none };
    let issuer = message::claimed_issuer(received)?;
    if issuer != AUDIENCE {
        return Err(Refusal::UnknownIssuer);
    }
    let expected = Expected {
        issuer: &issuer,
        keys: TrustedKeys::new(keys, sha1),
        signing,
        destination: if received.xml.contains("LogoutRe") { SLO } else { OURS },
        now: at("2026-11-22T00:00:00Z"),
    };
    message::read(received, &expected)
}

const SLO: &str = "https://idp.gatehouse.test/d/contoso-com/saml/slo";

fn posted(bytes: &[u8]) -> Result<Received, Refusal> {
    let message: String =
        url::form_urlencoded::byte_serialize(STANDARD.encode(bytes).as_bytes()).collect();
    binding::from_form(&format!("SAMLRequest={message}"))
}

fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(path(folder)).expect("the folder");
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let file = entry.expect("an entry").path();
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&file).expect("readable"))
        })
        .collect();
    all.sort();
    assert!(all.len() > 5, "{folder}");
    all
}

/// What is refused later, by what is registered and by who is signed in: the reply, the binding,
/// the context, and whose session it is. Reading them is right.
const JUDGED_LATER: [&str; 18] = [
    "E26", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E11", "E27", "E29", "E30", "E31",
    "E34", "L23", "L24", "E00", "A12",
];

/// R105
#[test]
fn attacks_by_form_are_refused_and_the_controls_are_not() {
    for (name, bytes) in files("hostile/saml2/post") {
        let id = name.split('-').next().expect("a name");
        let signing = match &id[..1] {
            "D" | "L" => Signing::Required,
            _ => Signing::Optional,
        };
        let received = if name.rsplit('.').next() == Some("txt") {
            let raw: String = url::form_urlencoded::byte_serialize(&bytes).collect();
            binding::from_form(&format!("SAMLRequest={raw}"))
        } else {
            posted(&bytes)
        };
        let outcome = received.and_then(|received| read(&received, signing, Sha1::Refused));
        // Neither keys nor addresses in the message count, so D33 is a good signature.
        let is_fine = JUDGED_LATER.contains(&id) || ["D00", "D00b", "D33", "L00"].contains(&id);
        assert_eq!(outcome.is_ok(), is_fine, "{name}: {outcome:?}");
    }
}

/// Cryptographically sound: what stops these is a rule, not a digest that happens to differ.
const SOUND: [&str; 21] = [
    "D00", "D11", "D13", "D14", "D15", "D16", "D24", "D30", "D35", "D37", "D38", "D39", "L00",
    "L11", "L13", "L20", "L21", "L22", "L23", "L24", "L25",
];

/// R099
#[test]
fn a_verifier_that_looks_at_nothing_else_takes_the_attacks_that_we_refuse_by_rule() {
    let protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    let ids = ["AuthnRequest", "LogoutRequest"].map(|name| format!("{protocol}:{name}"));
    let certificate = path("hostile/saml2/sp.der");
    let certificate = certificate.to_str().expect("UTF-8");
    let mut seen = 0;
    for (name, _) in files("hostile/saml2/post") {
        if !SOUND.contains(&&name[..3]) || name.starts_with("D00b") {
            continue;
        }
        let file = path("hostile/saml2/post").join(&name);
        let file = file.to_str().expect("UTF-8");
        let id = "--id-attr:ID";
        let arguments =
            ["--verify", id, &ids[0], id, &ids[1], "--pubkey-cert-der", certificate, file];
        assert!(tool("xmlsec1", &arguments).status.success(), "{name}");
        seen += 1;
    }
    assert_eq!(seen, SOUND.len());
}

/// R115
#[test]
fn attacks_by_redirect_are_refused_and_the_controls_are_not() {
    for (name, bytes) in files("hostile/saml2/redirect") {
        let id = name.split('-').next().expect("a name");
        let unsigned = ["R00u", "R12", "R13", "R14", "R15", "R16", "R17", "R18", "R19", "R20"];
        let signing = if unsigned.contains(&id) { Signing::Optional } else { Signing::Required };
        let raw = String::from_utf8(bytes).expect("ASCII");
        let received = binding::from_query(raw.trim_end());
        let outcome = received.and_then(|received| read(&received, signing, Sha1::Refused));
        let is_fine = ["R00", "R00u", "R18", "R19", "R20", "R21"].contains(&id);
        assert_eq!(outcome.is_ok(), is_fine, "{name}: {outcome:?}");
    }
}

/// R108
#[test]
fn sha_1_counts_only_where_it_was_switched_on() {
    let (_, bytes) = files("hostile/saml2/post")
        .into_iter()
        .find(|(name, _)| name.starts_with("D30"))
        .expect("the message signed with SHA-1");
    let received = posted(&bytes).expect("decoded");
    let refused = read(&received, Signing::Required, Sha1::Refused);
    assert_eq!(refused, Err(Refusal::BadSignature));
    let Ok(Message::Authn(request)) = read(&received, Signing::Required, Sha1::Accepted) else {
        panic!("it was switched on")
    };
    assert!(request.header.is_signed);
}

/// R104
#[test]
fn what_entra_was_recorded_to_send_is_read() {
    for (file, now) in [
        ("authnrequest-unsigned.xml", "2024-03-12T14:00:18Z"),
        ("authnrequest-signed.xml", "2024-03-11T16:51:17Z"),
    ] {
        let bytes = fs::read(path("hostile/saml2/vectors").join(file)).expect("the recording");
        let received = posted(&bytes).expect("decoded");
        let expected = Expected {
            issuer: AUDIENCE,
            keys: TrustedKeys::new(&[], Sha1::Refused),
            signing: Signing::Optional,
            destination: "https://fs.contoso.com/adfs/ls/",
            now: at(now),
        };
        let Ok(Message::Authn(request)) = message::read(&received, &expected) else {
            panic!("{file}")
        };
        assert_eq!(request.name_id_format.as_deref(), Some(NameIdFormat::Persistent.uri()));
        assert!(!request.header.is_signed, "without a registered key a signature says nothing");
        let required = Expected { signing: Signing::Required, ..expected };
        assert!(message::read(&received, &required).is_err(), "no key, and yet required");
    }
}

#[test]
fn the_collected_messages_end_as_they_must() {
    let fine = ["10", "11", "16", "17", "18"];
    for (name, bytes) in files("hostile/saml2/vectors") {
        let Some((number, _)) = name.split_once('-').filter(|(n, _)| n.len() == 2) else {
            continue;
        };
        let outcome = posted(&bytes).and_then(|received| {
            let expected = Expected {
                issuer: AUDIENCE,
                keys: TrustedKeys::new(&[], Sha1::Refused),
                signing: Signing::Optional,
                destination: OURS,
                now: at("2026-11-22T09:00:00Z"),
            };
            message::read(&received, &expected)
        });
        assert_eq!(outcome.is_ok(), fine.contains(&number), "{name}: {outcome:?}");
    }
}

#[test]
fn our_own_logout_messages_verify_by_either_way() {
    let certificates = [certificate()];
    let expected = |destination| Expected {
        issuer: ISSUER,
        keys: TrustedKeys::new(&certificates, Sha1::Refused),
        signing: Signing::Required,
        destination,
        now: stamp().now,
    };
    let to = "https://wiki.contoso.com/saml/slo";
    let directions = [Direction::Request, Direction::Response];
    for (sent, direction) in logouts(SignOutBinding::Redirect).into_iter().zip(directions) {
        let Outgoing::Redirect(address) = sent else { panic!("an address was asked for") };
        let query = address.split_once('?').expect("a query").1;
        let received = binding::from_query(query).expect("decoded");
        assert_eq!(received.direction, direction);
        assert_eq!(received.relay_state.as_deref(), Some("state & more"));
        assert!(message::read(&received, &expected(to)).is_ok());
        let changed = query.replace("state+%26", "state+%25");
        let received = binding::from_query(&changed).expect("decoded");
        assert_eq!(message::read(&received, &expected(to)), Err(Refusal::BadSignature));
    }
    for sent in logouts(SignOutBinding::Post) {
        let form = form_of(sent).expect("a form was asked for");
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(form.name, &form.message)
            .finish();
        let received = binding::from_form(&body).expect("decoded");
        let elsewhere = message::read(&received, &expected("https://other.example/"));
        assert_eq!(elsewhere, Err(Refusal::ForeignDestination));
        match message::read(&received, &expected(to)).expect("signed by us") {
            Message::Logout(request) => {
                assert_eq!(request.name_id, "7BVXb2y0RkmXv3pQ9sYq1w==");
                assert_eq!(request.session_indexes, ["_67617465686f7573652d746f6b656e21"]);
            }
            Message::LoggedOut(response) => assert!(response.succeeded),
            Message::Authn(_) => panic!("nobody asked for a token"),
        }
    }
}

fn imported(name: &str) -> Result<PartyMetadata, Flaw> {
    let xml = fs::read_to_string(path("hostile/saml2/metadata").join(name)).expect("readable");
    sp_metadata::read(&xml, at("2026-11-22T00:00:00Z"), Loopback::Refused)
}

#[test]
fn metadata_of_parties_is_read_or_refused_for_a_reason() {
    for (name, flaw) in [
        ("M01-xxe.xml", Flaw::Unreadable),
        ("M02-acs-javascript.xml", Flaw::BadAddress),
        ("M03-acs-http.xml", Flaw::BadAddress),
        ("M05-expired-validuntil.xml", Flaw::Expired),
        ("M07-duplicate-acs-index.xml", Flaw::DoubleIndex),
        ("M08-signed-required-no-key.xml", Flaw::NoKey),
    ] {
        assert_eq!(imported(name), Err(flaw), "{name}");
    }
    let plain = imported("M00-control.xml").expect("ordinary metadata");
    assert_eq!(plain.entity_id, "https://sp.example/md");
    assert_eq!(plain.replies, ["https://sp.example/acs"]);
    assert!(plain.signs_requests);
    let without_use = imported("M04-keydescriptor-no-use.xml").expect("a key without use signs");
    assert!(without_use.signs_requests);
    assert_eq!(without_use.certificates.len(), 1);
}

#[test]
fn microsofts_own_metadata_is_read() {
    let microsoft = imported("sp-metadata-2021.xml").expect("Microsoft's");
    assert_eq!(microsoft.entity_id, AUDIENCE);
    assert_eq!(microsoft.replies, [REPLY]);
    assert_eq!(microsoft.reply_indexes, [0]);
    assert_eq!(microsoft.certificates.len(), 2, "one of three stands twice");
    let service = microsoft.sign_out.expect("it takes logout messages");
    assert_eq!((service.binding, service.location.as_str()), (SignOutBinding::Post, REPLY));
    assert_eq!(microsoft.name_id, Some(NameIdFormat::EmailAddress));
}
