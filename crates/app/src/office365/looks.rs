//! A look at how far a tenant lets us in, kept for the pages that don't ask Microsoft.

use model::{
    ids::TenantId,
    look::{ConnectionSeen, Look, LookKind},
    tenant::Tenant,
};
use store::looks;

use crate::{Admin, Error, House, Result};

impl House {
    /// Looks at the permissions of a tenant. That Microsoft doesn't answer is kept like
    /// what it says, and comes back: it is no error.
    pub(crate) async fn look_at_connection(&self, id: TenantId) -> Result<Option<String>> {
        let (tenant, began) = (self.tenant(id).await?, self.now());
        match self.read_connection(&tenant).await {
            Err(error) => {
                let of = (LookKind::Connection, id.to_string());
                self.keep_trouble(of, &error, began).await?;
                Ok(Some(error.public))
            }
            Ok(seen) => {
                let of = id.to_string();
                let keep = move |tx: &mut store::Tx| {
                    Ok::<_, Error>(looks::put_seen(tx, (LookKind::Connection, &of), &seen, began)?)
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

    /// With a token of its own: one that is kept knows nothing of what was granted since.
    async fn read_connection(&self, tenant: &Tenant) -> Result<ConnectionSeen> {
        let checked = self.graph_apart(tenant)?.check().await?;
        let missing = checked.missing.into_iter();
        let missing = missing.map(|it| (it.permission.to_owned(), it.purpose.to_owned()));
        Ok(ConnectionSeen { missing: missing.collect() })
    }
}
