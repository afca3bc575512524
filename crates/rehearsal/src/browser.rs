//! A browser without script that nobody used before. What is for the public address goes to where the house
//! listens now; everything else stays on this machine.

use std::collections::BTreeMap;

use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use url::{Origin, Url};

use crate::{
    error::{Error, Result},
    html::{self, Form},
};

/// So many times a browser is sent on.
const MOST_HOPS: usize = 10;

/// Where what is for the public address really goes.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    client: Client,
    public: Url,
    door: Url,
    copy: Url,
}

/// A browser, with its cookies by origin.
#[derive(Debug)]
pub(crate) struct Browser {
    wire: Wire,
    cookies: BTreeMap<(String, String), String>,
}

/// A page at the end of the redirects.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A request of a browser.
struct Asked {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
    from: Option<Url>,
}

impl Wire {
    pub(crate) fn new(public: &Url, door: &str, copy: &str) -> Result<Self> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        let (door, copy) = (Url::parse(door)?, Url::parse(copy)?);
        Ok(Self { client, public: public.clone(), door, copy })
    }

    /// An address of the copy.
    pub(crate) fn at_copy(&self, path: &str) -> Result<Url> {
        Ok(self.copy.join(path)?)
    }

    /// A request that leaves this machine nowhere: an address that is neither ours nor the copy's is an
    /// error.
    pub(crate) fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder> {
        if url.origin() == self.copy.origin() {
            return Ok(self.client.request(method, url.clone()));
        }
        if url.origin() != self.public.origin() {
            let site = url.origin().ascii_serialization();
            return Err(Error::seen(format!("It leads to {site}, which takes no part.")));
        }
        let mut really = self.door.clone();
        really.set_path(url.path());
        really.set_query(url.query());
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        Ok(self.client.request(method, really).header(header::HOST, host))
    }
}

impl Browser {
    pub(crate) fn new(wire: &Wire) -> Self {
        Self { wire: wire.clone(), cookies: BTreeMap::new() }
    }

    /// Sends a form that was on no page: somebody typed into the copy's own page.
    pub(crate) async fn post_to_copy(
        &mut self,
        path: &str,
        fields: Vec<(String, String)>,
    ) -> Result<Page> {
        let url = self.wire.at_copy(path)?;
        let from = Some(url.clone());
        self.go(Asked { method: Method::POST, url, fields, from }).await
    }

    /// Sends a form of a page, with what is typed.
    pub(crate) async fn send(
        &mut self,
        page: &Page,
        form: &Form,
        typed: &[(&str, &str)],
    ) -> Result<Page> {
        let value = |name: &str| typed.iter().find(|(known, _)| *known == name).map(|it| it.1);
        let fields = form.fields.iter().map(|field| {
            let value = value(&field.name).unwrap_or(&field.value);
            (field.name.clone(), value.to_owned())
        });
        let url = page.url.join(&form.action)?;
        let (fields, from) = (fields.collect(), Some(page.url.clone()));
        self.go(Asked { method: Method::POST, url, fields, from }).await
    }

    async fn go(&mut self, mut asked: Asked) -> Result<Page> {
        for _ in 0..MOST_HOPS {
            let answer = self.ask(&asked).await?;
            let status = answer.status().as_u16();
            let location = answer.headers().get(header::LOCATION);
            let location = location.and_then(|it| it.to_str().ok()).map(str::to_owned);
            match location.filter(|_| (300..400).contains(&status)) {
                None => return Ok(Page { url: asked.url, status, body: answer.text().await? }),
                Some(location) => {
                    let url = asked.url.join(&location)?;
                    let from = Some(asked.url);
                    asked = Asked { method: Method::GET, url, fields: Vec::new(), from };
                }
            }
        }
        Err(Error::seen(format!("The browser was sent on {MOST_HOPS} times.")))
    }

    async fn ask(&mut self, asked: &Asked) -> Result<Response> {
        let origin = asked.url.origin();
        let from = asked.from.as_ref().map(Url::origin);
        let is_same = from.as_ref().is_none_or(|from| *from == origin);
        let mut request = self.wire.request(asked.method.clone(), &asked.url)?;
        request =
            request.header("sec-fetch-site", if is_same { "same-origin" } else { "cross-site" });
        if asked.method == Method::POST {
            let from = from.as_ref().map(Origin::ascii_serialization).unwrap_or_default();
            request = request.form(&asked.fields).header(header::ORIGIN, from);
        }
        // A form of another site brings no cookies.
        if is_same || asked.method == Method::GET {
            request = request.header(header::COOKIE, self.cookies_for(&origin));
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            self.keep(&origin, cookie.to_str().unwrap_or_default());
        }
        Ok(answer)
    }

    fn cookies_for(&self, origin: &Origin) -> String {
        let origin = origin.ascii_serialization();
        let ours = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let pairs: Vec<String> = ours.map(|((_, name), value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, origin: &Origin, cookie: &str) {
        let Some((name, value)) = cookie.split(';').next().and_then(|it| it.split_once('=')) else {
            return;
        };
        let key = (origin.ascii_serialization(), name.to_owned());
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.to_owned());
        }
    }
}

impl Page {
    /// The text of the element with this id.
    pub(crate) fn text_of(&self, id: &str) -> Option<String> {
        html::text_of(&self.body, id)
    }

    /// What it says, for somebody who wonders why the walk ended here.
    pub(crate) fn described(&self) -> String {
        if let Some((code, sentence)) = self.text_of("code").zip(self.text_of("sentence")) {
            return format!("{code}: {sentence}");
        }
        let heading = html::heading(&self.body).unwrap_or_default();
        format!("\"{heading}\" at {}, HTTP {}", self.url.path(), self.status)
    }
}
