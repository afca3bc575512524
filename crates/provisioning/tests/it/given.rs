//! Builds the facts of a scenario: `given().person("alice").assigned(&[SPB]).plan()`.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{
    ImmutableId, Ts, Upn,
    application::{Assignment, Licence, Office365Settings},
    attribute::Attribute,
    entra::{DeletedUser, EntraLink, EntraUser, Origin, ServicePlan, SubscribedSku},
    ids::{ApplicationId, AssignmentId, ObjectId, ServicePlanId, SkuId, UserId},
    legal_hold::LegalHold,
    mapping::{AttributeMapping, Mode, Rule, default_rule},
    matches::Promise,
    plan::Plan,
    user::{Profile, User, UserState},
};
use provisioning::{DesiredUser, Mapping, Observed, desired, leaving::Past, plan, text};
use uuid::Uuid;

pub(crate) const SPB: u128 = 0x5b;
pub(crate) const EXO: u128 = 0xe0;
pub(crate) const TEAMS: u128 = 0x7ea;
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const NOW: Ts = Ts::from_secs(1_795_597_200);

/// The facts: ours, and Entra's.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) people: Vec<(User, Option<Assignment>)>,
    pub(crate) settings: Office365Settings,
    pub(crate) mapping: Mapping,
    pub(crate) domains: Vec<String>,
    pub(crate) past: Past,
    pub(crate) former_names: HashMap<UserId, HashSet<String>>,
    pub(crate) observed: Observed,
}

pub(crate) fn given() -> Given {
    let observed = Observed {
        skus: vec![sku(SPB, "SPB", 25), sku(EXO, "EXCHANGESTANDARD", 10)],
        ..Observed::default()
    };
    Given {
        people: vec![],
        settings: Office365Settings::default(),
        mapping: Mapping::default(),
        domains: vec!["contoso.com".to_owned(), "contoso.onmicrosoft.com".to_owned()],
        past: Past::default(),
        former_names: HashMap::new(),
        observed,
    }
}

pub(crate) fn sku(id: u128, name: &str, enabled: u32) -> SubscribedSku {
    let teams = ServicePlan {
        id: ServicePlanId(Uuid::from_u128(TEAMS)),
        name: "TEAMS1".to_owned(),
        per_user: true,
    };
    SubscribedSku {
        sku_id: SkuId(Uuid::from_u128(id)),
        sku_part_number: name.to_owned(),
        enabled,
        consumed: 0,
        usable: true,
        service_plans: vec![teams],
    }
}

pub(crate) fn licence(id: u128) -> Licence {
    Licence { sku_id: SkuId(Uuid::from_u128(id)), disabled_plans: vec![] }
}

/// The same name gives the same ids everywhere.
fn number(name: &str) -> u128 {
    name.bytes().fold(1, |sum, byte| sum * 31 + u128::from(byte))
}

pub(crate) fn user_id(name: &str) -> UserId {
    UserId(Uuid::from_u128(number(name)))
}

pub(crate) fn object_id(name: &str) -> ObjectId {
    ObjectId(Uuid::from_u128(number(name) << 64))
}

