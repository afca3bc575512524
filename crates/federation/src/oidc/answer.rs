//! The answer to an authorization request. It always says who answers (RFC 9207), so that a client
//! of several providers can't be made to bring a code to another one.

use model::oidc::ResponseMode;
use url::Url;

use super::Fault;

/// What is told.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// A code, to be changed into tokens.
    Code(&'a str),
    /// Why there is none.
    Fault(Fault),
}

/// An answer on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// In this address.
    Redirect(String),
    /// As a form.
    Form {
        /// Where to.
        to: String,
        /// Its fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// Packs an answer for the registered address `to`.
#[must_use]
pub fn pack(
    to: &str,
    mode: ResponseMode,
    (issuer, state): (&str, Option<&str>),
    told: Told<'_>,
) -> Outgoing {
    let mut fields = match told {
        Told::Code(code) => vec![("code", code.to_owned())],
        Told::Fault(fault) => vec![
            ("error", fault.error.to_owned()),
            ("error_description", fault.description.to_owned()),
        ],
    };
    fields.extend(state.map(|state| ("state", state.to_owned())));
    fields.push(("iss", issuer.to_owned()));
    match mode {
        ResponseMode::FormPost => Outgoing::Form { to: to.to_owned(), fields },
        ResponseMode::Query => Outgoing::Redirect(with_query(to, &fields)),
    }
}

/// An address with parameters behind those that it has.
#[must_use]
pub fn with_query(address: &str, fields: &[(&str, String)]) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    url.query_pairs_mut().extend_pairs(fields);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_who_answers_and_leaves_the_address_as_it_is() {
        let by = ("https://idp.test/d/a/oidc", Some("a&b=\u{e9}"));
        let to = "https://x.test/cb?keep=1";
        let packed = pack(to, ResponseMode::Query, by, Told::Code("c0de"));
        let expected = "https://x.test/cb?keep=1&code=c0de&state=a%26b%3D%C3%A9&\
                        iss=https%3A%2F%2Fidp.test%2Fd%2Fa%2Foidc";
        assert_eq!(packed, Outgoing::Redirect(expected.to_owned()));
        let told = Told::Fault(Fault::LOGIN_REQUIRED);
        let Outgoing::Form { to: at, fields } = pack(to, ResponseMode::FormPost, by, told) else {
            panic!("a form was asked for")
        };
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!((at.as_str(), fields[0].1.as_str()), (to, "login_required"));
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
    }
}
