//! The token-signing keys.

use actix_web::web;
use app::keys::KeyView;
use model::{Ts, ids::SigningKeyId, signing_key::SigningKeyState};
use sha2::{Digest as _, Sha256};

use super::domain::script::attachment;
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    pages::{
        Rail,
        admin::keys::{Keys, Row},
        parts::{Badge, Tone, Verdict},
    },
    visitor::Console,
    wording::times,
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let keys = house.signing_keys(&admin).await?;
    let now = house.now();
    let page = Keys {
        verdict: verdict(&keys, now),
        may_make_next: !keys.iter().any(|key| key.state == SigningKeyState::Next),
        rows: keys.iter().map(|key| row(key, now)).collect(),
    };
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Makes the next key.
pub(super) async fn make_next(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.make_next_key(&admin, desk.guest.visitor()).await?;
    Ok(see_other("/admin/keys?done=key-made"))
}

/// Downloads a certificate; it is public.
pub(super) async fn certificate(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let id: SigningKeyId = id(&path)?;
    let keys = desk.counter.house.signing_keys(&admin).await?;
    let key = keys.into_iter().find(|key| key.id == id);
    let key = key.ok_or_else(|| app::Error::not_found("signing key"))?;
    let name = format!("gatehouse-{}.cer", key.thumbprint.to_lowercase());
    Ok(attachment("application/pkix-cert", &name, key.certificate))
}

fn verdict(keys: &[KeyView], now: Ts) -> Verdict {
    match keys.iter().find(|key| key.state == SigningKeyState::Active) {
        None => Verdict::new(Tone::Danger, "There is no signing key: nobody can sign in."),
        Some(key) if key.not_after <= now => {
            Verdict::new(Tone::Danger, "The certificate of the signing key has ended.")
        }
        Some(key) => {
            let until = times::day(key.not_after);
            let text =
                format!("Tokens are signed with a key whose certificate is good until {until}.");
            Verdict::new(Tone::Ok, &text)
        }
    }
}

fn row(key: &KeyView, now: Ts) -> Row {
    Row {
        state: match key.state {
            SigningKeyState::Active => Badge::new(Tone::Ok, "Active"),
            SigningKeyState::Next => Badge::new(Tone::Neutral, "Next"),
            SigningKeyState::Retired => Badge::new(Tone::Neutral, "Retired"),
        },
        thumbprint: hex::encode(Sha256::digest(&key.certificate)),
        kind: "RSA 2048".to_owned(),
        not_after: times::when(key.not_after, now),
        published: key.published_at.map(|at| times::when(at, now)),
        seen_by_entra: key.seen_by_entra_at.map(|at| times::when(at, now)),
        download: format!("/admin/keys/{}/certificate.cer", key.id),
    }
}
