//! The shell scripts, executed against a small Graph of our own: what they change, and what stops
//! them. (`gatehouse` runs them against the simulator, too.)

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use federation::script::{FederationPlan, Step, revert_sh, rollover_sh, sh};
use graph::FakeGraph;
use model::entra::FederationConfiguration;
use serde_json::{Value, json};

use crate::scripts::{TENANT, configuration, plan_of, rollover};

mod graph;

const SAVED: &str = "gatehouse-previous-contoso.com.json";

struct Stage {
    folder: tempfile::TempDir,
    graph: FakeGraph,
}

fn stage() -> Stage {
    Stage { folder: tempfile::tempdir().expect("a folder"), graph: FakeGraph::start(TENANT) }
}

impl Stage {
    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        let file = self.folder.path().join("script.sh");
        fs::write(&file, script).expect("written");
        Command::new("sh")
            .arg(&file)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GRAPH_HOST", self.graph.url())
            .env("GRAPH_TOKEN", "test.token")
            .env("GRAPH_PAUSE", "0")
            .output()
            .expect("sh runs")
    }

    fn saved(&self) -> Option<Value> {
        let text = fs::read_to_string(self.folder.path().join(SAVED)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

fn plan() -> FederationPlan {
    let display_name = "O'Hara & Söhne \"$(touch owned)\" `id` 😀".to_owned();
    plan_of(FederationConfiguration { display_name, ..configuration() }).expect("a plan")
}

fn ok(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn stopped(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn of_another_vendor() -> Value {
    json!({
        "id": "6601d14b-d113-8f64-fda2-9b5ddda18ecc", "displayName": "Old", "issuerUri": "urn:old",
        "passiveSignInUri": "https://old.example/ls", "activeSignInUri": "https://old.example/a",
        "metadataExchangeUri": null, "signOutUri": "https://old.example/out",
        "signingCertificate": "T0xE", "nextSigningCertificate": null,
        "preferredAuthenticationProtocol": "saml", "federatedIdpMfaBehavior": null,
        "promptLoginBehavior": "disabled", "isSignedAuthenticationRequestRequired": true,
    })
}

/// R139
#[test]
fn a_managed_domain_is_federated_and_goes_back() {
    let stage = stage();
    let said = ok(&stage.run(&sh(&plan()), &[]));
    assert!(said.contains(&plan().hash()) && said.contains("read back and compared"), "{said}");
    let federation = stage.graph.federation();
    assert_eq!(federation["displayName"], plan().configuration().display_name);
    assert_eq!(federation["signingCertificate"], plan().configuration().signing_certificate);
    assert_eq!(federation["isSignedAuthenticationRequestRequired"], false);
    assert_eq!(stage.saved().expect("saved")["federationConfiguration"], Value::Null);
    assert!(!stage.folder.path().join("owned").exists());

    let writes = stage.graph.writes();
    assert!(ok(&stage.run(&sh(&plan()), &[])).contains("nothing to do"));
    assert_eq!(stage.graph.writes(), writes);

    assert!(ok(&stage.run(&revert_sh(&plan()), &[])).contains("back: Managed"));
    assert_eq!(stage.graph.federation(), Value::Null);
    assert_eq!(stage.saved(), None);
    assert!(stage.folder.path().join(format!("{SAVED}.restored")).exists());
}

#[test]
fn an_existing_federation_is_updated_and_comes_back() {
    let stage = stage();
    stage.graph.change(|domain| domain["federation"] = of_another_vendor());
    ok(&stage.run(&sh(&plan()), &[]));
    assert_eq!(stage.graph.writes().len(), 1);
    assert!(stage.graph.writes()[0].starts_with("PATCH /v1.0/domains/contoso.com/federationConf"));
    assert_eq!(stage.graph.federation()["issuerUri"], configuration().issuer_uri);
    assert_eq!(stage.graph.federation()["activeSignInUri"], Value::Null);
    ok(&stage.run(&revert_sh(&plan()), &[]));
    let mut back = stage.graph.federation();
    // Graph has no way back to "unset" here, so the script leaves what is set.
    back["federatedIdpMfaBehavior"] = Value::Null;
    assert_eq!(back, of_another_vendor());
}

#[test]
fn without_a_saved_state_the_way_back_is_managed() {
    let stage = stage();
    stage.graph.change(|domain| domain["federation"] = of_another_vendor());
    assert!(ok(&stage.run(&revert_sh(&plan()), &[])).contains("There is no gatehouse-previous"));
    assert_eq!(stage.graph.federation(), Value::Null);
}

/// R139
#[test]
fn what_if_says_it_all_and_changes_nothing() {
    let stage = stage();
    let said = ok(&stage.run(&sh(&plan()), &["--what-if"]));
    assert!(said.contains("{\"issuerUri\":{\"now\":null,\"planned\":\"https://sts.co"), "{said}");
    assert!(said.is_ascii() && said.contains("Nothing was changed"), "{said}");
    stage.graph.change(|domain| domain["federation"] = of_another_vendor());
    ok(&stage.run(&revert_sh(&plan()), &["--what-if"]));
    assert_eq!((stage.graph.writes(), stage.saved()), (vec![], None));
}

/// R139
#[test]
fn nothing_is_changed_where_the_domain_must_not_be_touched() {
    for (name, value, why) in [
        ("tenant", json!("00000000-0000-0000-0000-000000000000"), "another tenant"),
        ("isVerified", json!(false), "not verified"),
        ("isInitial", json!(true), "initial domain"),
        ("isDefault", json!(true), "default domain"),
        ("isRoot", json!(false), "subdomain"),
        ("admins", json!(["root@contoso.com"]), "onmicrosoft.com"),
        ("refuseToken", json!(true), "HTTP 401"),
    ] {
        let stage = stage();
        stage.graph.change(|domain| domain[name] = value);
        let said = stopped(&stage.run(&sh(&plan()), &[]));
        assert!(said.contains(why) && said.contains("Nothing was changed"), "{name}: {said}");
        assert_eq!(stage.graph.writes(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn people_without_immutable_id_are_counted() {
    let stage = stage();
    stage.graph.change(|domain| domain["people"] = json!([null, "abc", ""]));
    let output = stage.run(&sh(&plan()), &[]);
    ok(&output);
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 people of contoso.com"));
}

#[test]
fn a_value_that_arrives_changed_is_noticed_and_taken_back() {
    for before in [Value::Null, of_another_vendor()] {
        let stage = stage();
        stage.graph.change(|domain| {
            domain["federation"] = before.clone();
            domain["eatSlashesOnce"] = true.into();
        });
        let said = stopped(&stage.run(&sh(&plan()), &[]));
        assert!(said.contains("read back different: issuerUri"), "{said}");
        assert!(said.contains("has its previous state back"), "{said}");
        assert_eq!(stage.graph.federation()["issuerUri"], before["issuerUri"]);
    }
}

#[test]
fn a_create_that_fails_halfway_is_taken_back() {
    let stage = stage();
    stage.graph.change(|domain| domain["failHalfway"] = true.into());
    let said = stopped(&stage.run(&sh(&plan()), &[]));
    assert!(said.contains("HTTP 500") && said.contains("previous state back"), "{said}");
    assert_eq!(stage.graph.federation(), Value::Null);
}

#[test]
fn a_saved_state_of_another_domain_is_not_restored() {
    let stage = stage();
    let file = stage.folder.path().join("other.json");
    fs::write(&file, json!({"tenantId": TENANT, "domain": "fabrikam.com"}).to_string()).expect("w");
    let said = stopped(&stage.run(&revert_sh(&plan()), &["--previous", "other.json"]));
    assert!(said.contains("belongs to another tenant or domain"), "{said}");
    assert_eq!(stage.graph.writes(), Vec::<String>::new());
}

/// Ours, with these two certificates.
fn ours(signing: &str, next: Value) -> Value {
    let mut federation = of_another_vendor();
    federation["issuerUri"] = configuration().issuer_uri.into();
    federation["signingCertificate"] = signing.into();
    federation["nextSigningCertificate"] = next;
    federation
}

#[test]
fn a_roll_over_changes_the_certificates_and_nothing_else() {
    let active = configuration().signing_certificate;
    for (step, before) in [
        (Step::Stage, ours(&active, Value::Null)),
        (Step::Swap, ours("T0xE", json!(active))),
        (Step::Swap, ours("T0xE", json!("T0xERVI="))),
    ] {
        let stage = stage();
        stage.graph.change(|domain| domain["federation"] = before.clone());
        let said = ok(&stage.run(&rollover_sh(&rollover(step)), &["--what-if"]));
        assert!(said.contains("Nothing was changed"), "{said}");
        assert_eq!(stage.graph.federation(), before);
        let output = stage.run(&rollover_sh(&rollover(step)), &[]);
        assert!(ok(&output).contains("both were read back and compared"));
        let locked_out = before["nextSigningCertificate"] == "T0xERVI=";
        let warned = String::from_utf8_lossy(&output.stderr).contains("nobody of contoso.com");
        assert_eq!(warned, locked_out);
        assert_eq!(stage.graph.federation(), ours(&active, json!(active)));
        let writes = stage.graph.writes();
        assert_eq!(writes.len(), 1);
        assert!(ok(&stage.run(&rollover_sh(&rollover(step)), &[])).contains("nothing to do"));
        assert_eq!(stage.graph.writes(), writes);
    }
}

#[test]
fn a_roll_over_stops_where_it_does_not_belong() {
    let active = configuration().signing_certificate;
    for (step, before, why) in [
        (Step::Stage, Value::Null, "is Managed"),
        (Step::Swap, Value::Null, "is Managed"),
        (Step::Swap, of_another_vendor(), "another identity provider"),
        (Step::Stage, ours("T0xE", json!(active)), "Run the swap instead"),
    ] {
        let stage = stage();
        stage.graph.change(|domain| domain["federation"] = before);
        let said = stopped(&stage.run(&rollover_sh(&rollover(step)), &[]));
        assert!(said.contains(why) && said.contains("Nothing was changed"), "{said}");
        assert_eq!(stage.graph.writes(), Vec::<String>::new());
    }
}

#[test]
fn what_is_missing_is_named() {
    let stage = stage();
    let script = stage.folder.path().join("script.sh");
    fs::write(&script, sh(&plan())).expect("written");
    let bin = stage.folder.path().join("bin");
    fs::create_dir(&bin).expect("made");
    let say = |command: &mut Command| stopped(&command.arg(&script).output().expect("sh runs"));
    let sh = || {
        let mut sh = Command::new("/bin/sh");
        sh.env("PATH", &bin).env_remove("GRAPH_TOKEN").env_remove("GRAPH_HOST");
        sh
    };
    assert!(say(&mut sh()).contains("needs curl"));
    symlink(find("curl"), bin.join("curl")).expect("linked");
    assert!(say(&mut sh()).contains("needs jq"));
    for tool in ["jq", "mktemp"] {
        symlink(find(tool), bin.join(tool)).expect("linked");
    }
    assert!(say(&mut sh()).contains("into GRAPH_TOKEN"));
    assert!(say(sh().env("GRAPH_TOKEN", "a\nheader = \"x\"")).contains("not an access token"));
    for host in ["http://graph.microsoft.com", "https://a@b", "file:///etc/passwd", "ftp://x"] {
        let said = say(sh().env("GRAPH_TOKEN", "t").env("GRAPH_HOST", host));
        assert!(said.contains("GRAPH_HOST"), "{host}: {said}");
    }
}

fn find(tool: &str) -> std::path::PathBuf {
    let places = ["/usr/bin", "/bin", "/usr/local/bin"].map(|place| Path::new(place).join(tool));
    let found = places.into_iter().find(|path| path.exists());
    found.expect("curl, jq and mktemp are needed by this test")
}
