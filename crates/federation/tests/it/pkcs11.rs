//! Signing keys in a PKCS#11 token: `SoftHSM2`, with a token of its own for each test (R127).
//!
//! `SoftHSM` finds its tokens by a variable of the environment, so the test that has a token runs
//! inside a process of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use federation::{
    Error,
    assertion::saml11,
    endpoints::Endpoints,
    keyring::{RsaSize, Signer, form},
    metadata::federation_metadata::{MetadataInput, draft},
    signer::{
        Vault,
        pkcs11::{Settings, Token},
    },
};
use model::{Method, ids::SigningKeyId};
use uuid::Uuid;

use crate::support::{ISSUER, about, at, key, stamp, statement, tool};

const PIN: &str = "7391";

/// Debian's `SoftHSM2`.
fn module() -> PathBuf {
    let places = ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm"];
    let mut modules = places.iter().map(|place| Path::new(place).join("libsofthsm2.so"));
    modules.find(|module| module.exists()).expect("this test needs softhsm2")
}

fn settings() -> Settings {
    Settings { module: module(), token: "gatehouse".to_owned(), pin: PIN.into() }
}

/// Runs another test of this file in a process that has a new token.
fn with_a_token(test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("softhsm2.conf");
    std::fs::create_dir(folder.path().join("tokens")).expect("made");
    let lines = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        folder.path().join("tokens").display()
    );
    std::fs::write(&config, lines).expect("written");
    let run = |command: &mut Command| {
        let output = command.env("SOFTHSM2_CONF", &config).output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    };
    let init = ["--init-token", "--free", "--label", "gatehouse", "--so-pin", "4711", "--pin", PIN];
    run(Command::new("softhsm2-util").args(init));
    let this = std::env::current_exe().expect("this test");
    run(Command::new(this).args(["--exact", test, "--ignored", "--nocapture"]));
}

/// R127
#[test]
fn keys_are_made_in_the_token_sign_there_and_never_leave_it() {
    with_a_token("pkcs11::inside_a_process_with_a_token");
}

#[test]
#[ignore = "run by the test above, with a token"]
fn inside_a_process_with_a_token() {
    let vault = Vault::open(Some(&settings())).expect("the token opens");
    let id = SigningKeyId(Uuid::from_u128(0x0199_d1a4));
    let dates = (at("2026-11-25T09:00:00Z"), Duration::from_hours(730 * 24));
    let name = ("Gatehouse token signing 1", RsaSize::Bits3072);
    let made = vault.new_signing_key(id, name, dates, [7; 16]);
    let made = made.expect("a key is made in the token");
    assert_eq!(form(&made).rsa_bits, Some(3072), "as large as it was to be");
    assert!(made.private_key.here().is_none());
    assert_eq!(made.not_after, at("2028-11-24T09:00:00Z"));

    let signer = vault.signer(&made).expect("its certificate is its own");
    let token =
        saml11::issue(&statement(&[Method::Password, Method::Totp]), &about(), &stamp(), &signer);
    assert!(token.expect("a token that verifies").says_mfa);
    verified_by_others(&made.certificate, &signer);
    signs_from_many_threads(&signer);

    // The words of another program about it.
    let module = module();
    let listing = tool(
        "pkcs11-tool",
        &["--module", module.to_str().expect("UTF-8"), "--login", "--pin", PIN, "-O"],
    );
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    assert!(listing.contains("sensitive, always sensitive, never extractable, local"), "{listing}");
    assert_eq!(listing.matches("Private Key Object; RSA").count(), 1, "{listing}");

    // Keys from before go on to sign; those in the token need it.
    assert!(vault.signer(&key()).is_ok());
    assert!(matches!(Signer::from_key(&made), Err(Error::OutOfReach(_))));
    let mut missing = made;
    missing.private_key = model::signing_key::PrivateKey::InToken(vec![1, 2, 3]);
    assert!(matches!(vault.signer(&missing), Err(Error::UnusableKey(_))));
    for wrong in [
        Settings { token: "another".to_owned(), ..settings() },
        Settings { module: "/nowhere.so".into(), ..settings() },
    ] {
        assert!(matches!(Token::open(&wrong), Err(Error::Token(_))), "{wrong:?}");
    }
}

/// Metadata that the token signed, in the eyes of another implementation.
fn verified_by_others(certificate: &[u8], signer: &Signer) {
    let public = url::Url::parse("https://sts.contoso.com").expect("an address");
    let endpoints = Endpoints::new(&public, "contoso-com");
    let certificates = [certificate.to_vec()];
    let input =
        MetadataInput { issuer_uri: ISSUER, endpoints: &endpoints, certificates: &certificates };
    let draft = draft(&input, at("2026-11-25T09:00:00Z")).expect("a draft");
    let document = draft.sign(signer).expect("signed");
    let mut keys = bergshamra_keys::KeysManager::new();
    keys.add_key(bergshamra_keys::loader::load_x509_cert_der(certificate).expect("a key"));
    let context = bergshamra_dsig::DsigContext::new(keys);
    let verified = bergshamra_dsig::verify::verify(&context, &document.xml);
    assert!(verified.is_ok_and(|result| result.is_valid()));
}

fn signs_from_many_threads(signer: &Signer) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let statement = statement(&[Method::Password]);
                    saml11::issue(&statement, &about(), &stamp(), signer).expect("a token");
                }
            });
        }
    });
}
