//! What was published, and taking it up again.

use actix_web::web;
use model::ids::PolicyVersionId;

use super::{drafted, fine};
use crate::{
    answer::{Answer, Desk, id},
    csrf::Form,
    pages::admin::policy::{PolicyHistory, VersionView, tabs},
    visitor::Console,
    wording::{policy as words, times},
};

/// Every version, the newest first.
pub(in crate::admin) async fn show(admin: Console, desk: Desk) -> Answer {
    let house = &desk.counter.house;
    let (view, history) = (house.policy(&admin).await?, house.policy_history(&admin).await?);
    let now = house.now();
    let current = view.published.as_ref().map(|version| version.id);
    let versions = history.into_iter().filter_map(|(version, by)| {
        let line = |rule| words::line(&view, rule);
        Some(VersionView {
            id: version.id.to_string(),
            published: times::when(version.published_at?, now),
            by,
            is_current: current == Some(version.id),
            rules: version.rules.iter().map(|it| format!("{}: {}", it.name, line(it))).collect(),
        })
    });
    fine(&admin, &desk, &PolicyHistory { tabs: tabs(2), versions: versions.collect() }).await
}

/// Makes the draft of what was published before.
pub(in crate::admin) async fn restore(
    admin: Console,
    desk: Desk,
    path: web::Path<String>,
    form: Form,
) -> Answer {
    let [] = form.exactly([])?;
    let version: PolicyVersionId = id(&path)?;
    let done = desk.counter.house.restore_policy(&admin, version, desk.guest.visitor()).await;
    drafted(&admin, &desk, done).await
}
