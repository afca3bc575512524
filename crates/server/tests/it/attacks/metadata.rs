//! Metadata of relying parties, pasted into the console by somebody who may.

use model::relying_party::SignedRequests;
use store::relying_parties;

use super::sets::{Report, Stage, Vector, vectors};
use crate::browser::Page;

const NEW: &str = "/admin/relying-parties/new";
const READ: &str = "/admin/relying-parties/read";

/// What became of a document: read into the form, and then registered.
struct Went {
    read: Page,
    registered: Option<Page>,
}

impl Went {
    /// Whether the console took it.
    fn is_taken(&self) -> bool {
        self.registered.as_ref().is_some_and(|page| page.status == 303)
    }

    fn wrongs(&self, vector: &Vector) -> Vec<String> {
        let last = self.registered.as_ref().unwrap_or(&self.read);
        let status = last.status;
        let mut wrongs = Vec::new();
        if self.is_taken() != (vector.expect == "accept") {
            wrongs.push(format!("{status} {}", last.body));
        }
        if !vector.http.is_empty() && !vector.http.contains(&status) {
            wrongs.push(format!("{status} is not in {:?}", vector.http));
        }
        let refused_with_reason =
            matches!(status, 409 | 422) && last.body.contains("role=\"alert\"");
        if vector.expect == "reject" && !refused_with_reason {
            wrongs.push(format!("{status} without a word"));
        }
        let all = [&self.read.body, &last.body];
        if all.iter().any(|body| body.contains("root:")) {
            wrongs.push("a file was read".to_owned());
        }
        wrongs
    }
}

/// R075, R141, R143
#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_parties_is_read_or_refused() {
    let stage = Stage::begin().await;
    let admin = stage.world.signed_in("olivia", "/admin").await;
    let mut report = Report::of("metadata");
    for vector in vectors("M") {
        let document = String::from_utf8(vector.bytes(&stage.canary)).unwrap();
        // The second document of the same party must not find it there already.
        let document = match vector.id.as_str() {
            "M04" => document.replace("https://sp.example/md", "https://sp4.example/md"),
            _ => document,
        };
        let page = admin.get(NEW).await;
        let typed = [("domain", "contoso.com"), ("metadata", document.as_str())];
        let gauge = stage.process().gauge();
        let read = admin.fill(&page, READ, &typed).await;
        let registered = match read.status {
            200 => Some(admin.fill(&read, NEW, &[]).await),
            _ => None,
        };
        let cost = gauge.read();
        let went = Went { read, registered };
        report.count(&vector, went.wrongs(&vector), cost);
    }
    report.finish(9);
    let parties = stage.world.store.read(relying_parties::all).await.unwrap();
    let realms: Vec<&str> = parties.iter().map(|party| party.realm.as_str()).collect();
    assert_eq!(realms.len(), 3, "Microsoft and the two controls: {realms:?}");
    let unused = parties.iter().find(|party| party.realm == "https://sp4.example/md").unwrap();
    assert_eq!(unused.settings.requests, SignedRequests::Required, "a key without use signs");
    assert_eq!(unused.settings.certificates.len(), 1);
    let microsoft = parties.iter().find(|party| party.realm == super::saml2::REALM).unwrap();
    assert!(!microsoft.replies.iter().any(|reply| reply.contains("evil.example")));
    stage.canary.assert_silent();
}
