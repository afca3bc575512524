//! What the tests of both doors for programs begin with: a house whose permit opens them.

use app::{House, office365::WsTrustWish};
use model::{
    audit::AuditKind, ids::FederatedDomainId, issued_token::IssuedToken, wstrust::PasswordDoor,
};
use store::{
    audit_log::{self, AuditFilter},
    federated_domains, issued_tokens,
};

use crate::support::{Bench, SLUG, visitor};

/// Inside the network that permits name.
pub(crate) const OFFICE: &str = "203.0.113.7";

/// A house with an open door.
pub(crate) struct Stage {
    pub(crate) bench: Bench,
    pub(crate) house: House,
    pub(crate) domain: FederatedDomainId,
}

impl Stage {
    /// Opened by [`wish`].
    pub(crate) async fn new(bench: Bench) -> Self {
        Self::with(bench, wish()).await
    }

    /// Opened by this permit.
    pub(crate) async fn with(bench: Bench, wish: WsTrustWish) -> Self {
        let house = bench.https_node().await;
        let found = bench.store.read(|tx| federated_domains::by_slug(tx, SLUG)).await.unwrap();
        let stage = Self { bench, house, domain: found.unwrap().id };
        stage.permit(wish).await.unwrap();
        stage
    }

    pub(crate) async fn permit(&self, wish: WsTrustWish) -> app::Result<()> {
        let admin = self.bench.admin().await;
        self.house.permit_wstrust(&admin, self.domain, wish, &visitor("198.51.100.9")).await
    }

    /// The tokens of somebody.
    pub(crate) async fn journal(&self, name: &str) -> Vec<IssuedToken> {
        let id = self.bench.user_id(name).await;
        self.bench.store.read(move |tx| issued_tokens::of_user(tx, id, 9)).await.unwrap()
    }

    /// What the audit log says of a door, for a kind of event.
    pub(crate) async fn reasons(&self, door: PasswordDoor, kind: AuditKind) -> Vec<String> {
        let filter = AuditFilter { kind: Some(kind), limit: 99, ..AuditFilter::default() };
        let found = self.bench.store.read(move |tx| audit_log::list(tx, &filter)).await.unwrap();
        let details = found.rows.into_iter().map(|row| row.detail);
        details.filter(|detail| detail.starts_with(door.name())).collect()
    }
}

/// A permit for Alice, Dan, who is blocked, and Olivia, who is not assigned.
pub(crate) fn wish() -> WsTrustWish {
    WsTrustWish {
        networks: "203.0.113.0/24".to_owned(),
        people: "alice@contoso.com, dan@contoso.com olivia@contoso.com".to_owned(),
        groups: Vec::new(),
        ecp: false,
        until: "2026-12-31".to_owned(),
        reason: "Windows sign-in of the laptops".to_owned(),
    }
}
