//! The kinds of clients that sign in: a browser, a rich client by WS-Trust, a mail server by SAML ECP. Each
//! begins at the copy, is sent here by it, and brings back what the copy judges.

use std::time::Duration;

use app::rehearsal::Player;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::federated_domain::MfaBehavior;
use reqwest::{Method, Response, header};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use simulator::sample;
use url::Url;

use crate::{
    browser::{Browser, Page},
    error::{Error, Result},
    html,
    stage::Stage,
};

/// More pages than this has no sign-in.
const MOST_PAGES: usize = 12;
const SOAP: &str = "application/soap+xml; charset=utf-8";

/// A browser that nobody used before opens Outlook, and ends in a mailbox. What it was asked for on the way
/// comes back.
pub(crate) async fn open_outlook(stage: &Stage, player: &Player) -> Result<Vec<&'static str>> {
    let mut browser = Browser::new(stage.wire());
    let typed = vec![("username".to_owned(), player.upn.clone())];
    let page = browser.post_to_copy("/outlook", typed).await?;
    let (page, asked) = walk(stage, &mut browser, page, player).await?;
    let is_mailbox = page.url.path() == "/outlook/mailbox" && is_of(&page, player);
    if !is_mailbox {
        return Err(Error::seen(format!("{} was not let in: {}.", player.upn, page.described())));
    }
    let factor = page.text_of("mfa").unwrap_or_default();
    if factor != "yes" && stage.mfa() != MfaBehavior::Reject {
        let said = format!("{}: Microsoft took no second factor from the token.", player.upn);
        return Err(Error::seen(said));
    }
    Ok(asked)
}

/// A computer that is set up demands a second factor.
pub(crate) async fn set_computer_up(stage: &Stage, player: &Player) -> Result<Vec<&'static str>> {
    let mut browser = Browser::new(stage.wire());
    let typed = vec![("username".to_owned(), player.upn.clone())];
    let page = browser.post_to_copy("/windows/setup", typed).await?;
    let (page, asked) = walk(stage, &mut browser, page, player).await?;
    if page.text_of("ready").is_none() || !is_of(&page, player) {
        return Err(Error::seen(format!("{} was refused: {}.", player.upn, page.described())));
    }
    Ok(asked)
}

fn is_of(page: &Page, player: &Player) -> bool {
    page.text_of("upn").is_some_and(|upn| upn.eq_ignore_ascii_case(&player.upn))
}

/// Fills in our pages, and goes on where a page goes on by itself.
async fn walk(
    stage: &Stage,
    browser: &mut Browser,
    mut page: Page,
    player: &Player,
) -> Result<(Page, Vec<&'static str>)> {
    let mut asked = Vec::new();
    for _ in 0..MOST_PAGES {
        let forms = html::forms(&page.body);
        let at = |action: &str, field| {
            forms.iter().find(|form| form.action == action && form.has(field))
        };
        page = if let Some(form) = at("/sign-in/address", "address") {
            browser.send(&page, form, &[("address", &player.upn)]).await?
        } else if let Some(form) = at("/sign-in/password", "password") {
            asked.push("password");
            browser.send(&page, form, &[("password", player.password.expose_secret())]).await?
        } else if let Some(form) = at("/sign-in/second-factor", "code") {
            asked.push("code");
            browser.send(&page, form, &[("code", &stage.next_code(player))]).await?
        } else if let Some(form) = forms.first().filter(|form| form.goes_by_itself()) {
            browser.send(&page, form, &[]).await?
        } else {
            return Ok((page, asked));
        };
    }
    Err(Error::seen(format!("{}: more than {MOST_PAGES} pages, and no end.", player.upn)))
}

/// Where the copy sends programs of a domain: the address for passwords, and its description.
async fn discover(stage: &Stage, player: &Player) -> Result<(Option<Url>, Option<Url>)> {
    let address = stage.wire().at_copy(&format!("/common/userrealm/{}", player.upn))?;
    let body: Value = stage.wire().request(Method::GET, &address)?.send().await?.json().await?;
    let at = |name: &str| body[name].as_str().and_then(|text| Url::parse(text).ok());
    Ok((at("federation_active_auth_url"), at("federation_metadata_url")))
}

/// A rich client: realm discovery, description, password, and the token exchanged.
pub(crate) async fn sign_in_by_wstrust(stage: &Stage, player: &Player) -> Result<Vec<String>> {
    let (active, described) = discover(stage, player).await?;
    let missing = || Error::seen("Microsoft names no address for rich clients.");
    let (active, described) = active.zip(described).ok_or_else(missing)?;
    let wire = stage.wire();
    let description = text(wire.request(Method::GET, &described)?.send().await?).await?;
    let door = active.join("../13/usernamemixed")?;
    if !description.contains(door.as_str()) {
        return Err(Error::seen(format!("{described} does not name {door}.")));
    }
    let asked = wire
        .request(Method::POST, &door)?
        .header(header::CONTENT_TYPE, SOAP)
        .body(token_request(stage, &door, player));
    let answer = text(asked.send().await?).await?;
    let assertion = cut(&answer, "saml:Assertion")
        .ok_or_else(|| Error::seen("The answer holds no assertion."))?;
    exchange(stage, assertion).await?;
    Ok(vec![
        format!("{described} described the service to the client."),
        format!("{}: the password became a token, and that an access token.", player.upn),
    ])
}

