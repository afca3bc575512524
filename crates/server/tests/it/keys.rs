//! The signing keys in the console, and everybody's sign-in while they are turned.

use std::{
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use app::keys::{Keeper, KeyView};
use simulator::sample;
use store::issued_tokens;

use crate::{
    browser::{Browser, Page},
    oidc, preflight,
    support::{World, both},
};

const KEYS: &str = "/admin/keys";
const DOMAIN: &str = "/admin/domains/contoso-com";

async fn keys(world: &World) -> Vec<KeyView> {
    world.house.signing_keys(Keeper::Operator).await.unwrap()
}

/// Runs the very bytes that the console hands out, as an administrator of the tenant.
pub(crate) async fn run(world: &World, admin: &Browser, file: &str) -> Output {
    if file.starts_with("federate") {
        preflight::fly(admin).await;
    }
    let script = admin.get(&format!("{DOMAIN}/{file}")).await;
    assert_eq!(script.status, 200, "{file}: {}", script.body);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::write(&path, &script.body).unwrap();
    let mut command = Command::new("sh");
    command.arg(&path).current_dir(folder.path()).env("GRAPH_PAUSE", "0");
    command.env("GRAPH_TOKEN", sample::ADMIN_TOKEN).env("GRAPH_HOST", world.simulator.url());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{file}: {said}");
    output
}

/// Begins at Microsoft, signs in here with the live session, and posts the token back: the status
/// of Microsoft's answer and its page.
pub(crate) async fn visit_outlook(world: &World, browser: &Browser) -> (u16, String) {
    let outlook = format!("{}/outlook", world.simulator.url());
    let microsoft =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = [("username", "alice@contoso.com")];
    let sent = microsoft.post(&outlook).form(&form).send().await.unwrap();
    let location = sent.headers()["location"].to_str().unwrap();
    let page = browser.come(location.strip_prefix(&world.url).unwrap()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let reply = format!("{}/login.srf", world.simulator.url());
    let answer = microsoft.post(&reply).form(&page.form(&reply)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn press(admin: &Browser, action: &str, typed: &[(&str, &str)]) -> Page {
    let page = admin.get(KEYS).await;
    let mut fields = page.form(action);
    fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    admin.post(action, &fields).await
}

fn led_to(page: &Page, word: &str) -> bool {
    page.status == 303 && page.location.as_deref() == Some(&format!("{KEYS}?done={word}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_rolled_over_from_the_console_and_no_sign_in_fails() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = world.signed_in("alice", "/portal").await;
    run(&world, &admin, "federate.sh").await;
    assert_eq!(admin.get(DOMAIN).await.status, 200, "looking at it keeps what was seen");
    assert_eq!(visit_outlook(&world, &alice).await.0, 303);

    let first = keys(&world).await;
    assert!(first.iter().all(|key| key.seen_by_entra_at.is_some()), "federating hands both over");
    assert!(led_to(&press(&admin, "/admin/keys/promote", &[]).await, "key-promoted"));
    assert_eq!(visit_outlook(&world, &alice).await.0, 303, "signed by the second of the two");
    let page = admin.get(KEYS).await;
    let promote = press(&admin, "/admin/keys/promote", &[]).await;
    assert_eq!(promote.status, 422, "the new next key is not with Microsoft yet");
    assert!(promote.body.contains("contoso.com; nothing was changed"), "{}", promote.body);
    assert!(page.body.contains("name=\"unseen\"") && !page.body.contains("{{"));

    run(&world, &admin, "swap.sh").await;
    assert!(led_to(&press(&admin, "/admin/keys/look", &[]).await, "checked"));
    let after = keys(&world).await;
    assert_eq!(after[0].id, first[1].id);
    assert!(after[..2].iter().all(|key| key.seen_by_entra_at.is_some()));
    assert_eq!(visit_outlook(&world, &alice).await.0, 303);
    let script = admin.get(&format!("{DOMAIN}/stage")).await;
    assert!(script.text("code").contains("-WhatIf") && script.body.contains("$Step = "));
}

/// R129
#[tokio::test(flavor = "multi_thread")]
async fn the_old_keys_are_nowhere_at_microsoft_after_an_emergency() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    run(&world, &admin, "federate.sh").await;
    admin.get(DOMAIN).await;
    let old = keys(&world).await;
    let page = admin.get(KEYS).await;
    assert!(page.body.contains("What breaks:"));
    let careless = press(&admin, "/admin/keys/replace", &[]).await;
    assert_eq!((careless.status, keys(&world).await == old), (400, true), "the box is not ticked");
    let done = press(&admin, "/admin/keys/replace", &[("sure", "yes")]).await;
    assert!(led_to(&done, "keys-replaced"), "{}", done.body);

    let alice = world.signed_in("alice", "/portal").await;
    let (status, page) = visit_outlook(&world, &alice).await;
    assert!(status >= 400 && page.contains("5000811"), "{status} {page}");
    run(&world, &admin, "swap.sh").await;
    let federation = world.house.look_at_domains().await.unwrap();
    assert_eq!(federation[0].1, Ok(app::office365::DomainCheck::InStep));
    let new = keys(&world).await;
    assert!(new[..2].iter().all(|key| key.seen_by_entra_at.is_some()));
    assert!(old.iter().all(|old| new[..2].iter().all(|new| new.id != old.id)));
    assert_eq!(visit_outlook(&world, &alice).await.0, 303);
}

/// R129
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_ends_the_sessions_of_everybody_at_microsoft_and_sees_how_far_it_is() {
    let world = World::new().await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let form = "/admin/keys/sessions";
    let people = admin.get(KEYS).await.form(form);
    let people = &people.iter().find(|(name, _)| name == "people").unwrap().1;
    let careless = press(&admin, form, &[]).await;
    assert_eq!(careless.status, 400, "the box is not ticked");
    world.pass(std::time::Duration::from_mins(1));
    let (asked_at, known) =
        (world.house.now(), world.store.read(store::tenants::all).await.unwrap());
    let done = press(&admin, form, &[("sure", "yes")]).await;
    assert!(led_to(&done, "sessions-ending#sessions"), "{}", done.body);
    let page = admin.get(KEYS).await;
    let none = format!("the sessions of 0 of {people} people have ended");
    assert!(page.body.contains(&none) && page.body.contains("alice@contoso.com"), "{}", page.body);
    world.drain().await;
    let page = admin.get(KEYS).await;
    let all = format!("the sessions of {people} of {people} people have ended.");
    assert!(page.body.contains(&all) && !page.body.contains("Not yet:"), "{}", page.body);
    let tenant = world.simulator.tenant();
    let links = world.store.read(move |tx| store::entra_links::all(tx, known[0].id)).await.unwrap();
    assert_eq!(links.len().to_string(), *people);
    for link in links {
        let user = tenant.user(&link.object_id.to_string()).unwrap();
        assert!(user.sessions_valid_from > asked_at.0, "{}", user.upn());
    }
}

/// A request as Microsoft sends it.
const ENTRY: &str = "/d/contoso-com/adfs/ls/?wa=wsignin1.0\
    &wtrealm=urn%3afederation%3aMicrosoftOnline&wctx=x&username=alice%40contoso.com";

#[test]
fn nobodys_sign_in_fails_while_keys_are_promoted() {
    both(|world| async move {
        let mut browsers = Vec::new();
        for _ in 0..4 {
            browsers.push(world.signed_in("alice", "/portal").await);
        }
        let (over, issued) = (AtomicBool::new(false), AtomicUsize::new(0));
        let signing_in = browsers.iter().map(|browser| sign_in_often(browser, &over, &issued));
        let promoting = promote_often(&world, &over, &issued, 12);
        let (sign_ins, ()) =
            futures::future::join(futures::future::join_all(signing_in), promoting).await;
        let all: usize = sign_ins.into_iter().sum();
        assert_eq!(keys(&world).await.len(), 14);
        let journaled = world.store.read(issued_tokens::count).await.unwrap();
        assert_eq!(usize::try_from(journaled).unwrap(), all, "each is in the journal once");
    });
}

async fn sign_in_often(browser: &Browser, over: &AtomicBool, issued: &AtomicUsize) -> usize {
    let mut done = 0;
    while !over.load(Ordering::SeqCst) {
        // Each sign-in stands for another browser's: no loop (ruling 20).
        browser.forget_cookie("gh_bounces");
        let page = browser.come(ENTRY).await;
        assert!(page.status == 200 && page.body.contains("wresult"), "{}", page.body);
        done += 1;
        issued.fetch_add(1, Ordering::SeqCst);
    }
    done
}

/// Promotes as fast as keys are made, and not before each key has signed something.
async fn promote_often(world: &World, over: &AtomicBool, issued: &AtomicUsize, times: usize) {
    let visitor = app::Visitor::at_the_command_line(&world.house);
    for _ in 0..times {
        let before = issued.load(Ordering::SeqCst);
        let next = keys(world).await[1].id;
        let unseen = app::keys::Unseen::Refuse;
        let done = world.house.promote_key(Keeper::Operator, next, unseen, &visitor).await;
        assert_eq!(done.unwrap(), app::keys::Promotion::Done);
        while issued.load(Ordering::SeqCst) == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    over.store(true, Ordering::SeqCst);
}

const PIN: &str = "7391";

/// A token of `SoftHSM2` is found by a variable of the environment, so the walk runs in a process of
/// its own.
/// R127
#[test]
fn a_key_in_a_token_signs_for_microsoft_and_is_promoted_there() {
    let folder = tempfile::tempdir().unwrap();
    let (config, tokens) = (folder.path().join("softhsm2.conf"), folder.path().join("tokens"));
    std::fs::create_dir(&tokens).unwrap();
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    std::fs::write(&config, text).unwrap();
    let this = std::env::current_exe().unwrap();
    let init = ["--init-token", "--free", "--label", "gatehouse", "--so-pin", "4711", "--pin", PIN];
    let walk = ["--exact", "keys::inside_a_process_with_a_token", "--ignored", "--nocapture"];
    for (program, arguments) in
        [("softhsm2-util".into(), &init[..]), (this.into_os_string(), &walk)]
    {
        let mut command = Command::new(program);
        let output = command.args(arguments).env("SOFTHSM2_CONF", &config).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above, with a token"]
async fn inside_a_process_with_a_token() {
    let places = ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm"];
    let modules = places.map(|place| Path::new(place).join("libsofthsm2.so"));
    let module = modules.into_iter().find(|module| module.exists()).unwrap();
    let token =
        app::settings::TokenSettings { module, token: "gatehouse".to_owned(), pin: PIN.into() };
    let world = World::signing(token).await;
    world.drain().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let alice = world.signed_in("alice", "/portal").await;
    run(&world, &admin, "federate.sh").await;
    assert_eq!(admin.get(DOMAIN).await.status, 200);
    let before = keys(&world).await;
    assert!(before.iter().all(|key| key.in_token));
    assert_eq!(visit_outlook(&world, &alice).await.0, 303);
    // An ID token is checked with the published certificate before it leaves.
    let client = oidc::register(&admin, &[]).await;
    let code = oidc::code(&client, &alice, &[]).await;
    assert_eq!(client.fetches(&world, &code, &[]).await.status, 200);
    assert!(led_to(&press(&admin, "/admin/keys/promote", &[]).await, "key-promoted"));
    assert_eq!(visit_outlook(&world, &alice).await.0, 303);
    let after = keys(&world).await;
    assert_eq!((after[0].id, after.len()), (before[1].id, 3));
    assert!(after.iter().all(|key| key.in_token));
    assert!(admin.get(KEYS).await.body.contains("RSA 2048, in the PKCS#11 token"));
}
