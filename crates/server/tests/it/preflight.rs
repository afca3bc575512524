//! The pre-flight of a domain on its page, and the script that waits for it (Y08).

use serde_json::json;
use simulator::sample::BREAK_GLASS;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const DOMAIN: &str = "/admin/domains/contoso-com";
const PREFLIGHT: &str = "/admin/domains/contoso-com/preflight";

/// Presses the button, and gives the page that follows.
pub(crate) async fn fly(admin: &Browser) -> Page {
    let page = admin.get(PREFLIGHT).await;
    let done = admin.fill(&page, PREFLIGHT, &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    admin.get(&done.location.unwrap()).await
}

/// What stands behind the heading of a check, up to the next.
pub(crate) fn of<'p>(page: &'p Page, label: &str) -> &'p str {
    let after = page.body.split(&format!("<h3>{label} ")).nth(1).unwrap_or_default();
    after.split("</li>").next().unwrap_or_default()
}

/// Y08
#[tokio::test(flavor = "multi_thread")]
async fn the_script_is_shown_after_a_pre_flight_that_saw_the_way_back() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let overview = admin.get(DOMAIN).await;
    assert!(overview.body.contains("Nobody has looked yet"), "{}", overview.body);
    assert!(overview.body.contains("Show PowerShell script"));
    let held = Some("/admin/domains/contoso-com/preflight?done=held-back");
    for view in ["powershell", "sh"] {
        assert_eq!(admin.get(&format!("{DOMAIN}/{view}")).await.location.as_deref(), held);
    }
    assert_eq!(admin.get(&format!("{DOMAIN}/federate.ps1")).await.status, 409);
    assert_eq!(admin.get(&format!("{DOMAIN}/revert")).await.status, 200, "the way back is open");
    assert_eq!(admin.get(&format!("{DOMAIN}/revert.sh")).await.status, 200);

    world.simulator.set(BREAK_GLASS[0], "accountEnabled", false);
    let page = fly(&admin).await;
    assert!(page.body.contains("must not be federated yet. Mend first: Two emergency accounts."));
    let found = of(&page, "Two emergency accounts");
    assert!(found.contains("badge danger") && found.contains(BREAK_GLASS[0]), "{found}");
    assert!(found.contains("entra.microsoft.com"), "{found}");
    assert_eq!(admin.get(&format!("{DOMAIN}/sh")).await.location.as_deref(), held);

    world.simulator.set(BREAK_GLASS[0], "accountEnabled", true);
    let page = fly(&admin).await;
    assert!(of(&page, "Two emergency accounts").contains("badge ok"), "{}", page.body);
    assert_eq!(admin.get(&format!("{DOMAIN}/powershell")).await.status, 200);
    assert_eq!(admin.get(&format!("{DOMAIN}/federate.sh")).await.status, 200);
    assert!(admin.get(DOMAIN).await.body.contains("can be federated"));
}

/// R133
#[tokio::test(flavor = "multi_thread")]
async fn each_check_is_shown_with_what_was_seen_and_what_could_not_be() {
    let world = World::new().await;
    world.sync().await;
    let stranger = json!({
        "userPrincipalName": "stranger@contoso.com", "displayName": "<b>Stranger</b>",
        "mailNickname": "stranger", "userType": "Member",
    });
    world.simulator.add_user(stranger.as_object().unwrap().clone());
    world.simulator.add_access_policy(json!({
        "id": "1", "displayName": "<i>MFA</i>", "state": "enabled",
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}, "sessionControls": null,
    }));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = fly(&admin).await;
    let shown = page.elements().iter().filter(|it| it.is("h3")).count();
    assert!(shown >= 30, "{shown} checks");
    let missing = of(&page, "Everybody has an immutable id");
    assert!(missing.contains("stranger@contoso.com") && missing.contains("/admin/matches"));
    let access = of(&page, "Conditional Access: second factors");
    assert!(
        access.contains("&lt;i&gt;MFA&lt;") && access.contains("carol@contoso.com"),
        "{access}"
    );
    for own in ["Metadata", "Sign-in address"] {
        assert!(of(&page, own).contains("badge ok"), "{}", of(&page, own));
    }
    assert!(page.body.contains("How the tenant stood then"));

    world.simulator.withdraw_role("Policy.Read.All");
    world.pass(std::time::Duration::from_hours(2));
    let admin = world.signed_in("olivia", "/admin").await;
    let page = fly(&admin).await;
    for label in ["Security defaults", "Per-user MFA", "Tokens count for their own domain"] {
        let found = of(&page, label);
        assert!(
            found.contains("Not seen") && found.contains("Policy.Read.All"),
            "{label}: {found}"
        );
    }
    assert!(of(&page, "Two emergency accounts").contains("badge ok"));
}
