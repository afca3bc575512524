//! The page that carries a token to the relying party; it has no frame, only itself.

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
