//! The audit log is proved to be as it was written, and brought to other places.

use std::{path::Path, time::Duration};

use app::{
    Settings,
    audit::{AuditSink, Brought},
    settings::{AuditSettings, LogSettings},
};
use hooks::testing::{Manner, TestLogServer};
use model::{
    alarm::{Alarm, Cause, Severity},
    audit_chain::Finding,
    pending_request::Purpose,
};
use serde_json::Value;
use store::testing::execute;

use crate::support::{Bench, both, visitor};

const HOUR: Duration = Duration::from_hours(1);

/// A certificate for this machine that vouches for itself: PEM, then DER with its key.
fn certificate() -> (Vec<u8>, (Vec<u8>, Vec<u8>)) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let der = (made.cert.der().to_vec(), made.signing_key.serialize_der());
    (made.cert.pem().into_bytes(), der)
}

fn log_server(port: u16, authority: Vec<u8>) -> AuditSettings {
    let server = LogSettings { host: "127.0.0.1".to_owned(), port, authority: Some(authority) };
    AuditSettings { log_server: Some(server), ..AuditSettings::default() }
}

/// The place with this word in its name.
fn sink(bench: &Bench, word: &str) -> AuditSink {
    let sinks = bench.house.audit_sinks().unwrap();
    sinks.into_iter().find(|sink| format!("{sink:?}").contains(word)).unwrap()
}

async fn chained(bench: &Bench) -> i64 {
    bench.house.chain_audit_log().await.unwrap();
    bench.store.read(store::audit_chain::last_number).await.unwrap()
}

async fn alarms(bench: &Bench) -> Vec<Alarm> {
    bench.house.keep_watch().await.unwrap();
    let open = bench.store.read(store::alarms::open).await.unwrap();
    let of_log = |it: &Alarm| {
        matches!(it.cause, Cause::AuditLogChanged { .. } | Cause::AuditSinkFails { .. })
    };
    open.into_iter().filter(of_log).collect()
}

/// The same place takes again, once the port is free.
async fn back_up(der: (Vec<u8>, Vec<u8>), port: u16) -> TestLogServer {
    for _ in 0..100 {
        if let Ok(server) = TestLogServer::start(der.clone(), port, Manner::Takes).await {
            return server;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the port {port} stays taken")
}

/// The JSON of a syslog message.
fn said(message: &str) -> Value {
    serde_json::from_str(&message[message.find('{').unwrap()..]).unwrap()
}

/// R155
#[test]
fn a_log_server_that_is_down_for_an_hour_stops_nobody_and_misses_nothing() {
    both(|bench| async move {
        let (authority, der) = certificate();
        let down = TestLogServer::start(der.clone(), 0, Manner::Takes).await.unwrap();
        let port = down.port();
        drop(down);
        let bench = bench.with_audit(log_server(port, authority)).await;
        let place = sink(&bench, "Rows");
        for _ in 0..6 {
            bench.pass(HOUR / 6);
            bench.sign_in("alice", Purpose::Portal, &visitor("198.51.100.7")).await;
            assert!(chained(&bench).await > 0);
            assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::Refused);
        }
        let rung = alarms(&bench).await;
        let [alarm] = &rung[..] else { panic!("{rung:?}") };
        assert_eq!(alarm.subject, format!("log 127.0.0.1:{port}"));
        assert_eq!(alarm.cause.severity(), Severity::Warning);
        let sentence = alarm.sentence();
        assert!(sentence.contains("Nothing is lost") && sentence.contains("refused"), "{sentence}");

        let up = back_up(der, port).await;
        let last = chained(&bench).await;
        let count = usize::try_from(last).unwrap();
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::All(count));
        let numbers: Vec<i64> =
            up.messages().iter().map(|it| said(it)["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "each once and in order");
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::All(0));
        assert_eq!(alarms(&bench).await, []);
    });
}

/// R155: what a server has not read to its end is brought again.
#[test]
fn a_portion_that_broke_off_comes_again() {
    both(|bench| async move {
        let (authority, der) = certificate();
        let breaks = TestLogServer::start(der.clone(), 0, Manner::BreaksOff).await.unwrap();
        let port = breaks.port();
        let bench = bench.with_audit(log_server(port, authority)).await;
        let place = sink(&bench, "Rows");
        let last = chained(&bench).await;
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::Refused);
        drop(breaks);
        let takes = back_up(der, port).await;
        let count = usize::try_from(last).unwrap();
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::All(count));
        assert_eq!(takes.messages().len(), count);
    });
}

/// R155, R160
#[test]
fn a_log_server_that_nobody_vouches_for_gets_nothing() {
    both(|bench| async move {
        let ((_, der), (other, _)) = (certificate(), certificate());
        let server = TestLogServer::start(der, 0, Manner::Takes).await.unwrap();
        let bench = bench.with_audit(log_server(server.port(), other)).await;
        chained(&bench).await;
        let place = sink(&bench, "Rows");
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::Refused);
        assert!(server.messages().is_empty());
    });
}

