//! The scripts as text: byte for byte, ASCII, grammatical, and deaf to hostile names (ruling 39).

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use federation::{
    Error,
    script::{
        DemandPlan, FederationPlan, RolloverPlan, Step, Turn, demand_powershell, demand_sh,
        powershell, revert_powershell, revert_sh, rollover_powershell, rollover_sh, sh,
    },
};
use model::{
    demand::Demand, entra::FederationConfiguration, ids::EntraTenantId, relying_party::Cloud,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{ISSUER, certificate, golden, path, tool, tool_agrees};

pub(crate) const TENANT: &str = "6f5715ec-b46c-4946-97bf-7a50f6c62ad7";
pub(crate) const PASSIVE: &str = "https://sts.contoso.com/d/contoso-com/adfs/ls/";
const HOSTILE: &str = "x'; Remove-Item -Recurse C:\\; '\u{2019}; Start-Process calc; \u{201d} \
                       $(touch /tmp/x)`id` #> \\u0022 \" 😀";

pub(crate) fn configuration() -> FederationConfiguration {
    FederationConfiguration {
        display_name: "Contoso".to_owned(),
        issuer_uri: ISSUER.to_owned(),
        passive_sign_in_uri: PASSIVE.to_owned(),
        active_sign_in_uri: None,
        metadata_exchange_uri: None,
        sign_out_uri: PASSIVE.to_owned(),
        signing_certificate: STANDARD.encode(certificate()),
        next_signing_certificate: None,
        preferred_authentication_protocol: "wsFed".to_owned(),
        federated_idp_mfa_behavior: "acceptIfMfaDoneByFederatedIdp".to_owned(),
        prompt_login_behavior: "nativeSupport".to_owned(),
        is_signed_authentication_request_required: false,
    }
}

pub(crate) fn plan_of(configuration: FederationConfiguration) -> Result<FederationPlan, Error> {
    let tenant = EntraTenantId(Uuid::parse_str(TENANT).expect("a GUID"));
    FederationPlan::new(tenant, Cloud::Global, "contoso.com", configuration)
}

fn named(name: &str) -> FederationPlan {
    let display_name = name.to_owned();
    plan_of(FederationConfiguration { display_name, ..configuration() }).expect("a plan")
}

/// A plan with a next key; the test has one certificate, which serves for both.
pub(crate) fn rollover(step: Step) -> RolloverPlan {
    let next_signing_certificate = Some(STANDARD.encode(certificate()));
    let plan = plan_of(FederationConfiguration { next_signing_certificate, ..configuration() });
    RolloverPlan::new(&plan.expect("a plan"), step).expect("a roll-over")
}

/// Whether Microsoft signs its requests is part of the plan, and of no default.
#[test]
fn a_script_says_whether_microsoft_signs_its_requests() {
    let signed = FederationConfiguration {
        is_signed_authentication_request_required: true,
        ..configuration()
    };
    let plans = [(plan_of(configuration()), "false"), (plan_of(signed), "true")];
    let [plain, signed] = plans.map(|(plan, said)| {
        let plan = plan.expect("a plan");
        let name = "isSignedAuthenticationRequestRequired";
        assert!(sh(&plan).contains(&format!("\"{name}\": {said}\n")), "{said}");
        assert!(powershell(&plan).contains(&format!("'{name}' = ${said}\n")), "{said}");
        plan.hash()
    });
    assert_ne!(plain, signed);
}

fn rollovers() -> [(&'static str, String); 4] {
    let (stage, swap) = (rollover(Step::Stage), rollover(Step::Swap));
    [
        ("stage.ps1", rollover_powershell(&stage)),
        ("swap.ps1", rollover_powershell(&swap)),
        ("stage.sh", rollover_sh(&stage)),
        ("swap.sh", rollover_sh(&swap)),
    ]
}

/// The switches, each off and back, in both dialects.
fn demands(plan: &FederationPlan) -> Vec<(String, String)> {
    let mut scripts = Vec::new();
    for demand in Demand::ALL {
        for turn in [Turn::Off, Turn::Back] {
            let plan = DemandPlan::new(plan, demand, turn);
            let name = format!("{}-{}", demand.word(), turn.word());
            scripts.push((format!("{name}.ps1"), demand_powershell(&plan)));
            scripts.push((format!("{name}.sh"), demand_sh(&plan)));
        }
    }
    scripts
}

fn every(plan: &FederationPlan) -> impl Iterator<Item = (String, String)> {
    let named = all(plan).into_iter().chain(rollovers());
    named.map(|(file, script)| (file.to_owned(), script)).chain(demands(plan))
}

fn all(plan: &FederationPlan) -> [(&'static str, String); 4] {
    [
        ("federate.ps1", powershell(plan)),
        ("revert.ps1", revert_powershell(plan)),
        ("federate.sh", sh(plan)),
        ("revert.sh", revert_sh(plan)),
    ]
}

fn tree_of(script: &str) -> tree_sitter::Tree {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).expect("a grammar");
    parser.parse(script, None).expect("a tree")
}

/// R138
#[test]
fn scripts_are_the_same_to_the_byte_and_ascii() {
    for (kind, name) in [("", "Contoso"), ("hostile-", HOSTILE)] {
        for (file, script) in all(&named(name)) {
            assert!(script.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{file}");
            golden(&format!("{kind}{file}"), &script);
        }
    }
    for (file, script) in rollovers() {
        assert!(script.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{file}");
        golden(file, &script);
    }
    for (file, script) in demands(&named(HOSTILE)) {
        assert!(script.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)), "{file}");
        if file.starts_with("per-user-mfa-off") {
            golden(&file, &script);
        }
    }
}

#[test]
fn each_switch_has_a_plan_of_its_own_and_writes_one_property() {
    let plan = named("Contoso");
    let mut hashes = std::collections::HashSet::new();
    for (demand, property) in [
        (Demand::SecurityDefaults, "isEnabled"),
        (Demand::PerUserMfa, "perUserMfaState"),
        (Demand::SelfReset, "allowedToUseSSPR"),
    ] {
        for turn in [Turn::Off, Turn::Back] {
            let plan = DemandPlan::new(&plan, demand, turn);
            assert!(hashes.insert(plan.hash()));
            for script in [demand_powershell(&plan), demand_sh(&plan)] {
                assert!(script.contains(&plan.hash()));
                let (head, _) = script.split_once("\n}").expect("the values end");
                assert!(head.contains(property) && !head.contains("issuerUri"), "{head}");
            }
        }
    }
}

#[test]
fn a_roll_over_needs_a_next_key_and_writes_certificates_only() {
    let without = RolloverPlan::new(&named("Contoso"), Step::Stage);
    assert!(
        matches!(without, Err(Error::UnfitForScript { field, .. }) if field.starts_with("next"))
    );
    for (file, script) in rollovers() {
        let (head, _) = script.split_once("\n}").expect("the values end");
        assert!(!head.contains("displayName") && head.contains("nextSigningCertificate"), "{file}");
        assert_eq!(head.contains("signingCertificate"), file.starts_with("swap"), "{file}");
    }
    assert_ne!(rollover(Step::Stage).hash(), rollover(Step::Swap).hash());
}

#[test]
fn powershell_parses_without_an_error() {
    for (file, script) in every(&named(HOSTILE)).filter(|(f, _)| f.ends_with("ps1")) {
        let tree = tree_of(&script);
        assert!(!tree.root_node().has_error(), "{file}: {}", tree.root_node().to_sexp());
        // The check can fail: an unclosed brace is an error.
        assert!(tree_of(&format!("{script}\nif ($true) {{")).root_node().has_error());
        assert!(
            script.contains("\nSet-StrictMode -Version 3.0\n$ErrorActionPreference = 'Stop'\n")
        );
    }
}

#[test]
fn sh_and_dash_parse_the_shell_scripts() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, script) in every(&named(HOSTILE)).filter(|(f, _)| f.ends_with("sh")) {
        let path = folder.path().join(file);
        fs::write(&path, script).expect("written");
        let path = path.to_str().expect("UTF-8");
        tool_agrees("sh", &["-n", path]);
        tool_agrees("dash", &["-n", path]);
    }
    let broken = folder.path().join("broken.sh");
    fs::write(&broken, "if true; then\n").expect("written");
    assert!(!tool("sh", &["-n", broken.to_str().expect("UTF-8")]).status.success());
}

