//! How fast tokens are made, beside what bare RSA-2048 signing gives in the same run:
//! `cargo bench -p federation --bench tokens`. A token is written, signed, verified with the
//! published certificate and read back; both take turns, as machines drift.

use std::{
    hint::black_box,
    io::{self, Write},
    time::{Duration, Instant},
};

use aws_lc_rs::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use criterion::Criterion;
use federation::{
    Stamp,
    assertion::{Attribute, Description, Subject, saml11},
    claims::Statement,
    keyring::{RsaSize, Signer, new_signing_key},
    uris,
    wsfed::response::token_response,
};
use model::{
    FactorEvent, Method, Proof, Ts, ids::SigningKeyId, issued_token::Reason,
    signing_key::SigningKey,
};
use secrecy::ExposeSecret;
use uuid::Uuid;

const NOW: Ts = Ts::from_secs(1_795_597_200);

fn key() -> SigningKey {
    let id = SigningKeyId(Uuid::nil());
    let name = ("Gatehouse benchmark", RsaSize::default());
    new_signing_key(id, name, (NOW, Duration::from_hours(24)), [7; 16]).expect("a key can be made")
}

fn statement() -> Statement {
    let proved = [Method::Password, Method::Totp].map(|method| FactorEvent { method, at: NOW });
    Statement {
        issuer: "https://sts.contoso.com/d/contoso-com/adfs/services/trust/".to_owned(),
        audience: "urn:federation:MicrosoftOnline".to_owned(),
        proof: Proof::from_events(proved.to_vec()).expect("not empty"),
        inside_network: None,
        persistent_session: None,
    }
}

fn about() -> Description {
    let attribute = |name: &str, value: &str| Attribute {
        reason: Reason::SignInName,
        name: name.to_owned(),
        name_format: None,
        values: vec![value.to_owned()],
    };
    let immutable_id = "7BVXb2y0RkmXv3pQ9sYq1w==";
    Description {
        subject: Subject::Named {
            format: uris::NAME_ID_UNSPECIFIED,
            value: immutable_id.to_owned(),
            reason: Reason::ImmutableId,
        },
        attributes: vec![
            attribute(uris::CLAIM_UPN, "ada@contoso.com"),
            attribute(uris::CLAIM_IMMUTABLE_ID, immutable_id),
        ],
    }
}

struct Bench {
    pair: KeyPair,
    signer: Signer,
    statement: Statement,
    about: Description,
    stamp: Stamp,
}

impl Bench {
    fn new() -> Self {
        let key = key();
        Self {
            pair: KeyPair::from_pkcs8(key.private_key.here().expect("here").expose_secret())
                .expect("a whole key"),
            signer: Signer::from_key(&key).expect("a whole key"),
            statement: statement(),
            about: about(),
            stamp: Stamp { token_id: [9; 16], now: NOW, lifetime: Duration::from_mins(10) },
        }
    }

    fn sign(&self) {
        let mut signature = [0; 256];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &[0x5a; 700], &mut signature)
            .expect("signs");
        black_box(signature);
    }

    fn token(&self) {
        let issued = saml11::issue(&self.statement, &self.about, &self.stamp, &self.signer);
        black_box(issued.expect("a token"));
    }
}

fn seconds(work: impl Fn(), times: u32) -> f64 {
    let start = Instant::now();
    (0..times).for_each(|_| work());
    start.elapsed().as_secs_f64() / f64::from(times)
}

/// Both in short turns; of each the quickest one, as whatever else the machine does only adds.
fn side_by_side(bench: &Bench) -> (f64, f64) {
    let rounds = (0..200).map(|_| (seconds(|| bench.sign(), 10), seconds(|| bench.token(), 10)));
    rounds.fold((f64::MAX, f64::MAX), |best, round| (best.0.min(round.0), best.1.min(round.1)))
}

fn main() -> io::Result<()> {
    let bench = Bench::new();
    let mut criterion = Criterion::default().configure_from_args().sample_size(30);
    criterion.bench_function("bare RSA-2048 signing", |b| b.iter(|| bench.sign()));
    criterion.bench_function("saml11::issue", |b| b.iter(|| bench.token()));
    let token = saml11::issue(&bench.statement, &bench.about, &bench.stamp, &bench.signer);
    let token = token.expect("a token");
    criterion.bench_function("token_response", |b| {
        b.iter(|| black_box(token_response(&token, &bench.statement, &bench.stamp)));
    });
    criterion.final_summary();
    let (sign, issue) = side_by_side(&bench);
    writeln!(
        io::stdout(),
        "bare RSA-2048 signing {:.0}/s, tokens {:.0}/s: {:.1} % (one core; goal: at least 95 %)",
        1.0 / sign,
        1.0 / issue,
        100.0 * sign / issue,
    )
}
