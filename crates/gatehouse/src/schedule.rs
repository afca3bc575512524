//! What happens by itself: the outbox is drained and letters are sent every half second, applications are
//! told of sign-outs and the audit log is chained every second and brought to other places, the whole tenant is brought in step every
//! quarter of an hour, as often everything that alarms watch over is looked at, and every hour the
//! audit log is checked and expired requests are forgotten. The scheduler is only a clock: leases and
//! state are rows in the database.

use std::time::Duration;

use app::{
    House,
    audit::{AuditSink, Brought},
    sync::Lane,
};
use model::{Actor, plan::Scope};
use tokio_cron_scheduler::{Job, JobScheduler};

/// How often the outbox and waiting letters are looked at.
const DRAIN_EVERY: Duration = Duration::from_millis(500);

/// How often news for another system is looked for.
const SEND_ON_EVERY: Duration = Duration::from_secs(5);

/// How often sessions that ended are looked for, whose clients are to be told.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How often rows of the audit log that have no place yet are looked for.
const CHAIN_EVERY: Duration = Duration::from_secs(1);

/// How often rehearsals are looked for that somebody asked for.
const REHEARSE_EVERY: Duration = Duration::from_secs(2);

/// How often rows for other places are looked for; each look that finds some is a connection.
const BRING_EVERY: Duration = Duration::from_secs(5);

/// How long a place that did not take the audit log is left alone.
const BRING_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// When, and which verb: one line a job.
const JOBS: [(&str, Verb); 4] = [
    ("0 3 * * * *", |house| Box::pin(check(house))),
    ("0 */15 * * * *", |house| Box::pin(reconcile(house))),
    ("0 5/15 * * * *", |house| Box::pin(watch(house))),
    ("0 7 * * * *", |house| Box::pin(forget(house))),
];

/// Starts the clockwork; it ends with the process. Nobody waits a quarter of an hour to know how
/// things stand: the watch looks once at the start.
pub(crate) async fn start(house: House) -> anyhow::Result<JobScheduler> {
    for lane in [Lane::Safety, Lane::Rest] {
        let house = house.clone();
        tokio::spawn(async move { drain(house, lane).await });
    }
    if house.sends_letters() {
        tokio::spawn(send(house.clone()));
    }
    tokio::spawn(send_on(house.clone()));
    tokio::spawn(tell(house.clone()));
    tokio::spawn(chain(house.clone()));
    tokio::spawn(rehearse(house.clone()));
    for sink in house.audit_sinks()? {
        tokio::spawn(bring(house.clone(), sink));
    }
    let scheduler = JobScheduler::new().await?;
    for (cron, work) in JOBS {
        let house = house.clone();
        scheduler.add(Job::new_async(cron, move |_, _| work(house.clone()))?).await?;
    }
    scheduler.start().await?;
    tokio::spawn(watch(house));
    Ok(scheduler)
}

type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
type Verb = fn(House) -> Work;

async fn drain(house: House, lane: Lane) {
    loop {
        if let Err(error) = house.drain_outbox(lane).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the outbox can't be drained"
            );
        }
        tokio::time::sleep(DRAIN_EVERY).await;
    }
}

async fn send(house: House) {
    loop {
        if let Err(error) = house.invite_some().await {
            tracing::error!(error = &error as &dyn std::error::Error, "nobody can be invited");
        }
        if let Err(error) = house.send_letters().await {
            tracing::error!(error = &error as &dyn std::error::Error, "letters can't be sent");
        }
        tokio::time::sleep(DRAIN_EVERY).await;
    }
}

async fn send_on(house: House) {
    loop {
        if let Err(error) = house.send_webhooks().await {
            tracing::error!(error = &error as &dyn std::error::Error, "alarms can't be sent on");
        }
        tokio::time::sleep(SEND_ON_EVERY).await;
    }
}

