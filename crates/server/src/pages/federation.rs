//! The pages that carry a message to a relying party; they have no frame, only themselves.

use serde::Serialize;

use super::Page;

/// A form that posts itself. Never logged: `wresult` is the token.
#[derive(Clone, Serialize)]
pub struct AutoPost {
    /// Language of the page.
    pub lang: String,
    /// The CSP nonce of this answer.
    pub nonce: String,
    /// The relying party's name, for people without script ("Microsoft 365").
    pub destination: String,
    /// The registered reply that the form posts to.
    pub reply: String,
    /// `wa`: `wsignin1.0`.
    pub wa: String,
    /// `wresult`: the token response.
    pub wresult: String,
    /// `wctx`, byte for byte; left out when the request had none.
    pub wctx: Option<String>,
}

impl Page for AutoPost {
    const TEMPLATE: &'static str = "federation/auto_post.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl AutoPost {
    /// An answer to Microsoft.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            lang: "en".to_owned(),
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            destination: "Microsoft 365".to_owned(),
            reply: "https://login.microsoftonline.com/login.srf".to_owned(),
            wa: "wsignin1.0".to_owned(),
            wresult: "<t:RequestSecurityTokenResponse xmlns:t=\"x\"/>".to_owned(),
            wctx: Some("estsredirect=2&estsrequest=rQQIARAA\"'<>".to_owned()),
        }
    }
}

/// A form that posts a SAML message. Never logged: it may hold a token.
#[derive(Clone, Serialize)]
pub struct SamlPost {
    /// Language of the page.
    pub lang: String,
    /// The CSP nonce of this answer.
    pub nonce: String,
    /// The relying party's name, for people without script.
    pub destination: String,
    /// The registered address that the form posts to.
    pub to: String,
    /// `SAMLRequest` or `SAMLResponse`.
    pub name: String,
    /// The message in base64.
    pub message: String,
    /// `RelayState`, byte for byte; left out when the request had none.
    pub relay_state: Option<String>,
}

impl Page for SamlPost {
    const TEMPLATE: &'static str = "federation/saml_post.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl SamlPost {
    /// An answer to Microsoft.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            lang: "en".to_owned(),
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            destination: "Microsoft 365".to_owned(),
            to: "https://login.microsoftonline.com/login.srf".to_owned(),
            name: "SAMLResponse".to_owned(),
            message: "PHNhbWxwOlJlc3BvbnNlLz4=".to_owned(),
            relay_state: Some("estsredirect=2&estsrequest=rQQIARAA\"'<>".to_owned()),
        }
    }
}

/// A page that leads to a relying party by itself, and by a link.
#[derive(Debug, Clone, Serialize)]
pub struct Leave {
    /// Language of the page.
    pub lang: String,
    /// Where to: a registered address with our signed message, or the next page of ours.
    pub address: String,
    /// After how many seconds.
    pub after: u8,
    /// What is fetched meanwhile: registered addresses that clean up.
    pub images: Vec<String>,
}

impl Page for Leave {
    const TEMPLATE: &'static str = "federation/leave.html";

    fn samples() -> Vec<(&'static str, Self)> {
        let cleanup = "https://time.contoso.com/signin-wsfed?wa=wsignoutcleanup1.0".to_owned();
        let images = Self { after: 2, images: vec![cleanup], ..Self::sample() };
        vec![("", Self::sample()), ("images", images)]
    }
}

impl Leave {
    /// On the way to a wiki.
    #[must_use]
    pub fn sample() -> Self {
        let to = "https://wiki.contoso.com/saml/logout?SAMLRequest=fZ&RelayState=1";
        Self::to(to.to_owned())
    }

    /// Straight on.
    #[must_use]
    pub fn to(address: String) -> Self {
        Self { lang: "en".to_owned(), address, after: 0, images: Vec::new() }
    }
}
