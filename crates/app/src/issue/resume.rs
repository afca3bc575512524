//! Where a waiting request goes on after its person has signed in, whatever its protocol.

use model::pending_request::Purpose;

use super::{oidc, saml2, wsfed};
use crate::{Error, House, Result, Visitor, visitor::Secret};

/// Where a waiting request leads, by its protocol.
#[derive(Debug, Clone)]
pub enum Resumed {
    /// A request of WS-Federation.
    WsFed(wsfed::Entered),
    /// A request of SAML 2.0.
    Saml2(saml2::Entered),
    /// A request of OpenID Connect.
    Oidc(oidc::Entered),
    /// The waiting request is over, used, or another browser's.
    Expired,
}

impl House {
    /// The waiting request behind a handle, after its person has signed in.
    pub async fn resume(
        &self,
        handle: &Secret,
        visitor: &Visitor,
        session: Option<&Secret>,
    ) -> Result<Resumed> {
        let (house, wanted, from) = (self.clone(), handle.clone(), visitor.clone());
        let found = self
            .store()
            .read_briefly(move |tx| {
                let Some(pending) = house.pending(tx, &wanted, &from)? else { return Ok(None) };
                let relying_party = match &pending.purpose {
                    Purpose::WsFed { relying_party, .. } => *relying_party,
                    Purpose::Saml2(asked) => asked.relying_party,
                    Purpose::Oidc(asked) => asked.relying_party,
                    _ => return Ok(None),
                };
                let party = house.premises(tx)?.party(relying_party).cloned();
                Ok::<_, Error>(party.map(|party| (pending, party)))
            })
            .await?;
        let Some((pending, party)) = found else { return Ok(Resumed::Expired) };
        if let Purpose::Saml2(asked) = &pending.purpose {
            let asked = (**asked).clone();
            let waiting = (asked, party);
            let entered = self.redeem_saml2(&pending, waiting, handle, (visitor, session)).await?;
            return Ok(Resumed::Saml2(entered));
        }
        if let Purpose::Oidc(asked) = &pending.purpose {
            let waiting = ((**asked).clone(), party);
            let entered = self.redeem_oidc(&pending, waiting, handle, (visitor, session)).await?;
            return Ok(Resumed::Oidc(entered));
        }
        let Some(session) = session else {
            return Ok(Resumed::WsFed(wsfed::Entered::Ask(handle.clone())));
        };
        self.redeem(pending, party, handle, visitor, session).await.map(Resumed::WsFed)
    }
}
