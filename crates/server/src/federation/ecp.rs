//! SAML 2.0 for clients without a browser at `/d/{slug}/saml/ecp`: a SOAP 1.1 message with HTTP Basic
//! credentials (`federation.md` 2.5; RFC 7617). No cookie, no page, no redirect.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use app::issue::saml2::{Basic, EcpAnswer};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::wstrust::trouble;
use crate::answer::{Answer, Desk};

/// A longer name is nobody's.
const LONGEST_NAME: usize = 256;
const SOAP: &str = "text/xml; charset=utf-8";

/// A request with a name and a password.
pub(crate) async fn answer(desk: Desk, slug: web::Path<String>, body: web::Bytes) -> Answer {
    let basic = credentials(&desk.request);
    // What is no text is no message; the door decides first whether it is there at all.
    let body = std::str::from_utf8(&body).unwrap_or_default();
    let body = if is_soap(&desk.request) { body } else { "" };
    let answered = desk.counter.house.answer_ecp(&slug, basic, body, desk.guest.visitor()).await;
    Ok(match answered {
        Ok(EcpAnswer::Closed) => HttpResponse::NotFound().finish(),
        Ok(EcpAnswer::Unauthorized) => HttpResponse::Unauthorized()
            .insert_header((
                header::WWW_AUTHENTICATE,
                "Basic realm=\"Gatehouse\", charset=\"UTF-8\"",
            ))
            .finish(),
        Ok(EcpAnswer::Fault(xml)) => {
            HttpResponse::InternalServerError().content_type(SOAP).body(xml)
        }
        Ok(EcpAnswer::Response(xml)) => HttpResponse::Ok().content_type(SOAP).body(xml),
        Err(error) => trouble(&desk, &error),
    })
}

/// Whether it says to be SOAP; some clients name the type of SOAP 1.2, whatever they send.
fn is_soap(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    ["text/xml", "application/soap+xml"].iter().any(|it| kind.trim().eq_ignore_ascii_case(it))
}

/// Name and password in UTF-8; the first colon ends the name.
fn credentials(request: &HttpRequest) -> Option<Basic> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, packed) = header.split_once(' ')?;
    let pair = STANDARD.decode(packed.trim()).ok()?;
    let (username, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    let is_basic = scheme.eq_ignore_ascii_case("basic");
    let is_name = !username.is_empty() && username.len() <= LONGEST_NAME;
    (is_basic && is_name)
        .then(|| Basic { username: username.to_owned(), password: password.into() })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_first_colon_ends_the_name_and_other_schemes_say_nothing() {
        let read = |value: &str| {
            let request = TestRequest::default().insert_header(("authorization", value));
            let basic = credentials(&request.to_http_request())?;
            Some((basic.username, basic.password.expose_secret().to_owned()))
        };
        let packed = STANDARD.encode("zoë@contoso.com:a:b ü");
        let found = Some(("zoë@contoso.com".to_owned(), "a:b ü".to_owned()));
        assert_eq!(read(&format!("Basic {packed}")), found);
        assert_eq!(read(&format!("bAsIc {packed}")), found);
        for other in [
            format!("Bearer {packed}"),
            "Basic".to_owned(),
            "Basic !".to_owned(),
            format!("Basic {}", STANDARD.encode("no colon")),
            format!("Basic {}", STANDARD.encode(":no name")),
            format!("Basic {}", STANDARD.encode(format!("{}:x", "n".repeat(257)))),
            format!("Basic {}", STANDARD.encode([0xff, b':'])),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }

    #[test]
    fn only_soap_is_read() {
        let read = |kind: &str| {
            let request = TestRequest::default().insert_header(("content-type", kind));
            is_soap(&request.to_http_request())
        };
        assert!(read("text/xml") && read("Text/XML; charset=utf-8"));
        assert!(read("application/soap+xml"));
        assert!(!read("application/xml") && !read("") && !read("text/xmlx"));
    }
}
