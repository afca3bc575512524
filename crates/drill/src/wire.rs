//! The network between the house and Microsoft: real connections, on which calls are held up, cut, doubled
//! and refused. It writes down what each side was told.

mod answers;
mod http;
mod trouble;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use answers::{pretence, refusal, rewritten};
use app::Clock as _;
use http::Message;
use simulator::Simulator;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};
pub use trouble::{Call, Meddling, On, Rewriting, Rule, Trouble};

use crate::{clock::VirtualClock, dice::Dice};

/// What a rewriting writes where the address of the same page shall be.
pub const SAME_PAGE: &str = "wire:same-page";

/// How long a call takes.
const A_CALL: Duration = Duration::from_millis(20);

/// One call and what was said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// When it came, since the clock began.
    pub at: Duration,
    /// When it was answered.
    pub answered_at: Duration,
    /// Which house called, by number.
    pub house: usize,
    /// The call.
    pub call: Call,
    /// What Microsoft's side answered; 0: it never saw it.
    pub done: u16,
    /// What the house was told; 0: nothing.
    pub told: u16,
    /// How many seconds it was asked to wait.
    pub retry_after: Option<u64>,
    /// The caller's id for it.
    pub id: String,
}

impl Exchange {
    /// Whether it changed something at Microsoft.
    pub fn took_effect(&self) -> bool {
        self.call.is_write() && (200..300).contains(&self.done)
    }
}

/// The network.
#[derive(Clone)]
pub struct Wire {
    shared: Arc<Shared>,
}

struct Shared {
    address: SocketAddr,
    simulator: Arc<Simulator>,
    clock: VirtualClock,
    state: Mutex<State>,
    stopped: Notify,
    go_on: Notify,
    open: tokio::sync::Mutex<JoinSet<()>>,
}

struct State {
    rules: Vec<Rule>,
    log: Vec<Exchange>,
    late: Vec<(Duration, Message)>,
    dice: Dice,
    house: usize,
    /// How many rules have met a call.
    met: usize,
}

