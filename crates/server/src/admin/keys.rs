//! The token-signing keys, and turning them.

use actix_web::web;
use app::keys::{Keeper, KeyView, Promotion, Revocation, Unseen};
use model::{
    Ts,
    federated_domain::FederatedDomain,
    ids::{SigningKeyId, TenantId},
    signing_key::SigningKeyState,
};
use sha2::{Digest as _, Sha256};

use super::{domain::script::attachment, microsoft365::PATIENCE};
use crate::{
    answer::{Answer, Desk, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Rail,
        admin::keys::{Domain, Keys, Promote, Row, Sessions},
        parts::{Badge, Problem, Tone, Verdict},
    },
    visitor::Console,
    wording::times,
};

/// The page.
pub(super) async fn show(admin: Console, desk: Desk) -> Answer {
    let page = page(&admin, &desk, None).await?;
    desk.page(&desk.console_chrome(&admin, Rail::Microsoft365).await?, &page)
}

/// Looks in Entra for our certificates.
pub(super) async fn look(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    let trouble = match tokio::time::timeout(PATIENCE, desk.counter.house.look_at_domains()).await {
        Ok(looked) => looked?.into_iter().find_map(|(domain, found)| {
            found.err().map(|why| format!("{} can't be read: {why}", domain.name))
        }),
        Err(_) => Some("Microsoft did not answer in time.".to_owned()),
    };
    match trouble {
        None => Ok(see_other("/admin/keys?done=checked")),
        Some(why) => {
            let advice = "Try again in a moment, or look at the connection to the tenant.";
            again(&admin, &desk, Problem::of_form(&why, advice)).await
        }
    }
}

/// Promotes the next key.
pub(super) async fn promote(admin: Console, desk: Desk, form: Form) -> Answer {
    let [next] = form.with_lists(["next"], &["unseen"])?;
    let unseen = match form.list("unseen").as_slice() {
        [] => Unseen::Refuse,
        _ => Unseen::Accept,
    };
    let (house, keeper) = (&desk.counter.house, Keeper::Admin(&admin));
    let next: SigningKeyId = id(&next)?;
    match house.promote_key(keeper, next, unseen, desk.guest.visitor()).await? {
        Promotion::Done => Ok(see_other("/admin/keys?done=key-promoted")),
        Promotion::Unseen { domains, tenants } => {
            let problem = unready(&domains, &tenants);
            again(&admin, &desk, problem).await
        }
    }
}

/// Why the next key is not promoted. What locks people out of everything comes first.
fn unready(domains: &[String], tenants: &[String]) -> Problem {
    let (why, advice) = if domains.is_empty() {
        let why = format!(
            "Microsoft may not have read the next key for the second factors of {}: it was published \
             less than two days ago; nothing was changed.",
            tenants.join(", ")
        );
        (why, "Wait until two days have passed. Or tick the box.")
    } else {
        let why = format!(
            "Microsoft was not seen to trust the next key for {}; nothing was changed.",
            domains.join(", ")
        );
        (why, "Run the script that hands it over, then look again. Or tick the box.")
    };
    Problem::of_field("unseen", &why, advice)
}

/// Replaces both keys in an emergency.
pub(super) async fn replace(admin: Console, desk: Desk, form: Form) -> Answer {
    let [active, sure] = form.exactly(["active", "sure"])?;
    if sure != "yes" {
        return Err(Failure::bad_input("The form needs the box to be ticked."));
    }
    let active: SigningKeyId = id(&active)?;
    let keeper = Keeper::Admin(&admin);
    desk.counter.house.replace_keys(keeper, active, desk.guest.visitor()).await?;
    Ok(see_other("/admin/keys?done=keys-replaced"))
}