#[test]
fn every_script_carries_the_hash_of_its_plan() {
    let plan = named("Contoso");
    let hash = plan.hash();
    assert_eq!(hash.len(), 64);
    for (file, script) in all(&plan) {
        assert!(script.contains(&format!("\n# Plan: sha256 {hash}\n")), "{file}");
    }
    let renewed = FederationConfiguration {
        next_signing_certificate: Some(STANDARD.encode(certificate())),
        ..configuration()
    };
    assert_ne!(plan_of(renewed).expect("a plan").hash(), hash);
    assert_ne!(named("Contoso Ltd").hash(), hash);
}

#[test]
fn every_property_is_explicit() {
    let plan = named("Contoso");
    for property in [
        "displayName",
        "issuerUri",
        "passiveSignInUri",
        "activeSignInUri",
        "metadataExchangeUri",
        "signOutUri",
        "signingCertificate",
        "nextSigningCertificate",
        "preferredAuthenticationProtocol",
        "federatedIdpMfaBehavior",
        "promptLoginBehavior",
        "isSignedAuthenticationRequestRequired",
    ] {
        assert!(powershell(&plan).contains(&format!("    '{property}' = ")), "{property}");
        assert!(sh(&plan).contains(&format!("  \"{property}\": ")), "{property}");
    }
}

