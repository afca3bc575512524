//! The house itself: what every verb shares.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use authn::{password::Hasher, policy::SessionLimits};
use federation::{endpoints::Endpoints, keyring::Signer, signer::Vault};
use graph::Graph;
use mail::Postman;
use model::{
    Ts, ids::SigningKeyId, relying_party::CloudHosts, session::SessionAudience,
    signing_key::SigningKey, tenant::Tenant,
};
use store::Store;
use uuid::Uuid;

use crate::{
    Clock, Mode, Random, Result, Settings,
    clock::{Waiting, draw, new_id},
    directories::Lanes,
    entra::{Graphs, Parts},
    issue::{external_mfa::Readers, metadata::Documents},
    keys::Tried,
    passwords,
    premises::Kept,
    queue::{Queue, Turn},
    registrations::SignIns,
};

/// How many guesses are counted and not settled yet, for each that is hashed: enough that no core waits
/// for the database.
const GUESSES_A_SLOT: usize = 4;
/// And never more: a guess counts as a failure until it is settled, and the people of an office come
/// from one address, which is let fail 60 times (R014).
const GUESSES: usize = 30;

/// One running Gatehouse. Cheap to clone.
#[derive(Clone)]
pub struct House {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    node: String,
    hasher: RwLock<Arc<Hasher>>,
    hashing: Queue,
    guesses: Queue,
    signer: RwLock<Option<(SigningKeyId, Arc<Signer>)>>,
    premises: Kept,
    documents: Documents,
    tried: Tried,
    vault: Vault,
    postman: Option<Postman>,
    graphs: Graphs,
    lanes: Lanes,
    sign_ins: SignIns,
    hint_readers: Readers,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House")
            .field("public_url", &self.shared.settings.public_url.as_str())
            .finish()
    }
}

