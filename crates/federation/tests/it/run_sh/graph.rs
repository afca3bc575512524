//! Just enough of Microsoft Graph over HTTP for the scripts: one domain, whose state is a JSON
//! object, and a list of the writes that came in.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use serde_json::{Value, json};

pub(super) struct FakeGraph {
    port: u16,
    shared: Arc<Mutex<State>>,
}

struct State {
    domain: Value,
    writes: Vec<String>,
}

impl FakeGraph {
    pub(super) fn start(tenant: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let domain = json!({
            "tenant": tenant, "isVerified": true, "isInitial": false, "isDefault": false,
            "isRoot": true, "federation": null, "people": [], "admins": ["a@c.onmicrosoft.com"],
        });
        let shared = Arc::new(Mutex::new(State { domain, writes: Vec::new() }));
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &served);
            }
        });
        Self { port, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub(super) fn change(&self, how: impl FnOnce(&mut Value)) {
        how(&mut self.state().domain);
    }

    pub(super) fn federation(&self) -> Value {
        self.state().domain["federation"].clone()
    }

    pub(super) fn writes(&self) -> Vec<String> {
        self.state().writes.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().expect("no test panics while it holds the state")
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut request, mut length, mut token) = (String::new(), 0, String::new());
    reader.read_line(&mut request)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => value.clone_into(&mut token),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    assert!(body.is_ascii(), "bodies are ASCII");
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let line = request.split(" HTTP/").next().unwrap_or_default();
    let (status, answer) = match shared.lock() {
        Ok(mut state) if token == "Bearer test.token" => state.answer(line, &body),
        _ => (401, json!({"error": {"message": "no token"}})),
    };
    let answer = if status == 204 { String::new() } else { answer.to_string() };
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    )
}

impl State {
    fn answer(&mut self, line: &str, body: &Value) -> (u16, Value) {
        if self.domain["refuseToken"] == true {
            return (401, json!({"error": {"message": "Access token is \u{1b}[31m empty."}}));
        }
        let (method, path) = line.split_once(" /v1.0/").unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        if method != "GET" {
            self.writes.push(line.to_owned());
        }
        let of = |value: Value| (200, json!({ "value": value }));
        let domain = &mut self.domain;
        match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["organization"]) => of(json!([{"id": domain["tenant"]}])),
            ("GET", ["users"]) => of(people(&domain["people"])),
            ("GET", ["directoryRoles"]) => of(json!([{"id": "role-1"}])),
            ("GET", ["directoryRoles", "role-1", "members"]) => of(admins(&domain["admins"])),
            ("GET", ["domains", "contoso.com"]) => (200, shown(domain)),
            ("PATCH", ["domains", "contoso.com"]) if body["authenticationType"] == "Managed" => {
                domain["federation"] = Value::Null;
                (204, Value::Null)
            }
            ("GET", ["domains", "contoso.com", "federationConfiguration"]) => {
                of(json!([domain["federation"]]))
            }
            ("POST", ["domains", "contoso.com", "federationConfiguration"]) => create(domain, body),
            ("PATCH", ["domains", "contoso.com", "federationConfiguration", id])
                if domain["federation"]["id"] == **id =>
            {
                put(domain, body);
                (204, Value::Null)
            }
            _ => (404, json!({"error": {"message": format!("no {line}")}})),
        }
    }
}

fn shown(domain: &Value) -> Value {
    let mut shown = domain.clone();
    shown["id"] = "contoso.com".into();
    let kind = if domain["federation"].is_null() { "Managed" } else { "Federated" };
    shown["authenticationType"] = kind.into();
    shown
}

fn people(ids: &Value) -> Value {
    ids.as_array().into_iter().flatten().map(|id| json!({"onPremisesImmutableId": id})).collect()
}

fn admins(names: &Value) -> Value {
    let servant = json!({"@odata.type": "#microsoft.graph.servicePrincipal"});
    let names = names.as_array().into_iter().flatten();
    names.map(|name| json!({"userPrincipalName": name})).chain([servant]).collect()
}

fn create(domain: &mut Value, body: &Value) -> (u16, Value) {
    if !domain["federation"].is_null() {
        let message = "Domain already has Federation Configuration set.";
        return (400, json!({"error": {"message": message}}));
    }
    domain["federation"] = json!({"id": "new-1"});
    put(domain, body);
    if domain["failHalfway"] == true {
        return (500, json!({"error": {"message": "Encountered an internal server error."}}));
    }
    (201, domain["federation"].clone())
}

fn put(domain: &mut Value, body: &Value) {
    let eat = std::mem::take(&mut domain["eatSlashesOnce"]) == true;
    for (name, value) in body.as_object().into_iter().flatten().filter(|(n, _)| !n.starts_with('@'))
    {
        let eaten = value.as_str().filter(|_| eat && name == "issuerUri");
        domain["federation"][name] =
            eaten.map_or_else(|| value.clone(), |text| text.replace('/', "").into());
    }
}
