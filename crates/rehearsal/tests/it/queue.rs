//! A rehearsal that an admin asked for is played in the background, and what was seen is kept.

use app::{Visitor, testing};
use model::rehearsal::Step;

use crate::copied::Real;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_played_and_kept() {
    let real = Real::new().await;
    let admin = testing::owner(&real.house, &real.sample).await.unwrap();
    rehearsal::play_wanted(&real.house).await.unwrap();
    assert!(real.house.newest_rehearsal(&admin, real.id).await.unwrap().is_none(), "nobody asked");
    let visitor = Visitor::at_the_command_line(&real.house);
    real.house.ask_for_rehearsal(&admin, real.id, &visitor).await.unwrap();
    rehearsal::play_wanted(&real.house).await.unwrap();
    let kept = real.house.newest_rehearsal(&admin, real.id).await.unwrap().unwrap();
    assert!(kept.ended_at.is_some() && kept.seen.passed(), "{kept:#?}");
    assert_eq!(kept.seen.steps.len(), Step::ALL.len());
    assert_eq!(kept.asked_by, admin.actor());
}
