//! A browser without script: it keeps cookies, sends what browsers send, and fills in forms as they
//! stand on the page. It follows no redirect unless it is asked to.

use std::{collections::BTreeMap, sync::Mutex};

use reqwest::{Client, Method, RequestBuilder, header, redirect::Policy};

use crate::html::{self, Element};

/// One browser with its cookies.
pub(crate) struct Browser {
    client: Client,
    origin: String,
    /// Where requests really go; the origin itself, but behind a proxy.
    base: String,
    cookies: Mutex<BTreeMap<String, Cookie>>,
    history: Mutex<History>,
}

/// What a browser has seen so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct History {
    /// Every address that it asked for or was sent to.
    pub(crate) addresses: Vec<String>,
    /// Every value of a cookie.
    pub(crate) secrets: Vec<String>,
}

struct Cookie {
    value: String,
    is_strict: bool,
}

/// Where a request begins: it decides which cookies the browser sends along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// On a page of ours: all of them.
    Here,
    /// By a link or redirect of another site: all but the strict ones.
    ByLink,
    /// By a form of another site: none.
    ByForm,
}

/// The site that the simulator plays.
const ELSEWHERE: &str = "http://127.0.0.1:8081";

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
    /// The path it was asked for at.
    path: String,
}

/// The fields of a form.
pub(crate) type Fields = Vec<(String, String)>;

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        Self::behind_proxy(origin, origin)
    }

    /// A browser whose proxy sends what is for `origin` to `base`.
    pub(crate) fn behind_proxy(origin: &str, base: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let (origin, base) = (origin.to_owned(), base.to_owned());
        Self { client, origin, base, cookies: Mutex::default(), history: Mutex::default() }
    }

    /// The site that it is made for.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn history(&self) -> History {
        self.history.lock().unwrap().clone()
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).map(|cookie| cookie.value.clone())
    }

    pub(crate) fn forget_cookie(&self, name: &str) {
        self.cookies.lock().unwrap().remove(name);
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let cookie = Cookie { value: value.to_owned(), is_strict: false };
        self.cookies.lock().unwrap().insert(name.to_owned(), cookie);
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.base));
        self.send(request.header("sec-fetch-site", "same-origin"), path, Begun::Here).await
    }

    /// What a link or redirect of another site leads to.
    pub(crate) async fn come(&self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.base));
        self.send(request.header("sec-fetch-site", "cross-site"), path, Begun::ByLink).await
    }

    /// What a form of another site leads to.
    pub(crate) async fn come_by_form(&self, path: &str, body: &str) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, ELSEWHERE)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned());
        self.send(request, path, Begun::ByForm).await
    }

    /// A request that no browser sends, with a method and headers of its own.
    pub(crate) async fn odd(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Page {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, path, Begun::Here).await
    }

    /// The page at the end of the redirects.
    pub(crate) async fn follow(&self, path: &str) -> Page {
        let mut page = self.get(path).await;
        for _ in 0..5 {
            let Some(location) = page.location.clone().filter(|_| page.status == 303) else {
                break;
            };
            page = self.get(&location).await;
        }
        page
    }

    /// A form as our own page sends it.
    pub(crate) async fn post(&self, path: &str, fields: &[(String, String)]) -> Page {
        self.post_from(path, fields, &self.origin.clone(), path).await
    }

    /// A form as a page of another origin sends it.
    pub(crate) async fn post_from(
        &self,
        path: &str,
        fields: &[(String, String)],
        origin: &str,
        on: &str,
    ) -> Page {
        let referer = format!("{origin}{on}");
        self.post_with(path, fields, &[("origin", origin), ("referer", &referer)]).await
    }

    /// A form with these headers alone.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self.client.post(format!("{}{path}", self.base)).form(fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, path, Begun::Here).await
    }

    /// A form in another writing than the usual one, as our own page sends it.
    pub(crate) async fn post_body(&self, path: &str, kind: &str, body: String) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header(header::ORIGIN, &self.origin)
            .header(header::REFERER, format!("{}{path}", self.origin))
            .header(header::CONTENT_TYPE, kind)
            .body(body);
        self.send(request, path, Begun::Here).await
    }

    /// Sends the form of a page whose action is `action`, with these fields changed.
    pub(crate) async fn fill(&self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = page.form(action);
        for (name, value) in typed {
            let found = fields.iter_mut().find(|(known, _)| known == name);
            match found {
                Some(field) => (*value).clone_into(&mut field.1),
                None => panic!("{action} has no field {name}: {fields:?}"),
            }
        }
        self.post_from(action, &fields, &self.origin.clone(), &page.path).await
    }

    /// Sends a form with these headers instead of a browser's own.
    pub(crate) async fn post_as(
        &self,
        page: &Page,
        action: &str,
        headers: &[(&str, Option<&'static str>)],
    ) -> Page {
        let given = headers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        self.post_with(action, &page.form(action), &given.collect::<Vec<_>>()).await
    }

    async fn send(&self, request: RequestBuilder, path: &str, begun: Begun) -> Page {
        let sent: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, cookie)| match begun {
                Begun::Here => true,
                Begun::ByLink => !cookie.is_strict,
                Begun::ByForm => false,
            })
            .map(|(name, cookie)| format!("{name}={}", cookie.value))
            .collect();
        let host = self.origin.split_once("://").filter(|_| self.base != self.origin);
        let request = host
            .map(|(_, host)| host)
            .into_iter()
            .fold(request, |request, host| request.header(header::HOST, host));
        let answer = request.header(header::COOKIE, sent.join("; ")).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let location = headers.get(header::LOCATION).map(|at| at.to_str().unwrap().to_owned());
        let seen = [path.to_owned()].into_iter().chain(location.clone());
        self.history.lock().unwrap().addresses.extend(seen);
        let bytes = answer.bytes().await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Page { status, location, headers, body, bytes, path: path.to_owned() }
    }

    fn keep(&self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if cookie.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            self.history.lock().unwrap().secrets.push(value.to_owned());
            let is_strict = cookie.contains("SameSite=Strict");
            assert!(is_strict || cookie.contains("SameSite=Lax"), "{cookie}");
            cookies.insert(name.to_owned(), Cookie { value: value.to_owned(), is_strict });
        }
    }
}

