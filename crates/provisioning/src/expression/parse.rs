//! Reads an expression, and says at which character it is wrong and what to do about it.

use model::{line, mapping::PersonField};

use super::{Condition, DEEPEST, Fault, LONGEST, Text};

/// What is known by name, for whoever mistypes one.
const FUNCTIONS: &str = "join, concat, coalesce, lower, upper, trim, replace, part, first, substring, \
     pseudonym and if";
const CONDITIONS: &str = "member, empty, equal and not";
/// The highest number that a part or a character may have.
const MOST_COUNT: usize = 1024;

pub(super) fn parse(source: &str) -> Result<Text, Fault> {
    let mut reader = Reader { chars: source.chars().collect(), at: 0, depth: 0 };
    if reader.chars.len() > LONGEST {
        let what = format!("the expression is longer than {LONGEST} characters.");
        return Err(fault(LONGEST + 1, what, "Make it shorter."));
    }
    let text = reader.text()?;
    reader.blanks();
    if reader.at < reader.chars.len() {
        let remedy = "Remove what follows, or put both into join(\" \", …).";
        return Err(reader.fault("the expression is complete before this.", remedy));
    }
    Ok(text)
}

fn fault(at: usize, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
    Fault { at, what: what.into(), remedy: remedy.into() }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn fault(&self, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
        fault(self.at + 1, what, remedy)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Whether this character comes next; then it is behind us.
    fn takes(&mut self, wanted: char) -> bool {
        self.blanks();
        let there = self.peek() == Some(wanted);
        if there {
            self.at += 1;
        }
        there
    }

    fn expect(&mut self, wanted: char) -> Result<(), Fault> {
        if self.takes(wanted) {
            return Ok(());
        }
        let what = match self.peek() {
            Some(found) => format!("there is {found} where {wanted} should be."),
            None => format!("the expression ends where {wanted} should be."),
        };
        Err(self.fault(what, format!("Type {wanted} here.")))
    }

    /// One level further in.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth >= DEEPEST {
            let what = format!("functions stand more than {DEEPEST} deep in one another.");
            return Err(self.fault(what, "Make it simpler."));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn text(&mut self) -> Result<Text, Fault> {
        self.blanks();
        let start = self.at;
        match self.peek() {
            Some('"') => Ok(Text::Constant(self.quoted()?)),
            Some(c) if c.is_ascii_alphabetic() => {
                let name = self.name();
                if self.takes('(') {
                    return self.deeper(|reader| reader.call(&name, start));
                }
                field(&name, start)
            }
            Some(_) | None => {
                let what = "a text is missing here.";
                Err(self.fault(what, "Type a field such as department, or a text in quotes."))
            }
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn call(&mut self, name: &str, start: usize) -> Result<Text, Fault> {
        let text = match name {
            "join" => {
                let between = self.constant()?;
                self.expect(',')?;
                Text::Join(between, self.texts()?)
            }
            "concat" => Text::Join(String::new(), self.texts()?),
            "coalesce" => Text::Coalesce(self.texts()?),
            "lower" => Text::Lower(self.boxed()?),
            "upper" => Text::Upper(self.boxed()?),
            "trim" => Text::Trim(self.boxed()?),
            "pseudonym" => Text::Pseudonym(self.boxed()?),
            "replace" => self.replace()?,
            "part" | "first" => self.part(name)?,
            "substring" => self.substring()?,
            "if" => self.choice()?,
            "member" | "empty" | "equal" | "not" => {
                let what = format!("{name} is a condition and no text.");
                let remedy = format!("Use it as if({name}(…), \"one text\", \"another\").");
                return Err(fault(start + 1, what, remedy));
            }
            _ => {
                let what = format!("there is no function {name}.");
                return Err(fault(start + 1, what, format!("Functions are {FUNCTIONS}.")));
            }
        };
        self.expect(')')?;
        Ok(text)
    }

    fn boxed(&mut self) -> Result<Box<Text>, Fault> {
        self.text().map(Box::new)
    }

    fn texts(&mut self) -> Result<Vec<Text>, Fault> {
        let mut texts = vec![self.text()?];
        while self.takes(',') {
            texts.push(self.text()?);
        }
        Ok(texts)
    }

    fn replace(&mut self) -> Result<Text, Fault> {
        let text = self.boxed()?;
        self.expect(',')?;
        let from = self.something("replaced")?;
        self.expect(',')?;
        Ok(Text::Replace(text, from, self.constant()?))
    }

    fn part(&mut self, name: &str) -> Result<Text, Fault> {
        let text = self.boxed()?;
        self.expect(',')?;
        let between = self.something("split at")?;
        if name == "first" {
            return Ok(Text::Part(text, between, 1));
        }
        self.expect(',')?;
        Ok(Text::Part(text, between, self.number()?))
    }

    fn substring(&mut self) -> Result<Text, Fault> {
        let text = self.boxed()?;
        self.expect(',')?;
        let from = self.number()?;
        self.expect(',')?;
        Ok(Text::Substring(text, from, self.number()?))
    }

    fn choice(&mut self) -> Result<Text, Fault> {
        let condition = Box::new(self.condition()?);
        self.expect(',')?;
        let yes = self.boxed()?;
        self.expect(',')?;
        Ok(Text::If(condition, yes, self.boxed()?))
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        self.blanks();
        let start = self.at;
        let name = self.name();
        if !matches!(name.as_str(), "member" | "empty" | "equal" | "not") {
            let what = "a condition is missing here.";
            return Err(fault(start + 1, what, format!("Conditions are {CONDITIONS}.")));
        }
        self.expect('(')?;
        let condition = self.deeper(|reader| reader.asked(&name))?;
        self.expect(')')?;
        Ok(condition)
    }

    fn asked(&mut self, name: &str) -> Result<Condition, Fault> {
        Ok(match name {
            "member" => Condition::Member(self.something("asked for")?),
            "empty" => Condition::Empty(self.text()?),
            "equal" => {
                let one = self.text()?;
                self.expect(',')?;
                Condition::Equal(one, self.text()?)
            }
            _ => Condition::Not(Box::new(self.condition()?)),
        })
    }

    /// A text in quotes; nothing that is made.
    fn constant(&mut self) -> Result<String, Fault> {
        self.blanks();
        if self.peek() == Some('"') {
            return self.quoted();
        }
        Err(self.fault("here stands a fixed text.", "Type one in quotes, such as \" \"."))
    }

    /// The same, and not empty.
    fn something(&mut self, what: &str) -> Result<String, Fault> {
        self.blanks();
        let start = self.at;
        let text = self.constant()?;
        if text.is_empty() {
            let what = format!("what is {what} is empty.");
            return Err(fault(start + 1, what, "Type at least one character between the quotes."));
        }
        Ok(text)
    }

    fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '"' if line::is_plain(&text) => return Ok(text),
                '"' => {
                    let what = "the text holds characters that can't be seen.";
                    return Err(fault(start + 1, what, "Type it again, in one line."));
                }
                '\\' => text.push(self.escaped()?),
                other => text.push(other),
            }
        }
        Err(fault(start + 1, "the quote isn't closed.", "Type \" at the end of the text."))
    }

    /// What stands after a backslash.
    fn escaped(&mut self) -> Result<char, Fault> {
        if let Some(escaped @ ('"' | '\\')) = self.peek() {
            self.at += 1;
            return Ok(escaped);
        }
        let remedy = "Type \\\\ for a backslash and \\\" for a quote.";
        Err(self.fault("after \\ stands \" or \\ alone.", remedy))
    }

    fn number(&mut self) -> Result<usize, Fault> {
        self.blanks();
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        match digits.parse() {
            Ok(number) if (1..=MOST_COUNT).contains(&number) => Ok(number),
            _ => {
                let remedy = format!("Type 1 to {MOST_COUNT}.");
                Err(fault(start + 1, "a number is missing here.", remedy))
            }
        }
    }
}

fn field(name: &str, start: usize) -> Result<Text, Fault> {
    if let Some(field) = PersonField::by_name(name) {
        return Ok(Text::Field(field));
    }
    let close = PersonField::all().find(|field| is_close(field.name(), name));
    let remedy = close.map_or_else(
        || {
            let names: Vec<&str> = PersonField::all().map(PersonField::name).collect();
            format!("Fields are {}. A fixed text stands in quotes.", names.join(", "))
        },
        |field| format!("Did you mean {}?", field.name()),
    );
    Err(fault(start + 1, format!("there is no field {name}."), remedy))
}

/// Whether somebody may have meant the other: the same letters but for one, or for case and the line
/// below.
fn is_close(known: &str, typed: &str) -> bool {
    let plain = |text: &str| text.replace('_', "").to_lowercase();
    let (known, typed) = (plain(known), plain(typed));
    let (long, short) =
        if known.len() >= typed.len() { (&known, &typed) } else { (&typed, &known) };
    let same = long.chars().zip(short.chars()).take_while(|(a, b)| a == b).count();
    let from_end = long.chars().rev().zip(short.chars().rev()).take_while(|(a, b)| a == b).count();
    long.len() - short.len() <= 1 && same + from_end + 1 >= long.len()
}
