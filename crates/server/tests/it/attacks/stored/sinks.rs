//! Stored values in letters, and in the files that people open with a spreadsheet.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail::testing::MailServer;

use super::{ALICE, Named, REFUSED, Stored, values};
use crate::{attacks::wire::Canary, browser::Browser, imports::draft, support::World};

/// The names of the headers, and the body as its reader sees it.
fn opened(message: &str) -> (Vec<String>, String) {
    let (head, body) = message.split_once("\n\n").unwrap();
    let lines: Vec<&str> = head.lines().collect();
    let names = lines.iter().filter(|line| !line.starts_with([' ', '\t']));
    let names = names.map(|line| line.split_once(':').unwrap().0.to_lowercase()).collect();
    let has = |way: &str| head.to_lowercase().contains(&format!("encoding: {way}"));
    let bytes = if has("base64") {
        STANDARD.decode(body.replace(['\r', '\n'], "")).unwrap()
    } else if has("quoted-printable") {
        unquoted(body)
    } else {
        body.as_bytes().to_vec()
    };
    (names, String::from_utf8(bytes).unwrap())
}

/// Undoes quoted-printable (RFC 2045 6.7).
fn unquoted(body: &str) -> Vec<u8> {
    let joined = body.replace("=\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.extend(hex::decode(&part[..2]).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

/// Line ends as any reader of mail shows them.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Alice's letter about a new password: its headers, to whom it went, and what it says.
async fn letter(named: &Named, server: &MailServer) -> (Vec<String>, Vec<String>, String) {
    // Nobody is written to for every click.
    named.world.pass(Duration::from_hours(2));
    let before = server.messages().len();
    let browser = named.world.browser();
    let page = browser.get("/forgotten").await;
    browser.fill(&page, "/forgotten", &[("address", ALICE)]).await;
    while named.world.house.send_letters().await.unwrap() > 0 {}
    let messages = server.messages();
    assert_eq!(messages.len(), before + 1);
    let (headers, body) = opened(&messages[before]);
    (headers, server.recipients()[before].clone(), body)
}

/// R154
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_has_the_headers_and_the_recipient_that_it_has_for_a_plain_name() {
    let server = MailServer::start().await.unwrap();
    let named = Named::begin_in(World::with_mail(server.settings()).await).await;
    let canary = Canary::listening();
    named.name("Plain").await;
    let (headers, to, plain) = letter(&named, &server).await;
    assert!(plain.contains("Hello Plain,") && headers.contains(&"subject".to_owned()), "{plain}");
    assert!(to.len() == 1 && to[0].contains(ALICE), "{to:?}");
    for Stored { id, value } in values(&canary).into_iter().filter(|stored| stored.id != "S24") {
        named.name(&value).await;
        let (found, recipients, body) = letter(&named, &server).await;
        assert_eq!((&found, &recipients), (&headers, &to), "{id}");
        let greeting = lines(&format!("Hello {value},"));
        assert!(lines(&body).contains(&greeting), "{id}: {body}");
    }
    canary.assert_silent();
}

/// The rows of a file, as a spreadsheet takes them, none of whose cells is a formula.
fn table(id: &str, file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(file.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect();
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{id}: {cell:?}");
    }
    rows
}

/// As a cell holds it.
fn inert(value: &str) -> String {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    if is_formula { format!("'{value}") } else { value.to_owned() }
}

/// The plan that Alice's name makes, as the console hands it out.
async fn plan(named: &Named, admin: &Browser) -> String {
    let runs = admin.get("/admin/sync-runs").await;
    let preview = admin.fill(&runs, "/admin/sync-runs/preview", &[]).await.location.unwrap();
    let file = admin.get(&format!("{preview}/plan.csv")).await;
    assert_eq!(file.status, 200, "{}", file.body);
    named.world.pass(Duration::from_secs(1));
    file.body
}

/// R142
#[tokio::test(flavor = "multi_thread")]
async fn no_file_for_a_spreadsheet_holds_a_formula_or_a_row_too_many() {
    let (named, canary) = (Named::begin().await, Canary::listening());
    named.name("Plain").await;
    let plain = table("plain", &plan(&named, &named.admin).await);
    assert!(plain.iter().flatten().any(|cell| cell.contains("Plain")), "{plain:?}");
    let taken: Vec<Stored> = values(&canary)
        .into_iter()
        .filter(|stored| !REFUSED.contains(&stored.id.as_str()))
        .collect();
    for Stored { id, value } in &taken {
        named.name(value).await;
        let rows = table(id, &plan(&named, &named.admin).await);
        assert_eq!(rows.len(), plain.len(), "{id}: {rows:?}");
        let said = |cell: &String| cell.contains(value.trim());
        assert!(rows.iter().flatten().any(said), "{id}: {rows:?}");
    }

    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["upn", "display name"]).unwrap();
    for Stored { id, value } in &taken {
        file.write_record([&format!("{id}@contoso.com"), value]).unwrap();
    }
    let file = String::from_utf8(file.into_inner().unwrap()).unwrap();
    let (path, page) = draft(&named.admin, &file).await;
    let done = named.admin.fill(&page, &format!("{path}/apply"), &[]).await;
    assert_eq!(done.location, Some(format!("{path}?done=import-done")), "{}", page.body);
    let page = named.admin.get(&path).await;
    let list = named.admin.fill(&page, &format!("{path}/first-sign-ins.csv"), &[]).await;
    let rows = table("first sign-ins", &list.body);
    assert_eq!(rows.len(), taken.len(), "{rows:?}");
    for Stored { id, value } in &taken {
        let name = inert(value.trim());
        let upn = format!("{id}@contoso.com");
        assert!(rows.iter().any(|row| row[0] == name && row[1] == upn), "{id}: {rows:?}");
    }
    canary.assert_silent();
}
