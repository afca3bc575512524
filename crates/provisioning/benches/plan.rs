//! How long a plan for 10,000 people takes: in step with Entra, and from nothing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use model::{
    Ts,
    application::Licence,
    attribute::Attribute,
    entra::{EntraAttributes, EntraLink, EntraUser, Origin, SubscribedSku},
    ids::{ObjectId, SkuId, UserId},
    mapping::Mode,
};
use provisioning::{
    Access, DesiredUser, Observed,
    desired::UsageLocation,
    mapping::{Wish, Wishes},
    plan,
};
use uuid::Uuid;

const PEOPLE: u128 = 10_000;
const SKU: SkuId = SkuId(Uuid::from_u128(7));

fn licence() -> Licence {
    Licence { sku_id: SKU, disabled_plans: vec![] }
}

fn attributes(n: u128) -> EntraAttributes {
    let of = [
        (Attribute::DisplayName, format!("Person {n}")),
        (Attribute::GivenName, "Person".to_owned()),
        (Attribute::Surname, n.to_string()),
        (Attribute::Department, "Sales".to_owned()),
        (Attribute::Country, "DE".to_owned()),
    ];
    of.into_iter().collect()
}

fn wishes(n: u128) -> Wishes {
    let wish = |value: &str| Wish { mode: Mode::Always, value: Some(value.to_owned()) };
    let of = attributes(n).iter().map(|(attribute, value)| (attribute, wish(value))).collect();
    Wishes { of, ..Wishes::default() }
}

fn wanted(n: u128) -> DesiredUser {
    DesiredUser {
        user_id: UserId(Uuid::from_u128(n)),
        upn: format!("person{n}@contoso.com"),
        former_names: std::collections::HashSet::new(),
        immutable_id: format!("id-{n}"),
        access: Access::Open,
        attributes: wishes(n),
        usage_location: UsageLocation::Own("DE".to_owned()),
        licences: vec![licence()],
        licences_until: None,
        delete_at: None,
        in_tenant: true,
    }
}

fn there(n: u128) -> EntraUser {
    EntraUser {
        id: ObjectId(Uuid::from_u128(PEOPLE + n)),
        upn: format!("person{n}@contoso.com"),
        immutable_id: Some(format!("id-{n}")),
        account_enabled: true,
        usage_location: Some("DE".to_owned()),
        licences: vec![licence()],
        synced_from_elsewhere: false,
        guest: false,
        protected: false,
        attributes: attributes(n),
    }
}

fn observed(users: Vec<EntraUser>) -> Observed {
    let link = |user: &EntraUser| EntraLink {
        user_id: UserId(Uuid::from_u128(user.id.0.as_u128() - PEOPLE)),
        object_id: user.id,
        origin: Origin::Made,
        deleted_at: None,
    };
    let sku = SubscribedSku {
        sku_id: SKU,
        sku_part_number: "SPB".to_owned(),
        enabled: 20_000,
        consumed: 0,
        usable: true,
        service_plans: vec![],
    };
    Observed {
        links: users.iter().map(link).collect(),
        users,
        skus: vec![sku],
        ..Observed::default()
    }
}

fn plans(criterion: &mut Criterion) {
    let people: Vec<DesiredUser> = (0..PEOPLE).map(wanted).collect();
    let in_step = observed((0..PEOPLE).map(there).collect());
    let empty = observed(vec![]);
    let mut group = criterion.benchmark_group("plan for 10,000 people");
    group.sample_size(20);
    group.bench_function("in step", |bench| {
        bench.iter(|| plan(black_box(&people), black_box(&in_step), Ts(0)));
    });
    group.bench_function("from nothing", |bench| {
        bench.iter(|| plan(black_box(&people), black_box(&empty), Ts(0)));
    });
    group.finish();
}

criterion_group!(benches, plans);
criterion_main!(benches);