impl Page {
    /// The page's elements; it must be well-formed.
    pub(crate) fn elements(&self) -> Vec<Element> {
        html::read(&self.body)
            .unwrap_or_else(|wrong| panic!("{}: {wrong}\n{}", self.path, self.body))
    }

    /// The text of the first element of this name.
    pub(crate) fn text(&self, name: &str) -> String {
        let found = self.elements().into_iter().find(|element| element.is(name));
        found.map(|element| element.text.trim().to_owned()).unwrap_or_default()
    }

    /// The CSRF token that the page's forms carry.
    pub(crate) fn csrf(&self) -> String {
        let all = self.elements();
        let token = all.iter().find(|element| element.get("name") == Some("csrf"));
        token.and_then(|element| element.get("value")).unwrap_or_default().to_owned()
    }

    /// What a browser would send for the form with this action.
    pub(crate) fn form(&self, action: &str) -> Fields {
        let (mut fields, mut inside, mut select) = (Vec::new(), false, None);
        for element in self.elements() {
            if element.is("form") {
                inside = element.get("action") == Some(action);
            }
            if !inside || !element.parents.iter().any(|parent| parent == "form") {
                continue;
            }
            if element.is("select") {
                select = element.get("name").map(str::to_owned);
            }
            if let (true, Some(name)) = (element.is("option"), &select) {
                choose(&mut fields, name, &element);
            }
            fields.extend(sent(&element));
        }
        assert!(!fields.is_empty(), "no form {action} on {}:\n{}", self.path, self.body);
        fields
    }
}

/// The first option counts until a selected one comes.
fn choose(fields: &mut Fields, name: &str, option: &Element) {
    let value = option.get("value").unwrap_or_default().to_owned();
    match fields.iter_mut().find(|(known, _)| known == name) {
        None => fields.push((name.to_owned(), value)),
        Some(field) if option.get("selected").is_some() => field.1 = value,
        Some(_) => {}
    }
}

/// What an input sends, if anything.
fn sent(element: &Element) -> Option<(String, String)> {
    if element.is("textarea") {
        return Some((element.get("name")?.to_owned(), element.text.trim().to_owned()));
    }
    let ticks = matches!(element.get("type"), Some("checkbox" | "radio"));
    let silent = (ticks && element.get("checked").is_none()) || element.get("disabled").is_some();
    if !element.is("input") || silent {
        return None;
    }
    Some((element.get("name")?.to_owned(), element.get("value").unwrap_or_default().to_owned()))
}
