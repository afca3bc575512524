//! An admin of a directory consents to a registration for everybody there. What comes back says nothing
//! by itself: it is bound to the browser and the session that left, the directory is compared, and
//! Microsoft is asked whether it knows the app there (`graph.md` 10.4).

use authn::policy::is_live;
use model::{
    Actor, Role,
    audit::{AuditKind, Outcome},
    ids::{EntraTenantId, RegistrationId, SessionId, UserId},
    microsoft_account::Errand,
    registration::{Admission, PERSONAL, Registration, Tenants},
    session::SessionAudience,
    trial::{Found, TrialPart},
};
use store::{audit_log, sessions};
use url::Url;

use crate::{Admin, Error, House, Kind, Result, Visitor, sign_in::Declined, visitor::live};

/// What came of asking for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consented {
    /// Microsoft knows the app in the directory.
    Seen,
    /// It was given, and Microsoft does not show it yet.
    Unseen,
    /// It was given in a directory whose people don't come through the registration.
    Foreign,
    /// Whoever was asked said no.
    Declined,
    /// Microsoft said no, with this number (AADSTS), or with none (0).
    Refused(u32),
    /// Nobody is signed in in the console any more who may ask for it.
    SignedOut,
}

impl House {
    /// The address at which an admin of the directory consents for everybody there.
    pub async fn consent_address(
        &self,
        admin: &Admin,
        id: RegistrationId,
        visitor: &Visitor,
    ) -> Result<Url> {
        admin.require(Role::SecurityAdmin)?;
        let registration = self.registration(admin, id).await?;
        let authority = match &registration.tenants {
            Tenants::One { tenant, .. } => tenant.to_string(),
            Tenants::Several { .. } | Tenants::Organizations | Tenants::Common => {
                "organizations".to_owned()
            }
            Tenants::Consumers => {
                let public = "Nobody consents for personal accounts: each person does.";
                return Err(Error::new(Kind::Conflict, public));
            }
        };
        let errand = Errand::Consent { user: admin.user().id, session: admin.session().id };
        let state = self.put_round(registration.id, errand, visitor).await?;
        let login = Url::parse(&registration.hosts.login).map_err(Error::bug)?;
        let mut address =
            login.join(&format!("/{authority}/v2.0/adminconsent")).map_err(Error::bug)?;
        address
            .query_pairs_mut()
            .append_pair("client_id", &registration.client_id.to_string())
            .append_pair("scope", graph::SIGN_IN_SCOPES)
            .append_pair("redirect_uri", self.redirect_uri(registration.id)?.as_str())
            .append_pair("state", state.expose());
        Ok(address)
    }

    /// Takes what a browser brings back from the consent page.
    pub(crate) async fn take_consent(
        &self,
        registration: Registration,
        (user, session): (UserId, SessionId),
        answer: std::result::Result<Option<EntraTenantId>, &Declined>,
        visitor: &Visitor,
    ) -> Result<Consented> {
        let outcome = if self.may_still_ask(user, session).await? {
            self.judge_consent(&registration, answer).await?
        } else {
            Consented::SignedOut
        };
        let kind = AuditKind::RegistrationChanged;
        let mut row = visitor.audit(self, Actor::Admin(user), kind, &registration.alias);
        let of = answer.ok().flatten().map_or_else(String::new, |of| format!(" of {of}"));
        row.detail = format!("consent{of}: {}", outcome.detail());
        if !matches!(outcome, Consented::Seen | Consented::Unseen) {
            row.outcome = Outcome::Refused;
        }
        self.store().write(move |tx| Ok::<_, Error>(audit_log::record(tx, &row)?)).await?;
        Ok(outcome)
    }

    async fn judge_consent(
        &self,
        registration: &Registration,
        answer: std::result::Result<Option<EntraTenantId>, &Declined>,
    ) -> Result<Consented> {
        let tenant = match answer {
            Ok(Some(tenant)) => tenant,
            Ok(None) => return Ok(Consented::Refused(0)),
            Err(declined) => {
                return Ok(match declined.number() {
                    // 65004: whoever was asked said no.
                    Some(65_004) | None => Consented::Declined,
                    Some(code) => Consented::Refused(code),
                });
            }
        };
        if tenant == PERSONAL || registration.tenants.admission(tenant) != Admission::Admitted {
            return Ok(Consented::Foreign);
        }
        // The address that it came by can be made up by anybody: Microsoft's own answer counts.
        let there =
            Registration { tenants: Tenants::One { tenant, domain: None }, ..registration.clone() };
        let found = self.try_out(&there).await?;
        let seen = found.of(TrialPart::Consent).is_some_and(|step| step.found == Found::Fine);
        Ok(if seen { Consented::Seen } else { Consented::Unseen })
    }

    /// The cookie of the console is not sent on the way back from another site: the session that began
    /// it must be live, and still be of somebody who may ask.
    async fn may_still_ask(&self, user: UserId, session: SessionId) -> Result<bool> {
        let (now, limits) = (self.now(), self.session_limits(SessionAudience::Admin));
        let read = move |tx: &mut store::Tx| {
            let opened = sessions::by_id(tx, session)?;
            let found = live(tx, opened, |session| {
                session.user_id == user
                    && session.audience == SessionAudience::Admin
                    && is_live(session, &limits, now)
            })?;
            let role = found.and_then(|(_, user)| user.role);
            Ok::<_, Error>(role.is_some_and(|role| role.covers(Role::SecurityAdmin)))
        };
        self.store().read(read).await
    }
}

impl Consented {
    fn detail(self) -> String {
        match self {
            Self::Seen => "given".to_owned(),
            Self::Unseen => "given, and Microsoft does not show it yet".to_owned(),
            Self::Foreign => "given in a directory whose people don't come".to_owned(),
            Self::Declined => "declined".to_owned(),
            Self::Refused(code) => format!("refused: AADSTS{code}"),
            Self::SignedOut => "whoever asked for it may not any more".to_owned(),
        }
    }
}
