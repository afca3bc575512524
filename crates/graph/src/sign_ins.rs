//! The sign-in log, as far as it tells of assertions (decision 11).

use model::{
    Ts,
    entra::{EntraSignIn, SignInLog},
    ids::ObjectId,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    client::{Call, Graph},
    error::{Error, NO_PREMIUM, Result},
};

const READ: &str = "AuditLog.Read.All";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSignIn {
    id: String,
    created_date_time: String,
    user_id: Option<String>,
    user_principal_name: Option<String>,
    app_display_name: Option<String>,
    ip_address: Option<String>,
    incoming_token_type: Option<String>,
    status: Option<WireStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStatus {
    error_code: Option<i64>,
}

impl Graph {
    /// Everybody who got in by an assertion since then, or why the log may not be read. The log is
    /// some minutes behind.
    pub async fn federated_sign_ins(&self, since: Ts) -> Result<SignInLog> {
        let filter = format!("createdDateTime ge {since}");
        let url = self.beta_url(&["auditLogs", "signIns"], &[("$filter", &filter)]);
        match self.list::<WireSignIn>(Call::get(url, READ)).await {
            // Without the one property that counts, a log that finds nothing would look like peace.
            Ok(all) if !all.is_empty() && all.iter().all(|it| it.incoming_token_type.is_none()) => {
                Err(Error::Unexpected("no sign-in says which token was presented".to_owned()))
            }
            Ok(all) => {
                let by_assertion = all.into_iter().filter(WireSignIn::is_by_assertion);
                let read = by_assertion.map(WireSignIn::into_noun).collect::<Result<_>>()?;
                Ok(SignInLog::Read(read))
            }
            Err(Error::MissingPermission { .. }) => Ok(SignInLog::NotPermitted),
            Err(Error::Refused { code, .. }) if code == NO_PREMIUM => Ok(SignInLog::NoLicence),
            Err(error) => Err(error),
        }
    }
}

impl WireSignIn {
    fn is_by_assertion(&self) -> bool {
        let got_in = self.status.as_ref().is_some_and(|status| status.error_code == Some(0));
        got_in && matches!(self.incoming_token_type.as_deref(), Some("saml11" | "saml20"))
    }

    fn into_noun(self) -> Result<EntraSignIn> {
        let at = Ts::from_rfc3339(&self.created_date_time)
            .ok_or_else(|| Error::Unexpected("a sign-in has no time".to_owned()))?;
        let object_id = self.user_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        Ok(EntraSignIn {
            id: self.id,
            at,
            object_id: object_id.map(ObjectId),
            upn: self.user_principal_name.unwrap_or_default().to_lowercase(),
            app: self.app_display_name.unwrap_or_default(),
            address: self.ip_address.unwrap_or_default(),
        })
    }
}