/// R138
#[test]
fn values_that_need_quoting_make_no_plan() {
    let refused = |change: &dyn Fn(&mut FederationConfiguration)| {
        let mut changed = configuration();
        change(&mut changed);
        let refused = plan_of(changed).err();
        let Some(Error::UnfitForScript { field, .. }) = refused else {
            unreachable!("{refused:?}")
        };
        field
    };
    for address in [
        "https://sts.contoso.com/'; Remove-Item C:\\; '",
        "https://sts.contoso.com/\u{2019}; calc",
        "https://sts.contoso.com/$(calc)",
        "https://sts.contoso.com/`id`",
        "https://sts.contoso.com/a b",
        "https://sts.contoso.com/\"x",
        "https://sts.contoso.com/\n",
        "http://sts.contoso.com/",
        "javascript:alert(1)",
        "//sts.contoso.com/",
        "https://a@sts.contoso.com/",
        "https://sts.contoso.com/#x",
        "https://STS.contoso.com/",
        "https://sts.contoso.com/a/../b",
        "http://127.0.0.1/",
        "",
    ] {
        let address = address.to_owned();
        assert_eq!(refused(&|c| c.passive_sign_in_uri.clone_from(&address)), "passiveSignInUri");
        assert_eq!(refused(&|c| c.sign_out_uri.clone_from(&address)), "signOutUri");
        assert_eq!(refused(&|c| c.active_sign_in_uri = Some(address.clone())), "activeSignInUri");
    }
    for issuer in ["", "contoso", "urn:a'b", "https://a/$x", "https://a/\u{201c}", "file:///x"] {
        assert_eq!(refused(&|c| issuer.clone_into(&mut c.issuer_uri)), "issuerUri");
    }
    for text in ["", "MIIC", "not base64'", "AAAA"] {
        assert_eq!(refused(&|c| text.clone_into(&mut c.signing_certificate)), "signingCertificate");
    }
    for name in ["", "  ", "a\nb", "a\u{7}", "a\u{85}b"] {
        assert_eq!(refused(&|c| name.clone_into(&mut c.display_name)), "displayName");
    }
    let word = "x'".to_owned();
    assert_eq!(
        refused(&|c| c.preferred_authentication_protocol.clone_from(&word)),
        "preferredAuthenticationProtocol"
    );
    assert_eq!(refused(&|c| c.federated_idp_mfa_behavior.clear()), "federatedIdpMfaBehavior");
    assert_eq!(refused(&|c| c.prompt_login_behavior.clear()), "promptLoginBehavior");
    let tenant = EntraTenantId(Uuid::nil());
    for domain in ["Contoso.com", "contoso", "contoso.com;", "con toso.com", "'.com", ""] {
        assert!(FederationPlan::new(tenant, Cloud::Global, domain, configuration()).is_err());
    }
}

#[test]
fn loopback_addresses_are_for_the_simulator_alone() {
    let address = "http://localhost:8080/d/contoso-com/adfs/ls/";
    let local = FederationConfiguration {
        passive_sign_in_uri: address.to_owned(),
        sign_out_uri: address.to_owned(),
        ..configuration()
    };
    let plan = |cloud| {
        FederationPlan::new(EntraTenantId(Uuid::nil()), cloud, "contoso.com", local.clone())
    };
    let simulated = plan(Cloud::Simulator).expect("a plan");
    assert!(sh(&simulated).contains("default_host=''"));
    assert!(plan(Cloud::Global).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_name_changes_nothing_but_its_base64_and_the_hash(name in "[^\\p{Cc}]{1,60}") {
        prop_assume!(!name.trim().is_empty());
        assert_changes_only_its_base64(&name);
    }
}

fn assert_changes_only_its_base64(name: &str) {
    let (plain, other) = (named("Contoso"), named(name));
    let [given, usual] = [name, "Contoso"].map(|name| STANDARD.encode(name));
    for ((file, script), (_, changed)) in all(&plain).into_iter().zip(all(&other)) {
        let quoted = |encoded: &str| format!("FromBase64String('{encoded}')");
        let piped = |encoded: &str| format!("(\"{encoded}\" | @base64d)");
        let back = changed
            .replace(&other.hash(), &plain.hash())
            .replace(&quoted(&given), &quoted(&usual))
            .replace(&piped(&given), &piped(&usual));
        assert_eq!(back, script, "{file}: {name:?}");
    }
}

/// Values that a directory may hold: each is one literal of the script, or makes no plan.
/// R138
#[test]
fn stored_values_are_literals_or_make_no_plan() {
    let list = fs::read(path("hostile/stored-values.json")).expect("the list");
    let list: serde_json::Value = serde_json::from_slice(&list).expect("JSON");
    let values = list["values"].as_array().expect("values");
    assert_eq!(values.len(), 28);
    for value in values {
        let id = value["id"].as_str().expect("an id");
        let name = value["value"].as_str().expect("a value").to_owned();
        if ["S08", "S14", "S15", "S16", "S17", "S22", "S23", "S24"].contains(&id) {
            let refused =
                plan_of(FederationConfiguration { display_name: name, ..configuration() });
            assert!(refused.is_err(), "{id} holds a control character, or too much");
            continue;
        }
        assert_changes_only_its_base64(&name);
        for (file, script) in all(&named(&name)).into_iter().filter(|(f, _)| f.ends_with("ps1")) {
            assert!(!tree_of(&script).root_node().has_error(), "{id} {file}");
        }
    }
}
