//! A person's apps.

use app::portal::Tile;
use url::Url;

use crate::{
    answer::{Answer, Desk},
    pages::portal::{App, AppIcon, Home},
    visitor::SignedIn,
};

/// The page.
pub(super) async fn show(me: SignedIn, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let mut shown = if house.is_assigned(&me).await? { apps(&desk) } else { Vec::new() };
    shown.extend(house.tiles(&me).await?.into_iter().map(tile));
    let profile = &me.user().profile;
    let name = profile.given_name.as_ref().unwrap_or(&profile.display_name).clone();
    let page = Home { name, apps: shown };
    desk.page(&desk.portal_chrome(&me).await?, &page)
}

/// Another application, with the host that it leads to.
fn tile(tile: Tile) -> App {
    let host = Url::parse(&tile.start).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (name, note) = (tile.name, host.unwrap_or_default());
    App { name, note, href: tile.start, icon: AppIcon::App }
}

/// What Office 365 opens. Where Outlook is not Microsoft's (the demo), there is nothing else.
fn apps(desk: &Desk) -> Vec<App> {
    let app = |name: &str, note: &str, href: &str, icon| App {
        name: name.to_owned(),
        note: note.to_owned(),
        href: href.to_owned(),
        icon,
    };
    let mut apps = vec![app("Outlook", "Mail and calendar", desk.counter.outlook(), AppIcon::Mail)];
    if desk.counter.settings.outlook_url.is_none() {
        let (teams, all) = ("https://teams.microsoft.com/", "https://www.microsoft365.com/");
        apps.push(app("Teams", "Chat and meetings", teams, AppIcon::Chat));
        apps.push(app("Microsoft 365", "Files and everything else", all, AppIcon::Files));
    }
    apps
}
