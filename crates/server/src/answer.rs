//! Making answers: a page in its frame, or a way on.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentType},
    web,
};
use url::form_urlencoded;

use crate::{
    csrf,
    error::Failure,
    pages::{Chrome, Page, Person, Rail, Toast, parts::Problem},
    state::Counter,
    visitor::{Console, Guest, SignedIn},
    wording::devices,
};

/// What a handler gives back.
pub(crate) type Answer = Result<HttpResponse, Failure>;

/// Everything that an answer is made from.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) counter: web::Data<Counter>,
    pub(crate) guest: Guest,
    pub(crate) request: HttpRequest,
}

impl Desk {
    /// The frame of a page that nobody needs to be signed in for.
    pub(crate) async fn chrome(&self) -> Result<Chrome, Failure> {
        let organisation = self.counter.house.organisation_name().await?;
        Ok(Chrome {
            lang: "en".to_owned(),
            help: format!("Trouble signing in? Ask the help desk of {organisation}."),
            organisation,
            tenant: None,
            nonce: self.guest.nonce().to_owned(),
            csrf: csrf::token_for(&self.guest, &self.request, self.counter.is_secure()),
            person: None,
            rail: None,
            toast: None,
            guide: None,
            embedded: devices::is_embedded(&self.guest.visitor().client.user_agent),
            correlation_id: self.guest.visitor().correlation_id.clone(),
            client_request_id: self.guest.client_request_id().map(str::to_owned),
            may_change: false,
        })
    }

    /// The frame of a portal page.
    pub(crate) async fn portal_chrome(&self, me: &SignedIn) -> Result<Chrome, Failure> {
        let user = me.user();
        let person = Person {
            name: user.profile.display_name.clone(),
            upn: user.upn.to_string(),
            role: user.role.map(|role| role.label().to_owned()),
        };
        Ok(Chrome { person: Some(person), toast: self.toast(), ..self.chrome().await? })
    }

    /// The frame of a console page.
    pub(crate) async fn console_chrome(
        &self,
        admin: &Console,
        rail: Rail,
    ) -> Result<Chrome, Failure> {
        let user = admin.user();
        let person = Person {
            name: user.profile.display_name.clone(),
            upn: user.upn.to_string(),
            role: Some(admin.role().label().to_owned()),
        };
        let tenant = self.counter.house.office365(admin).await?.into_iter().next();
        Ok(Chrome {
            person: Some(person),
            tenant: tenant.map(|view| view.tenant.alias),
            rail: Some(rail),
            toast: self.toast(),
            guide: crate::admin::setup::way_back(&self.request, self.counter.is_secure()),
            may_change: admin.role() != model::Role::Auditor,
            ..self.chrome().await?
        })
    }

    /// What the last form did, by its word in the address; free text never comes from there.
    fn toast(&self) -> Option<Toast> {
        crate::toasts::from_query(self.request.query_string())
    }

    /// A page in its frame.
    pub(crate) fn page<P: Page>(&self, chrome: &Chrome, page: &P) -> Answer {
        Ok(HttpResponse::Ok().content_type(ContentType::html()).body(self.html(chrome, page)?))
    }

    /// The page again, with what was wrong on its form.
    pub(crate) fn again<P: Page>(&self, chrome: &Chrome, page: &P) -> Answer {
        let html = self.html(chrome, page)?;
        Ok(HttpResponse::UnprocessableEntity().content_type(ContentType::html()).body(html))
    }

    /// What the address asks for under this name; empty when nothing.
    pub(crate) fn asked(&self, name: &str) -> String {
        let query = form_urlencoded::parse(self.request.query_string().as_bytes());
        let mut values = query.filter(|(key, _)| key == name).map(|(_, value)| value);
        values.next().map(std::borrow::Cow::into_owned).unwrap_or_default()
    }

    pub(crate) fn html<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<String, Failure> {
        Ok(self.counter.templates.render(chrome, page)?)
    }
}

/// The id in an address; anything else names no page.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::NoSuchPage)
}

/// What a use case found wrong with a form, at the form's own field; `fields` says where the two
/// name a field differently. Any other trouble is handed on.
pub(crate) fn field_problem(
    error: app::Error,
    fields: &[(&str, &str)],
) -> Result<Problem, Failure> {
    let app::Kind::Invalid { field } = error.kind else { return Err(error.into()) };
    let renamed = fields.iter().find(|(theirs, _)| *theirs == field).map(|(_, ours)| *ours);
    Ok(crate::sign_in::problem(renamed.unwrap_or(field), &error.public))
}

/// Go there with a GET.
pub(crate) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

impl actix_web::FromRequest for Desk {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let guest = futures::FutureExt::now_or_never(Guest::from_request(request, payload));
        let counter = request.app_data::<web::Data<Counter>>().cloned();
        let desk = match (guest, counter) {
            (Some(Ok(guest)), Some(counter)) => {
                Ok(Self { counter, guest, request: request.clone() })
            }
            _ => Err(Failure::bad_input("The request has no visitor.")),
        };
        std::future::ready(desk)
    }
}
