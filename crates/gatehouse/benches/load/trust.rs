//! WS-Trust under load: each request carries a password, so what Argon2 gives is the measure.

use std::{
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use app::{Clock as _, SystemClock};

use crate::{
    http::Connection,
    measure::{Latencies, argon2_per_second},
    server::{Account, Server},
};

const DOOR: &str = "/d/contoso-com/adfs/services/trust/13/usernamemixed";
const HOST: &str = "sts.contoso.com";

/// Tokens by name and password from `serve`, over the demo's database.
pub(crate) fn run(binary: &Path, folder: &Path, accounts: &[Account], measure: Duration) {
    permit(&folder.join("demo/gatehouse.db"));
    let (server, _) = Server::serve(binary, folder);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let argon2 = || argon2_per_second(&folder.join("demo/gatehouse.db"), Duration::from_secs(5));
    let before = argon2();
    let (count, latencies) = runtime.block_on(tokens(&server, accounts, measure));
    let after = argon2();
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let rate = count as f64 / measure.as_secs_f64();
    println!(
        "WS-Trust tokens: {rate:.0}/s = {:.0} % of argon2 alone ({before:.0}/s before, {after:.0}/s after), p50 {:?}, p99 {:?}",
        rate / f64::midpoint(before, after) * 100.0,
        latencies.at(50),
        latencies.at(99)
    );
}

async fn tokens(server: &Server, accounts: &[Account], measure: Duration) -> (u64, Latencies) {
    let seen = Arc::new(Mutex::new((0, Latencies::default())));
    let (began, local) = (Instant::now(), tokio::task::LocalSet::new());
    for account in accounts {
        let mut connection = Connection::open(&server.address()).await;
        let (seen, account) = (Arc::clone(&seen), account.clone());
        local.spawn_local(async move {
            while began.elapsed() < measure {
                let asked = Instant::now();
                let answer = connection.send(&request(&account)).await.expect("an answer");
                assert_eq!(answer.status, 200, "a token: {}", answer.body);
                assert!(answer.body.contains("<saml:Assertion"));
                let mut seen = seen.lock().expect("no panic before");
                seen.0 += 1;
                seen.1.add(asked.elapsed());
            }
        });
    }
    local.await;
    std::mem::take(&mut *seen.lock().expect("no panic before"))
}

/// Opens the door for everybody who is assigned, as a permit of an admin would.
fn permit(database: &Path) {
    let sql = "INSERT INTO wstrust_permits SELECT d.id, '[\"127.0.0.0/8\"]', \
               (SELECT json_group_array(user_id) FROM assignments WHERE ended_at IS NULL), '[]', \
               9000000000000000, 'load', '00000000-0000-0000-0000-000000000000', 0, 0 \
               FROM federated_domains d";
    let done = Command::new("sqlite3").arg(database).arg(sql).status().expect("sqlite3");
    assert!(done.success(), "the permit was written");
}

fn request(account: &Account) -> String {
    let now = SystemClock.now();
    let (created, expires) = (now.to_xml(), (now + Duration::from_mins(10)).to_xml());
    let trust = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
    let body = format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://www.w3.org/2005/08/addressing\" xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"><s:Header><a:Action s:mustUnderstand=\"1\">{trust}/RST/Issue</a:Action><a:To s:mustUnderstand=\"1\">https://{HOST}{DOOR}</a:To><o:Security s:mustUnderstand=\"1\" xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"><u:Timestamp u:Id=\"_0\"><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp><o:UsernameToken><o:Username>{}</o:Username><o:Password>{}</o:Password></o:UsernameToken></o:Security></s:Header><s:Body><t:RequestSecurityToken xmlns:t=\"{trust}\"><p:AppliesTo xmlns:p=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"><a:EndpointReference><a:Address>urn:federation:MicrosoftOnline</a:Address></a:EndpointReference></p:AppliesTo><t:KeyType>{trust}/Bearer</t:KeyType><t:RequestType>{trust}/Issue</t:RequestType></t:RequestSecurityToken></s:Body></s:Envelope>",
        account.upn, account.password
    );
    format!(
        "POST {DOOR} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/soap+xml; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
