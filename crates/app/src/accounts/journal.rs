//! The journal of one person's tokens, with the names behind its ids.

use federation::keyring;
use model::{ids::UserId, issued_token::IssuedToken, signing_key::SigningKey, user::User};
use store::{Page, Tx, federated_domains, issued_tokens, relying_parties, signing_keys, users};

use crate::{Admin, Error, House, Result};

/// How many tokens a page lists.
pub const TOKENS: i64 = 25;

/// A token as the journal has it. What it names may be gone; the journal stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The row.
    pub token: IssuedToken,
    /// The relying party's name.
    pub relying_party: Option<String>,
    /// The domain's name.
    pub domain: Option<String>,
    /// SHA-1 of the certificate of the key that signed, as Entra shows it.
    pub key: Option<String>,
}

impl House {
    /// A part of everything that a person was ever vouched for, newest first.
    pub async fn tokens_of(
        &self,
        _admin: &Admin,
        id: UserId,
        offset: i64,
    ) -> Result<(User, Page<JournalRow>)> {
        self.store()
            .read(move |tx| {
                let user = users::by_id(tx, id)?.ok_or_else(|| Error::not_found("person"))?;
                let page = issued_tokens::page_of_user(tx, id, TOKENS, offset.max(0))?;
                Ok((user, Page { rows: named(tx, page.rows)?, total: page.total }))
            })
            .await
    }
}

/// The tokens with the names behind their ids.
pub(super) fn named(tx: &mut Tx, tokens: Vec<IssuedToken>) -> Result<Vec<JournalRow>> {
    let keys = signing_keys::all(tx)?;
    tokens.into_iter().map(|token| row(tx, &keys, token)).collect()
}

fn row(tx: &mut Tx, keys: &[SigningKey], token: IssuedToken) -> Result<JournalRow> {
    let key = keys.iter().find(|key| key.id == token.signing_key_id);
    Ok(JournalRow {
        relying_party: relying_parties::by_id(tx, token.relying_party_id)?.map(|it| it.name),
        domain: federated_domains::by_id(tx, token.domain_id)?.map(|it| it.name),
        key: key.map(|key| keyring::thumbprint(&key.certificate)),
        token,
    })
}
