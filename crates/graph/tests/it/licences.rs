//! Products and licences.

use graph::Verdict;
use model::{
    application::Licence,
    ids::{ServicePlanId, SkuId},
};
use simulator::sample::{BUSINESS_PREMIUM, EXCHANGE_PLAN_1};
use uuid::Uuid;

use crate::world::World;

fn sku(id: &str) -> SkuId {
    id.parse().unwrap()
}

fn licence(id: &str) -> Licence {
    Licence { sku_id: sku(id), disabled_plans: vec![] }
}

async fn held(world: &World, id: model::ids::ObjectId) -> Vec<Licence> {
    world.graph.user_by_id(&id).await.unwrap().unwrap().licences
}

#[tokio::test]
async fn a_swap_is_one_call_and_seats_are_counted() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let graph = &world.graph;
    graph.assign_licences(&bob.id, &[licence(EXCHANGE_PLAN_1)], &[]).await.unwrap();
    assert_eq!(held(&world, bob.id).await, [licence(EXCHANGE_PLAN_1)]);
    let (add, remove) = ([licence(BUSINESS_PREMIUM)], [sku(EXCHANGE_PLAN_1)]);
    graph.assign_licences(&bob.id, &add, &remove).await.unwrap();
    assert_eq!(held(&world, bob.id).await, add);
    assert_eq!(world.calls("POST", "/assignLicense"), 2);
    let skus = graph.subscribed_skus().await.unwrap();
    let premium = skus.iter().find(|s| s.sku_id == sku(BUSINESS_PREMIUM)).unwrap();
    assert_eq!(premium.sku_part_number, "SPB");
    assert_eq!((premium.enabled, premium.consumed, premium.usable), (25, 1, true));
    assert!(premium.service_plans.iter().any(|plan| plan.name == "EXCHANGE_S_STANDARD"));
}

#[tokio::test]
async fn switched_off_parts_are_kept_as_sent() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    let skus = world.graph.subscribed_skus().await.unwrap();
    let premium = skus.iter().find(|s| s.sku_id == sku(BUSINESS_PREMIUM)).unwrap();
    let yammer = premium.service_plans.iter().find(|plan| plan.name.starts_with("YAMMER")).unwrap();
    let wanted = Licence { disabled_plans: vec![yammer.id], ..licence(BUSINESS_PREMIUM) };
    world.graph.assign_licences(&bob.id, std::slice::from_ref(&wanted), &[]).await.unwrap();
    assert_eq!(held(&world, bob.id).await, [wanted]);
}

#[tokio::test]
async fn without_a_seat_the_person_is_skipped_with_microsofts_sentence() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.simulator.set_seats("SPB", 0);
    let refusal = world.graph.assign_licences(&bob.id, &[licence(BUSINESS_PREMIUM)], &[]).await;
    let Verdict::SkipObject(text) = refusal.unwrap_err().verdict() else { panic!("not skipped") };
    assert!(text.contains("does not have any available licenses"), "{text}");
}

#[tokio::test]
async fn taking_what_is_not_there_is_fine_and_a_foreign_part_is_refused() {
    let world = World::start().await;
    let bob = world.create("bob").await;
    world.graph.assign_licences(&bob.id, &[], &[sku(EXCHANGE_PLAN_1)]).await.unwrap();
    let part = ServicePlanId(Uuid::from_u128(1));
    let odd = Licence { disabled_plans: vec![part], ..licence(EXCHANGE_PLAN_1) };
    let refusal = world.graph.assign_licences(&bob.id, &[odd], &[]).await.unwrap_err();
    assert!(matches!(refusal.verdict(), Verdict::SkipObject(_)), "{refusal}");
}
