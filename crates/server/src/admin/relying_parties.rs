//! The applications that get tokens: the list, registering one, changing one.

mod form;

use actix_web::{http::StatusCode, web};
use app::relying_parties::registry::{New, PartyWish, Registered, Switch, as_typed};
use model::{
    ids::RelyingPartyId,
    relying_party::{Access, PartyKind, PartyProtocol, SignedRequests},
};

use serde::Deserialize;

use crate::{
    answer::{Answer, Desk, field_problem, id, see_other},
    csrf::Form,
    error::Failure,
    pages::{
        Page, Rail,
        admin::{
            party_secret::PartySecret,
            relying_parties::{RelyingParties, RelyingPartyNew, Row},
        },
        parts::{Badge, Choice, Problem, Tone, Verdict},
    },
    sign_in,
    visitor::Console,
    wording::{count, rows},
};

/// The list.
pub(super) async fn list(admin: Console, desk: Desk) -> Answer {
    let all = desk.counter.house.relying_parties(&admin).await?;
    let many = count(rows(all.len()), "application gets", "applications get");
    let page = RelyingParties {
        verdict: Verdict::new(Tone::Neutral, &format!("{many} tokens from here.")),
        rows: all.iter().map(row).collect(),
    };
    fine(&admin, &desk, &page).await
}

fn row(registered: &Registered) -> Row {
    let party = &registered.party;
    Row {
        href: address(party.id),
        name: party.name.clone(),
        protocol: form::protocols(party.kind).to_owned(),
        entity_id: party.realm.clone(),
        domain: registered.domain.name.clone(),
        access: match (party.kind, party.settings.access) {
            (PartyKind::Microsoft, _) | (_, Access::Assigned) => "Who is assigned".to_owned(),
            (PartyKind::Saml2 | PartyKind::WsFed | PartyKind::Oidc, Access::Everyone) => {
                "Everybody of the domain".to_owned()
            }
        },
        state: if party.enabled {
            Badge::new(Tone::Ok, "On")
        } else {
            Badge::new(Tone::Neutral, "Off")
        },
    }
}

fn address(id: RelyingPartyId) -> String {
    format!("/admin/relying-parties/{id}")
}

/// Which protocol a new application speaks.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    protocol: Option<String>,
}

/// The empty form.
pub(super) async fn ask(admin: Console, desk: Desk, asked: web::Query<Asked>) -> Answer {
    let protocol = asked.protocol.as_deref().map_or(Ok(PartyProtocol::Saml2), form::protocol_of);
    let page = new_page(&admin, &desk, "", &PartyWish::of(protocol?), Vec::new()).await?;
    fine(&admin, &desk, &page).await
}

/// Reads metadata into the form; nothing is stored.
pub(super) async fn read(admin: Console, desk: Desk, form: Form) -> Answer {
    let [protocol, domain, metadata] = form.exactly(["protocol", "domain", "metadata"])?;
    let protocol = form::protocol_of(&protocol)?;
    match desk.counter.house.read_party_metadata(&admin, protocol, &metadata) {
        Ok(wish) => {
            let page = new_page(&admin, &desk, &domain, &wish, Vec::new()).await?;
            fine(&admin, &desk, &page).await
        }
        Err(error) => {
            let problems = vec![field_problem(error, &[])?];
            let wish = PartyWish::of(protocol);
            wrong(&admin, &desk, &new_page(&admin, &desk, &domain, &wish, problems).await?).await
        }
    }
}

/// Registers.
pub(super) async fn register(admin: Console, desk: Desk, form: Form) -> Answer {
    let (wish, domain) = form::read_new(&form)?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let known = domains(&admin, &desk).await?;
    let chosen = known.iter().find(|(name, _)| *name == domain).map(|(_, id)| *id);
    let chosen = chosen.ok_or_else(|| Failure::bad_input("There is no such domain."))?;
    match house.register_party(&admin, chosen, &wish, visitor).await {
        Ok(New { id, secret: Some(secret) }) => {
            let name = wish.name.trim();
            let page = PartySecret::new(name, &id.to_string(), address(id), secret.expose());
            fine(&admin, &desk, &page).await
        }
        Ok(New { id, secret: None }) => {
            Ok(see_other(&format!("{}?done=party-registered", address(id))))
        }
        Err(error) => {
            let is_taken = error.kind == app::Kind::Conflict;
            let problem = if is_taken {
                sign_in::problem("entity_id", &error.public)
            } else {
                field_problem(error, &[])?
            };
            let page = new_page(&admin, &desk, &domain, &wish, vec![problem]).await?;
            let mut answer = wrong(&admin, &desk, &page).await?;
            if is_taken {
                *answer.status_mut() = StatusCode::CONFLICT;
            }
            Ok(answer)
        }
    }
}

async fn fine<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    desk.page(&desk.console_chrome(admin, Rail::Applications).await?, page)
}

