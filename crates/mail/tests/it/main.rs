//! Letters on their way to a mail server.

use mail::{Error, Postman, testing::MailServer};
use model::letter::Letter;

fn letter(to: &str) -> Letter {
    Letter {
        id: model::ids::LetterId(uuid::Uuid::nil()),
        to: to.to_owned(),
        subject: "Your password was changed".to_owned(),
        text: "Hello Ayşe\n.\nA line with a dot alone is above.\n".to_owned(),
    }
}

#[tokio::test]
async fn a_letter_arrives_whole() {
    let server = MailServer::start().await.unwrap();
    let postman = Postman::new(&server.settings()).unwrap();
    postman.send(&letter("ayse@contoso.com")).await.unwrap();
    let messages = server.messages();
    assert_eq!(messages.len(), 1);
    for part in [
        "From: Contoso <sign-in@contoso.com>",
        "To: ayse@contoso.com",
        "Message-ID: <00000000-0000-0000-0000-000000000000@contoso.com>",
        "Subject: Your password was changed",
        "charset=utf-8",
        "A line with a dot alone is above.",
    ] {
        assert!(messages[0].contains(part), "{part} is not in {}", messages[0]);
    }
}

#[tokio::test]
async fn what_a_server_refuses_is_tried_again_and_what_is_no_address_is_not() {
    let server = MailServer::start().await.unwrap();
    let postman = Postman::new(&server.settings()).unwrap();
    let full = postman.send(&letter("a@full.example")).await.unwrap_err();
    assert!(full.is_passing(), "{full:?}");
    let unknown = postman.send(&letter("a@unknown.example")).await.unwrap_err();
    assert!(matches!(unknown, Error::Refused(_)), "{unknown:?}");
    assert!(unknown.is_passing(), "a wrong password of ours reads the same");
    let nobody = postman.send(&letter("no address")).await.unwrap_err();
    assert!(!nobody.is_passing(), "{nobody:?}");
    assert!(server.messages().is_empty());
}

/// R078
#[tokio::test]
async fn nobody_else_is_added_to_a_letter_by_a_line_break() {
    let server = MailServer::start().await.unwrap();
    let postman = Postman::new(&server.settings()).unwrap();
    let error = postman.send(&letter("a@contoso.com\r\nBcc: b@contoso.com")).await.unwrap_err();
    assert!(matches!(error, Error::Address(_)), "{error:?}");
    let inside =
        Letter { subject: "Hello\r\nBcc: b@contoso.com".to_owned(), ..letter("a@contoso.com") };
    let sent = postman.send(&inside).await;
    let headers = |message: &String| message.split("\n\n").next().map(str::to_owned);
    let has_copy = |message: &String| {
        headers(message).is_some_and(|lines| lines.lines().any(|line| line.starts_with("Bcc:")))
    };
    assert!(sent.is_err() || !server.messages().iter().any(has_copy), "{:?}", server.messages());
}

/// R140
#[tokio::test]
async fn without_its_encryption_a_server_gets_nothing() {
    let server = MailServer::start().await.unwrap();
    let settings = mail::Settings { encryption: mail::Encryption::StartTls, ..server.settings() };
    let refused = Postman::new(&settings).unwrap().send(&letter("a@contoso.com")).await;
    assert!(refused.is_err());
    assert!(server.messages().is_empty());
}
