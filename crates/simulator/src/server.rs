//! The HTTP face: addresses, headers, faults, the request log. No rule of Microsoft's lives here.

use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Bytes, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tokio::sync::oneshot;

use crate::faults::Trouble;
use crate::graph::{self, Call, Caller};
use crate::login::{self, TokenRequest};
use crate::odata::Query;
use crate::world::{Request, World};
use crate::{Error, authorize, console, external, outlook, random};

/// Bodies may be this long: a batch, or a posted token.
const MOST_BYTES: usize = 4 * 1024 * 1024;
const GRAPH_TYPE: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Binds, reports, and serves until it is stopped.
pub(crate) async fn run(
    world: Arc<World>,
    listen: SocketAddr,
    ready: oneshot::Sender<Result<ServerHandle, Error>>,
) {
    let data = Data::from(world.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(PayloadConfig::new(MOST_BYTES))
            .wrap(from_fn(record))
            .configure(routes)
    })
    .on_connect(|socket, extensions| {
        // A second handle, with which a fault can cut the connection.
        let socket = socket.downcast_ref::<actix_web::rt::net::TcpStream>();
        if let Some(handle) = socket.and_then(|s| s.as_fd().try_clone_to_owned().ok()) {
            extensions.insert(Arc::new(TcpStream::from(handle)));
        }
    })
    .workers(2)
    .disable_signals()
    .shutdown_timeout(1)
    .bind(listen);
    match server {
        Err(source) => {
            let _ = ready.send(Err(Error::Listen { address: listen, source }));
        }
        Ok(server) => {
            let bound = server.addrs().first().copied().unwrap_or(listen);
            world.set_url(format!("http://{bound}"));
            let running = server.run();
            if ready.send(Ok(running.handle())).is_err() {
                return;
            }
            if let Err(error) = running.await {
                tracing::error!(%error, "the simulator's server ended");
            }
        }
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1.0/{path:.*}", web::to(graph_call))
        .route("/beta/{path:.*}", web::to(graph_call))
        .route("/{tenant}/oauth2/v2.0/token", web::post().to(token))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", web::get().to(configuration))
        .route("/common/discovery/instance", web::get().to(instance))
        .configure(authorize::routes)
        .configure(outlook::routes)
        .configure(external::routes)
        .configure(console::routes);
}

/// Writes the request log, except for the simulator's own console.
async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let world = request.app_data::<Data<World>>().cloned();
    let (method, uri) = (request.method().to_string(), request.uri().clone());
    let client_request_id = header(request.request(), "client-request-id").map(str::to_owned);
    let response = next.call(request).await?;
    if let Some(world) = world.filter(|_| !uri.path().starts_with("/simulator")) {
        world.record(Request {
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            status: response.status().as_u16(),
            client_request_id,
            at: world.now(),
        });
    }
    Ok(response)
}

/// A header as text.
pub(crate) fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// A status by its number.
pub(crate) fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn graph_call(request: HttpRequest, body: Bytes, world: Data<World>) -> HttpResponse {
    let path = request.uri().path();
    let trouble = world.faults.meet(request.method().as_str(), path);
    let outcome = match trouble {
        Some(trouble) if !trouble.is_late() => Err(graph::refusal_of(trouble)),
        _ => carry_out(&request, &body, &world),
    };
    let outcome = match trouble {
        Some(Trouble::LostResponse) => Err(graph::refusal_of(Trouble::LostResponse)),
        Some(Trouble::DroppedConnection) => {
            if let Some(socket) = request.conn_data::<Arc<TcpStream>>() {
                // When the peer is gone already, the connection is cut as well.
                let _ = socket.shutdown(std::net::Shutdown::Both);
            }
            outcome
        }
        _ => outcome,
    };
    shown(&request, &world, outcome)
}

