//! Around every handler: the visitor, the host check, the security headers, and the page for
//! whatever went wrong.

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use crate::{
    answer::{Desk, see_other},
    cookies::Jar,
    error::Failure,
    pages::sign_in::NotAssigned,
    slow_body,
    state::Counter,
    visitor::Guest,
};
use app::issue::Denial;

/// The longest address that is read (ruling 20).
const LONGEST_URL: usize = 16 * 1024;

/// The rules of a page's content, as far as they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContentRules {
    /// The page that posts to the relying party: its form leads away from us.
    AutoPost,
    /// The page that ends a sign-out: applications at these origins clean up when an image is
    /// fetched there.
    Images(String),
    /// The page behind a mailed link: nobody is told its address (R043).
    Secret,
}

pub(crate) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(counter) = request.app_data::<web::Data<Counter>>().cloned() else {
        return Err(Failure::bad_input("The counter is closed.").into());
    };
    slow_body::limit(&mut request);
    let guest = Guest::of(request.request(), &counter);
    request.extensions_mut().insert(guest.clone());
    let early = refuse_early(&request, &counter);
    let mut response = match early {
        Some(failure) => ServiceResponse::from_err(failure, request.into_parts().0),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    if let Some(failure) = response.response().error().and_then(|e| e.as_error::<Failure>()) {
        let http = response.request().clone();
        let desk = Desk { counter: counter.clone(), guest: guest.clone(), request: http.clone() };
        let answer = explain(&desk, failure).await;
        response = ServiceResponse::new(http, answer);
    }
    finish(&mut response, &guest, &counter);
    Ok(response)
}

fn refuse_early(request: &ServiceRequest, counter: &Counter) -> Option<Failure> {
    if request.uri().to_string().len() > LONGEST_URL {
        return Some(Failure::bad_input("The address is too long."));
    }
    // Health probes come by address, not by name.
    if request.path().starts_with("/health/") {
        return None;
    }
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let named = request.uri().authority().map(actix_web::http::uri::Authority::as_str).or(host);
    (!named.is_some_and(|name| name.eq_ignore_ascii_case(&counter.host)))
        .then_some(Failure::ForeignHost)
}

/// Turns a failure into the page that explains it.
async fn explain(desk: &Desk, failure: &Failure) -> HttpResponse {
    log(desk, failure);
    if let Failure::SignInFirst(purpose) = failure {
        return match desk.counter.house.begin_sign_in(purpose.clone(), desk.guest.visitor()).await {
            Ok(handle) => see_other(&format!("/sign-in?request={}", handle.expose())),
            Err(error) => {
                let failure = Failure::App(error);
                log(desk, &failure);
                plain(desk, &failure)
            }
        };
    }
    if let Failure::App(app::Error { kind: app::Kind::StepUp, .. }) = failure {
        return see_other(&crate::admin::step_up::address(&desk.request));
    }
    let Ok(chrome) = desk.chrome().await else { return plain(desk, failure) };
    let html = match failure {
        Failure::Denied(Denial::NotAssigned { upn, application }) => {
            let page = NotAssigned { upn: upn.clone(), application: application.clone() };
            desk.html(&chrome, &page)
        }
        _ => desk.html(&chrome, &failure.page()),
    };
    let status = actix_web::ResponseError::status_code(failure);
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((header::RETRY_AFTER, "5"));
    }
    match html {
        Ok(html) => answer.content_type(header::ContentType::html()).body(html),
        Err(_) => plain(desk, failure),
    }
}

/// The last resort, when not even a page can be made.
fn plain(desk: &Desk, failure: &Failure) -> HttpResponse {
    let (code, id) = (failure.code(), &desk.guest.visitor().correlation_id);
    let text = format!("{code}: something went wrong on our side. Number: {id}\n");
    HttpResponse::build(actix_web::ResponseError::status_code(failure))
        .content_type(header::ContentType::plaintext())
        .body(text)
}

fn log(desk: &Desk, failure: &Failure) {
    let (code, id) = (failure.code(), desk.guest.visitor().correlation_id.as_str());
    let path = desk.request.path();
    match failure {
        Failure::SignInFirst(_) => {}
        Failure::App(error) if error.kind == app::Kind::Bug => {
            tracing::error!(
                code,
                id,
                path,
                error = error as &dyn std::error::Error,
                "request failed"
            );
        }
        Failure::App(error) => {
            tracing::warn!(
                code,
                id,
                path,
                error = error as &dyn std::error::Error,
                "request not done"
            );
        }
        Failure::Page(error) => {
            tracing::error!(code, id, path, error = error as &dyn std::error::Error, "page failed");
        }
        other => {
            let client_request_id = desk.guest.client_request_id();
            tracing::info!(code, id, client_request_id, path, failure = ?other, "request refused");
        }
    }
}

/// On an answer that only sends the browser here again. A form of another site comes without any cookie:
/// a new one would take the place of that which what waits is bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComesAgain;

/// Cookies and headers that every answer carries (R063, R065, R067).
fn finish(response: &mut ServiceResponse<BoxBody>, guest: &Guest, counter: &Counter) {
    let rules = response.response().extensions().get::<ContentRules>().cloned();
    // What proxies may keep for others must not hand one browser's cookie to them all.
    let cache = response.headers().get(header::CACHE_CONTROL);
    let is_public = cache.is_some_and(|value| value.as_bytes().starts_with(b"public"));
    let path = response.request().path();
    // Rich clients are no browsers and keep no cookies.
    let is_program = path == "/metrics"
        || path.starts_with("/scim/")
        || path.starts_with("/d/")
            && (path.contains("/adfs/services/trust/")
                || ["/saml/ecp", "/oidc/par", "/oidc/token", "/oidc/userinfo"]
                    .iter()
                    .any(|end| path.ends_with(end)));
    let is_page = !path.starts_with("/static/") && !path.starts_with("/health/") && !is_program;
    let comes_again = response.response().extensions().get::<ComesAgain>().is_some();
    if guest.is_new_browser() && is_page && !is_public && !comes_again {
        let cookie = Jar::Browser.set(&guest.visitor().browser, counter.is_secure());
        if response.response_mut().add_cookie(&cookie).is_err() {
            tracing::error!("the browser cookie could not be set");
        }
    }
    let headers = response.headers_mut();
    let is_refused = rules == Some(ContentRules::AutoPost);
    let images = match &rules {
        Some(ContentRules::Images(origins)) => format!(" {origins}"),
        _ => String::new(),
    };
    let form_action = if is_refused { "" } else { "form-action 'self'; " };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'nonce-{}'; img-src 'self' data:{images}; \
         {form_action}base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
        guest.nonce()
    );
    set(headers, header::CONTENT_SECURITY_POLICY, &policy);
    let referrer = match rules {
        Some(ContentRules::AutoPost) => "strict-origin",
        Some(ContentRules::Secret) => "no-referrer",
        Some(ContentRules::Images(_)) | None => "same-origin",
    };
    set(headers, header::REFERRER_POLICY, referrer);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if counter.is_secure() {
        let year = "max-age=31536000; includeSubDomains";
        set(headers, header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
