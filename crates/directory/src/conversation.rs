//! One conversation with a directory: name, connection, TLS, our account, the person, their bind.

use std::{net::SocketAddr, time::Duration};

use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry,
    SearchOptions, StdStream,
};
use model::directory::{Absence, Answer, Directory, Encryption, Refusal, Step};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
};

use crate::{
    error::escaped,
    outcome::{self, ask_why, of_bind},
    tls,
};

/// How long one address of the host may take to answer the call.
const CALL: Duration = Duration::from_secs(2);
/// How much later than the one before it an address is called.
const STAGGER: Duration = Duration::from_millis(250);
/// The results by which a directory says that it can't answer now.
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;
/// How long all of it may take.
const TOTAL: Duration = Duration::from_secs(6);
/// No more addresses of one host than these are called.
const ADDRESSES: usize = 4;
/// The longest password that is sent, in bytes.
const LONGEST: usize = 512;

/// How a conversation went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// The steps that went well, with what was seen.
    pub passed: Vec<(Step, String)>,
    /// How it ended.
    pub answer: Answer,
}

/// Whether this is the password of whoever has this name. It blocks the thread for some seconds at
/// most, and is never called where others wait for it.
#[must_use]
pub fn ask(directory: &Directory, name: &str, password: &SecretString) -> Trail {
    let typed = password.expose_secret();
    // An empty password is nobody's, and a directory lets nobody in: it says yes. What is a string of
    // C there ends at the first zero.
    if typed.is_empty() || typed.contains('\0') || typed.len() > LONGEST {
        return Trail { passed: Vec::new(), answer: Answer::Refused(Refusal::NotSent) };
    }
    converse(directory, Some((name, Some(typed))))
}

/// Whether the directory is there and lets our account in; with a name, whether somebody has it.
#[must_use]
pub fn look(directory: &Directory, name: Option<&str>) -> Trail {
    converse(directory, name.map(|name| (name, None)))
}

type Who<'a> = (&'a str, Option<&'a str>);

