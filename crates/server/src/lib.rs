//! The counter: URLs, cookies and pages.
//!
//! It turns requests into verbs of `app` and what they give back into pages, and knows no expert,
//! no SQL and no XML.

mod admin;
mod answer;
mod assets;
mod cookies;
mod csrf;
pub mod error;
mod federation;
mod health;
mod metrics;
mod middleware;
pub mod pages;
mod portal;
mod routes;
mod scim;
mod sign_in;
mod slow_body;
mod state;
mod statics;
mod toasts;
mod upload;
mod visitor;
mod well_known;
mod wording;

use std::{io, net::TcpListener, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web,
};
use app::House;

pub use admin::rights::{Proof, RIGHTS, Right};
pub use assets::{Asset, Assets};
use state::Counter;
pub use state::Settings;

/// A counter that takes requests.
#[derive(Debug)]
pub struct Running {
    task: tokio::task::JoinHandle<io::Result<()>>,
    handle: ServerHandle,
}

impl Running {
    /// Waits until somebody asks the process to stop.
    pub async fn until_stopped(self) -> io::Result<()> {
        self.task.await.map_err(io::Error::other)?
    }

    /// Stops taking requests, and finishes those under way.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

/// Opens the counter on a listener.
pub fn start(house: House, settings: Settings, listener: TcpListener) -> io::Result<Running> {
    let tls = settings.tls.clone();
    let counter = Counter::new(house, settings).map_err(io::Error::other)?;
    let server = http_server(web::Data::new(counter), listener, tls)?;
    let handle = server.handle();
    Ok(Running { task: tokio::spawn(server), handle })
}

fn http_server(
    counter: web::Data<Counter>,
    listener: TcpListener,
    tls: Option<(std::path::PathBuf, std::path::PathBuf)>,
) -> io::Result<Server> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(counter.clone())
            .app_data(web::PayloadConfig::new(64 * 1024))
            .wrap(from_fn(middleware::around))
            .configure(routes::all)
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(15))
    .shutdown_timeout(10);
    let bound = match tls {
        None => server.listen(listener)?,
        Some((certificate, key)) => {
            server.listen_rustls_0_23(listener, tls_config(&certificate, &key)?)?
        }
    };
    Ok(bound.run())
}

/// TLS 1.2 and 1.3 with a certificate chain and key from PEM files (R160).
fn tls_config(
    certificate: &std::path::Path,
    key: &std::path::Path,
) -> io::Result<rustls::ServerConfig> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)
}
