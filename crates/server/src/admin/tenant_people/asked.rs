//! What is asked of the list: filters and page live in the address, and forms carry them along.

use app::tenant_people::{Asked, Cursor, Filters, PeoplePage, Stand};
use model::{
    ids::{ObjectId, TenantId},
    tenant_people::AccountKind,
};
use url::form_urlencoded;

use super::PATH;
use crate::{
    answer::Desk,
    pages::{
        admin::tenant_people::{Carried, Filter},
        parts::Choice,
    },
};

/// The fields of the form; the pressed button is the last.
pub(super) const FIELDS: [&str; 10] =
    ["tenant", "q", "show", "licence", "sign-in", "kind", "domain", "after", "before", "go"];

const SHOW: [(&str, &str, Stand); 5] = [
    ("", "All", Stand::Any),
    ("left-over", "Left over", Stand::LeftOver),
    ("bound", "Somebody's here", Stand::Bound),
    ("ticked", "Ticked by me", Stand::Ticked),
    ("ignored", "Ignored", Stand::Ignored),
];

const KINDS: [(&str, &str, Option<AccountKind>); 6] = [
    ("", "Any", None),
    ("person", "People", Some(AccountKind::Person)),
    ("guest", "Guests", Some(AccountKind::Guest)),
    ("administrator", "Administrators", Some(AccountKind::Administrator)),
    ("synchronised", "Synchronised from elsewhere", Some(AccountKind::Synchronised)),
    ("own", "onmicrosoft.com", Some(AccountKind::Own)),
];

const YES_OR_NO: [(&str, Option<bool>); 3] = [("", None), ("yes", Some(true)), ("no", Some(false))];

/// What is asked, as it stands in the address.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) tenant: String,
    pub(super) q: String,
    show: String,
    licence: String,
    sign_in: String,
    kind: String,
    domain: String,
    after: String,
    before: String,
}

impl Wanted {
    pub(super) fn of_address(desk: &Desk) -> Self {
        let values = FIELDS.map(|name| desk.asked(name));
        Self::of_form(&values)
    }

    pub(super) fn of_form(values: &[String; 10]) -> Self {
        let [tenant, q, show, licence, sign_in, kind, domain, after, before, _] = values.clone();
        Self { tenant, q, show, licence, sign_in, kind, domain, after, before }
    }

    /// The same of this tenant.
    pub(super) fn of_tenant(&self, tenant: TenantId) -> Self {
        Self { tenant: tenant.to_string(), ..self.clone() }
    }

    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("tenant", &self.tenant),
            ("q", &self.q),
            ("show", &self.show),
            ("licence", &self.licence),
            ("sign-in", &self.sign_in),
            ("kind", &self.kind),
            ("domain", &self.domain),
        ]
    }

    fn address(&self, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs().iter().chain(more).filter(|(_, value)| !value.is_empty()));
        format!("{PATH}?{}", query.finish())
    }

    /// The same page once more.
    pub(super) fn here(&self, done: &str) -> String {
        self.address(&[("after", &self.after), ("before", &self.before), ("done", done)])
    }

    /// The same page once more, with how many ticks were changed at once.
    pub(super) fn ticked(&self, many: usize) -> String {
        let many = many.to_string();
        self.address(&[
            ("after", &self.after),
            ("before", &self.before),
            ("ticked", &many),
            ("done", "ticks-kept"),
        ])
    }

    /// The page after an account.
    pub(super) fn after(&self, last: Option<ObjectId>) -> String {
        let last = last.map(|id| id.to_string()).unwrap_or_default();
        self.address(&[("after", &last)])
    }

    /// The page before an account.
    pub(super) fn before(&self, first: Option<ObjectId>) -> String {
        let first = first.map(|id| id.to_string()).unwrap_or_default();
        self.address(&[("before", &first)])
    }

    pub(super) fn asked(&self, tenant: TenantId) -> Asked {
        let at = match (self.after.parse(), self.before.parse()) {
            (Ok(after), _) => Cursor::After(after),
            (_, Ok(before)) => Cursor::Before(before),
            _ => Cursor::Start,
        };
        Asked { tenant, search: self.filters(), at }
    }

    pub(super) fn filters(&self) -> Filters {
        let known = |text: &str| YES_OR_NO.iter().find(|(word, _)| *word == text);
        let yes_or_no = |text: &str| known(text).and_then(|(_, is)| *is);
        let kind = KINDS.iter().find(|(word, ..)| *word == self.kind);
        let show = SHOW.iter().find(|(word, ..)| *word == self.show);
        Filters {
            query: self.q.clone(),
            licensed: yes_or_no(&self.licence),
            enabled: yes_or_no(&self.sign_in),
            kind: kind.and_then(|(.., kind)| *kind),
            domain: Some(self.domain.clone()).filter(|domain| !domain.is_empty()),
            standing: show.map(|(.., stand)| *stand).unwrap_or_default(),
        }
    }

    /// What the forms carry along.
    pub(super) fn carried(&self) -> Vec<Carried> {
        let page = [("after", self.after.as_str()), ("before", self.before.as_str())];
        let all = self.pairs().into_iter().chain(page);
        all.map(|(name, value)| Carried { name: name.to_owned(), value: value.to_owned() })
            .collect()
    }

    /// The filters as lists of choices.
    pub(super) fn choices(&self, found: &PeoplePage) -> Vec<Filter> {
        let filter = |name: &str, label: &str, choices: Vec<Choice>| Filter {
            name: name.to_owned(),
            label: label.to_owned(),
            choices,
        };
        let of = |words: &[(&str, &str)], chosen: &str| {
            words.iter().map(|(value, label)| Choice::new(value, label, chosen)).collect()
        };
        let domains = found.look.iter().flat_map(|look| &look.domains);
        let domains: Vec<(&str, &str)> = std::iter::once(("", "Any"))
            .chain(domains.map(|domain| (domain.as_str(), domain.as_str())))
            .collect();
        let left = format!("Left over ({})", found.left_over);
        let show =
            SHOW.map(|(word, label, _)| (word, if word == "left-over" { &left } else { label }));
        let kinds = KINDS.map(|(word, label, _)| (word, label));
        let licence = [("", "Any"), ("yes", "Licensed"), ("no", "Without a licence")];
        let sign_in = [("", "Any"), ("yes", "Enabled"), ("no", "Blocked")];
        vec![
            filter("show", "Show", of(&show, &self.show)),
            filter("licence", "Licence", of(&licence, &self.licence)),
            filter("sign-in", "Sign-in there", of(&sign_in, &self.sign_in)),
            filter("kind", "Kind", of(&kinds, &self.kind)),
            filter("domain", "Domain", of(&domains, &self.domain)),
        ]
    }
}