/// The assertion becomes an access token.
async fn exchange(stage: &Stage, assertion: &str) -> Result<()> {
    let address = stage.wire().at_copy(&format!("/{}/oauth2/v2.0/token", stage.tenant_id()))?;
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml1_1-bearer"),
        ("client_id", sample::PUBLIC_CLIENT_ID),
        ("scope", "openid"),
        ("assertion", &STANDARD.encode(assertion)),
    ];
    let answer = stage.wire().request(Method::POST, &address)?.form(&form).send().await?;
    let body: Value = answer.json().await?;
    if body["access_token"].is_string() {
        return Ok(());
    }
    Err(Error::seen(body["error_description"].as_str().unwrap_or("There is no token.")))
}

/// A mail server that has a name and a password.
pub(crate) async fn sign_in_by_ecp(stage: &Stage, player: &Player) -> Result<Vec<String>> {
    let (active, _) = discover(stage, player).await?;
    let door = active.ok_or_else(|| Error::seen("Microsoft names no address for mail servers."))?;
    let reply = stage.wire().at_copy("/login.srf")?;
    let (id, context) = ("_rehearsal", "rehearsal");
    stage.copy().expect_answer(context, &player.upn, (id, reply.as_str()));
    let asked = stage
        .wire()
        .request(Method::POST, &door)?
        .header(header::CONTENT_TYPE, "text/xml")
        .basic_auth(&player.upn, Some(player.password.expose_secret()))
        .body(authn_request(stage, id));
    let answer = text(asked.send().await?).await?;
    let response = cut(&answer, "samlp:Response")
        .ok_or_else(|| Error::seen("The answer holds no response."))?;
    let fields = vec![
        ("SAMLResponse".to_owned(), STANDARD.encode(response)),
        ("RelayState".to_owned(), context.to_owned()),
    ];
    let page = Browser::new(stage.wire()).post_to_copy("/login.srf", fields).await?;
    if page.url.path() != "/outlook/mailbox" || !is_of(&page, player) {
        return Err(Error::seen(format!("{} was not let in: {}.", player.upn, page.described())));
    }
    Ok(vec![format!("{}: the password became a token, which opened the mailbox.", player.upn)])
}

/// The body of an answer that is one.
async fn text(answer: Response) -> Result<String> {
    let (status, path) = (answer.status(), answer.url().path().to_owned());
    if status.is_success() {
        return Ok(answer.text().await?);
    }
    Err(Error::seen(format!("{path} answered HTTP {}.", status.as_u16())))
}

/// An element with its tags, byte for byte: a signature is over bytes.
fn cut<'a>(answer: &'a str, element: &str) -> Option<&'a str> {
    let (begin, end) = (format!("<{element}"), format!("</{element}>"));
    let (from, to) = (answer.find(&begin)?, answer.rfind(&end)?);
    answer.get(from..to + end.len())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A request of WS-Trust 1.3, as Windows sends it.
fn token_request(stage: &Stage, door: &Url, player: &Player) -> String {
    let now = stage.now();
    let (created, expires) = (now.to_xml(), (now + Duration::from_mins(10)).to_xml());
    let (name, password) = (escaped(&player.upn), escaped(player.password.expose_secret()));
    let trust = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
    let wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity";
    let addressing = "http://www.w3.org/2005/08/addressing";
    let realm = "urn:federation:MicrosoftOnline";
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"{addressing}\" \
         xmlns:u=\"{wss}-utility-1.0.xsd\"><s:Header>\
         <a:Action s:mustUnderstand=\"1\">{trust}/RST/Issue</a:Action>\
         <a:To s:mustUnderstand=\"1\">{door}</a:To>\
         <o:Security s:mustUnderstand=\"1\" xmlns:o=\"{wss}-secext-1.0.xsd\">\
         <u:Timestamp u:Id=\"_0\"><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires>\
         </u:Timestamp><o:UsernameToken><o:Username>{name}</o:Username>\
         <o:Password>{password}</o:Password></o:UsernameToken></o:Security></s:Header>\
         <s:Body><t:RequestSecurityToken xmlns:t=\"{trust}\">\
         <p:AppliesTo xmlns:p=\"http://schemas.xmlsoap.org/ws/2004/09/policy\">\
         <a:EndpointReference><a:Address>{realm}</a:Address></a:EndpointReference></p:AppliesTo>\
         <t:KeyType>{trust}/Bearer</t:KeyType><t:RequestType>{trust}/Issue</t:RequestType>\
         </t:RequestSecurityToken></s:Body></s:Envelope>"
    )
}

/// A request of SAML 2.0 in the envelope of a mail server.
fn authn_request(stage: &Stage, id: &str) -> String {
    let now = stage.now().to_xml();
    format!(
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>\
         <samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" \
         Version=\"2.0\" IssueInstant=\"{now}\">\
         <Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">urn:federation:MicrosoftOnline</Issuer>\
         </samlp:AuthnRequest></S:Body></S:Envelope>"
    )
}
