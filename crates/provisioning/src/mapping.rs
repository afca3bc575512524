//! What each attribute of a person shall be by the rules of the house, and whether it is written.
//!
//! A rule that asks for a group that isn't there any more rests: nobody's value changes because a group
//! was removed.

mod explain;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
    sync::Arc,
};

use model::{
    attribute::{Attribute, TooLong},
    entra::{AttributeChanges, EntraAttributes},
    ids::UserId,
    mapping::{AttributeMapping, Mode, Rule},
    upn::fold,
    user::User,
};

use crate::expression::{Expression, Facts, Fault, Fields, Kind};

pub use explain::Explained;

/// Makes pseudonyms: the same text gives the same one, and nobody without the key goes back.
#[derive(Clone, Default)]
pub struct Pseudonyms(Option<Arc<Made>>);

/// What makes one.
type Made = dyn Fn(&str) -> String + Send + Sync;

impl Pseudonyms {
    /// Made by this.
    pub fn by(make: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(make)))
    }

    /// The pseudonym of a text; none while there is no key.
    pub(crate) fn of(&self, text: &str) -> Option<String> {
        self.0.as_ref().map(|make| make(text))
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}

/// Who is in which group, all names folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// Every group that there is.
    pub groups: HashSet<String>,
    /// The groups of each person.
    pub of: HashMap<UserId, HashSet<String>>,
}

/// The rules, read.
#[derive(Debug, Clone)]
pub struct Mapping {
    rules: BTreeMap<Attribute, Usable>,
    /// Who is in which group.
    pub members: Members,
    /// What makes pseudonyms.
    pub pseudonyms: Pseudonyms,
}

/// A rule that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Usable {
    mode: Mode,
    expression: Expression,
    /// The groups that it asks for: as typed, and folded.
    groups: Vec<(String, String)>,
}

impl Usable {
    fn new(mode: Mode, expression: Expression) -> Self {
        let groups = expression.fields().groups.into_iter();
        let groups = groups.map(|group| (group.clone(), fold(&group))).collect();
        Self { mode, expression, groups }
    }

    /// The first group that it asks for and that isn't there.
    fn missing(&self, groups: &HashSet<String>) -> Option<&str> {
        let missing = self.groups.iter().find(|(_, folded)| !groups.contains(folded));
        missing.map(|(typed, _)| typed.as_str())
    }
}

/// A rule that can't be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Whose rule.
    pub attribute: Attribute,
    /// Why, and what to do about it.
    pub fault: Fault,
}

/// What an attribute of one person shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// When it is written.
    pub mode: Mode,
    /// The value, as Graph takes it.
    pub value: Option<String>,
}

/// What the attributes of one person shall be. What isn't named is never written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// By attribute.
    pub of: BTreeMap<Attribute, Wish>,
    /// Values that Graph doesn't take, each in a sentence.
    pub unfit: Vec<String>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self::read(&AttributeMapping::default()).expect("the default rules can be read")
    }
}

impl Mapping {
    /// Reads rules, as they were typed.
    pub fn read(mapping: &AttributeMapping) -> Result<Self, Unusable> {
        let read = |attribute: Attribute| {
            let rule = mapping.rule(attribute);
            let expression = check(attribute, &rule)?;
            Ok((attribute, Usable::new(rule.mode, expression)))
        };
        let rules = Attribute::ALL.into_iter().map(read).collect::<Result<_, Unusable>>()?;
        Ok(Self { rules, members: Members::default(), pseudonyms: Pseudonyms::default() })
    }

    /// What a person's attributes shall be.
    #[must_use]
    pub fn wishes(&self, user: &User) -> Wishes {
        let mut wishes = Wishes::default();
        for (attribute, rule) in &self.rules {
            if rule.mode == Mode::Never || rule.missing(&self.members.groups).is_some() {
                continue;
            }
            match self.value(*attribute, user) {
                Ok(value) => {
                    wishes.of.insert(*attribute, Wish { mode: rule.mode, value });
                }
                Err(unfit) => wishes.unfit.push(unfit),
            }
        }
        wishes
    }

    /// What a rule gives for a person, as Graph takes it, whether or not it is ever written; or why Graph
    /// wouldn't take it.
    pub fn value(&self, attribute: Attribute, user: &User) -> Result<Option<String>, String> {
        let Some(rule) = self.rules.get(&attribute) else { return Ok(None) };
        let none = HashSet::new();
        let groups = self.members.of.get(&user.id).unwrap_or(&none);
        let facts = Facts { user, groups, pseudonyms: &self.pseudonyms };
        fit(attribute, rule.expression.value(&facts))
    }

    /// What the rule of an attribute is made of; nothing of it leaves when it is never written.
    #[must_use]
    pub fn fields(&self, attribute: Attribute) -> Fields {
        let rule = self.rules.get(&attribute);
        rule.map(|rule| rule.expression.fields()).unwrap_or_default()
    }

    /// When an attribute is written.
    #[must_use]
    pub fn mode(&self, attribute: Attribute) -> Mode {
        self.rules.get(&attribute).map_or(Mode::Never, |rule| rule.mode)
    }

    /// Whether an attribute has the same rule by both.
    #[must_use]
    pub fn has_same_rule(&self, other: &Self, attribute: Attribute) -> bool {
        self.rules.get(&attribute) == other.rules.get(&attribute)
    }

