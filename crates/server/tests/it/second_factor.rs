//! Who does the second factor that Microsoft demands, and the scripts that switch off what the tenant
//! demands beside it: the very bytes that the console hands out, run against the tenant (F008).

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use simulator::{Fault, Trouble, sample};

use crate::{browser::Browser, preflight, support::World};

const DOMAIN: &str = "/admin/domains/contoso-com";
const PAGE: &str = "/admin/domains/contoso-com/second-factor";
const DEFAULTS: &str = "identitySecurityDefaultsEnforcementPolicy";

/// A terminal of an administrator of the tenant.
struct Terminal<'w> {
    world: &'w World,
    admin: Browser,
    folder: tempfile::TempDir,
}

impl<'w> Terminal<'w> {
    async fn of(world: &'w World) -> Self {
        let admin = world.signed_in("olivia", "/admin").await;
        Self { world, admin, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs a script that the console hands out; whether it went well, and what it said.
    async fn run(&self, file: &str, arguments: &[&'static str]) -> (bool, String) {
        let script = self.admin.get(&format!("{DOMAIN}/demands/{file}")).await;
        assert_eq!(script.status, 200, "{file}: {}", script.body);
        assert!(script.body.is_ascii(), "{file}");
        let path = self.folder.path().join(file);
        std::fs::write(&path, &script.body).unwrap();
        let mut command = Command::new("sh");
        command.arg(&path).args(arguments).current_dir(self.folder.path());
        command.env("GRAPH_PAUSE", "0").env("GRAPH_TOKEN", sample::ADMIN_TOKEN);
        command.env("GRAPH_HOST", self.world.simulator.url());
        let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    async fn done(&self, file: &str, arguments: &[&'static str]) -> String {
        let (ended_well, said) = self.run(file, arguments).await;
        assert!(ended_well, "{file}: {said}");
        said
    }

    fn saved(&self, demand: &str) -> Option<Value> {
        let file = format!("gatehouse-previous-{demand}-contoso.com.json");
        read(&self.folder.path().join(file))
    }
}

fn read(file: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_is_explained_with_numbers_and_goes_into_the_plan_and_the_script() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("without one") && page.body.contains("carol@contoso.com"));
    assert!(page.body.contains("Here or at Microsoft fits"), "{}", page.body);
    let wrong = admin.fill(&page, PAGE, &[("behavior", "whatever")]).await;
    assert_eq!(wrong.status, 400);
    let enforce = "enforceMfaByFederatedIdp";
    let chosen = admin.fill(&page, PAGE, &[("behavior", enforce)]).await;
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    let page = admin.get(&chosen.location.unwrap()).await;
    assert!(page.body.contains("Here alone is planned; Here or at Microsoft would fit better."));
    assert!(admin.get(DOMAIN).await.body.contains(enforce));

    let looked = preflight::fly(&admin).await;
    let coverage = preflight::of(&looked, "Second factors of the people here");
    assert!(coverage.contains("badge danger") && coverage.contains("carol@"), "{coverage}");
    for file in ["federate.ps1", "federate.sh"] {
        let script = admin.get(&format!("{DOMAIN}/{file}")).await.body;
        assert!(script.contains(enforce) && !script.contains("acceptIfMfaDone"), "{script}");
    }
}

/// R139
#[tokio::test(flavor = "multi_thread")]
async fn security_defaults_are_switched_off_and_given_back_only_where_they_are_in_the_way() {
    let world = World::new().await;
    let terminal = Terminal::of(&world).await;
    preflight::fly(&terminal.admin).await;
    let off = format!("{DOMAIN}/demands/security-defaults-off.ps1");
    assert_eq!(terminal.admin.get(&off).await.status, 409, "nothing shows that it is needed");
    assert!(terminal.admin.get(PAGE).await.body.contains("Nothing to switch off"));

    world.simulator.set_policy(DEFAULTS, "/isEnabled", json!(true));
    preflight::fly(&terminal.admin).await;
    let page = terminal.admin.get(PAGE).await;
    assert!(page.body.contains("What you lose: They are on for the whole tenant"));
    let kept = terminal.admin.get(&off).await;
    assert!(kept.status == 200 && kept.body.contains("Policy.ReadWrite.SecurityDefaults"));
    let is_on = || world.simulator.policy(DEFAULTS)["isEnabled"] == true;

    let said = terminal.done("security-defaults-off.sh", &["--what-if"]).await;
    assert!(said.contains("Nothing was changed") && is_on(), "{said}");
    assert_eq!(terminal.saved("security-defaults"), None);
    let said = terminal.done("security-defaults-off.sh", &[]).await;
    assert!(said.contains("read back and compared") && !is_on(), "{said}");
    assert_eq!(
        terminal.saved("security-defaults").unwrap()["switches"][0]["values"]["isEnabled"],
        true
    );
    let said = terminal.done("security-defaults-off.sh", &[]).await;
    assert!(said.contains("nothing to do"), "{said}");
    let said = terminal.done("security-defaults-back.sh", &["--what-if"]).await;
    assert!(said.contains("Nothing was changed") && !is_on(), "{said}");
    terminal.done("security-defaults-back.sh", &[]).await;
    assert!(is_on() && terminal.saved("security-defaults").is_none());
    let (fine, said) = terminal.run("security-defaults-back.sh", &[]).await;
    assert!(!fine && said.contains("nothing says what it was before"), "{said}");
}

/// R139
#[tokio::test(flavor = "multi_thread")]
async fn per_user_mfa_goes_and_comes_back_person_by_person() {
    let world = World::new().await;
    world.sync().await;
    world.simulator.set_per_user_mfa("alice@contoso.com", "enforced");
    world.simulator.set_per_user_mfa("carol@contoso.com", "enabled");
    world.simulator.set_per_user_mfa(sample::BREAK_GLASS[0], "enforced");
    let states = || {
        ["alice@contoso.com", "carol@contoso.com", sample::BREAK_GLASS[0]]
            .map(|key| world.simulator.per_user_mfa(key).unwrap())
    };
    let terminal = Terminal::of(&world).await;
    preflight::fly(&terminal.admin).await;
    let before = states();
    let said = terminal.done("per-user-mfa-off.sh", &["--what-if"]).await;
    assert!(said.contains("alice@contoso.com") && states() == before, "{said}");

    // The second write fails: the first is taken back.
    let refused = Fault::new(Trouble::Forbidden).on("PATCH", "/requirements").after(1);
    world.simulator.faults().inject(refused);
    let (fine, said) = terminal.run("per-user-mfa-off.sh", &[]).await;
    assert!(!fine && said.contains("everything is as it was before"), "{said}");
    assert_eq!(states(), before);

    terminal.done("per-user-mfa-off.sh", &[]).await;
    assert_eq!(states(), ["disabled", "disabled", "enforced"], "others are left alone");
    // One can't be written for a while, one is gone for good: all others come back all the same.
    world.simulator.set_per_user_mfa("grace@contoso.com", "enforced");
    terminal.done("per-user-mfa-off.sh", &[]).await;
    world.simulator.delete("carol@contoso.com");
    let refused = Fault::new(Trouble::Forbidden).on("PATCH", "/requirements");
    world.simulator.faults().inject(refused);
    let (ended_well, said) = terminal.run("per-user-mfa-back.sh", &[]).await;
    assert!(!ended_well && said.contains("1 could not be given back"), "{said}");
    let there = |key: &str| world.simulator.per_user_mfa(key).unwrap();
    let both = [there("alice@contoso.com"), there("grace@contoso.com")];
    assert!(both.contains(&"enforced".to_owned()) && both.contains(&"disabled".to_owned()));
    let said = terminal.done("per-user-mfa-back.sh", &[]).await;
    assert!(!said.contains("carol"), "she is not asked for again: {said}");
    assert_eq!([there("alice@contoso.com"), there("grace@contoso.com")], ["enforced"; 2]);
    assert_eq!(terminal.saved("per-user-mfa"), None);
}

/// R139
#[tokio::test(flavor = "multi_thread")]
async fn self_service_reset_goes_and_comes_back_and_another_tenant_is_left_alone() {
    let world = World::new().await;
    world.simulator.set_policy("authorizationPolicy", "/allowedToUseSSPR", json!(true));
    let terminal = Terminal::of(&world).await;
    preflight::fly(&terminal.admin).await;
    let is_on = || world.simulator.policy("authorizationPolicy")["allowedToUseSSPR"] == true;
    terminal.done("self-reset-off.sh", &[]).await;
    assert!(!is_on());
    let kept = terminal.folder.path().join("gatehouse-previous-self-reset-contoso.com.json");
    world.simulator.set_policy("authorizationPolicy", "/allowedToUseSSPR", json!(true));
    let own = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, own.replace(sample::TENANT_ID, "another")).unwrap();
    let (ended_well, said) = terminal.run("self-reset-off.sh", &[]).await;
    assert!(!ended_well && said.contains("belongs to another tenant") && is_on(), "{said}");
    std::fs::write(&kept, own).unwrap();
    terminal.done("self-reset-off.sh", &[]).await;
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, text.replace(sample::TENANT_ID, "another")).unwrap();
    let (fine, said) = terminal.run("self-reset-back.sh", &[]).await;
    assert!(!fine && said.contains("belongs to another tenant") && !is_on(), "{said}");
    std::fs::write(&kept, text).unwrap();
    terminal.done("self-reset-back.sh", &[]).await;
    assert!(is_on());
}
