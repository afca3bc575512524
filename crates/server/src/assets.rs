//! The files of `web/static`, each under an address that holds a hash of its bytes.
//!
//! A changed file gets a new address, so answers may be cached for a year (R068). Knows nothing of
//! HTTP: the route asks [`Assets::by_url`] and sends what it gets.

use std::{borrow::Cow, collections::HashMap};

use sha2::{Digest, Sha256};

#[derive(rust_embed::Embed)]
#[folder = "../../web/static/"]
struct Files;

/// One static file, ready to be sent.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its address: `/static/gatehouse.0123456789ab.css`.
    pub url: String,
    /// Its media type, for `Content-Type`.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// All static files, found by path (for pages) or by address (for the route).
#[derive(Debug, Clone, Default)]
pub struct Assets {
    by_path: HashMap<String, Asset>,
    paths: HashMap<String, String>,
}

impl Assets {
    /// Reads the embedded files and hashes each.
    #[must_use]
    pub fn load() -> Self {
        let mut assets = Self::default();
        for path in Files::iter() {
            let Some(file) = Files::get(&path) else { continue };
            let url = hashed_url(&path, &file.data);
            assets.paths.insert(url.clone(), path.to_string());
            let asset = Asset { url, media_type: media_type(&path), bytes: file.data };
            assets.by_path.insert(path.into_owned(), asset);
        }
        assets
    }

    /// The address of a file, by its path below `web/static`.
    #[must_use]
    pub fn url(&self, path: &str) -> Option<&str> {
        self.by_path.get(path).map(|asset| asset.url.as_str())
    }

    /// The file behind an address; an address with an old hash finds nothing.
    #[must_use]
    pub fn by_url(&self, url: &str) -> Option<&Asset> {
        self.by_path.get(self.paths.get(url)?)
    }

    /// Every file.
    pub fn iter(&self) -> impl Iterator<Item = &Asset> {
        self.by_path.values()
    }
}

fn hashed_url(path: &str, bytes: &[u8]) -> String {
    let hash = hex::encode(&Sha256::digest(bytes)[..6]);
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, "bin"));
    format!("/static/{stem}.{hash}.{extension}")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_the_address_that_pages_show() {
        let assets = Assets::load();
        let url = assets.url("gatehouse.css").unwrap();
        assert_eq!(assets.by_url(url).unwrap().media_type, "text/css; charset=utf-8");
        assert!(assets.by_url("/static/gatehouse.000000000000.css").is_none());
    }

    /// R068
    #[test]
    fn another_byte_means_another_address() {
        assert_ne!(hashed_url("a.css", b"a{}"), hashed_url("a.css", b"b{}"));
    }
}