/// Has everybody's sessions at Microsoft ended.
pub(super) async fn revoke(admin: Console, desk: Desk, form: Form) -> Answer {
    let [tenant, people, sure] = form.exactly(["tenant", "people", "sure"])?;
    if sure != "yes" {
        return Err(Failure::bad_input("The form needs the box to be ticked."));
    }
    let tenant: TenantId = id(&tenant)?;
    let people = people.parse().map_err(|_| Failure::bad_input("How many people is a number."))?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    house.revoke_everybody(&admin, (tenant, people), visitor).await?;
    Ok(see_other("/admin/keys?done=sessions-ending#sessions"))
}

/// Makes the next key.
pub(super) async fn make_next(admin: Console, desk: Desk, form: Form) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.make_next_key(Keeper::Admin(&admin), desk.guest.visitor()).await?;
    Ok(see_other("/admin/keys?done=key-made"))
}

/// Downloads a certificate; it is public.
pub(super) async fn certificate(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let id: SigningKeyId = id(&path)?;
    let keys = desk.counter.house.signing_keys(Keeper::Admin(&admin)).await?;
    let key = keys.into_iter().find(|key| key.id == id);
    let key = key.ok_or_else(|| app::Error::not_found("signing key"))?;
    let name = format!("gatehouse-{}.cer", key.thumbprint.to_lowercase());
    Ok(attachment("application/pkix-cert", &name, key.certificate))
}

async fn again(admin: &Console, desk: &Desk, problem: Problem) -> Answer {
    let page = page(admin, desk, Some(problem)).await?;
    desk.again(&desk.console_chrome(admin, Rail::Microsoft365).await?, &page)
}

async fn page(admin: &Console, desk: &Desk, problem: Option<Problem>) -> Result<Keys, Failure> {
    let house = &desk.counter.house;
    let keys = house.signing_keys(Keeper::Admin(admin)).await?;
    let views = house.office365(admin).await?;
    let domains: Vec<FederatedDomain> = views
        .into_iter()
        .flat_map(|view| view.domains)
        .filter(|domain| domain.enabled && domain.federated_at.is_some())
        .collect();
    let (now, asking) = (house.now(), house.tenants_that_ask(admin).await?);
    let in_state = |state| keys.iter().find(|key| key.state == state);
    let (active, next) = (in_state(SigningKeyState::Active), in_state(SigningKeyState::Next));
    Ok(Keys {
        verdict: verdict(active, next, &domains, now),
        may_make_next: next.is_none(),
        promote: next.map(|next| promotion(next, !domains.is_empty(), &asking, now)),
        active: active.map(|key| key.id.to_string()).unwrap_or_default(),
        domains: domains.iter().map(domain).collect(),
        asking: asking.join(", "),
        rows: keys.iter().map(|key| row(key, now)).collect(),
        tenants: house.revocations(admin).await?.iter().map(|it| sessions(it, now)).collect(),
        problems: problem.into_iter().collect(),
    })
}

fn domain(domain: &FederatedDomain) -> Domain {
    Domain { name: domain.name.clone(), href: format!("/admin/domains/{}", domain.slug) }
}

/// How many names are shown of those whose sessions have not ended.
const NAMES: usize = 20;

fn sessions(revocation: &Revocation, now: Ts) -> Sessions {
    let progress = revocation.asked.as_ref().map(|asked| {
        let all = asked.ended + asked.left.len();
        let (tone, end) = match asked.left.len() {
            0 => (Tone::Ok, "have ended.".to_owned()),
            _ => (Tone::Neutral, "have ended. Load this page again to see how it goes.".to_owned()),
        };
        let at = times::relative(asked.at, now);
        Verdict::new(
            tone,
            &format!("Asked {at}: the sessions of {} of {all} people {end}", asked.ended),
        )
    });
    let left = revocation.asked.iter().flat_map(|asked| asked.left.iter().take(NAMES));
    Sessions {
        tenant: revocation.tenant.to_string(),
        alias: revocation.alias.clone(),
        people: revocation.people,
        progress,
        left: left.map(|user| user.upn.to_string()).collect(),
    }
}

