//! What happens by itself: the outbox is drained every half second, the whole tenant is brought in
//! step every quarter of an hour, as often the federation of each domain is compared with ours, and
//! expired requests are forgotten every hour. The scheduler is only a clock: leases and state are
//! rows in the database.

use std::time::Duration;

use app::{House, office365::DomainCheck, sync::Lane};
use model::{Actor, plan::Scope};
use tokio_cron_scheduler::{Job, JobScheduler};

/// How often the outbox is looked at.
const DRAIN_EVERY: Duration = Duration::from_millis(500);

/// Starts the clockwork; it ends with the process.
pub(crate) async fn start(house: House) -> anyhow::Result<JobScheduler> {
    for lane in [Lane::Safety, Lane::Rest] {
        let house = house.clone();
        tokio::spawn(async move { drain(house, lane).await });
    }
    let scheduler = JobScheduler::new().await?;
    scheduler.add(job("0 */15 * * * *", &house, |house| Box::pin(reconcile(house)))?).await?;
    scheduler.add(job("0 5/15 * * * *", &house, |house| Box::pin(look(house)))?).await?;
    scheduler.add(job("0 7 * * * *", &house, |house| Box::pin(forget(house)))?).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// One line a job: when, and which verb.
fn job(cron: &str, house: &House, work: fn(House) -> Work) -> anyhow::Result<Job> {
    let house = house.clone();
    Ok(Job::new_async(cron, move |_, _| work(house.clone()))?)
}

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

/// Whether Entra federates each domain as planned, and trusts our keys (R131).
async fn look(house: House) {
    let looked = match house.look_at_domains().await {
        Ok(looked) => looked,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "no domain can be looked at");
            return;
        }
    };
    for (domain, found) in looked {
        let domain = domain.name;
        match found {
            Ok(DomainCheck::InStep | DomainCheck::Managed) => {}
            Ok(found) => {
                tracing::warn!(domain, ?found, "Entra federates it another way than planned");
            }
            Err(why) => tracing::warn!(domain, why, "its federation could not be read"),
        }
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
