//! The contract between handlers and templates: one typed context per page.
//!
//! Contexts hold what people read (strings, choices, lists), never nouns of `model`, and know
//! nothing of HTTP. Each has a `sample()`, and a test renders every page with it.

pub mod admin;
mod chrome;
pub mod error;
pub mod federation;
pub mod gallery;
pub mod parts;
pub mod portal;
pub mod sign_in;

use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use crate::assets::Assets;
pub use chrome::{Chrome, Person, Rail, Toast, WayBack};

#[derive(rust_embed::Embed)]
#[folder = "../../web/templates/"]
struct Files;

/// A page: its context and the template that shows it.
pub trait Page: Serialize {
    /// The template's path below `web/templates`.
    const TEMPLATE: &'static str;

    /// Contexts that show the page in each of its states, for tests and the gallery.
    fn samples() -> Vec<(&'static str, Self)>
    where
        Self: Sized;
}

/// What stops a page from being made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template is broken; found when the process starts.
    #[error("templates can't be loaded")]
    Load(#[source] Box<tera::Error>),
    /// A page and its template disagree.
    #[error("page {template} can't be rendered")]
    Render {
        /// The template.
        template: &'static str,
        /// What tera says.
        #[source]
        source: Box<tera::Error>,
    },
}

/// All templates, compiled once when the process starts.
#[derive(Debug, Clone)]
pub struct Templates {
    tera: Arc<Tera>,
}

impl Templates {
    /// Compiles the embedded templates; an unknown filter, function or component fails here.
    pub fn load(assets: &Arc<Assets>) -> Result<Self, Error> {
        let mut tera = Tera::new();
        let files: Vec<(String, String)> = Files::iter()
            .filter_map(|path| Some((path.to_string(), Files::get(&path)?.data.into_owned())))
            .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
            .collect();
        tera.register_function("asset", asset(Arc::clone(assets)));
        tera.register_filter("initial", initial);
        tera.set_escape_fn(escape);
        let load = |source| Error::Load(Box::new(source));
        tera.add_raw_templates(files).map_err(load)?;
        Ok(Self { tera: Arc::new(tera) })
    }

    /// Renders a page inside its frame.
    pub fn render<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<String, Error> {
        let mut context = Context::new();
        context.insert("chrome", chrome);
        context.insert("page", page);
        self.finish::<P>(&context)
    }

    /// Renders a page that has no frame: nothing but its own context is known to it.
    pub fn render_bare<P: Page>(&self, page: &P) -> Result<String, Error> {
        let mut context = Context::new();
        context.insert("page", page);
        self.finish::<P>(&context)
    }

    fn finish<P: Page>(&self, context: &Context) -> Result<String, Error> {
        self.tera
            .render(P::TEMPLATE, context)
            .map_err(|source| Error::Render { template: P::TEMPLATE, source: Box::new(source) })
    }
}

/// `asset(path="…")`: the address of a static file; an unknown path is an error.
fn asset(assets: Arc<Assets>) -> impl Fn(Kwargs, &State) -> TeraResult<String> + Send + Sync {
    move |kwargs, _| {
        let path: String = kwargs.must_get("path")?;
        let url = assets.url(&path);
        url.map(str::to_owned).ok_or_else(|| tera::Error::message(format!("no asset {path}")))
    }
}

/// Escapes text. A browser reads a bare carriage return as a line feed; as a reference it stays what
/// it is, in what goes back to a relying party unchanged above all.
fn escape(text: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut lines = text.split('\r');
    tera::escape_html(lines.next().unwrap_or_default(), out)?;
    lines.try_for_each(|line| {
        out.write_all(b"&#13;")?;
        tera::escape_html(line, out)
    })
}

/// `name | initial`: the letter that stands for a person or an organisation without a picture.
fn initial(name: &str, _: Kwargs, _: &State) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default()
}
