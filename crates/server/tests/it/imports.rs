//! Bringing people along through the pages: upload, look, import, hand out, undo.

use std::time::Duration;

use crate::{
    browser::{Browser, Page},
    support::World,
};

const LIST: &str = "/admin/imports";

/// Sends a file as a browser does.
async fn upload(admin: &Browser, name: &str, content: &str) -> Page {
    let csrf = admin.get(LIST).await.csrf();
    send(admin, &csrf, (name, content)).await
}

async fn send(admin: &Browser, csrf: &str, (name, content): (&str, &str)) -> Page {
    let part = |head: &str, body: &str| {
        format!("--edge\r\ncontent-disposition: form-data; name={head}\r\n\r\n{body}\r\n")
    };
    let file = format!("\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv");
    let body = [part("\"csrf\"", csrf), part(&file, content), part("\"text\"", "")].concat();
    admin.post_body(LIST, "multipart/form-data; boundary=edge", format!("{body}--edge--\r\n")).await
}

pub(crate) async fn draft(admin: &Browser, content: &str) -> (String, Page) {
    let sent = upload(admin, "people.csv", content).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let path = sent.location.unwrap();
    let page = admin.get(&path).await;
    (path, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_looked_at_imported_and_undone() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let file = "UPN;Name;Land\nmia@contoso.com;Mia Möller;DE\nnoah@contoso.com;Noah;Germany\n";
    let (path, page) = draft(&admin, file).await;
    for text in ["1 line would be imported", "Mia Möller", "<td data-label=\"Line\">3</td>", "Land"]
    {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let mapping = format!("{path}/mapping");
    let wrong = admin.fill(&page, &mapping, &[("upn", "")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("No column holds the sign-in names."), "{}", wrong.body);
    let mapped = admin.fill(&page, &mapping, &[("country", "")]).await;
    assert_eq!(mapped.location.as_deref(), Some(path.as_str()));
    let page = admin.get(&path).await;
    assert!(page.body.contains("Nothing is wrong"), "{}", page.body);

    let done = admin.fill(&page, &format!("{path}/apply"), &[]).await;
    assert_eq!(done.location, Some(format!("{path}?done=import-done")), "{}", done.body);
    let page = admin.get(&path).await;
    assert!(page.body.contains("2 new people have not been handed anything yet."), "{}", page.body);
    let list = admin.fill(&page, &format!("{path}/first-sign-ins.csv"), &[]).await;
    assert_eq!(list.headers["cache-control"], "no-store");
    assert!(list.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(list.body.contains("Mia Möller,mia@contoso.com,"), "{}", list.body);
    let page = admin.get(&path).await;
    assert!(!page.body.contains("not been handed anything"), "{}", page.body);
    let undone = admin.fill(&page, &format!("{path}/undo"), &[]).await;
    assert_eq!(undone.location, Some(format!("{path}?done=import-undone")));
    let page = admin.get("/admin/users?q=mia").await;
    assert!(page.body.contains("Nobody matches"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_be_right_that_was_not_looked_at_and_what_was_chosen_stays() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let (path, page) = draft(&admin, "One,Two\nmia@contoso.com,Mia\n").await;
    assert!(page.body.contains("Nothing was looked at"), "{}", page.body);
    assert!(!page.body.contains("Nothing is wrong"), "{}", page.body);
    let chosen = [("display_name", "1")];
    let wrong = admin.fill(&page, &format!("{path}/mapping"), &chosen).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.body.matches("<option value=\"1\" selected>Two").count(), 1, "{}", wrong.body);

    let one = "UPN,Name\nnobody,N\n";
    let (path, page) = draft(&admin, one).await;
    assert!(page.body.contains("<td data-label=\"Line\">2</td>"), "{}", page.body);
    let beyond = admin.get(&format!("{path}?page=9")).await;
    assert!(beyond.body.contains("There is nothing on this page"), "{}", beyond.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stopped_in_the_middle_can_be_gone_on_with_handed_out_and_undone() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let (path, page) = draft(&admin, "UPN,Name\nmia@contoso.com,Mia\n").await;
    admin.fill(&page, &format!("{path}/apply"), &[]).await;
    let stopped = |tx: &mut store::Tx| {
        let mut import = store::imports::newest(tx, 1)?.remove(0);
        import.state = model::import::ImportState::Applying;
        store::imports::put_progress(tx, &import)
    };
    world.store.write(stopped).await.unwrap();
    let page = admin.get(&path).await;
    for text in ["Go on if it has stopped", "Download the next list", "Undo this import"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let undone = admin.fill(&page, &format!("{path}/undo"), &[]).await;
    assert_eq!(undone.location, Some(format!("{path}?done=import-undone")), "{}", undone.body);
}

/// R142
#[tokio::test(flavor = "multi_thread")]
async fn what_was_a_formula_in_the_file_is_none_in_the_list() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let (path, page) = draft(&admin, "UPN,Name\nmia@contoso.com,=1+1\n").await;
    admin.fill(&page, &format!("{path}/apply"), &[]).await;
    let page = admin.get(&path).await;
    let list = admin.fill(&page, &format!("{path}/first-sign-ins.csv"), &[]).await;
    assert!(list.body.contains("\r\n'=1+1,mia@contoso.com,"), "{}", list.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_read_comes_back_to_its_field() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let wrong = upload(&admin, "x.csv", "upn\n\"a\n").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("A quote that opens in line 2 never closes."), "{}", wrong.body);
    let page = admin.get(LIST).await;
    let pasted = [("csrf".to_owned(), page.csrf()), ("text".to_owned(), "upn\n".to_owned())];
    let wrong = admin.post(LIST, &pasted).await;
    assert!(wrong.body.contains("There is nobody in the file."), "{}", wrong.body);
    let much = upload(&admin, "x.csv", &"x".repeat(6 * 1024 * 1024)).await;
    assert_eq!(much.status, 400);
    assert!(much.body.contains("The file is too large."), "{}", much.body);
}

/// R059, R060, R147
#[tokio::test(flavor = "multi_thread")]
async fn a_file_needs_the_pages_token_and_importing_it_a_fresh_code() {
    let world = World::new().await;
    let admin = world.signed_in("olivia", "/admin").await;
    let forged = send(&admin, "AAAA", ("x.csv", "upn\na@contoso.com\n")).await;
    assert_eq!(forged.status, 403);
    assert!(forged.body.contains("GH-WEB-02"), "{}", forged.body);
    let (path, page) = draft(&admin, "UPN,Name\nmia@contoso.com,Mia\n").await;
    world.pass(Duration::from_mins(6));
    let stale = admin.fill(&page, &format!("{path}/apply"), &[]).await;
    let to = stale.location.unwrap_or_default();
    assert!(to.starts_with("/admin/step-up?back=%2Fadmin%2Fimports%2F"), "{to}");
}
