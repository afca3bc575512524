//! The tenant's domains as a tree: a sub-domain stands beneath the domain that it follows, since it is
//! federated with that one and not by itself (F007).

use app::office365::Office365View;
use model::{entra::EntraDomain, federated_domain::FederatedDomain};

use crate::pages::{
    admin::microsoft365::DomainRow,
    parts::{Badge, Tone},
};

/// The rows in the order of the tree.
pub(super) fn rows(found: &[EntraDomain], view: &Office365View) -> Vec<DomainRow> {
    let row = |(depth, above, domain): (usize, Option<&EntraDomain>, &EntraDomain)| {
        let follows = above.filter(|_| !domain.root);
        DomainRow { depth, ..row(domain, follows, view) }
    };
    tree(found).into_iter().map(row).collect()
}

/// A domain of ours, while the tenant can't be asked.
pub(super) fn known(domain: &FederatedDomain) -> DomainRow {
    DomainRow {
        name: domain.name.clone(),
        depth: 0,
        href: Some(format!("/admin/domains/{}", domain.slug)),
        authentication: Badge::new(Tone::Neutral, "Not known now"),
        verified: Badge::new(Tone::Neutral, "Not known now"),
        note: String::new(),
        may_add: false,
    }
}

/// Each domain with its depth and the root above it, beneath the closest one above.
fn tree(found: &[EntraDomain]) -> Vec<(usize, Option<&EntraDomain>, &EntraDomain)> {
    let mut rows = Vec::new();
    for domain in found.iter().filter(|domain| above(found, domain).next().is_none()) {
        grow(found, domain, 0, &mut rows);
    }
    rows
}

fn grow<'a>(
    found: &'a [EntraDomain],
    domain: &'a EntraDomain,
    depth: usize,
    rows: &mut Vec<(usize, Option<&'a EntraDomain>, &'a EntraDomain)>,
) {
    rows.push((depth, above(found, domain).find(|it| it.root), domain));
    let is_below = |one: &&EntraDomain| {
        above(found, one).next().is_some_and(|closest| closest.name == domain.name)
    };
    for below in found.iter().filter(is_below) {
        grow(found, below, depth + 1, rows);
    }
}

/// Those of the tenant above a domain, the closest first.
fn above<'a>(
    found: &'a [EntraDomain],
    domain: &'a EntraDomain,
) -> impl Iterator<Item = &'a EntraDomain> {
    let names = domain.name.match_indices('.').map(|(at, _)| &domain.name[at + 1..]);
    names.filter_map(|name| found.iter().find(|one| one.name == name))
}

fn row(domain: &EntraDomain, follows: Option<&EntraDomain>, view: &Office365View) -> DomainRow {
    let known = view.domains.iter().find(|known| known.name == domain.name);
    let free = domain.verified && domain.root && !domain.initial && !domain.default;
    let note = match (domain.initial, domain.default, domain.verified) {
        (true, true, _) => "Initial and default: can't be federated".to_owned(),
        (true, ..) => "Initial: can't be federated".to_owned(),
        (_, true, _) => "Default: can't be federated".to_owned(),
        (_, _, false) => "Prove in the Microsoft 365 admin center that it is yours".to_owned(),
        _ if !domain.root => follows.map_or_else(
            || "Follows the domain above it".to_owned(),
            |it| format!("Follows {}", it.name),
        ),
        _ => String::new(),
    };
    DomainRow {
        name: domain.name.clone(),
        depth: 0,
        href: known.map(|known| format!("/admin/domains/{}", known.slug)),
        authentication: match (domain.federated, known.and_then(|known| known.federated_at)) {
            (true, Some(_)) => Badge::new(Tone::Ok, "Federated here"),
            (true, None) => Badge::new(Tone::Warn, "Federated elsewhere"),
            (false, _) => Badge::new(Tone::Neutral, "Managed"),
        },
        verified: if domain.verified {
            Badge::new(Tone::Ok, "Verified")
        } else {
            Badge::new(Tone::Warn, "Not verified")
        },
        note,
        may_add: free && known.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_domains_stand_beneath_the_closest_one_and_follow_the_closest_root() {
        let domain = |name: &str, root| EntraDomain {
            name: name.to_owned(),
            verified: true,
            default: false,
            initial: false,
            root,
            federated: false,
        };
        let found = [
            domain("a.eu.contoso.com", false),
            domain("fabrikam.com", true),
            domain("notcontoso.com", true),
            domain("us.contoso.com", true),
            domain("contoso.com", true),
            domain("eu.contoso.com", false),
            domain("x.us.contoso.com", false),
            domain("lost.example", false),
        ];
        let drawn: Vec<String> = tree(&found)
            .into_iter()
            .map(|(depth, above, it)| {
                let follows = above.filter(|_| !it.root).map_or("", |root| root.name.as_str());
                format!("{}{} {follows}", "-".repeat(depth), it.name)
            })
            .collect();
        let expected = [
            "fabrikam.com ",
            "notcontoso.com ",
            "contoso.com ",
            "-us.contoso.com ",
            "--x.us.contoso.com us.contoso.com",
            "-eu.contoso.com contoso.com",
            "--a.eu.contoso.com contoso.com",
            "lost.example ",
        ];
        assert_eq!(drawn, expected);
    }
}
