//! The small language in which an admin says what an attribute of Microsoft's is made of.
//!
//! A text is made of fields of the person, texts between quotes and functions. There are no loops and no
//! variables; an expression, its depth and every text on its way are bounded, and none can fail: what
//! can't be made is no value. An empty text and no text are the same.

mod parse;
mod value;

use std::{collections::BTreeSet, fmt};

use model::mapping::PersonField;

pub use value::Facts;

/// The most characters of an expression.
pub const LONGEST: usize = 500;
/// The deepest that functions stand in one another.
const DEEPEST: usize = 8;
/// The most characters of any text that is made.
const MOST: usize = 1024;

/// An expression that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression(Text);

/// Whether an expression has a value for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has.
    Certain,
    /// It has none for some people.
    Optional,
}

/// Something that makes a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    Constant(String),
    Field(PersonField),
    Join(String, Vec<Text>),
    Coalesce(Vec<Text>),
    Lower(Box<Text>),
    Upper(Box<Text>),
    Trim(Box<Text>),
    Replace(Box<Text>, String, String),
    Part(Box<Text>, String, usize),
    Substring(Box<Text>, usize, usize),
    Pseudonym(Box<Text>),
    If(Box<Condition>, Box<Text>, Box<Text>),
}

/// Something that holds or doesn't.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Member(String),
    Empty(Text),
    Equal(Text, Text),
    Not(Box<Condition>),
}

/// Why an expression can't be read: where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The character at which it is wrong, from 1.
    pub at: usize,
    /// What is wrong, in a sentence.
    pub what: String,
    /// What to do, in a sentence.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "At character {}: {} {}", self.at, self.what, self.remedy)
    }
}

impl Expression {
    /// Reads an expression.
    pub fn parse(source: &str) -> Result<Self, Fault> {
        parse::parse(source).map(Self)
    }

    /// Whether everybody has a value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// What it is for a person; `None` when that is nothing.
    #[must_use]
    pub fn value(&self, facts: &Facts<'_>) -> Option<String> {
        self.0.value(facts)
    }

    /// The fields that leave as they are, and those of which no more than a pseudonym or an answer does.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        self.0.fields(Seen::AsItIs, &mut fields);
        fields
    }
}

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// Fields whose value is in the text, whole or in part.
    pub plain: BTreeSet<PersonField>,
    /// Fields that leave as a pseudonym alone.
    pub hidden: BTreeSet<PersonField>,
    /// Fields and groups that decide about the text and are not in it.
    pub asked: BTreeSet<PersonField>,
    /// Groups that are asked for, as typed.
    pub groups: BTreeSet<String>,
}

/// How a field is seen from outside.
#[derive(Debug, Clone, Copy)]
enum Seen {
    AsItIs,
    Hidden,
    Asked,
}

impl Text {
    fn kind(&self) -> Kind {
        let any = |texts: &[Self]| texts.iter().any(|text| text.kind() == Kind::Certain);
        let certain = match self {
            Self::Constant(text) => !text.trim().is_empty(),
            Self::Field(field) => field.is_certain(),
            Self::Join(_, texts) | Self::Coalesce(texts) => any(texts),
            Self::Lower(text) | Self::Upper(text) | Self::Trim(text) | Self::Pseudonym(text) => {
                text.kind() == Kind::Certain
            }
            Self::If(_, yes, no) => yes.kind() == Kind::Certain && no.kind() == Kind::Certain,
            Self::Replace(..) | Self::Part(..) | Self::Substring(..) => false,
        };
        if certain { Kind::Certain } else { Kind::Optional }
    }

    fn fields(&self, seen: Seen, to: &mut Fields) {
        match self {
            Self::Constant(_) => {}
            Self::Field(field) => {
                let set = match seen {
                    Seen::AsItIs => &mut to.plain,
                    Seen::Hidden => &mut to.hidden,
                    Seen::Asked => &mut to.asked,
                };
                set.insert(*field);
            }
            Self::Join(_, texts) | Self::Coalesce(texts) => {
                for text in texts {
                    text.fields(seen, to);
                }
            }
            Self::Lower(text)
            | Self::Upper(text)
            | Self::Trim(text)
            | Self::Replace(text, ..)
            | Self::Part(text, ..)
            | Self::Substring(text, ..) => text.fields(seen, to),
            Self::Pseudonym(text) => text.fields(Seen::Hidden, to),
            Self::If(condition, yes, no) => {
                condition.fields(to);
                yes.fields(seen, to);
                no.fields(seen, to);
            }
        }
    }
}

impl Condition {
    fn fields(&self, to: &mut Fields) {
        match self {
            Self::Member(group) => {
                to.groups.insert(group.clone());
            }
            Self::Empty(text) => text.fields(Seen::Asked, to),
            Self::Equal(one, other) => {
                one.fields(Seen::Asked, to);
                other.fields(Seen::Asked, to);
            }
            Self::Not(condition) => condition.fields(to),
        }
    }
}

#[cfg(test)]
mod tests;
