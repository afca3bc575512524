//! A person's apps.

use app::portal::{Office, Tile};
use url::Url;

use crate::{
    answer::{Answer, Desk},
    pages::portal::{App, AppIcon, Home},
    visitor::SignedIn,
};

/// The page.
pub(super) async fn show(me: SignedIn, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let elsewhere = desk.counter.settings.outlook_url.as_deref();
    let office = house.office(&me).await?;
    let mut shown = office.map_or_else(Vec::new, |office| apps(&office, elsewhere));
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

/// What Microsoft 365 opens. A link names the person's domain, so that Microsoft sends them here at once
/// and then on to where the link leads, with nothing to type and no account to pick (`federation.md`
/// 1.6). Where Outlook is not Microsoft's (the demo), there is nothing else.
fn apps(office: &Office, elsewhere: Option<&str>) -> Vec<App> {
    if let Some(outlook) = elsewhere {
        return vec![app((OUTLOOK.0, OUTLOOK.1, outlook, OUTLOOK.3), None)];
    }
    let admin = office.administers.then_some(&ADMIN_CENTRE);
    let home = office.home.as_deref();
    let outlook = app(OUTLOOK, home.map(|home| ("realm", home)));
    let others = OTHERS.iter().chain(admin);
    let others = others.map(|&one| app(one, home.map(|home| ("domain_hint", home))));
    std::iter::once(outlook).chain(others).collect()
}

/// Name, note, address and picture.
type Known = (&'static str, &'static str, &'static str, AppIcon);

const OUTLOOK: Known =
    ("Outlook", "Mail and calendar", "https://outlook.office.com/mail/", AppIcon::Mail);
const OTHERS: [Known; 3] = [
    ("Teams", "Chat and meetings", "https://teams.microsoft.com/", AppIcon::Chat),
    ("SharePoint", "Sites", "https://www.office.com/launch/sharepoint", AppIcon::Files),
    ("Microsoft 365", "Files and everything else", "https://www.office.com/", AppIcon::Files),
];
const ADMIN_CENTRE: Known =
    ("Admin centre", "Microsoft 365", "https://admin.microsoft.com/", AppIcon::App);

fn app((name, note, href, icon): (&str, &str, &str, AppIcon), hint: Option<(&str, &str)>) -> App {
    let hinted = hint.and_then(|(name, home)| Url::parse_with_params(href, [(name, home)]).ok());
    let href = hinted.map_or_else(|| href.to_owned(), Into::into);
    App { name: name.to_owned(), note: note.to_owned(), href, icon }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(home: Option<&str>, administers: bool) -> Vec<String> {
        let office = Office { home: home.map(str::to_owned), administers };
        apps(&office, None).into_iter().map(|app| app.href).collect()
    }

    #[test]
    fn links_name_the_domain_and_the_admin_centre_is_for_those_who_administer() {
        let hinted = [
            "https://outlook.office.com/mail/?realm=contoso.com",
            "https://teams.microsoft.com/?domain_hint=contoso.com",
            "https://www.office.com/launch/sharepoint?domain_hint=contoso.com",
            "https://www.office.com/?domain_hint=contoso.com",
            "https://admin.microsoft.com/?domain_hint=contoso.com",
        ];
        assert_eq!(links(Some("contoso.com"), true), hinted);
        assert_eq!(links(Some("contoso.com"), false), hinted[..4]);
        assert_eq!(links(None, false)[0], "https://outlook.office.com/mail/");
        let demo = apps(&Office::default(), Some("http://127.0.0.1:8081/outlook"));
        assert_eq!(demo.len(), 1, "the pretend Microsoft has nothing else");
    }
}
