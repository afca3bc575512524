//! A look at how far a tenant lets us in, kept for the pages that don't ask Microsoft.

use model::{
    ids::TenantId,
    look::{ConnectionSeen, Look, LookKind},
    tenant::Tenant,
};
use store::looks;

use crate::{Admin, Error, House, Result};

impl House {
    /// Looks at the permissions and domains of a tenant. That Microsoft doesn't answer is kept like
    /// what it says, and comes back: it is no error.
    pub(crate) async fn look_at_connection(&self, id: TenantId) -> Result<Option<String>> {
        let tenant = self.tenant(id).await?;
        match self.read_connection(&tenant).await {
            Err(error) => {
                self.keep_trouble((LookKind::Connection, id.to_string()), &error).await?;
                Ok(Some(error.public))
            }
            Ok(seen) => {
                let (now, of) = (self.now(), id.to_string());
                let keep = move |tx: &mut store::Tx| {
                    Ok::<_, Error>(looks::put_seen(tx, (LookKind::Connection, &of), &seen, now)?)
                };
                self.store().write(keep).await?;
                Ok(None)
            }
        }
    }

    /// How far a tenant let us in at the last look.
    pub async fn connection_look(
        &self,
        _admin: &Admin,
        id: TenantId,
    ) -> Result<Option<Look<ConnectionSeen>>> {
        let of = id.to_string();
        let read =
            move |tx: &mut store::Tx| Ok::<_, Error>(looks::get(tx, (LookKind::Connection, &of))?);
        self.store().read(read).await
    }

    async fn read_connection(&self, tenant: &Tenant) -> Result<ConnectionSeen> {
        let graph = self.graph(tenant, 80)?;
        let checked = graph.check().await?;
        let domains = match graph.domains().await {
            Ok(domains) => domains,
            Err(graph::Error::MissingPermission { .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let missing = checked.missing.into_iter();
        let missing = missing.map(|it| (it.permission.to_owned(), it.purpose.to_owned()));
        Ok(ConnectionSeen { missing: missing.collect(), domains })
    }
}