/// The page again, with what was wrong.
async fn wrong<P: Page>(admin: &Console, desk: &Desk, page: &P) -> Answer {
    desk.again(&desk.console_chrome(admin, Rail::Applications).await?, page)
}

async fn domains(
    admin: &Console,
    desk: &Desk,
) -> Result<Vec<(String, model::ids::FederatedDomainId)>, Failure> {
    let views = desk.counter.house.office365(admin).await?;
    let all = views.into_iter().flat_map(|view| view.domains);
    Ok(all.map(|domain| (domain.name, domain.id)).collect())
}

async fn new_page(
    admin: &Console,
    desk: &Desk,
    chosen: &str,
    wish: &PartyWish,
    mut problems: Vec<Problem>,
) -> Result<RelyingPartyNew, Failure> {
    let known = domains(admin, desk).await?;
    if known.is_empty() {
        let cause = "There is no domain yet that could vouch for people.";
        problems.push(Problem::of_form(cause, "Add one under Microsoft 365 first."));
    }
    Ok(RelyingPartyNew {
        is_read: !wish.entity_id.is_empty(),
        tabs: form::protocol_tabs(wish.protocol),
        domain: known.iter().map(|(name, _)| Choice::new(name, name, chosen)).collect(),
        form: form::filled(wish, problems.clone()),
        problems,
    })
}

/// One application.
pub(super) async fn show(admin: Console, desk: Desk, path: web::Path<String>) -> Answer {
    let registered = desk.counter.house.relying_party(&admin, id(&path)?).await?;
    let wish = as_typed(&registered.party);
    fine(&admin, &desk, &form::page(&desk, &registered, &wish, Vec::new()).await?).await
}

/// Reads new metadata into the form of an application; nothing is stored.
pub(super) async fn reread(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [metadata] = form.exactly(["metadata"])?;
    let registered = desk.counter.house.relying_party(&admin, id(&path)?).await?;
    let before = as_typed(&registered.party);
    match said_again(&admin, &desk, &before, &metadata) {
        Ok(wish) => {
            let mut page = form::page(&desk, &registered, &wish, Vec::new()).await?;
            page.changes = form::changes(&before, &wish);
            fine(&admin, &desk, &page).await
        }
        Err(error) => {
            let problems = vec![field_problem(error, &[])?];
            wrong(&admin, &desk, &form::page(&desk, &registered, &before, problems).await?).await
        }
    }
}

/// What an application says of itself now; what an admin chose stays, and so do demanded signatures
/// (R104).
fn said_again(
    admin: &Console,
    desk: &Desk,
    before: &PartyWish,
    metadata: &str,
) -> Result<PartyWish, app::Error> {
    let said = desk.counter.house.read_party_metadata(admin, before.protocol, metadata)?;
    if said.entity_id != before.entity_id {
        let public = "This is the metadata of another application. It names itself differently.";
        return Err(app::Error::invalid("metadata", public));
    }
    let requests = match before.requests {
        SignedRequests::Required => SignedRequests::Required,
        SignedRequests::Optional => said.requests,
    };
    Ok(PartyWish {
        replies: said.replies,
        reply_indexes: said.reply_indexes,
        certificates: said.certificates,
        requests,
        sign_out: said.sign_out,
        sign_out_by_form: said.sign_out_by_form,
        ..before.clone()
    })
}

/// Saves the form of an application.
pub(super) async fn change(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let party = id(&path)?;
    let registered = house.relying_party(&admin, party).await?;
    let wish = form::read_change(&form, &registered.party)?;
    match house.change_party(&admin, party, &wish, visitor).await {
        Ok(()) => Ok(see_other(&format!("{}?done=saved", address(party)))),
        Err(error) => {
            let problems = vec![field_problem(error, &[])?];
            wrong(&admin, &desk, &form::page(&desk, &registered, &wish, problems).await?).await
        }
    }
}

/// Switches an application on or off.
pub(super) async fn switch(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [to] = form.exactly(["to"])?;
    let (switch, done) = match to.as_str() {
        "on" => (Switch::On, "party-on"),
        "off" => (Switch::Off, "party-off"),
        _ => return Err(Failure::bad_input("It is either on or off.")),
    };
    let party = id(&path)?;
    desk.counter.house.switch_party(&admin, party, switch, desk.guest.visitor()).await?;
    Ok(see_other(&format!("{}?done={done}", address(party))))
}

/// Gives a client another secret, shown this once.
pub(super) async fn renew_secret(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let (house, visitor) = (&desk.counter.house, desk.guest.visitor());
    let id = id(&path)?;
    let secret = house.renew_client_secret(&admin, id, visitor).await?;
    let party = house.relying_party(&admin, id).await?.party;
    let page = PartySecret::new(&party.name, &party.realm, address(id), secret.expose());
    fine(&admin, &desk, &page).await
}

/// Forgets an application.
pub(super) async fn remove(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    desk.counter.house.remove_party(&admin, id(&path)?, desk.guest.visitor()).await?;
    Ok(see_other("/admin/relying-parties?done=party-removed"))
}