impl Wire {
    /// A network that leads to `simulator`. It lasts as long as the runtime.
    pub async fn lay(simulator: Arc<Simulator>, clock: VirtualClock) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let state = State {
            rules: Vec::new(),
            log: Vec::new(),
            late: Vec::new(),
            dice: Dice::new(0),
            house: 0,
            met: 0,
        };
        let shared = Shared {
            address: listener.local_addr()?,
            simulator,
            clock,
            state: Mutex::new(state),
            stopped: Notify::new(),
            go_on: Notify::new(),
            open: tokio::sync::Mutex::new(JoinSet::new()),
        };
        let wire = Self { shared: Arc::new(shared) };
        let accepting = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let wire = accepting.clone();
                let mut open = accepting.shared.open.lock().await;
                open.spawn(async move { wire.serve(client).await });
            }
        });
        Ok(wire)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its address on the house's side.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Adds a rule behind those that are there.
    pub fn rule(&self, rule: Rule) {
        self.state().rules.push(rule);
    }

    /// From now on all goes well; what is late stays late.
    pub fn calm(&self) {
        self.state().rules.clear();
    }

    /// Whether nothing goes wrong on it any more.
    pub fn is_calm(&self) -> bool {
        self.state().rules.iter().all(|rule| rule.times == 0)
    }

    /// How many calls met a rule.
    pub fn met(&self) -> usize {
        self.state().met
    }

    /// Whose calls come from now on.
    pub fn calls_from(&self, house: usize) {
        self.state().house = house;
    }

    /// What was said.
    pub fn log(&self) -> Vec<Exchange> {
        self.state().log.clone()
    }

    /// Cuts every connection and forgets everything; chance begins with `seed`.
    pub async fn begin(&self, seed: u64) {
        let mut open = self.shared.open.lock().await;
        open.abort_all();
        while open.join_next().await.is_some() {}
        let mut state = self.state();
        state.rules.clear();
        state.log.clear();
        state.late.clear();
        state.dice = Dice::new(seed);
        (state.house, state.met) = (0, 0);
    }

    /// Returns when a call has met `Trouble::Stopped`.
    pub async fn stopped(&self) {
        self.shared.stopped.notified().await;
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.shared.go_on.notify_one();
    }

    /// Delivers what was late and is due.
    pub async fn deliver_late(&self) {
        let now = self.shared.clock.passed();
        let due: Vec<Message> = {
            let mut state = self.state();
            let (due, waits) =
                std::mem::take(&mut state.late).into_iter().partition(|(at, _)| *at <= now);
            state.late = waits;
            Vec::into_iter(due).map(|(_, message)| message).collect()
        };
        for message in due {
            let call = call(&message);
            if let Ok(answer) = self.forward(&mut None, &message).await {
                let at = self.shared.clock.passed();
                let (done, house) = (answer.status(), usize::MAX);
                let told = 0;
                let late = Exchange {
                    at,
                    answered_at: at,
                    house,
                    call,
                    done,
                    told,
                    retry_after: None,
                    id: String::new(),
                };
                self.state().log.push(late);
            }
        }
    }

    async fn serve(&self, mut client: TcpStream) {
        client.set_nodelay(true).ok();
        let mut upstream = None;
        while let Ok(Some(message)) = http::read(&mut client).await {
            self.shared.clock.pass(A_CALL);
            self.deliver_late().await;
            let (number, trouble) = self.meet(&message);
            let answer = self.carry(&mut upstream, &message, trouble.as_ref()).await;
            let (done, answer) = answer.unwrap_or((0, None));
            self.note(number, done, answer.as_ref());
            let Some(answer) = answer else { return };
            let bytes = answer.bytes();
            let cut = matches!(trouble, Some(Trouble::HalfAnswer));
            let sent = if cut { &bytes[..bytes.len() / 2] } else { &bytes[..] };
            let written = tokio::io::AsyncWriteExt::write_all(&mut client, sent).await;
            if cut || written.is_err() {
                return;
            }
        }
    }

    /// Writes a call down, and finds what happens to it.
    fn meet(&self, message: &Message) -> (usize, Option<Trouble>) {
        let (call, at) = (call(message), self.shared.clock.passed());
        let mut state = self.state();
        let State { rules, dice, met, .. } = &mut *state;
        rules.retain(|rule| rule.times > 0 && rule.until.is_none_or(|until| at < until));
        let mut fits = |rule: &mut Rule| {
            if !rule.on.fits(&call) || !dice.chance(rule.percent) {
                return false;
            }
            let is_due = rule.skip == 0;
            rule.skip = rule.skip.saturating_sub(1);
            is_due
        };
        let trouble = rules.iter_mut().find_map(|rule| fits(rule).then_some(rule)).map(|rule| {
            rule.times -= 1;
            *met += 1;
            rule.what.clone()
        });
        let house = state.house;
        let (done, told, retry_after) = (0, 0, None);
        let id = message.header("client-request-id").unwrap_or_default().to_owned();
        state.log.push(Exchange { at, answered_at: at, house, call, done, told, retry_after, id });
        (state.log.len() - 1, trouble)
    }

    fn note(&self, number: usize, done: u16, answer: Option<&Message>) {
        let now = self.shared.clock.passed();
        if let Some(exchange) = self.state().log.get_mut(number) {
            exchange.done = done;
            exchange.told = answer.map_or(0, Message::status);
            let asked = answer.and_then(|answer| answer.header("retry-after"));
            exchange.retry_after = asked.and_then(|seconds| seconds.parse().ok());
            exchange.answered_at = now;
        }
    }

    /// What Microsoft did, and what the house is told, if anything.
    async fn carry(
        &self,
        upstream: &mut Option<TcpStream>,
        message: &Message,
        trouble: Option<&Trouble>,
    ) -> io::Result<(u16, Option<Message>)> {
        let Some(trouble) = trouble else {
            let answer = self.forward(upstream, message).await?;
            return Ok((answer.status(), Some(answer)));
        };
        match trouble {
            Trouble::Unreached => return Ok((0, None)),
            Trouble::Late(after) => {
                let due = self.shared.clock.passed() + *after;
                self.state().late.push((due, message.clone()));
                return Ok((0, None));
            }
            Trouble::Refused { status, retry_after, carried_out } => {
                let done =
                    if *carried_out { self.forward(upstream, message).await?.status() } else { 0 };
                return Ok((done, Some(refusal(*status, *retry_after))));
            }
            Trouble::Pretended => return Ok((0, Some(pretence(message)))),
            Trouble::Meanwhile(meddle) => meddle(&self.shared.simulator),
            Trouble::Twice => drop(self.forward(upstream, message).await?),
            Trouble::Stopped { carried_out: false } => self.hold().await,
            _ => {}
        }
        let answer = match trouble {
            Trouble::Paged(size) => self.page(upstream, message, *size).await?,
            _ => self.forward(upstream, message).await?,
        };
        let done = answer.status();
        Ok(match trouble {
            Trouble::Lost => (done, None),
            Trouble::Stopped { carried_out: true } => {
                self.hold().await;
                (done, Some(answer))
            }
            Trouble::Rewritten(rewrite) => {
                let again = self.again(message);
                (done, Some(rewritten(&answer, rewrite, &again)))
            }
            _ => (done, Some(answer)),
        })
    }

    /// The address of the same page, which differs from the one that was asked for first.
    fn again(&self, message: &Message) -> String {
        let asked = message.word(1);
        let mark = if asked.ends_with("&again=1") { "" } else { "&again=1" };
        format!("{}{asked}{mark}", self.url())
    }

    async fn hold(&self) {
        self.shared.stopped.notify_one();
        self.shared.go_on.notified().await;
    }

    async fn page(
        &self,
        upstream: &mut Option<TcpStream>,
        message: &Message,
        size: usize,
    ) -> io::Result<Message> {
        let head = message.head.replacen("top=999", &format!("top={size}"), 1);
        let asked = Message { head, body: message.body.clone() };
        let answer = self.forward(upstream, &asked).await?;
        let text = String::from_utf8_lossy(&answer.body)
            .replace(&self.shared.simulator.url(), &self.url());
        Ok(answer.with_body(text.into_bytes()))
    }

    async fn forward(
        &self,
        upstream: &mut Option<TcpStream>,
        message: &Message,
    ) -> io::Result<Message> {
        let url = self.shared.simulator.url();
        let address = url.trim_start_matches("http://");
        if let Some(open) = upstream
            && http::write(open, message).await.is_ok()
            && let Ok(Some(answer)) = http::read(open).await
        {
            return Ok(answer);
        }
        let open = upstream.insert(TcpStream::connect(address).await?);
        open.set_nodelay(true)?;
        http::write(open, message).await?;
        http::read(open).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

fn call(message: &Message) -> Call {
    let (path, query) = message.word(1).split_once('?').unwrap_or((message.word(1), ""));
    Call {
        method: message.word(0).to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: String::from_utf8_lossy(&message.body).into_owned(),
    }
}
