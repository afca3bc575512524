//! WS-Trust below `/d/{slug}/adfs/services/trust`: rich clients, not browsers. No cookie, no page,
//! no redirect, and never 401, which would make clients try Kerberos (`federation.md` 3.6).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::issue::wstrust::{Answer as Answered, Arrived, Version};

use super::NUMBER;
use crate::answer::{Answer, Desk};

const SOAP: &str = "application/soap+xml";

/// The description that clients read first.
pub(crate) async fn describe(desk: Desk, slug: web::Path<String>) -> Answer {
    let found = desk.counter.house.trust_description(&slug).await;
    Ok(match found {
        Ok(Some(xml)) => HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(xml),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => trouble(&desk, &error),
    })
}

/// A request of WS-Trust 1.3.
pub(crate) async fn answer_13(desk: Desk, slug: web::Path<String>, body: web::Bytes) -> Answer {
    answer(&desk, &slug, Version::V13, &body).await
}

/// A request of WS-Trust of February 2005.
pub(crate) async fn answer_2005(desk: Desk, slug: web::Path<String>, body: web::Bytes) -> Answer {
    answer(&desk, &slug, Version::Feb2005, &body).await
}

async fn answer(desk: &Desk, slug: &str, version: Version, body: &[u8]) -> Answer {
    let content = Content::of(&desk.request);
    // What is no text can't be a message either; the door decides whether it is there at all.
    let text = std::str::from_utf8(body).unwrap_or_default();
    let body = if content.is_soap { text } else { "" };
    let arrived = Arrived { slug, version, actions: &content.actions, body };
    let answered = desk.counter.house.answer_trust(&arrived, desk.guest.visitor()).await;
    Ok(match answered {
        Ok(Answered::Closed) => HttpResponse::NotFound().finish(),
        Ok(Answered::Unreadable) if content.is_soap => HttpResponse::BadRequest().finish(),
        Ok(Answered::Unreadable) => HttpResponse::UnsupportedMediaType().finish(),
        Ok(Answered::Fault(xml)) => soap(StatusCode::INTERNAL_SERVER_ERROR, xml),
        Ok(Answered::Token(xml)) => soap(StatusCode::OK, xml),
        Err(error) => trouble(desk, &error),
    })
}

/// What the HTTP headers say of the body.
struct Content {
    is_soap: bool,
    actions: Vec<String>,
}

impl Content {
    fn of(request: &HttpRequest) -> Self {
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let mut parts = text("content-type").unwrap_or_default().split(';').map(str::trim);
        let mut is_soap = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(SOAP));
        let mut actions: Vec<String> = text("soapaction").map(unquoted).into_iter().collect();
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = unquoted(value);
            match name.trim().to_ascii_lowercase().as_str() {
                "charset" => is_soap &= value.eq_ignore_ascii_case("utf-8"),
                "action" => actions.push(value),
                _ => {}
            }
        }
        actions.retain(|action| !action.is_empty());
        Self { is_soap, actions }
    }
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}

fn soap(status: StatusCode, xml: String) -> HttpResponse {
    HttpResponse::build(status).content_type("application/soap+xml; charset=utf-8").body(xml)
}

/// Something of ours is busy or broken: no token, and no word about the person.
pub(super) fn trouble(desk: &Desk, error: &app::Error) -> HttpResponse {
    let id = desk.guest.visitor().correlation_id.as_str();
    tracing::warn!(
        id,
        error = error as &dyn std::error::Error,
        "a request with a password was not answered"
    );
    let mut answer = HttpResponse::ServiceUnavailable();
    answer.insert_header((header::RETRY_AFTER, "5")).insert_header((NUMBER, id)).finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_soap_in_utf_8_is_read_and_every_action_counts() {
        let content = |kind: &str, action: &str| {
            let request = TestRequest::default()
                .insert_header(("content-type", kind))
                .insert_header(("soapaction", action));
            let content = Content::of(&request.to_http_request());
            (content.is_soap, content.actions.join(" "))
        };
        let soap = "application/soap+xml; charset=utf-8";
        assert_eq!(content(soap, "urn:a"), (true, "urn:a".to_owned()));
        assert_eq!(content(soap, "\"urn:a\""), (true, "urn:a".to_owned()));
        assert_eq!(content("Application/SOAP+xml", ""), (true, String::new()));
        let both = "application/soap+xml;charset=\"UTF-8\";action=\"urn:b\"";
        assert_eq!(content(both, "urn:a"), (true, "urn:a urn:b".to_owned()));
        for other in ["text/xml", "application/soap+xml; charset=utf-16", "", "application/xml"] {
            assert!(!content(other, "").0, "{other}");
        }
    }
}