fn carry_out(request: &HttpRequest, body: &Bytes, world: &World) -> graph::Outcome {
    let caller = Caller::from_header(world, header(request, "authorization"))?;
    let (path, beta) = (request.uri().path(), request.uri().path().strip_prefix("/beta"));
    let path = beta.or_else(|| path.strip_prefix("/v1.0")).unwrap_or_default();
    let call = Call {
        method: request.method().to_string(),
        path: graph::segments(path),
        query: Query::parse(request.query_string()),
        is_eventual: header(request, "consistencylevel")
            .is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        is_beta: beta.is_some(),
        body: body.to_vec(),
    };
    graph::answer(world, &caller, &call)
}

fn shown(request: &HttpRequest, world: &World, outcome: graph::Outcome) -> HttpResponse {
    let request_id = random::guid();
    let client_request_id =
        header(request, "client-request-id").map_or_else(|| request_id.clone(), str::to_owned);
    let code = outcome.as_ref().map_or_else(|refusal| refusal.status, |answer| answer.status);
    let mut response = HttpResponse::build(status(code));
    response
        .insert_header(("Date", crate::clock::http(world.now())))
        .insert_header(("request-id", request_id.as_str()))
        .insert_header(("client-request-id", client_request_id.as_str()))
        .insert_header(("x-ms-ags-diagnostic", r#"{"ServerInfo":{"DataCenter":"Simulated"}}"#))
        .insert_header(("Cache-Control", "no-cache"));
    match outcome {
        Ok(answer) => {
            if let Some(location) = answer.location {
                response.insert_header(("Location", location));
            }
            match (answer.body, answer.plain) {
                (Some(body), _) => response.content_type(GRAPH_TYPE).body(body.to_string()),
                (None, Some(text)) => response.content_type("text/plain").body(text),
                (None, None) => response.finish(),
            }
        }
        Err(refusal) => {
            if let Some(seconds) = refusal.retry_after {
                response.insert_header(("Retry-After", seconds.to_string()));
            }
            if refusal.status == 401 {
                response.insert_header(("WWW-Authenticate", "Bearer"));
            }
            let ids = (request_id.as_str(), client_request_id.as_str());
            let body = graph::error_body(&refusal, ids, world.now());
            response.content_type(GRAPH_TYPE).body(body.to_string())
        }
    }
}

async fn configuration(
    request: HttpRequest,
    tenant: web::Path<String>,
    world: Data<World>,
) -> HttpResponse {
    if let Some(trouble) = world.faults.meet("GET", request.uri().path()) {
        return HttpResponse::build(status(graph::refusal_of(trouble).status)).finish();
    }
    // Libraries that are sent here under Microsoft's names are told Microsoft's names.
    let ours = header(&request, "host").is_some_and(|host| world.url().ends_with(host));
    let login = if ours { world.url() } else { login::LOGIN };
    match world.read(|state| login::openid_configuration(state, login, &tenant)) {
        Some(body) => HttpResponse::Ok().json(body),
        None => HttpResponse::BadRequest().json(serde_json::json!({"error": "invalid_tenant"})),
    }
}

async fn instance() -> HttpResponse {
    HttpResponse::Ok().json(login::instance())
}

async fn token(
    request: HttpRequest,
    tenant: web::Path<String>,
    body: Bytes,
    world: Data<World>,
) -> HttpResponse {
    if let Some(trouble) = world.faults.meet("POST", request.uri().path()) {
        let refusal = graph::refusal_of(trouble);
        let mut response = HttpResponse::build(status(refusal.status));
        if let Some(seconds) = refusal.retry_after {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        return response.json(serde_json::json!({
            "error": "temporarily_unavailable",
            "error_description": format!("AADSTS90055: {}", refusal.message),
            "error_codes": [90055],
        }));
    }
    let token_request = TokenRequest {
        tenant: &tenant,
        authorization: header(&request, "authorization"),
        form: url::form_urlencoded::parse(&body).into_owned().collect(),
    };
    let (code, body) = login::token(&world, &token_request);
    HttpResponse::build(status(code)).insert_header(("Cache-Control", "no-store")).json(body)
}