fn capital(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn user(name: &str) -> User {
    User {
        id: user_id(name),
        upn: Upn::parse(&format!("{name}@contoso.com")).unwrap(),
        immutable_id: ImmutableId::parse(&format!("id-{name}")).unwrap(),
        state: UserState::Active,
        profile: Profile { display_name: capital(name), ..Profile::default() },
        role: None,
        created_at: Ts(0),
        updated_at: Ts(0),
    }
}

pub(crate) fn object(name: &str) -> EntraUser {
    EntraUser {
        id: object_id(name),
        upn: format!("{name}@contoso.com"),
        immutable_id: Some(format!("id-{name}")),
        account_enabled: true,
        usage_location: Some("US".to_owned()),
        licences: vec![],
        synced_from_elsewhere: false,
        guest: false,
        protected: false,
        attributes: [(Attribute::DisplayName, capital(name))].into_iter().collect(),
    }
}

/// A link to an object that we made.
pub(crate) fn link(user_id: UserId, object_id: ObjectId) -> EntraLink {
    EntraLink { user_id, object_id, origin: Origin::Made, deleted_at: None }
}

impl Given {
    /// A person; what follows is about them.
    pub(crate) fn person(mut self, name: &str) -> Self {
        self.people.push((user(name), None));
        self
    }

    pub(crate) fn but(mut self, change: impl FnOnce(&mut User)) -> Self {
        change(&mut self.people.last_mut().unwrap().0);
        self
    }

    pub(crate) fn assigned(self, skus: &[u128]) -> Self {
        self.assignment(skus, None)
    }

    pub(crate) fn left(self, days_ago: u32, skus: &[u128]) -> Self {
        self.assignment(skus, Some(NOW - DAY * days_ago))
    }

    fn assignment(mut self, skus: &[u128], ended_at: Option<Ts>) -> Self {
        let (user, assignment) = self.people.last_mut().unwrap();
        *assignment = Some(Assignment {
            id: AssignmentId(user.id.0),
            user_id: user.id,
            application_id: ApplicationId(Uuid::nil()),
            licences: skus.iter().map(|id| licence(*id)).collect(),
            assigned_at: Ts(0),
            ended_at,
        });
        self
    }

    fn name(&self) -> String {
        self.people.last().unwrap().0.upn.name().to_owned()
    }

    /// Their object is there and carries their immutable id.
    pub(crate) fn there(self, licences: &[u128]) -> Self {
        let mut object = object(&self.name());
        object.licences = licences.iter().map(|id| licence(*id)).collect();
        self.object(object)
    }

    /// Something is there.
    pub(crate) fn object(mut self, object: EntraUser) -> Self {
        self.observed.users.push(object);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut EntraUser)) -> Self {
        change(self.observed.users.last_mut().unwrap());
        self
    }

    /// Their object is there without an immutable id, and an admin said that it is theirs.
    pub(crate) fn accepted(mut self) -> Self {
        let there = self.observed.users.last().unwrap();
        let promise = Promise { object_id: there.id, upn: there.upn.clone() };
        self.observed.accepted.insert(user_id(&self.name()), promise);
        self
    }

    pub(crate) fn linked(mut self) -> Self {
        let name = self.name();
        self.observed.links.push(link(user_id(&name), object_id(&name)));
        self
    }

    /// Their object is not one that we made.
    pub(crate) fn found(mut self) -> Self {
        self.observed.links.last_mut().unwrap().origin = Origin::Found;
        self
    }

    /// They had another name before, which their object still has.
    pub(crate) fn formerly(mut self, name: &str) -> Self {
        let id = self.people.last().unwrap().0.id;
        let upn = format!("{name}@contoso.com");
        self.former_names.entry(id).or_default().insert(upn.clone());
        self.with(|there| there.upn = upn)
    }

    /// They are blocked here since then.
    pub(crate) fn blocked(mut self, days_ago: u32) -> Self {
        let user = &mut self.people.last_mut().unwrap().0;
        user.state = UserState::Blocked;
        self.past.blocked_here.insert(user.id, NOW - DAY * days_ago);
        self
    }

    /// A legal hold, placed long ago and lifted so many days ago, if at all.
    pub(crate) fn held(mut self, lifted_days_ago: Option<u32>) -> Self {
        let user_id = self.people.last().unwrap().0.id;
        let hold = LegalHold {
            user_id,
            reason: "case 4711".to_owned(),
            placed_by: user_id,
            placed_at: Ts(0),
            lifted_at: lifted_days_ago.map(|days| NOW - DAY * days),
        };
        self.past.holds.insert(user_id, hold);
        self
    }

    /// Their object may not be signed in to.
    pub(crate) fn shut(self) -> Self {
        self.with(|there| there.account_enabled = false)
    }

    /// Their object is in the bin, as we left it.
    pub(crate) fn in_bin(mut self, days_ago: u32) -> Self {
        let mut user = object(&self.name());
        user.account_enabled = false;
        self.observed.bin.push(DeletedUser { user, deleted_at: NOW - DAY * days_ago });
        self
    }

    pub(crate) fn seats(mut self, sku: u128, enabled: u32, consumed: u32) -> Self {
        for product in &mut self.observed.skus {
            if product.sku_id == licence(sku).sku_id {
                (product.enabled, product.consumed) = (enabled, consumed);
            }
        }
        self
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Office365Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The defaults, but for these rules.
    pub(crate) fn mapped(mut self, rules: &[(Attribute, Mode, &str)]) -> Self {
        let mut mapping = AttributeMapping::default();
        for (attribute, mode, expression) in rules {
            let (mode, expression) = (*mode, (*expression).to_owned());
            let rule = Rule { mode, expression, ..default_rule(*attribute) };
            mapping = mapping.with(*attribute, rule);
        }
        self.mapping = Mapping::read(&mapping).unwrap();
        self
    }

    pub(crate) fn wanted(&self) -> Vec<DesiredUser> {
        desired::from(&desired::Input {
            people: &self.people,
            settings: &self.settings,
            mapping: &self.mapping,
            domains: &self.domains,
            links: &self.observed.links,
            accepted: &self.observed.accepted,
            former_names: &self.former_names,
            past: &self.past,
            may_delete: true,
        })
    }

    pub(crate) fn steps(&self) -> Plan {
        plan(&self.wanted(), &self.observed, NOW)
    }

    pub(crate) fn plan(&self) -> String {
        text::of(&self.steps())
    }
}