fn verdict(
    active: Option<&KeyView>,
    next: Option<&KeyView>,
    domains: &[FederatedDomain],
    now: Ts,
) -> Verdict {
    let Some(active) = active else {
        return Verdict::new(Tone::Danger, "There is no signing key: nobody can sign in.");
    };
    let until = times::day(active.not_after);
    let (tone, text) = if active.not_after <= now {
        (Tone::Danger, "The certificate of the signing key has ended: promote the next one.".into())
    } else if !domains.is_empty() && active.seen_by_entra_at.is_none() {
        let text = "Microsoft was not seen to trust the key that signs: run the swap script now, \
                    or nobody can sign in.";
        (Tone::Danger, text.to_owned())
    } else if next.is_none() {
        (Tone::Warn, "There is no next key that Microsoft could learn in time.".to_owned())
    } else {
        (Tone::Ok, format!("Tokens are signed with a key whose certificate is good until {until}."))
    };
    Verdict::new(tone, &text)
}

fn promotion(next: &KeyView, federated: bool, asking: &[String], now: Ts) -> Promote {
    let unseen = federated && next.seen_by_entra_at.is_none();
    let unread = !asking.is_empty() && !next.is_read_by_now(now);
    Promote {
        next: next.id.to_string(),
        must_accept: unseen || unread,
        readiness: if unread && !unseen {
            not_read(next, asking, now)
        } else {
            readiness(next, federated, now)
        },
    }
}

/// The next key is too young for who has second factors proved here.
fn not_read(next: &KeyView, asking: &[String], now: Ts) -> Verdict {
    let published = next.published_at.map_or_else(String::new, |at| times::relative(at, now));
    let text = format!(
        "Microsoft asks for second factors here ({}) and keeps our keys for a day; the next one was \
         published {published}. Promoted before two days have passed, it would have answers refused \
         there.",
        asking.join(", ")
    );
    Verdict::new(Tone::Warn, &text)
}

fn readiness(next: &KeyView, federated: bool, now: Ts) -> Verdict {
    match next.seen_by_entra_at {
        _ if !federated => {
            Verdict::new(Tone::Neutral, "No domain is federated: nobody needs to learn it first.")
        }
        None => Verdict::new(
            Tone::Warn,
            "Microsoft was not seen to trust the next key. Promoted now, it would lock everybody \
             out of Microsoft 365 until Microsoft learns it.",
        ),
        Some(at) if now.since(at) < A_DAY => {
            let text = format!(
                "Microsoft was first seen to trust the next key {}. Wait a day: not all of \
                 Microsoft learns it at once.",
                times::relative(at, now)
            );
            Verdict::new(Tone::Warn, &text)
        }
        Some(at) => {
            let text = format!("Microsoft has trusted the next key since {}.", times::day(at));
            Verdict::new(Tone::Ok, &text)
        }
    }
}

/// How long Microsoft may take to learn a certificate everywhere (`federation.md` 1.7).
const A_DAY: std::time::Duration = std::time::Duration::from_hours(24);

fn kind(key: &KeyView) -> String {
    let size = key.rsa_bits.map(|bits| format!(" {bits}")).unwrap_or_default();
    let place = if key.in_token { ", in the PKCS#11 token" } else { "" };
    format!("RSA{size}{place}")
}

fn row(key: &KeyView, now: Ts) -> Row {
    Row {
        state: match key.state {
            SigningKeyState::Active => Badge::new(Tone::Ok, "Active"),
            SigningKeyState::Next => Badge::new(Tone::Neutral, "Next"),
            SigningKeyState::Retired => Badge::new(Tone::Neutral, "Retired"),
        },
        thumbprint: hex::encode(Sha256::digest(&key.certificate)),
        entra_thumbprint: key.thumbprint.clone(),
        kind: kind(key),
        not_after: times::when(key.not_after, now),
        published: key.published_at.map(|at| times::when(at, now)),
        seen_by_entra: key.seen_by_entra_at.map(|at| times::when(at, now)),
        retired: key.retired_at.map(|at| times::when(at, now)),
        download: format!("/admin/keys/{}/certificate.cer", key.id),
    }
}
