//! Tries a registration without anybody signing in: every step is timed, and none leaves anything
//! behind. What can't be told from outside is said to be so.

use model::{
    ids::EntraTenantId,
    registration::{PERSONAL, Tenants},
    trial::{Found, Trial, TrialPart, TrialStep},
};
use reqwest::Method;
use tokio::net::lookup_host;
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    SCOPES, SignIn, TrialAsk,
    authority::{Authority, Document},
    no_answer, refuses_credential,
};
use crate::{
    error::Error,
    http::{Answer, Outgoing},
    outside::deepest,
    timer::Timer,
    token::{Proof, number},
};

/// No code of Microsoft's looks like this, so none is ever used up.
const NO_CODE: &str = "gatehouse-tries-its-secret-with-no-code";
/// Of so many directories it is looked whether the app is known there.
const MOST_DIRECTORIES: usize = 10;

/// What each directory said to the app itself; nothing when it gave a token.
type Grants = Vec<(EntraTenantId, Option<Error>)>;

/// What one step came to.
struct Outcome {
    found: Found,
    detail: String,
    code: Option<u32>,
}

/// The steps so far.
struct Steps<'a> {
    timer: &'a dyn Timer,
    done: Vec<TrialStep>,
}

impl Steps<'_> {
    /// Waits for a step and writes down how long it took.
    async fn take<T>(&mut self, part: TrialPart, step: impl Future<Output = (Outcome, T)>) -> T {
        let began = self.timer.passed();
        let (Outcome { found, detail, code }, value) = step.await;
        let took = self.timer.passed().saturating_sub(began);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.done.push(TrialStep { part, found, detail, code, millis });
        value
    }

    fn skip(&mut self, parts: &[TrialPart]) {
        let why = "Not tried: something before it is wrong.";
        let skipped = |part: &TrialPart| TrialStep {
            part: *part,
            found: Found::Skipped,
            detail: why.to_owned(),
            code: None,
            millis: 0,
        };
        self.done.extend(parts.iter().map(skipped));
    }
}

impl SignIn {
    /// Tries the registration. It must be a client of its own: what another one knows is not read
    /// anew.
    pub async fn trial(&self, ask: &TrialAsk<'_>, timer: &dyn Timer) -> Trial {
        use TrialPart as Part;
        let mut steps = Steps { timer, done: Vec::new() };
        steps.take(Part::Name, self.try_name()).await;
        let mut authority = self.inner.authority.lock().await;
        let reached = steps.take(Part::Addresses, self.try_addresses(&mut authority, ask)).await;
        let Some(document) = reached else {
            steps.skip(&[
                Part::Issuer,
                Part::Keys,
                Part::RedirectUri,
                Part::Credential,
                Part::Consent,
            ]);
            return Trial { steps: steps.done };
        };
        // A proxy may know the name where we don't.
        if let Some(step) = steps.done.first_mut().filter(|step| step.found == Found::Wrong) {
            step.found = Found::Untold;
        }
        steps.take(Part::Issuer, async { (judge_issuer(&document, ask.tenants), ()) }).await;
        steps.take(Part::Keys, self.try_keys(&mut authority, ask)).await;
        drop(authority);
        steps.take(Part::RedirectUri, self.try_redirect(&document, ask)).await;
        let directories = named(ask.tenants);
        let parts = [Part::Credential, Part::OtherCredential];
        let mut first = None;
        for (proof, part) in self.inner.proofs.iter().zip(parts) {
            let credential = self.try_credential(&document, proof, (&directories, ask));
            let grants = steps.take(part, credential).await;
            first.get_or_insert(grants);
        }
        let grants = first.unwrap_or_default();
        let consent = judge_consent(ask.tenants, &grants, directories.len());
        steps.take(Part::Consent, async { (consent, ()) }).await;
        Trial { steps: steps.done }
    }

