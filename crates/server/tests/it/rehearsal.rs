//! The page of a rehearsal: it is asked for, it waits, it is played somewhere, and what was seen stays.

use model::{
    audit::AuditKind,
    rehearsal::{Outcome, Rehearsal, Step, Verdict},
};
use store::audit_log::{self, AuditFilter};

use crate::support::{World, both};

const PAGE: &str = "/admin/domains/contoso-com/rehearsal";

async fn rows(world: &World) -> Vec<String> {
    let kind = Some(AuditKind::DomainRehearsed);
    let filter = AuditFilter { kind, limit: 20, ..AuditFilter::default() };
    let found = world.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
    found.rows.into_iter().rev().map(|row| row.detail).collect()
}

fn ended(step: Step, verdict: Verdict) -> Outcome {
    Outcome { step, verdict, evidence: vec!["Seen <here>.".to_owned()], millis: 1_260 }
}

#[test]
fn a_rehearsal_is_asked_for_once_shown_as_it_goes_and_kept() {
    both(|world| async move {
        let admin = world.signed_in("olivia", "/admin").await;
        let first = admin.get(PAGE).await;
        assert!(first.body.contains("contoso.com was not rehearsed yet."), "{}", first.body);
        assert_eq!(admin.get(&format!("{PAGE}.json")).await.status, 404);
        for _ in 0..2 {
            let asked = admin.fill(&first, PAGE, &[]).await;
            assert_eq!(asked.location.as_deref(), Some(&*format!("{PAGE}?done=rehearsal")));
        }
        let waiting = admin.get(PAGE).await;
        assert!(waiting.body.contains("of 11 steps, 0 steps are over."), "{}", waiting.body);
        assert!(!waiting.body.contains("Rehearse again"), "one at a time");

        let wanted = world.house.take_rehearsal().await.unwrap().unwrap();
        assert!(world.house.take_rehearsal().await.unwrap().is_none(), "of two nodes one");
        let mut seen = Rehearsal::new("contoso.com", "a copy of the tenant", world.house.now());
        seen.steps.push(ended(Step::Copy, Verdict::Passed));
        world.house.note_rehearsal(&wanted, seen.clone()).await.unwrap();
        let going = admin.get(PAGE).await;
        assert!(going.body.contains("1 step is over."), "{}", going.body);
        assert!(going.body.contains("Seen &lt;here&gt;."), "{}", going.body);
        seen.steps.push(ended(Step::Sync, Verdict::Failed));
        world.pass(std::time::Duration::from_secs(1));
        world.house.end_rehearsal(&wanted, seen.clone()).await.unwrap();
        world.house.end_rehearsal(&wanted, seen.clone()).await.unwrap();

        let over = admin.get(PAGE).await;
        let said = "The rehearsal of contoso.com failed: Sync people.";
        for said in [said, "Asked for by Olivia Okafor", "1.2 s", "Rehearse again"] {
            assert!(over.body.contains(said), "{said}: {}", over.body);
        }
        let file = admin.get(&format!("{PAGE}.json")).await;
        assert_eq!(serde_json::from_str::<Rehearsal>(&file.body).unwrap(), seen);
        let rows = rows(&world).await;
        assert_eq!(rows, ["asked for", "it failed at: Sync people"]);
    });
}

/// A node that went away leaves a rehearsal behind; another one begins it anew, and what the first one
/// says later of one that is over counts no more.
#[test]
fn what_a_node_left_behind_is_played_by_another() {
    both(|world| async move {
        let admin = world.signed_in("olivia", "/admin").await;
        admin.fill(&admin.get(PAGE).await, PAGE, &[]).await;
        let left = world.house.take_rehearsal().await.unwrap().unwrap();
        world.pass(std::time::Duration::from_mins(4));
        assert!(world.house.take_rehearsal().await.unwrap().is_none(), "it may still be at work");
        world.pass(std::time::Duration::from_mins(2));
        let again = world.house.take_rehearsal().await.unwrap().unwrap();
        let seen = Rehearsal::new("contoso.com", "a copy of the tenant", world.house.now());
        world.house.end_rehearsal(&again, seen.clone()).await.unwrap();
        let late = Rehearsal { with: "late".to_owned(), ..seen };
        world.house.note_rehearsal(&left, late).await.unwrap();
        let file = admin.get(&format!("{PAGE}.json")).await;
        assert!(!file.body.contains("late"), "{}", file.body);
    });
}
