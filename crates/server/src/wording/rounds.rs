//! A browser that goes round, in words: what was asked for beside what was sent.

use app::issue::{Round, Sent};

use super::{claims, times};
use crate::pages::parts::Fact;

/// What a help desk compares.
pub(crate) fn facts(round: &Round) -> Vec<Fact> {
    let asked = round.asked.words(round.protocol);
    let asked = format!("{asked}, by {}", claims::protocol(round.protocol));
    let mut facts = vec![Fact::text("Asked for", &asked)];
    facts.extend(round.sent.iter().map(|sent| Fact::text("Sent", &told(sent))));
    if let Some(newest) = round.sent.first() {
        facts.push(Fact::id("Issuer", &newest.issuer));
        facts.push(Fact::id("Signed with", &newest.key));
    }
    facts
}

fn told(sent: &Sent) -> String {
    let proved: Vec<String> = sent.events.iter().map(claims::proved).collect();
    let mfa = if sent.says_mfa { "says that MFA was done" } else { "says nothing of MFA" };
    format!("at {}: {mfa}; {}", times::exact(sent.at), proved.join("; "))
}