    async fn try_name(&self) -> (Outcome, ()) {
        let login = self.inner.http.login();
        let host = login.host_str().unwrap_or_default();
        let port = login.port_or_known_default().unwrap_or(443);
        let outcome = match lookup_host((host, port)).await {
            Ok(found) => match found.count() {
                0 => wrong(format!("{host} has no address.")),
                1 => fine(format!("{host} has one address.")),
                many => fine(format!("{host} has {many} addresses.")),
            },
            Err(_) => wrong(format!("{host} is not found. Look at this server's name service.")),
        };
        (outcome, ())
    }

    async fn try_addresses(
        &self,
        authority: &mut Authority,
        ask: &TrialAsk<'_>,
    ) -> (Outcome, Option<Document>) {
        match authority.document(&self.inner.http, ask.now, ask.call).await {
            Ok(document) => {
                let host = document.token_endpoint.host_str().unwrap_or_default().to_owned();
                let how = document.token_endpoint.scheme();
                (fine(format!("{host} answered over {how}.")), Some(document.clone()))
            }
            Err(error) => (failed(&error), None),
        }
    }

    async fn try_keys(&self, authority: &mut Authority, ask: &TrialAsk<'_>) -> (Outcome, ()) {
        let outcome = match authority.key(&self.inner.http, "", ask.now, ask.call).await {
            Err(error) => failed(&error),
            Ok(_) => match authority.key_count() {
                0 => wrong("Microsoft publishes no key for this directory.".to_owned()),
                1 => fine("One key is published.".to_owned()),
                many => fine(format!("{many} keys are published.")),
            },
        };
        (outcome, ())
    }

    /// Asks as a browser that is signed in nowhere and may show nothing: Microsoft sends it back to a
    /// redirect URI that it knows, and shows its own page for one that it doesn't.
    async fn try_redirect(&self, document: &Document, ask: &TrialAsk<'_>) -> (Outcome, ()) {
        let mut address = self.leaving(document, &ask.ask);
        let kept = address.query_pairs().filter(|(name, _)| name != "prompt");
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("prompt", "none")
            .finish();
        address.set_query(Some(&query));
        let outgoing = Outgoing {
            method: Method::GET,
            url: address,
            bearer: None,
            content_type: "",
            body: Vec::new(),
            client_request_id: ask.call,
        };
        let outcome = match self.inner.http.send(outgoing).await.map_err(no_answer) {
            Ok(answer) => judge_redirect(&answer, ask.ask.redirect_uri),
            Err(error) => failed(&error),
        };
        (outcome, ())
    }

