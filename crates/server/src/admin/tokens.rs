//! Every token about one person, with the reason for each of its claims.

use actix_web::web;
use app::accounts::{JournalRow, TOKENS};
use model::{Ts, ids::UserId};

use super::paging;
use crate::{
    answer::{Answer, Desk, id},
    pages::{
        Rail,
        admin::tokens::{Claim, Token, Tokens},
        parts::{Badge, Fact, Tone, Verdict},
    },
    visitor::Console,
    wording::{claims, count, events, times},
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let id: UserId = id(&path)?;
    let number = paging::number(&desk);
    let house = &desk.counter.house;
    let (user, found) = house.tokens_of(&admin, id, paging::offset(number, TOKENS)).await?;
    let now = house.now();
    let (name, address) = (user.profile.display_name, format!("/admin/users/{id}"));
    let sentence = match found.total {
        0 => format!("No token was ever issued about {name}."),
        total => format!("{} issued about {name}.", count(total, "token was", "tokens were")),
    };
    let shown = (found.rows.len(), found.total);
    let page = Tokens {
        verdict: Verdict::new(Tone::Neutral, &sentence),
        pager: paging::pager((number, TOKENS), shown, &format!("{address}/tokens"), &[]),
        tokens: found.rows.iter().map(|row| token(row, now)).collect(),
        person: address,
        name,
    };
    desk.page(&desk.console_chrome(&admin, Rail::People).await?, &page)
}

fn token(row: &JournalRow, now: Ts) -> Token {
    let issued = &row.token;
    let party = row.relying_party.clone();
    Token {
        at: times::when(issued.issued_at, now),
        relying_party: party.unwrap_or_else(|| "An application that is gone".to_owned()),
        protocol: claims::protocol(issued.protocol).to_owned(),
        grounds: events::grounds(&issued.events),
        mfa: if issued.says_mfa {
            Badge::new(Tone::Ok, "MFA")
        } else {
            Badge::new(Tone::Neutral, "No MFA")
        },
        address: issued.client_address.clone(),
        facts: facts(row),
        claims: issued
            .claims
            .iter()
            .map(|claim| Claim {
                name: claims::short(&claim.name).to_owned(),
                full_name: claim.name.clone(),
                values: claim.values.clone(),
                reason: claims::reason(claim, issued),
            })
            .collect(),
    }
}

fn facts(row: &JournalRow) -> Vec<Fact> {
    let issued = &row.token;
    let gone = |name: &Option<String>| name.clone().unwrap_or_else(|| "is gone".to_owned());
    let session = issued.session_id.map(|id| id.to_string());
    let asked = issued.asked.as_ref().map(|asked| asked.words(issued.protocol));
    vec![
        Fact::text("The request asked for", &asked.unwrap_or_else(|| "not kept then".to_owned())),
        Fact::id("Token id", &issued.token_id),
        Fact::id("SHA-256 of the token", &hex::encode(issued.digest)),
        Fact::text("Issued for the domain", &gone(&row.domain)),
        Fact::id("Signed with the key", &gone(&row.key)),
        match session {
            Some(session) => Fact::id("In the session", &session),
            None => Fact::text("In the session", "none: the request brought the password"),
        },
    ]
}