/// R153, R155: a checkpoint goes to the log server, too, and two nodes bring it once.
#[test]
fn a_log_server_gets_a_checkpoint_every_hour() {
    both(|bench| async move {
        let (authority, der) = certificate();
        let server = TestLogServer::start(der, 0, Manner::Takes).await.unwrap();
        let bench = bench.with_audit(log_server(server.port(), authority)).await;
        let last = chained(&bench).await;
        let place = sink(&bench, "Checkpoints");
        for _ in 0..3 {
            bench.house.bring_audit_log(&place).await.unwrap();
            bench.pass(HOUR / 2);
        }
        let messages = server.messages();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].contains(" gatehouse - audit.checkpoint - {"), "{messages:?}");
        let lines: Vec<String> = messages.iter().map(|it| said(it).to_string()).collect();
        let text = lines.join("\n");
        let report = bench.house.verify_audit_log(&text).await.unwrap();
        assert!(report.is_whole() && report.checkpoints == 2 && report.last == last, "{report:?}");
    });
}

fn files(folder: &Path) -> AuditSettings {
    AuditSettings {
        checkpoint_file: Some(folder.join("checkpoints.jsonl")),
        export_file: Some(folder.join("audit.jsonl")),
        log_server: None,
    }
}

/// R154, R155
#[test]
fn a_file_gets_each_row_as_one_line_whatever_was_typed() {
    both(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench.with_audit(files(folder.path())).await;
        let from = visitor("198.51.100.7");
        let handle = bench.house.begin_sign_in(Purpose::Portal, &from).await.unwrap();
        let typed = "a\u{202e}b\u{1b}[2J@contoso.com";
        bench.house.sign_in_address(&handle, &from, typed).await.unwrap();
        bench.house.sign_in_password(&handle, &from, "wrong".to_owned().into()).await.unwrap();
        let last = chained(&bench).await;
        let place = sink(&bench, "Rows");
        bench.house.bring_audit_log(&place).await.unwrap();
        let text = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
        let printable = |byte: u8| byte == b'\n' || (b' '..=b'~').contains(&byte);
        assert!(text.bytes().all(printable), "{text}");
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), usize::try_from(last).unwrap());
        let typed = lines.iter().any(|line| {
            line["kind"] == "sign_in.password"
                && line["subject"].as_str().unwrap().contains('\u{202e}')
        });
        assert!(typed, "it can be read back as it was typed: {text}");
    });
}

/// R155
#[test]
fn a_full_disk_loses_nothing() {
    both(|bench| async move {
        let full =
            AuditSettings { export_file: Some("/dev/full".into()), ..AuditSettings::default() };
        let bench = bench.with_audit(full).await;
        let last = chained(&bench).await;
        let place = sink(&bench, "Rows");
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::Refused);
        bench.pass(Duration::from_mins(6));
        bench.sign_in("alice", Purpose::Portal, &visitor("198.51.100.7")).await;
        assert_eq!(bench.house.bring_audit_log(&place).await.unwrap(), Brought::Refused);
        let rung = alarms(&bench).await;
        assert!(matches!(&rung[..], [it] if it.sentence().contains("/dev/full")), "{rung:?}");
        let known = bench.store.read(|tx| store::audit_sinks::get(tx, "log /dev/full")).await;
        assert_eq!(known.unwrap().unwrap().number, 0);
        assert!(chained(&bench).await > last);
    });
}

/// R153: what somebody does to the raw database rings, is told, and stays told until it is put back.
#[test]
fn a_changed_row_rings_and_the_checkpoints_name_a_rewritten_one() {
    both(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench.with_audit(files(folder.path())).await;
        chained(&bench).await;
        bench.house.bring_audit_log(&sink(&bench, "Checkpoints")).await.unwrap();
        bench.house.check_audit_log().await.unwrap();
        assert_eq!(alarms(&bench).await, []);

        bench.pass(HOUR * 25);
        let change = "UPDATE audit_log SET detail = detail || '!' WHERE number = 3";
        bench.store.write(move |tx| execute(tx, change)).await.unwrap();
        bench.house.check_audit_log().await.unwrap();
        let rung = alarms(&bench).await;
        let [Alarm { cause: Cause::AuditLogChanged { finding }, .. }] = &rung[..] else {
            panic!("{rung:?}")
        };
        assert_eq!(finding, &Finding::Changed { number: 3 }.to_string());
        let admin = bench.admin().await;
        let state = bench.house.chain_state(&admin).await.unwrap();
        assert_eq!(state.checked.unwrap().finding.as_ref(), Some(finding));

        let undo =
            "UPDATE audit_log SET detail = substr(detail, 1, length(detail) - 1) WHERE number = 3";
        bench.store.write(move |tx| execute(tx, undo)).await.unwrap();
        bench.pass(HOUR);
        bench.house.check_audit_log().await.unwrap();
        assert_eq!(alarms(&bench).await, []);

        // All of it anew, with another key: in itself it is whole.
        let anew = ["UPDATE audit_log SET number = NULL, hash = NULL", "DELETE FROM audit_chain"];
        for act in anew {
            bench.store.write(move |tx| execute(tx, act)).await.unwrap();
        }
        chained(&bench).await;
        assert!(bench.house.verify_audit_log("").await.unwrap().is_whole());
        bench.house.check_audit_log().await.unwrap();
        assert_eq!(alarms(&bench).await.len(), 1, "the file of checkpoints knows better");
    });
}

impl Bench {
    /// The same, with other places for the audit log.
    async fn with_audit(self, audit: AuditSettings) -> Self {
        self.with_settings(|settings| Settings { audit, ..settings }).await
    }
}