    /// Proves itself twice: with a code that is none, and, where directories are named, as an app of
    /// each. What each directory said comes along.
    async fn try_credential(
        &self,
        document: &Document,
        proof: &Proof,
        (directories, ask): (&[EntraTenantId], &TrialAsk<'_>),
    ) -> (Outcome, Grants) {
        let form = [
            ("grant_type", "authorization_code"),
            ("scope", SCOPES),
            ("code", NO_CODE),
            ("redirect_uri", ask.ask.redirect_uri),
            ("code_verifier", ask.ask.challenge),
        ];
        let mut number = 1_u128;
        let mut ids = || {
            number += 1;
            (ask.now, ask.call, Uuid::from_u128(ask.call.as_u128() ^ number))
        };
        let by_code = self.prove((&document.token_endpoint, proof), &form, ids()).await;
        let mut grants = Vec::new();
        let scope = format!("{}/.default", self.inner.http.graph().as_str().trim_end_matches('/'));
        for directory in directories.iter().take(MOST_DIRECTORIES) {
            let form = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
            let path = format!("/{directory}/oauth2/v2.0/token");
            let Ok(endpoint) = self.inner.http.login().join(&path) else { continue };
            let answer = self.prove((&endpoint, proof), &form, ids()).await;
            grants.push((*directory, answer.err()));
        }
        (judge_credential(by_code.err(), &grants), grants)
    }
}

/// The directories that a registration names.
fn named(tenants: &Tenants) -> Vec<EntraTenantId> {
    match tenants {
        Tenants::One { tenant, .. } => vec![*tenant],
        Tenants::Several { tenants } => tenants.clone(),
        Tenants::Organizations | Tenants::Common | Tenants::Consumers => Vec::new(),
    }
}

fn judge_issuer(document: &Document, tenants: &Tenants) -> Outcome {
    let expected = match tenants {
        Tenants::One { tenant, .. } => Some(*tenant),
        Tenants::Consumers => Some(PERSONAL),
        Tenants::Several { .. } | Tenants::Organizations | Tenants::Common => None,
    };
    let issuer = document.issuer.as_str();
    match (document.issuer.tenant(), expected) {
        (found, expected) if found != expected => {
            wrong(format!("Tokens would come from {issuer}, which does not fit who may sign in."))
        }
        (None, _) if !document.issuer.is_template() => {
            wrong(format!("Tokens would come from {issuer}, which names no directory."))
        }
        _ => fine(format!("Tokens come from {issuer}.")),
    }
}

fn judge_redirect(answer: &Answer, redirect_uri: &str) -> Outcome {
    let back = answer.location.as_deref().and_then(|location| {
        let rest = location.strip_prefix(redirect_uri)?;
        rest.starts_with(['?', '#']).then_some(location)
    });
    if back.is_some() {
        return fine(format!("Microsoft sends browsers back to {redirect_uri}."));
    }
    match number(&String::from_utf8_lossy(&answer.body)) {
        // Somebody would have to be signed in, or to choose: the address was not the trouble.
        Some(code @ (50_058 | 16_000)) => Outcome {
            code: Some(code),
            ..untold("Microsoft asked for somebody to sign in first.".to_owned())
        },
        Some(code) => Outcome {
            code: Some(code),
            ..wrong("Microsoft shows an error in the place of its sign-in page.".to_owned())
        },
        None => untold(
            "Microsoft's answer doesn't say whether it knows this address. The first sign-in does."
                .to_owned(),
        ),
    }
}

/// What the two proofs say together. Microsoft looks at the credential before it looks at a code, but
/// not before it has read the request (9002313).
fn judge_credential(by_code: Option<Error>, grants: &[(EntraTenantId, Option<Error>)]) -> Outcome {
    let refusals = grants.iter().filter_map(|(_, error)| error.as_ref());
    let mut all = by_code.iter().chain(refusals);
    if let Some(error) = all.find(|error| refuses_credential(error) || refuses_app(error)) {
        return Outcome { code: code_of(error), ..wrong(said(error)) };
    }
    if let Some((directory, _)) = grants.iter().find(|(_, error)| error.is_none()) {
        return fine(format!("Microsoft took it and gave a token of {directory}."));
    }
    let Some(error) = by_code else {
        return wrong("Microsoft took a code that is none.".to_owned());
    };
    match code_of(&error) {
        Some(70_000 | 70_008 | 54_005) => {
            fine("Microsoft took it, and complained of the code alone, which was none.".to_owned())
        }
        Some(code @ (9_002_313 | 90_013)) => Outcome {
            code: Some(code),
            ..untold(
                "Microsoft complained of the code before it said anything of the secret. The \
                      first sign-in tells."
                    .to_owned(),
            )
        },
        _ => failed(&error),
    }
}

/// Whether Microsoft has nothing that this credential could be of.
fn refuses_app(error: &Error) -> bool {
    let code = code_of(error);
    matches!(code, Some(700_016 | 700_011 | 70_001 | 700_025 | 7_000_112))
}

fn judge_consent(
    tenants: &Tenants,
    grants: &[(EntraTenantId, Option<Error>)],
    named: usize,
) -> Outcome {
    if grants.is_empty() {
        let who = match tenants {
            Tenants::Consumers => "each person is asked at their first sign-in",
            _ => "each organisation is asked at its first sign-in",
        };
        return untold(format!("No directory is named: {who}."));
    }
    let failed = grants.iter().find_map(|(directory, error)| Some((directory, error.as_ref()?)));
    if let Some((directory, error)) = failed {
        let code = code_of(error);
        let text = format!("{directory}: {}", said(error));
        return match code {
            Some(7_000_229 | 700_016 | 700_011 | 65_001) => Outcome { code, ..wrong(text) },
            _ => Outcome { code, ..untold(text) },
        };
    }
    let rest = named.saturating_sub(grants.len());
    let known = match grants.len() {
        1 => "The app is known in the directory.".to_owned(),
        many => format!("The app is known in {many} directories."),
    };
    let rest = match rest {
        0 => String::new(),
        rest => format!(" {rest} more were not looked at."),
    };
    fine(format!(
        "{known}{rest} Whether people are asked before their first sign-in is the directory's own \
         setting."
    ))
}

fn code_of(error: &Error) -> Option<u32> {
    match error {
        Error::SignIn { code, .. } => Some(*code).filter(|code| *code != 0),
        _ => None,
    }
}

/// A sentence of an error, as a page shows it.
fn said(error: &Error) -> String {
    match error {
        Error::SignIn { text, .. } => text.clone(),
        Error::NoAnswer { source, .. } => {
            format!("Microsoft gave no answer: {}.", deepest(source))
        }
        other => format!("{other}."),
    }
}

fn failed(error: &Error) -> Outcome {
    Outcome { code: code_of(error), ..wrong(said(error)) }
}

fn fine(detail: String) -> Outcome {
    Outcome { found: Found::Fine, detail, code: None }
}

fn wrong(detail: String) -> Outcome {
    Outcome { found: Found::Wrong, detail, code: None }
}

fn untold(detail: String) -> Outcome {
    Outcome { found: Found::Untold, detail, code: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(code: u32) -> Error {
        Error::SignIn { code, text: "no".to_owned() }
    }

    fn answer(location: Option<&str>, body: &str) -> Answer {
        Answer {
            status: 200,
            body: body.as_bytes().to_vec(),
            retry_after: None,
            quota_used: None,
            date: None,
            location: location.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_said_of_a_code_is_told_from_what_is_said_of_the_secret() {
        let here = EntraTenantId(uuid::Uuid::from_u128(1));
        for (by_code, grant, expected) in [
            (says(70_000), None, Found::Fine),
            (says(9_002_313), None, Found::Untold),
            (says(9_002_313), Some(None), Found::Fine),
            (says(9_002_313), Some(Some(says(7_000_222))), Found::Wrong),
            (says(7_000_215), None, Found::Wrong),
            (says(70_000), Some(Some(says(7_000_229))), Found::Fine),
            (says(90_002), None, Found::Wrong),
        ] {
            let grants: Vec<_> = grant.into_iter().map(|error| (here, error)).collect();
            let name = by_code.to_string();
            assert_eq!(judge_credential(Some(by_code), &grants).found, expected, "{name}");
        }
    }

    #[test]
    fn an_address_counts_as_known_only_when_microsoft_leads_back_to_it() {
        let ours = "https://sts.contoso.com/sign-in/microsoft/1";
        for (location, body, expected) in [
            (Some(format!("{ours}?error=login_required")), "", Found::Fine),
            (Some(format!("{ours}1?error=login_required")), "", Found::Untold),
            (Some("https://login.microsoftonline.com/?x".to_owned()), "", Found::Untold),
            (None, "AADSTS50011: The redirect URI", Found::Wrong),
            (None, "AADSTS50058: nobody", Found::Untold),
            (None, "<html>", Found::Untold),
        ] {
            let outcome = judge_redirect(&answer(location.as_deref(), body), ours);
            assert_eq!(outcome.found, expected, "{location:?} {body}");
        }
    }
}