fn converse(directory: &Directory, who: Option<Who<'_>>) -> Trail {
    let mut passed = Vec::new();
    let away = |step, ended: Ended| {
        let Ended { why, silent } = ended;
        Answer::Away(Absence { step, why, silent })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answer = match runtime {
        Err(error) => away(Step::Name, Ended { why: error.to_string(), silent: false }),
        Ok(runtime) => {
            let ended = runtime.block_on(async {
                let steps = steps(directory, who, &mut passed);
                let ended = tokio::time::timeout(TOTAL, steps).await;
                ended.unwrap_or_else(|_| Err("it took too long".to_owned().into()))
            });
            // Looking up a name goes on for as long as the system likes: nobody waits for it.
            runtime.shutdown_background();
            ended.unwrap_or_else(|ended| away(next(&passed), ended))
        }
    };
    Trail { passed, answer }
}

/// Why a step did not go well.
struct Ended {
    why: String,
    /// Whether there was no answer at all.
    silent: bool,
}

impl From<String> for Ended {
    fn from(why: String) -> Self {
        Self { why, silent: true }
    }
}

impl Ended {
    /// The directory answered something that is no judgement; only that it can't now is none at all.
    fn answered(result: &LdapResult) -> Self {
        Self { why: outcome::said(result), silent: matches!(result.rc, BUSY | UNAVAILABLE) }
    }
}

/// The step that comes after those that went well.
fn next(passed: &[(Step, String)]) -> Step {
    Step::ALL.get(passed.len()).copied().unwrap_or(Step::Person)
}

/// Goes on as long as each step goes well; `Err` says why the next one did not.
async fn steps(
    directory: &Directory,
    who: Option<Who<'_>>,
    passed: &mut Vec<(Step, String)>,
) -> Result<Answer, Ended> {
    let addresses = resolve(directory).await?;
    let list = addresses.iter().map(|at| at.ip().to_string()).collect::<Vec<_>>().join(", ");
    passed.push((Step::Name, list));
    let (stream, at) = call(&addresses).await?;
    passed.push((Step::Connection, at.to_string()));
    let mut ldap = encrypt(directory, stream).await?;
    let believed = match directory.authority.as_str() {
        "" => "signed by an authority that this machine believes",
        _ => "signed by an authority that you gave",
    };
    passed.push((Step::Tls, believed.to_owned()));
    let account = bind(&mut ldap, &directory.account, directory.password.expose_secret()).await?;
    if account != Answer::Right {
        let Answer::Refused(why) = account else { return Ok(account) };
        return Err(Ended { why: why.words().to_owned(), silent: false });
    }
    passed.push((Step::Account, directory.account.clone()));
    let Some((name, password)) = who else { return Ok(Answer::Right) };
    let found = match find(&mut ldap, directory, name).await? {
        Found::One(entry) => entry,
        Found::None => return Ok(Answer::Refused(Refusal::Unknown)),
        Found::Several => return Ok(Answer::Refused(Refusal::Ambiguous)),
    };
    passed.push((Step::Search, found.clone()));
    let Some(password) = password else { return Ok(Answer::Right) };
    let answer = bind(&mut ldap, &found, password).await?;
    passed.push((Step::Person, String::new()));
    Ok(answer)
}

async fn resolve(directory: &Directory) -> Result<Vec<SocketAddr>, String> {
    let found = lookup_host((directory.host.as_str(), directory.port)).await;
    let found: Vec<_> = found.map_err(|error| error.to_string())?.take(ADDRESSES).collect();
    if found.is_empty() { Err("the name has no address".to_owned()) } else { Ok(found) }
}

/// The first that answers; each is called a little after the one before it, so that one that is silent
/// takes no time from the others.
async fn call(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), String> {
    let mut calls = JoinSet::new();
    for (at, later) in addresses.iter().copied().zip(0..) {
        calls.spawn(async move {
            tokio::time::sleep(STAGGER * later).await;
            match tokio::time::timeout(CALL, TcpStream::connect(at)).await {
                Ok(Ok(stream)) => Ok((stream, at)),
                Ok(Err(error)) => Err(format!("{at}: {error}")),
                Err(_) => Err(format!("{at} did not answer within {} s", CALL.as_secs())),
            }
        });
    }
    let mut last = String::new();
    while let Some(ended) = calls.join_next().await {
        match ended {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(why)) => last = why,
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

/// From here on nobody else reads along; nothing was said before but that it shall be so.
async fn encrypt(directory: &Directory, stream: TcpStream) -> Result<Ldap, String> {
    let stream = stream.into_std().map_err(|error| error.to_string())?;
    let settings = LdapConnSettings::new()
        .set_std_stream(StdStream::Tcp(stream))
        .set_config(tls::config(directory)?)
        .set_starttls(directory.encryption == Encryption::StartTls);
    let scheme = match directory.encryption {
        Encryption::Tls => "ldaps",
        Encryption::StartTls => "ldap",
    };
    let host = if directory.host.contains(':') {
        format!("[{}]", directory.host)
    } else {
        directory.host.clone()
    };
    let url = format!("{scheme}://{host}:{}", directory.port);
    let opened = LdapConnAsync::with_settings(settings, &url).await;
    let (connection, ldap) = opened.map_err(|error| words(&error))?;
    tokio::spawn(async move {
        // How it ended is said by whatever waits for an answer.
        let _ended = connection.drive().await;
    });
    Ok(ldap)
}

/// Signs in. Neither a name nor a password is ever empty here: that would be nobody's sign-in, which
/// a directory says yes to.
async fn bind(ldap: &mut Ldap, name: &str, password: &str) -> Result<Answer, Ended> {
    if name.is_empty() || password.is_empty() {
        return Ok(Answer::Refused(Refusal::NotSent));
    }
    let bound = ldap.with_controls(ask_why()).simple_bind(name, password).await;
    let bound = bound.map_err(|error| words(&error))?;
    of_bind(&bound).map_err(|_| Ended::answered(&bound))
}

enum Found {
    One(String),
    None,
    Several,
}

/// Finds the person. Referrals to other directories are not followed.
async fn find(ldap: &mut Ldap, directory: &Directory, name: &str) -> Result<Found, Ended> {
    let filter = directory.filter_for(name, escaped);
    // The names alone ("1.1"), and no more than it takes to see that there are several.
    let options = SearchOptions::new().sizelimit(2).timelimit(5);
    let search = ldap.with_search_options(options).search(
        &directory.base,
        Scope::Subtree,
        &filter,
        vec!["1.1"],
    );
    let found = search.await.map_err(|error| words(&error))?;
    // More than were asked for is an answer, too.
    if !matches!(found.1.rc, 0 | 4) {
        return Err(Ended::answered(&found.1));
    }
    let entries = found.0.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
    let mut names: Vec<String> = entries.map(|entry| SearchEntry::construct(entry).dn).collect();
    Ok(match (names.pop(), names.is_empty() && found.1.rc == 0) {
        (None, _) => Found::None,
        (Some(name), true) if !name.is_empty() => Found::One(name),
        _ => Found::Several,
    })
}

/// A failure in words, without what the library puts before them.
fn words(error: &LdapError) -> String {
    match error {
        LdapError::Io { source } => source.to_string(),
        LdapError::LdapResult { result } => outcome::said(result),
        LdapError::ResultRecv { .. } | LdapError::OpSend { .. } | LdapError::EndOfStream => {
            "the directory closed the connection".to_owned()
        }
        other => other.to_string(),
    }
}