    /// Whether any rule asks who is in a group.
    #[must_use]
    pub fn asks_for_groups(&self) -> bool {
        self.rules.values().any(|rule| !rule.groups.is_empty())
    }

    /// The groups that rules ask for, folded.
    #[must_use]
    pub fn asked_groups(&self) -> BTreeSet<String> {
        let groups = self.rules.values().flat_map(|rule| &rule.groups);
        groups.map(|(_, folded)| folded.clone()).collect()
    }

    /// The first group that a rule asks for and that isn't there.
    #[must_use]
    pub fn missing(&self, attribute: Attribute) -> Option<String> {
        let rule = self.rules.get(&attribute).filter(|rule| rule.mode != Mode::Never)?;
        rule.missing(&self.members.groups).map(str::to_owned)
    }

    /// Whether a rule that is in force asks who is in this group.
    #[must_use]
    pub fn asks_for(&self, group: &str) -> Option<Attribute> {
        let wanted = fold(group);
        let asks = |rule: &Usable| {
            rule.mode != Mode::Never && rule.groups.iter().any(|(_, folded)| *folded == wanted)
        };
        self.rules.iter().find(|(_, rule)| asks(rule)).map(|(attribute, _)| *attribute)
    }
}

/// A rule's expression, if it can be used for the attribute.
pub fn check(attribute: Attribute, rule: &Rule) -> Result<Expression, Unusable> {
    let unusable = |fault| Unusable { attribute, fault };
    let expression = Expression::parse(&rule.expression).map_err(unusable)?;
    if !rule.mode.suits(attribute) {
        let what = format!("a {} can't be written in this mode.", attribute.label());
        let remedy = "Choose another mode.".to_owned();
        return Err(unusable(Fault { at: 1, what, remedy }));
    }
    let written = rule.mode != Mode::Never;
    if attribute == Attribute::DisplayName && written && expression.kind() == Kind::Optional {
        let fault = Fault {
            at: 1,
            what: "somebody could be left without a name.".to_owned(),
            remedy: "Put it into coalesce(…, \"Staff\"), with a text of your own.".to_owned(),
        };
        return Err(unusable(fault));
    }
    Ok(expression)
}

/// How a sentence begins that says why the value of an attribute isn't written.
#[must_use]
pub fn unfit(attribute: Attribute) -> String {
    format!("the {} isn't written:", attribute.label())
}

/// A value as Graph takes it: without blanks around, and no longer than it may be (`graph.md` 2.4).
pub fn fit(attribute: Attribute, value: Option<String>) -> Result<Option<String>, String> {
    let Some(value) = value else { return Ok(None) };
    let text = match attribute {
        Attribute::MailNickname => nickname(&value),
        _ => value.trim().to_owned(),
    };
    if attribute == Attribute::PreferredLanguage && !is_language(&text) {
        return Err(format!("{} it is no code such as de-DE", unfit(attribute)));
    }
    let most = attribute.most();
    if text.chars().count() <= most {
        return Ok(Some(text).filter(|text| !text.is_empty()));
    }
    match attribute.too_long() {
        TooLong::Cut => {
            let cut: String = text.chars().take(most).collect();
            Ok(Some(cut.trim_end().to_owned()))
        }
        TooLong::LeftOut => Err(format!("{} it has more than {most} characters", unfit(attribute))),
    }
}

/// What Exchange takes: ASCII without blanks and signs that mean something in addresses.
fn nickname(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_graphic() && !"@()\\[]\";:<>,".contains(*c);
    text.to_lowercase().chars().filter(fits).collect()
}

/// Whether a text is `ll` or `ll-CC`, such as `tr-TR`.
fn is_language(text: &str) -> bool {
    let (language, country) = text.split_once('-').unwrap_or((text, "AA"));
    let letters = |part: &str, fits: fn(&char) -> bool| part.chars().all(|c| fits(&c));
    (2..=3).contains(&language.len())
        && letters(language, char::is_ascii_lowercase)
        && country.len() == 2
        && letters(country, char::is_ascii_uppercase)
}

impl Wishes {
    /// What a new account gets.
    #[must_use]
    pub fn for_new(&self) -> EntraAttributes {
        let described = self.of.iter().filter(|(it, _)| **it != Attribute::MailNickname);
        described.filter_map(|(it, wish)| Some((*it, wish.value.clone()?))).collect()
    }

    /// The nickname that a new account is wished.
    #[must_use]
    pub fn nickname(&self) -> Option<&str> {
        self.of.get(&Attribute::MailNickname)?.value.as_deref()
    }

    /// What is written to an account that is there.
    #[must_use]
    pub fn changes(&self, there: &EntraAttributes) -> AttributeChanges {
        let changed = |(attribute, wish): (&Attribute, &Wish)| {
            let is = there.get(*attribute);
            let differs = wish.is_written_over(is) && wish.value.as_deref() != is;
            differs.then(|| (*attribute, wish.value.clone()))
        };
        AttributeChanges(self.of.iter().filter_map(changed).collect())
    }
}

impl Wish {
    /// Whether we have a say in an attribute that has this value now.
    const fn is_written_over(&self, is: Option<&str>) -> bool {
        match self.mode {
            Mode::Mirror => true,
            Mode::Always => self.value.is_some(),
            Mode::WhenEmpty => self.value.is_some() && is.is_none(),
            Mode::OnCreate | Mode::Never => false,
        }
    }
}
