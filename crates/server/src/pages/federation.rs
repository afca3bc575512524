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

/// A form that posts a message of SAML 2.0 or OpenID Connect. Never logged: it may hold a token or a
/// code.
#[derive(Clone, Serialize)]
pub struct MessagePost {
    /// Language of the page.
    pub lang: String,
    /// The CSP nonce of this answer.
    pub nonce: String,
    /// The relying party's name, for people without script.
    pub destination: String,
    /// The registered address that the form posts to.
    pub to: String,
    /// Names and values.
    pub fields: Vec<PostedField>,
}

/// A field that is posted.
#[derive(Clone, Serialize)]
pub struct PostedField {
    /// Its name in the protocol.
    pub name: &'static str,
    /// Its value, byte for byte.
    pub value: String,
}

impl Page for MessagePost {
    const TEMPLATE: &'static str = "federation/message_post.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample())]
    }
}

impl MessagePost {
    /// An answer to Microsoft.
    #[must_use]
    pub fn sample() -> Self {
        let state = "estsredirect=2&estsrequest=rQQIARAA\"'<>".to_owned();
        Self {
            lang: "en".to_owned(),
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            destination: "Microsoft 365".to_owned(),
            to: "https://login.microsoftonline.com/login.srf".to_owned(),
            fields: vec![
                PostedField { name: "SAMLResponse", value: "PHNhbWxwOlJlc3BvbnNlLz4=".to_owned() },
                PostedField { name: "RelayState", value: state },
            ],
        }
    }
}

/// A page that leads to a relying party by itself, and by a link.
#[derive(Debug, Clone, Serialize)]
pub struct Leave {
    /// Language of the page.
    pub lang: String,
    /// What is happening.
    pub title: String,
    /// The next step, in a sentence.
    pub lead: String,
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
        let onward = "https://tickets.contoso.com/oidc/callback?code=1".to_owned();
        let onward = Self::to_party(onward, "Tickets");
        vec![("", Self::sample()), ("images", images), ("onward", onward)]
    }
}

impl Leave {
    /// On the way to a wiki.
    #[must_use]
    pub fn sample() -> Self {
        let to = "https://wiki.contoso.com/saml/logout?SAMLRequest=fZ&RelayState=1";
        Self::to(to.to_owned())
    }

    /// Straight on with a sign-out.
    #[must_use]
    pub fn to(address: String) -> Self {
        Self {
            lang: "en".to_owned(),
            title: "Signing you out".to_owned(),
            lead: "One application after the other.".to_owned(),
            address,
            after: 0,
            images: Vec::new(),
        }
    }

    /// Straight on to an application, after a sign-in.
    #[must_use]
    pub fn to_party(address: String, party: &str) -> Self {
        let (title, lead) = ("Signing you in".to_owned(), format!("One more step to {party}."));
        Self { title, lead, ..Self::to(address) }
    }
}
