//! Whoever asks for more than is registered.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use store::Database;

use super::{
    Fetched, REPLY, ROOT, VERIFIER, challenge, code, fetch, packed, register, signed_in, told,
    user_info, value, world,
};
use crate::{
    browser::Browser,
    policy::{add, press},
    support::World,
};

/// R074
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_address_gets_a_page_and_never_a_redirect() {
    let (world, client) = world(&[]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let long = format!("{REPLY}?{}", "a".repeat(3_000));
    for foreign in [
        "https://evil.test/",
        "https://tickets.contoso.com/oidc/callback/",
        "https://tickets.contoso.com/oidc/callback/../evil",
        "https://tickets.contoso.com/oidc/callback?a=b",
        "https://tickets.contoso.com/oidc/callback#a",
        "https://tickets.contoso.com/oidc/callbacks",
        "https://tickets.contoso.com:444/oidc/callback",
        "https://tickets.contoso.com@evil.test/oidc/callback",
        "https://evil.test\\@tickets.contoso.com/oidc/callback",
        "https://tickets.contoso.com.evil.test/oidc/callback",
        "http://tickets.contoso.com/oidc/callback",
        "HTTPS://tickets.contoso.com/oidc/callback",
        "//tickets.contoso.com/oidc/callback",
        "https://tickets.contoso.com/oidc/callback ",
        "javascript:alert(1)",
        super::GONE,
        &long,
        "",
    ] {
        let asked = client.asks(&[("redirect_uri", foreign)]);
        for page in [
            browser.come(&format!("{ROOT}/authorize?{asked}")).await,
            browser.come_by_form(&format!("{ROOT}/authorize"), &asked).await,
        ] {
            assert_eq!((page.status, page.location.as_deref()), (400, None), "{foreign}");
            assert!(!page.body.contains("http-equiv"), "{foreign}: {}", page.body);
        }
    }
    // The same for errors: without a good address nobody is told anything.
    for other in [("response_type", "token"), ("prompt", "none"), ("scope", "email")] {
        let address = client.address(&[("redirect_uri", "https://evil.test/"), other]);
        let page = browser.come(&address).await;
        assert_eq!((page.status, page.location), (400, None), "{other:?}");
    }
    for (name, value) in [("client_id", "somebody"), ("client_id", "")] {
        let page = browser.come(&client.address(&[(name, value)])).await;
        assert_eq!((page.status, page.location), (400, None), "{value}");
    }
}

/// R079
#[tokio::test(flavor = "multi_thread")]
async fn odd_parameters_are_refused_before_anybody_is_looked_for() {
    let (world, client) = world(&[]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let asked = client.asks(&[]);
    let long = format!("{asked}&x={}", "a".repeat(17_000));
    for (query, code) in [
        (format!("{asked}&client_id={}", client.id), "GH-FED-05"),
        (format!("{asked}&Redirect_Uri=https%3A%2F%2Fevil.test"), "GH-FED-05"),
        (format!("{asked}&redirect_ur%69=https%3A%2F%2Fevil.test"), "GH-FED-06"),
        (format!("{asked}&login_hint=%00&acr_values=%zz"), "GH-FED-07"),
        (client.asks(&[("nonce", &"n".repeat(1_025))]), "GH-FED-08"),
        (client.asks(&[("code_challenge", &"c".repeat(129))]), "GH-FED-08"),
        (client.asks(&[("scope", &"s".repeat(1_025))]), "GH-FED-08"),
        (client.asks(&[("state", &"s".repeat(8_193))]), "GH-FED-08"),
        (asked.replace("client_id=", "id="), "GH-OIDC-01"),
        (asked.replace(&client.id, "nobody"), "GH-OIDC-02"),
        (asked.replace("callback", "other"), "GH-OIDC-03"),
        (long, "GH-WEB-04"),
    ] {
        let page = browser.come(&format!("{ROOT}/authorize?{query}")).await;
        assert_eq!((page.status, page.location.as_deref()), (400, None), "{query}");
        assert!(page.body.contains(code), "{code}: {query}\n{}", page.body);
    }
    let microsoft = asked.replace(&client.id, "urn%3Afederation%3AMicrosoftOnline");
    let page = browser.come(&format!("{ROOT}/authorize?{microsoft}")).await;
    assert!(page.status == 400 && page.body.contains("GH-OIDC-02"), "{}", page.body);
    let other = asked.replace("redirect_uri", "wreply");
    assert_eq!(browser.come(&format!("/d/elsewhere/oidc/authorize?{other}")).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_spoken_is_told_to_the_client_with_its_state() {
    let (world, client) = world(&[("proof", "public")]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let empty = "&prompt=&max_age=&acr_values=&request=&response_mode=&id_token_hint=";
    let page = browser.come(&format!("{}{empty}", client.address(&[]))).await;
    assert!(!value(&told(&page, REPLY), "code").is_empty(), "without a value they are not there");
    for (other, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("response_type", "code token")], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("scope", "profile")], "invalid_scope"),
        (&[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (&[("request_uri", "http://127.0.0.1:1/")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
    ] {
        let fields = told(&browser.come(&client.address(other)).await, REPLY);
        let said = (value(&fields, "error"), value(&fields, "state"), value(&fields, "code"));
        assert_eq!(said, (error, "a&b=é", ""), "{other:?}");
        assert!(value(&fields, "iss").ends_with(ROOT), "{fields:?}");
    }
}

/// R097
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_request_shows_nothing_and_a_fresh_one_asks_again() {
    let (world, client) = world(&[]).await;
    let nobody = world.browser();
    let silent = [("prompt", "none")];
    let fields = told(&nobody.come(&client.address(&silent)).await, REPLY);
    assert_eq!(value(&fields, "error"), "login_required");

    let browser = world.signed_in("alice", "/portal").await;
    let first = client.fetches(&world, &code(&client, &browser, &silent).await, &[]).await;
    // By form the cookie stays behind; the answer comes all the same, and unseen.
    let asked = client.asks(&[("prompt", "none"), ("response_mode", "form_post")]);
    for (browser, error) in [(&browser, ""), (&nobody, "login_required")] {
        let page = browser.come_by_form(&format!("{ROOT}/authorize"), &asked).await;
        let page = browser.come(page.location.as_deref().unwrap()).await;
        let fields = page.form(REPLY);
        assert_eq!(value(&fields, "error"), error);
        assert_eq!(value(&fields, "code").is_empty(), !error.is_empty());
    }

    world.pass(std::time::Duration::from_mins(2));
    let old = [("prompt", "none"), ("max_age", "60")];
    let fields = told(&browser.come(&client.address(&old)).await, REPLY);
    assert_eq!(value(&fields, "error"), "login_required", "the sign-in is too old");
    let before = first.claims()["auth_time"].as_i64().unwrap();
    for fresh in [("prompt", "login"), ("max_age", "60"), ("prompt", "select_account")] {
        let asked = browser.come(&client.address(&[fresh])).await;
        assert!(
            asked.location.as_deref().is_some_and(|at| at.starts_with("/sign-in")),
            "{fresh:?}"
        );
        let page = signed_in(&world, &browser, asked, "alice").await;
        let code = value(&told(&page, REPLY), "code").to_owned();
        let claims = client.fetches(&world, &code, &[]).await.claims();
        assert!(claims["auth_time"].as_i64().unwrap() >= before + 120, "{fresh:?}: {claims}");
        world.pass(std::time::Duration::from_mins(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_for_one_client_one_address_and_one_verifier() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let other = register(&admin, &[("name", "Tickets two")]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let fresh = async || {
        world.pass(std::time::Duration::from_secs(25)); // no machine that goes round
        code(&client, &browser, &[]).await
    };
    let wrong = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx";
    let refused = (400, "invalid_grant");

    for bad in [
        ("code_verifier", wrong),
        ("code_verifier", ""),
        ("code_verifier", &*challenge()),
        ("redirect_uri", "https://tickets.contoso.com/oidc/callback/"),
        ("redirect_uri", super::GONE),
    ] {
        let code = fresh().await;
        assert_eq!(client.fetches(&world, &code, &[bad]).await.error(), refused, "{bad:?}");
        let again = client.fetches(&world, &code, &[]).await;
        assert_eq!(again.error(), refused, "whoever brings it wrongly has used it up: {bad:?}");
    }

    let code = fresh().await;
    assert_eq!(other.fetches(&world, &code, &[]).await.error(), refused, "another's code");
    let fetched = client.fetches(&world, &code, &[]).await;
    assert_eq!(fetched.status, 200, "which does it no harm: {fetched:?}");
    assert_eq!(user_info(&world, fetched.access_token()).await.0, 200);
    assert_eq!(client.fetches(&world, &code, &[]).await.error(), refused, "twice");
    assert_eq!(user_info(&world, fetched.access_token()).await.0, 401, "and all is taken back");

    let code = fresh().await;
    world.pass(std::time::Duration::from_mins(1));
    assert_eq!(client.fetches(&world, &code, &[]).await.error(), refused, "too late");
    assert_eq!(client.fetches(&world, "guessed", &[]).await.error(), refused);

    let plain = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = super::code(&client, &browser, &plain).await;
    let early = client.fetches(&world, &code, &[]).await;
    assert_eq!(early.error(), refused, "a verifier for which there is no challenge");
    let code = super::code(&client, &browser, &plain).await;
    let bare = client.fetches(&world, &code, &[("code_verifier", "")]).await;
    assert_eq!(bare.status, 200, "a secret and a nonce are proof enough: {bare:?}");
    let loose = [&plain[..], &[("nonce", "")]].concat();
    let fields = told(&browser.come(&client.address(&loose)).await, REPLY);
    assert_eq!(value(&fields, "error"), "invalid_request", "neither of them: anybody's code fits");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_at_most_one_gets_tokens_and_none_keeps_them() {
    for kind in [Database::Sqlite, Database::Postgres] {
        let world = World::on(kind).await;
        let admin = world.signed_in("olivia", "/admin").await;
        let client = register(&admin, &[]).await;
        let browser = world.signed_in("alice", "/portal").await;
        let code = code(&client, &browser, &[]).await;
        let all = (0..8).map(|_| client.fetches(&world, &code, &[]));
        let all = futures::future::join_all(all).await;
        let given = all.iter().filter(|it| it.status == 200).count();
        assert!(given <= 1, "{all:?}");
        for fetched in all.iter().filter(|it| it.status == 200) {
            assert_eq!(user_info(&world, fetched.access_token()).await.0, 401, "taken back");
        }
        let fresh = client.fetches(&world, &super::code(&client, &browser, &[]).await, &[]).await;
        assert_eq!(fresh.status, 200, "one alone gets them: {fresh:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_proves_itself_and_guessing_is_limited() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let public = register(&admin, &[("proof", "public"), ("name", "App")]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let nobody = (401, "invalid_client");
    let code = code(&client, &browser, &[]).await;
    for bad in [
        ("client_secret", "wrong"),
        ("client_secret", ""),
        ("client_id", "nobody"),
        ("client_id", ""),
        ("client_id", &*public.id),
    ] {
        let fetched = client.fetches(&world, &code, &[bad]).await;
        assert_eq!(fetched.error(), nobody, "{bad:?}");
        assert!(fetched.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    let secret = client.secret.as_deref().unwrap();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", client.id)));
    let form = packed(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REPLY),
        ("code_verifier", VERIFIER),
    ]);
    let twice = format!("{form}&client_secret={secret}");
    let fetched = fetch(&world, &twice, &[&basic]).await;
    assert_eq!(fetched.error(), (400, "invalid_request"), "it proves itself twice");
    let doubled = format!("{form}&code={code}");
    assert_eq!(fetch(&world, &doubled, &[&basic]).await.error(), (400, "invalid_request"));
    let grant = form.replace("authorization_code", "password");
    let fetched = fetch(&world, &grant, &[&basic]).await;
    assert_eq!(fetched.error(), (400, "unsupported_grant_type"));
    let odd = format!("{form}&client_id={}", public.id);
    for headers in [&[&*basic, &*basic][..], &["Basic é"], &["", &*basic]] {
        assert_eq!(fetch(&world, &odd, headers).await.error(), nobody, "{headers:?}");
        assert_eq!(fetch(&world, &form, headers).await.error(), nobody, "{headers:?}");
    }
    assert_eq!(fetch(&world, &form, &[&basic]).await.status, 200, "none of it did harm");

    let code = super::code(&client, &browser, &[]).await;
    for _ in 0..40 {
        client.fetches(&world, &code, &[("client_secret", "guess")]).await;
    }
    let fetched = client.fetches(&world, &code, &[]).await;
    assert_eq!(fetched.error(), (429, "invalid_client"), "even the right one");
    let wait = |fetched: &Fetched| fetched.headers["retry-after"].to_str().unwrap().to_owned();
    assert_eq!(wait(&fetched), "900");
    world.pass(std::time::Duration::from_mins(1));
    assert_eq!(wait(&client.fetches(&world, &code, &[]).await), "840");
    let code = super::code(&public, &browser, &[]).await;
    assert_eq!(public.fetches(&world, &code, &[]).await.status, 200, "others are left alone");
    world.pass(std::time::Duration::from_mins(16));
    let code = super::code(&client, &world.signed_in("alice", "/portal").await, &[]).await;
    assert_eq!(client.fetches(&world, &code, &[]).await.status, 200, "later it is heard again");
}

/// What changes between code and token, and between token and userinfo, counts.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_stopped_meanwhile_gets_nothing() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let stop = async |what: &str, browser: &Browser| {
        if what == "session" {
            let csrf = browser.get("/portal").await.csrf();
            browser.post("/sign-out", &[("csrf".to_owned(), csrf)]).await;
        } else {
            let page = admin.get(&client.here).await;
            let action = format!("{}/switch", client.here);
            assert_eq!(crate::parties::send(&admin, &page, &action, &[]).await.status, 303);
        }
    };
    for (what, error) in [("session", "invalid_grant"), ("client", "invalid_client")] {
        let browser = world.signed_in("alice", "/portal").await;
        let (first, second) =
            (code(&client, &browser, &[]).await, code(&client, &browser, &[]).await);
        let fetched = client.fetches(&world, &first, &[]).await;
        assert_eq!(user_info(&world, fetched.access_token()).await.0, 200, "{what}");
        stop(what, &browser).await;
        assert_eq!(user_info(&world, fetched.access_token()).await.0, 401, "{what}");
        let late = client.fetches(&world, &second, &[]).await;
        assert_eq!(late.error().1, error, "{what}");
    }
    let page = world.signed_in("alice", "/portal").await.come(&client.address(&[])).await;
    assert!(page.status == 403 && page.body.contains("GH-SIGN-03"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_may_not_use_it_see_why_and_machines_that_go_round_are_stopped() {
    let (world, client) = world(&[("access", "assigned")]).await;
    let browser = world.signed_in("olivia", "/portal").await;
    let page = browser.come(&client.address(&[])).await;
    assert!(page.status == 403 && page.body.contains("Tickets"), "{}", page.body);
    let fields = told(&browser.come(&client.address(&[("prompt", "none")])).await, REPLY);
    assert_eq!(value(&fields, "error"), "access_denied");

    let browser = world.signed_in("alice", "/portal").await;
    for _ in 0..3 {
        code(&client, &browser, &[]).await;
    }
    let page = browser.come(&client.address(&[])).await;
    assert!(page.status == 403 && page.body.contains("GH-SIGN-04"), "{}", page.body);
    let fields = told(&browser.come(&client.address(&[("prompt", "none")])).await, REPLY);
    assert_eq!(value(&fields, "error"), "temporarily_unavailable", "she may use it, later");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_opens_userinfo_and_nothing_else_opens_it() {
    let (world, client) = world(&[]).await;
    let browser = world.signed_in("alice", "/portal").await;
    let fetched = client.fetches(&world, &code(&client, &browser, &[]).await, &[]).await;
    let token = fetched.access_token();
    let id_token = fetched.said["id_token"].as_str().unwrap();
    for bad in ["", "x", id_token, &token[1..], client.secret.as_deref().unwrap()] {
        assert_eq!(user_info(&world, bad).await.0, 401, "{bad}");
    }
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    for method in ["GET", "POST"] {
        let page = browser.odd(method, &format!("{ROOT}/userinfo"), &headers).await;
        assert_eq!(page.status, 200, "{method}");
    }
    let page = browser.odd("GET", &format!("{ROOT}/userinfo"), &[]).await;
    assert_eq!(
        (page.status, &page.headers["www-authenticate"]),
        (401, &"Bearer realm=\"Gatehouse\"".parse().unwrap())
    );
    for path in ["/portal", "/admin"] {
        let page = world.browser().odd("GET", path, &headers).await;
        assert_eq!(page.status, 303, "{path}");
    }
    world.pass(std::time::Duration::from_mins(11));
    assert_eq!(user_info(&world, token).await.0, 401, "its time is over");
}

/// A client whose person was asked for a second factor keeps saying so.
#[tokio::test(flavor = "multi_thread")]
async fn a_demanded_second_factor_is_proved_or_there_is_no_code() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    add(&admin, &[("name", "Password is enough"), ("then", "when-asked")]).await;
    press(&admin, "/admin/policy/review", "/admin/policy/publish").await;
    let browser: Browser = world.browser();
    let asked = browser.come(&client.address(&[])).await;
    let page = browser.come(asked.location.as_deref().unwrap()).await;
    let address = [("address", "alice@contoso.com")];
    let page = browser.fill(&page, "/sign-in/address", &address).await;
    let password = [("password", world.account("alice").password())];
    let page = browser.fill(&page, "/sign-in/password", &password).await;
    let page = browser.get(page.location.as_deref().unwrap()).await;
    let code = value(&told(&page, REPLY), "code").to_owned();
    let claims = client.fetches(&world, &code, &[]).await.claims();
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]), "{claims}");

    let mfa = ("acr_values", "https://refeds.org/profile/mfa");
    let silent = browser.come(&client.address(&[mfa, ("prompt", "none")])).await;
    let fields = told(&silent, REPLY);
    assert_eq!((value(&fields, "error"), value(&fields, "code")), ("login_required", ""));
    let asked = browser.come(&client.address(&[mfa])).await;
    let page = signed_in(&world, &browser, asked, "alice").await;
    let code = value(&told(&page, REPLY), "code").to_owned();
    let claims = client.fetches(&world, &code, &[]).await.claims();
    assert_eq!(claims["acr"], mfa.1, "{claims}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_one_person_is_not_answered_with_another() {
    let (world, client) = world(&[]).await;
    let admin = world.signed_in("olivia", "/admin").await;
    let other = register(&admin, &[("name", "Tickets two")]).await;
    let alice = world.signed_in("alice", "/portal").await;
    let fetched = client.fetches(&world, &code(&client, &alice, &[]).await, &[]).await;
    let token = fetched.said["id_token"].as_str().unwrap();
    let about = [("id_token_hint", token)];
    assert!(!code(&client, &alice, &about).await.is_empty(), "it is her");
    let olivia = world.signed_in("olivia", "/portal").await;
    let fields = told(&olivia.come(&client.address(&about)).await, REPLY);
    assert_eq!((value(&fields, "error"), value(&fields, "code")), ("login_required", ""));
    let fresh = world.browser();
    let asked = fresh.come(&client.address(&about)).await;
    let page = signed_in(&world, &fresh, asked, "olivia").await;
    assert_eq!(value(&told(&page, REPLY), "error"), "login_required", "whoever signs in");
    let foreign = told(&alice.come(&other.address(&about)).await, REPLY);
    assert_eq!(value(&foreign, "error"), "invalid_request", "another client's token");
}
