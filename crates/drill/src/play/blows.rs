//! What strikes a house, and what becomes of its run.

use std::time::Duration;

use app::{Visitor, testing::owner};
use model::{Actor, plan::Scope};
use store::{testing::Watch, users};

use super::{A_CYCLE, Play, Run};
use crate::{
    prepared::{self, Result},
    script::Blow,
};

impl Play<'_> {
    pub(super) async fn strike(&mut self, blow: Blow, run: Run) -> Result<()> {
        match blow {
            Blow::Kill => {
                drop(run);
                self.restart(u64::MAX).await?;
            }
            Blow::PowerFailure => {
                drop(run);
                let torn = self.log_now.saturating_sub(self.log_before) / 2;
                self.restart(self.log_before + torn).await?;
            }
            Blow::Drop => drop(run),
            Blow::Pause => {
                self.stage.clock.pass(Duration::from_mins(5));
                self.second_house().await?;
                self.resume(run).await;
            }
            Blow::Clock(set) => {
                self.stage.clock.set(set);
                self.resume(run).await;
                self.stage.clock.pass(A_CYCLE);
                drop(self.drive(self.everybody(), None).await);
            }
            Blow::ReadOnly => {
                self.refuse_everything();
                self.resume(run).await;
                self.refuse_nothing();
            }
            Blow::Admin => {
                self.change_of_mind().await?;
                self.resume(run).await;
            }
        }
        Ok(())
    }

    async fn resume(&mut self, run: Run) {
        self.stage.wire.go_on();
        drop(self.drive(run, None).await);
    }

    /// The same database after the process was killed or the power failed.
    async fn restart(&mut self, of_the_log: u64) -> Result<()> {
        let left = self.database.after_power_failure(of_the_log);
        let store = left.open();
        self.houses += 1;
        self.house = prepared::house(&store, &self.stage.clock, self.seed + self.houses).await?;
        self.watch = Watch::over(&left);
        (self.store, self.database) = (store, left);
        self.log_now = self.database.log_length();
        self.log_before = self.log_now;
        Ok(())
    }

    async fn second_house(&mut self) -> Result<()> {
        self.houses += 1;
        let other =
            prepared::house(&self.store, &self.stage.clock, self.seed + self.houses).await?;
        let tenant = self.prepared.tenant_id;
        self.stage.wire.calls_from(1);
        let ran = other.sync(tenant, Scope::Everyone, Actor::Schedule).await;
        self.stage.wire.calls_from(0);
        if let Err(error) = ran.as_ref()
            && self.stage.wire.is_calm()
        {
            self.trouble.push(format!("the other house: {error}"));
        }
        Ok(())
    }

    fn refuse_everything(&mut self) {
        for (number, what) in REFUSED.iter().enumerate() {
            self.watch.meddle(&format!(
                "CREATE TRIGGER refusal_{number} BEFORE {what} \
                 BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
            ));
        }
    }

    fn refuse_nothing(&mut self) {
        for number in 0..REFUSED.len() {
            self.watch.meddle(&format!("DROP TRIGGER refusal_{number}"));
        }
    }

    /// An admin does the opposite of what the run is about.
    async fn change_of_mind(&mut self) -> Result<()> {
        self.stage.clock.pass(Duration::from_secs(31));
        let admin = owner(&self.house, &self.prepared.sample).await?;
        let (anchor, visitor) =
            (self.subject.anchor.clone(), Visitor::at_the_command_line(&self.house));
        let everyone = self.store.read(users::everyone).await?;
        let person = everyone.into_iter().find(|user| user.immutable_id.as_str() == anchor);
        let person = person.ok_or("the sample has them")?;
        let open = format!(
            "SELECT count(*) AS count FROM assignments WHERE ended_at IS NULL AND user_id = '{}'",
            person.id
        );
        if self.watch.number(&open) > 0 {
            self.house.block(&admin, person.id, &visitor).await?;
        } else {
            let application = self.prepared.application;
            self.house.assign(&admin, person.id, application, Vec::new(), &visitor).await?;
        }
        Ok(())
    }
}

/// All that a run writes.
const REFUSED: [&str; 6] = [
    "UPDATE ON leases",
    "INSERT ON sync_runs",
    "UPDATE ON sync_runs",
    "UPDATE ON sync_steps",
    "INSERT ON entra_links",
    "UPDATE ON entra_links",
];
