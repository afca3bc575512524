//! Who does the second factor that Microsoft demands, and what of the tenant is in the way.

use serde::Serialize;

use crate::pages::{
    Page,
    admin::domain::Domain,
    parts::{Tab, Tone, Verdict},
};

/// The page.
#[derive(Debug, Clone, Serialize)]
pub struct SecondFactor {
    /// The DNS name.
    pub name: String,
    /// The path segment (`contoso-com`).
    pub slug: String,
    /// Whether what is planned fits, in a sentence.
    pub verdict: Verdict,
    /// The views of the domain.
    pub tabs: Vec<Tab>,
    /// The three choices.
    pub cards: Vec<Card>,
    /// Who is assigned and has no second factor; the first of them.
    pub without: Vec<String>,
    /// How many more there are.
    pub more_without: usize,
    /// What a pre-flight saw in the way.
    pub switches: Vec<Switch>,
}

/// One choice.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    /// Graph's value, which is sent.
    pub value: String,
    /// What people call it.
    pub title: String,
    /// It is the planned one.
    pub planned: bool,
    /// Why it is the one that fits; empty for the others.
    pub advice: String,
    /// What it means for whom.
    pub meanings: Vec<Meaning>,
}

/// What a choice means for some people.
#[derive(Debug, Clone, Serialize)]
pub struct Meaning {
    /// For whom.
    pub whom: String,
    /// What they will see.
    pub sees: String,
}

/// Something of the tenant that a script switches off.
#[derive(Debug, Clone, Serialize)]
pub struct Switch {
    /// Its word in addresses (`security-defaults`).
    pub word: String,
    /// What people call it.
    pub title: String,
    /// What the pre-flight saw.
    pub evidence: String,
    /// What is lost with it.
    pub loss: String,
}

impl Page for SecondFactor {
    const TEMPLATE: &'static str = "admin/second_factor.html";

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("", Self::sample()), ("ready", Self::sample_ready())]
    }
}

impl SecondFactor {
    /// Two people have no second factor, and security defaults are on.
    #[must_use]
    pub fn sample() -> Self {
        let switch = Switch {
            word: "security-defaults".to_owned(),
            title: "Security defaults".to_owned(),
            evidence: "On: people may be told to set up a second factor at Microsoft as well."
                .to_owned(),
            loss: "They are on for the whole tenant: administrators lose Microsoft's demand for a \
                   second factor."
                .to_owned(),
        };
        let mut sample = Self::sample_ready();
        sample.verdict = Verdict::new(
            Tone::Warn,
            "Here alone is planned; Here or at Microsoft would fit better.",
        );
        let why = std::mem::take(&mut sample.cards[1].advice);
        sample.cards[0].advice = why.replace("Everybody has", "Some people lack");
        sample.without =
            vec!["carol@contoso.com".to_owned(), "frida.longname@contoso.com".to_owned()];
        sample.more_without = 12;
        sample.switches = vec![switch];
        sample
    }

    /// Everybody has one.
    #[must_use]
    pub fn sample_ready() -> Self {
        let meaning =
            |whom: &str, sees: &str| Meaning { whom: whom.to_owned(), sees: sees.to_owned() };
        let card = |value: &str, title: &str, planned, advice: &str| Card {
            value: value.to_owned(),
            title: title.to_owned(),
            planned,
            advice: advice.to_owned(),
            meanings: vec![
                meaning("12 people with a second factor here", "They prove it here, once."),
                meaning("0 people without one", "Their password here."),
            ],
        };
        Self {
            name: "contoso.com".to_owned(),
            slug: "contoso-com".to_owned(),
            verdict: Verdict::new(Tone::Ok, "Here alone fits how far people have come."),
            tabs: Domain::sample().tabs,
            cards: vec![
                card("acceptIfMfaDoneByFederatedIdp", "Here or at Microsoft", false, ""),
                card("enforceMfaByFederatedIdp", "Here alone", true, "Everybody has one here."),
                card("rejectMfaByFederatedIdp", "At Microsoft alone", false, ""),
            ],
            without: Vec::new(),
            more_without: 0,
            switches: Vec::new(),
        }
    }
}