impl House {
    /// Opens the store (migrating it), loads the peppers, and is ready.
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let wanted = settings.store.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&wanted)).await??;
        Self::with_store(settings, store, clock, random).await
    }

    /// A house over a store that is open already.
    pub async fn with_store(
        settings: Settings,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        // From here on it is noticed when somebody sets it.
        clock.set_by();
        let hasher = passwords::hasher(&store, &settings, &*clock, &*random).await?;
        let token = settings.pkcs11.clone();
        let vault = tokio::task::spawn_blocking(move || Vault::open(token.as_ref())).await??;
        let postman = settings.mail.as_ref().map(Postman::new).transpose()?;
        let shared = Shared {
            hashing: Queue::new(settings.hashing_slots),
            guesses: Queue::new((settings.hashing_slots * GUESSES_A_SLOT).min(GUESSES)),
            hasher: RwLock::new(Arc::new(hasher)),
            signer: RwLock::new(None),
            premises: Kept::default(),
            documents: Documents::default(),
            tried: Tried::default(),
            vault,
            postman,
            graphs: Graphs::default(),
            lanes: Lanes::default(),
            sign_ins: SignIns::default(),
            hint_readers: Readers::default(),
            settings,
            store,
            node: hex::encode(draw::<4>(&*random)),
            clock,
            random,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the front door filled in.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Whether this is the demo.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.shared.settings.mode == Mode::Demo
    }

    /// Where the pretend Microsoft of the demo is.
    #[must_use]
    pub fn simulator(&self) -> Option<&CloudHosts> {
        self.shared.settings.simulator.as_ref().filter(|_| self.is_demo())
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Ts {
        self.shared.clock.now()
    }

    /// What has passed, whoever sets the clock.
    pub(crate) fn passed(&self) -> Duration {
        self.shared.clock.passed()
    }

    /// By how many seconds the clock was set while the house ran.
    #[must_use]
    pub(crate) fn clock_set_by(&self) -> i64 {
        self.shared.clock.set_by()
    }

    /// What this process is called where it speaks of itself; another one after each start.
    #[must_use]
    pub(crate) fn node(&self) -> &str {
        &self.shared.node
    }

    /// The random source.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.shared.random
    }

    /// How long sessions of an audience live (R052).
    #[must_use]
    pub fn session_limits(&self, audience: SessionAudience) -> SessionLimits {
        match audience {
            SessionAudience::Employee => SessionLimits::EMPLOYEE,
            SessionAudience::Admin => SessionLimits::ADMIN,
        }
    }

    /// A new id that joins what a person sees with log and audit.
    #[must_use]
    pub fn correlation_id(&self) -> String {
        self.new_id().to_string()
    }

    /// The addresses of the domain with this slug.
    pub(crate) fn endpoints(&self, slug: &str) -> Endpoints {
        Endpoints::new(&self.shared.settings.public_url, slug)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn kept_premises(&self) -> &Kept {
        &self.shared.premises
    }

    pub(crate) fn new_id(&self) -> Uuid {
        new_id(self.now(), self.random())
    }

    pub(crate) fn draw<const N: usize>(&self) -> [u8; N] {
        draw(self.random())
    }

    /// Waits until a guess may be counted. Before that it is nobody's failure.
    pub(crate) async fn turn_to_guess(&self) -> Result<Turn> {
        self.shared.guesses.turn().await
    }

    /// Runs `work` on the hasher, off the async threads, with at most `hashing_slots` at once (R157).
    /// Work that has begun can't be called back, so it keeps its slot until it ends.
    pub(crate) async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> T + Send + 'static,
    ) -> Result<T> {
        let turn = self.shared.hashing.turn().await?;
        let hasher = self.hasher();
        let hashing = tokio::task::spawn_blocking(move || {
            let _held = turn;
            work(&hasher)
        });
        Ok(hashing.await?)
    }

    pub(crate) fn hasher(&self) -> Arc<Hasher> {
        Arc::clone(&self.shared.hasher.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn use_hasher(&self, hasher: Arc<Hasher>) {
        *self.shared.hasher.write().unwrap_or_else(PoisonError::into_inner) = hasher;
    }

    /// The Graph client of a tenant; the same one as long as its connection stays the same.
    pub(crate) fn graph(&self, tenant: &Tenant, quota_percent: u8) -> Result<Graph> {
        self.shared.graphs.of(tenant, quota_percent, self.parts())
    }

    /// A client that nothing else goes through: to try a connection that is not kept yet. What the house
    /// knows of Microsoft's quota and of a pause that it asked for stays with the one in use.
    pub(crate) fn graph_apart(&self, tenant: &Tenant) -> Result<Graph> {
        self.parts().client(tenant, 80)
    }

    fn parts(&self) -> Parts {
        let (random, clock) = (Arc::clone(&self.shared.random), Arc::clone(&self.shared.clock));
        Parts {
            random: Arc::new(move || draw(&*random)),
            clock: Arc::new(move || clock.now()),
            timer: Arc::new(self.timer()),
        }
    }

    /// What experts wait by.
    pub(crate) fn timer(&self) -> Waiting {
        Waiting(Arc::clone(&self.shared.clock))
    }

    /// The clients for signing in with Microsoft.
    pub(crate) fn sign_ins(&self) -> &SignIns {
        &self.shared.sign_ins
    }

    /// Who reads what tenants say of people whose second factor they ask for.
    pub(crate) fn hint_readers(&self) -> &Readers {
        &self.shared.hint_readers
    }

    /// Where new signing keys are made.
    pub(crate) fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// Who takes letters to the mail server, if there is one.
    pub(crate) fn postman(&self) -> Option<&Postman> {
        self.shared.postman.as_ref()
    }

    /// The ways to the directories that check passwords.
    pub(crate) fn lanes(&self) -> &Lanes {
        &self.shared.lanes
    }

    /// The metadata documents that were signed.
    pub(crate) fn documents(&self) -> &Documents {
        &self.shared.documents
    }

    /// How the last trial of the next key ended.
    pub(crate) fn next_key_tried(&self) -> &Tried {
        &self.shared.tried
    }

    /// The signer of a key, parsed once and kept while the key is the active one.
    pub(crate) fn signer(
        &self,
        key: &SigningKey,
    ) -> std::result::Result<Arc<Signer>, federation::Error> {
        if let Ok(kept) = self.shared.signer.read()
            && let Some((id, signer)) = &*kept
            && *id == key.id
        {
            return Ok(Arc::clone(signer));
        }
        let signer = Arc::new(self.shared.vault.signer(key)?);
        if let Ok(mut kept) = self.shared.signer.write() {
            *kept = Some((key.id, Arc::clone(&signer)));
        }
        Ok(signer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::{SystemClock, SystemRandom};

    async fn house(store: Store) -> House {
        let unused = store::Settings {
            url: "sqlite:///dev/null".to_owned(),
            master_keys: crate::settings::new_master_key(&SystemRandom).into(),
            pool_size: 1,
        };
        let url = "http://localhost:8080".parse().unwrap();
        let settings = Settings {
            hashing_slots: 1,
            password_params: Some(crate::settings::PasswordParams::FLOOR),
            ..Settings::new(Mode::Demo, url, unused)
        };
        let clock = Arc::new(SystemClock);
        House::with_store(settings, store, clock, Arc::new(SystemRandom)).await.unwrap()
    }

    /// R157
    #[test]
    fn who_hangs_up_does_not_free_the_slot_of_work_that_goes_on() {
        store::testing::both(|store| async { hang_up(house(store).await).await });
    }

    async fn hang_up(house: House) {
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let asking = house.clone();
        let browser = tokio::spawn(async move {
            let work = move |_: &Hasher| {
                begun.send(()).unwrap();
                may_go_on.recv().unwrap();
            };
            asking.hash(work).await
        });
        has_begun.await.unwrap();
        browser.abort();
        assert!(browser.await.unwrap_err().is_cancelled());
        assert_eq!(house.shared.hashing.free(), 0);
        go_on.send(()).unwrap();
        house.hash(|_| ()).await.unwrap();
        assert_eq!(house.shared.hashing.free(), 1);
    }
}