async fn tell(house: House) {
    loop {
        if let Err(error) = house.tell_clients().await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "applications can't be told of sign-outs");
        }
        tokio::time::sleep(TELL_EVERY).await;
    }
}

/// Rehearsals that an admin asked for, one after the other.
async fn rehearse(house: House) {
    loop {
        if let Err(error) = rehearsal::play_wanted(&house).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "rehearsals can't be played");
        }
        tokio::time::sleep(REHEARSE_EVERY).await;
    }
}

async fn chain(house: House) {
    loop {
        if let Err(error) = house.chain_audit_log().await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the audit log can't be chained");
        }
        tokio::time::sleep(CHAIN_EVERY).await;
    }
}

/// One task a place, so that none waits for another.
async fn bring(house: House, sink: AuditSink) {
    loop {
        let wait = match house.bring_audit_log(&sink).await {
            Ok(Brought::All(_) | Brought::Elsewhere) => BRING_EVERY,
            Ok(Brought::Refused) => BRING_AGAIN_AFTER,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the audit log can't be read to be brought elsewhere");
                BRING_AGAIN_AFTER
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Whether the audit log is as it was written; just before the watch, which rings for it.
async fn check(house: House) {
    if let Err(error) = house.check_audit_log().await {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "the audit log can't be checked");
    }
}

async fn reconcile(house: House) {
    let tenants = match house.tenant_ids().await {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "no tenant can be read");
            return;
        }
    };
    for tenant in tenants {
        if let Err(error) = house.sync(tenant, Scope::Everyone, Actor::Schedule).await {
            tracing::error!(%tenant, error = &error as &dyn std::error::Error, "the tenant could not be brought in step");
        }
    }
}

/// Certificates and permits that end, and whether Entra federates each domain as planned (R131).
async fn watch(house: House) {
    if let Err(error) = house.keep_watch().await {
        tracing::error!(error = &error as &dyn std::error::Error, "alarms can't be looked for");
    }
}

async fn forget(house: House) {
    if let Err(error) = house.forget_expired().await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "expired requests were not forgotten"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use app::{Mode, Settings, SystemClock, SystemRandom, Visitor, alarms::AlarmState};
    use store::testing::Throwaway;

    use super::*;

    async fn founded(database: &Throwaway) -> House {
        let url = "http://localhost:8080".parse().expect("an address");
        let settings = Settings {
            password_params: Some(app::settings::PasswordParams::FLOOR),
            ..Settings::new(Mode::Demo, url, database.settings.clone())
        };
        let house = House::with_store(
            settings,
            database.open(),
            Arc::new(SystemClock),
            Arc::new(SystemRandom),
        )
        .await
        .expect("a house");
        house.found("Contoso", &Visitor::at_the_command_line(&house)).await.expect("founded");
        house
    }

    /// Tries until it holds; a busy machine is given time.
    async fn soon(what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..600 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to pass: {what}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_watch_looks_at_the_start_and_then_every_quarter_of_an_hour() {
        let database = Throwaway::sqlite();
        let house = founded(&database).await;
        assert_eq!(house.alarm_state().await.expect("a state"), AlarmState::Unwatched);
        let mut scheduler = start(house.clone()).await.expect("a clockwork");
        soon("the first look", async || {
            house.alarm_state().await.is_ok_and(|state| state == AlarmState::Quiet)
        })
        .await;
        let next = scheduler.time_till_next_job().await.expect("a time").expect("a job");
        assert!(next <= Duration::from_mins(15), "{next:?}");
        scheduler.shutdown().await.expect("stopped");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_job_does_its_own_work_and_survives_a_house_without_tenants() {
        let database = Throwaway::sqlite();
        let house = founded(&database).await;
        for (cron, work) in JOBS {
            let job = Job::new_async(cron, |_, _| Box::pin(async {}));
            assert!(job.is_ok(), "{cron}");
            work(house.clone()).await;
        }
        assert_eq!(house.alarm_state().await.expect("a state"), AlarmState::Quiet);
    }
}
