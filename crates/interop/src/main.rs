//! A SAML 2.0 relying party made with samael, for the tests: a line of JSON in, a line of JSON out,
//! in the words of `crates/server/tests/sp/pysaml2_sp.py`.
//!
//! usage: `samael_sp FOLDER [ENTITY_ID]` (with key.pem, cert.pem and, but for "metadata", idp.xml)

mod message;
mod party;

use std::{env, error::Error, io, path::Path};

use party::Party;
use serde_json::{Value, json};

/// The text of a field of the question.
fn text<'a>(asked: &'a Value, name: &str) -> Result<&'a str, Box<dyn Error>> {
    asked[name].as_str().ok_or_else(|| format!("the question lacks {name}").into())
}

fn answer(party: &mut Party, asked: &Value) -> Result<Value, Box<dyn Error>> {
    match text(asked, "do")? {
        "metadata" => party.metadata(),
        "request" if text(asked, "binding")? == "post" => {
            party.request_by_form(text(asked, "relay_state")?)
        }
        "request" => party.request_by_redirect(text(asked, "relay_state")?),
        "response" => party.response(text(asked, "message")?),
        "logout" => party.logout(),
        "logout_response" => party.logout_response(text(&asked["fields"], "SAMLResponse")?),
        "logout_request" => {
            let fields = &asked["fields"];
            party.logout_request(text(fields, "SAMLRequest")?, text(fields, "RelayState")?)
        }
        other => Err(format!("nobody does {other} here").into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("usage: samael_sp FOLDER [ENTITY_ID]")?;
    let mut party = Party::new(Path::new(&folder), arguments.next())?;
    for line in io::stdin().lines() {
        let asked = serde_json::from_str(&line?)?;
        let said = answer(&mut party, &asked)
            .unwrap_or_else(|wrong| json!({ "error": wrong.to_string() }));
        println!("{said}");
    }
    Ok(())
}
