//! What speaks for an object being a person's: looked up by address, not by comparing everybody with
//! everything.

use std::collections::{BTreeMap, HashMap};

use model::{
    ids::ObjectId,
    matches::{Evidence, SeenObject},
    upn,
    user::User,
};

type Found<'a> = HashMap<String, Vec<&'a SeenObject>>;

/// The objects of a tenant, found by what they are called.
pub(super) struct Addresses<'a> {
    immutable_ids: Found<'a>,
    /// Sign-in names, mail addresses and all others.
    mailboxes: Found<'a>,
    names: Found<'a>,
}

impl<'a> Addresses<'a> {
    pub(super) fn new(objects: &'a [SeenObject]) -> Self {
        let mut all =
            Self { immutable_ids: Found::new(), mailboxes: Found::new(), names: Found::new() };
        for object in objects {
            if let Some(id) = &object.immutable_id {
                all.immutable_ids.entry(id.clone()).or_default().push(object);
            }
            for address in addresses(object) {
                let found = all.mailboxes.entry(address).or_default();
                if found.last().is_none_or(|last| last.id != object.id) {
                    found.push(object);
                }
            }
            all.names.entry(upn::fold(&object.display_name)).or_default().push(object);
        }
        all
    }

    /// The objects for which more than a name speaks, each with all that does.
    pub(super) fn candidates(&self, user: &User) -> Vec<(&'a SeenObject, Vec<Evidence>)> {
        let by_id = self.immutable_ids.get(user.immutable_id.as_str()).into_iter().flatten();
        let addresses = ours(user).into_iter();
        let by_address = addresses.filter_map(|address| self.mailboxes.get(&address)).flatten();
        let found: BTreeMap<ObjectId, &SeenObject> =
            by_id.chain(by_address).map(|object| (object.id, *object)).collect();
        found
            .into_values()
            .map(|object| (object, of(user, object)))
            .filter(|(_, evidence)| evidence.iter().any(|e| *e != Evidence::Name))
            .collect()
    }

    /// The objects that have a person's full name.
    pub(super) fn namesakes(&self, user: &User) -> impl Iterator<Item = &'a SeenObject> {
        let name = Some(upn::fold(&user.profile.display_name)).filter(|name| !name.is_empty());
        let found = name.and_then(|name| self.names.get(&name));
        found.into_iter().flatten().copied()
    }
}

/// Everything that speaks for one object, the strongest first.
pub(super) fn of(user: &User, object: &SeenObject) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if object.immutable_id.as_deref() == Some(user.immutable_id.as_str()) {
        evidence.push(Evidence::ImmutableId);
    }
    if same_case(&object.upn) == user.upn.folded() {
        evidence.push(Evidence::Upn);
    }
    let (mail, aliases) = mail_and_aliases(object);
    for address in ours(user) {
        if mail.contains(&address) {
            evidence.push(Evidence::Mail(address));
        } else if aliases.contains(&address) {
            evidence.push(Evidence::Alias(address));
        }
    }
    let name = upn::fold(&user.profile.display_name);
    if !name.is_empty() && name == upn::fold(&object.display_name) {
        evidence.push(Evidence::Name);
    }
    evidence.sort();
    evidence
}

/// An address in one case. Anything more would make two mailboxes of a tenant look like one.
fn same_case(address: &str) -> String {
    address.trim().to_ascii_lowercase()
}

/// A person's own addresses, each once.
fn ours(user: &User) -> Vec<String> {
    let mut all = vec![user.upn.folded()];
    let mail = user.profile.mail.as_deref().map(same_case).filter(|mail| !mail.is_empty());
    all.extend(mail.filter(|mail| *mail != all[0]));
    all
}

fn addresses(object: &SeenObject) -> Vec<String> {
    let (mail, aliases) = mail_and_aliases(object);
    std::iter::once(same_case(&object.upn)).chain(mail).chain(aliases).collect()
}

/// The mail address with the primary one, and the others. Addresses that are none of mail (`x500:`)
/// say nothing.
fn mail_and_aliases(object: &SeenObject) -> (Vec<String>, Vec<String>) {
    let mut mail: Vec<String> = object.mail.as_deref().map(same_case).into_iter().collect();
    let mut aliases = Vec::new();
    for address in &object.proxy_addresses {
        match address.split_once(':') {
            Some(("SMTP", address)) => mail.push(same_case(address)),
            Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => {
                aliases.push(same_case(address));
            }
            _ => {}
        }
    }
    (mail, aliases)
}
