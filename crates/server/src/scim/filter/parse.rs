//! Reads a filter, by descent: no longer, no deeper and with no more comparisons than is of use.

use serde_json::Value;

use super::{Comparison, Filter, Place};
use crate::scim::problem::Problem;

const LONGEST: usize = 1_024;
const DEEPEST: u8 = 10;
const MOST: u8 = 20;

/// Reads all of a text.
pub(in crate::scim) fn parse(text: &str) -> Result<Filter, Problem> {
    if text.len() > LONGEST {
        return Err(Problem::filter(format!("A filter may have {LONGEST} bytes.")));
    }
    let mut reader = Reader { rest: text.trim(), count: 0 };
    let filter = reader.either(0)?;
    if reader.rest.is_empty() { Ok(filter) } else { Err(reader.unread()) }
}

struct Reader<'t> {
    rest: &'t str,
    count: u8,
}

impl Reader<'_> {
    /// Parts with `or` between.
    fn either(&mut self, depth: u8) -> Result<Filter, Problem> {
        let mut filter = self.both(depth)?;
        while self.word("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.both(depth)?));
        }
        Ok(filter)
    }

    /// Parts with `and` between.
    fn both(&mut self, depth: u8) -> Result<Filter, Problem> {
        let mut filter = self.one(depth)?;
        while self.word("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one(depth)?));
        }
        Ok(filter)
    }

    fn one(&mut self, depth: u8) -> Result<Filter, Problem> {
        if depth >= DEEPEST {
            return Err(Problem::filter("The filter has too many parentheses."));
        }
        let before = self.rest;
        if self.word("not") {
            if self.sign('(') {
                return Ok(Filter::Not(Box::new(self.closed(')', depth)?)));
            }
            self.rest = before;
        }
        if self.sign('(') {
            return self.closed(')', depth);
        }
        let place = self.place()?;
        if self.sign('[') {
            let mut inner = self.closed(']', depth)?;
            // Microsoft's dialect: `emails[type eq "work"].value eq "a@contoso.com"`.
            if self.sign('.') {
                let part = self.compared()?;
                inner = Filter::And(Box::new(inner), Box::new(part));
            }
            return Ok(Filter::Within(place, Box::new(inner)));
        }
        self.comparing(place)
    }

    fn compared(&mut self) -> Result<Filter, Problem> {
        let place = self.place()?;
        self.comparing(place)
    }

    fn comparing(&mut self, place: Place) -> Result<Filter, Problem> {
        self.count += 1;
        if self.count > MOST {
            return Err(Problem::filter(format!("A filter may have {MOST} comparisons.")));
        }
        if self.word("pr") {
            return Ok(Filter::Present(place));
        }
        let how = self.comparison()?;
        Ok(Filter::Compare(place, how, self.value()?))
    }

    fn closed(&mut self, end: char, depth: u8) -> Result<Filter, Problem> {
        let inner = self.either(depth + 1)?;
        if self.sign(end) { Ok(inner) } else { Err(self.unread()) }
    }

    fn place(&mut self) -> Result<Place, Problem> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_$.:".contains(c);
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let place = Place::read(&self.rest[..end]).ok_or_else(|| self.unread())?;
        self.move_on(end);
        Ok(place)
    }

    fn comparison(&mut self) -> Result<Comparison, Problem> {
        const WORDS: [(&str, Comparison); 9] = [
            ("eq", Comparison::Equal),
            ("ne", Comparison::Different),
            ("co", Comparison::Contains),
            ("sw", Comparison::Begins),
            ("ew", Comparison::Ends),
            ("gt", Comparison::Greater),
            ("ge", Comparison::GreaterOrEqual),
            ("lt", Comparison::Less),
            ("le", Comparison::LessOrEqual),
        ];
        let found = WORDS.into_iter().find(|(word, _)| self.word(word));
        found.map(|(_, how)| how).ok_or_else(|| self.unread())
    }

    /// A value of JSON: a text between quotes, a number, `true`, `false` or `null`. No text that is kept
    /// here holds control characters, and a database may take a zero byte badly.
    fn value(&mut self) -> Result<Value, Problem> {
        let is_text = self.rest.starts_with('"');
        let ends = |c: char| !is_text && (c.is_whitespace() || c == ')' || c == ']');
        let word = &self.rest[..self.rest.find(ends).unwrap_or(self.rest.len())];
        let mut values = serde_json::Deserializer::from_str(word).into_iter::<Value>();
        let value = values.next().and_then(Result::ok);
        let read = values.byte_offset();
        match value {
            Some(Value::String(text)) if text.contains(char::is_control) => {
                Err(Problem::filter("A filter holds no control characters."))
            }
            Some(value) if !value.is_array() && !value.is_object() => {
                self.move_on(read);
                Ok(value)
            }
            _ => Err(self.unread()),
        }
    }

    /// Takes a word, in any case, if it is the next one.
    fn word(&mut self, word: &str) -> bool {
        let Some(next) = self.rest.get(..word.len()) else { return false };
        let goes_on = self.rest[word.len()..].chars().next();
        let ends = goes_on.is_none_or(|c| !c.is_ascii_alphanumeric() && !"-_$.:".contains(c));
        let is_next = next.eq_ignore_ascii_case(word) && ends;
        if is_next {
            self.move_on(word.len());
        }
        is_next
    }

    fn sign(&mut self, sign: char) -> bool {
        let is_next = self.rest.starts_with(sign);
        if is_next {
            self.move_on(sign.len_utf8());
        }
        is_next
    }

    fn move_on(&mut self, by: usize) {
        self.rest = self.rest[by..].trim_start();
    }

    fn unread(&self) -> Problem {
        let rest: String = self.rest.chars().take(40).collect();
        Problem::filter(format!("The filter can't be read from here on: {rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq anna",
            r#"userName is "a""#,
            r#"userName eq "a"#,
            r#"userName eq "a" and"#,
            r#"userName eq "a") "#,
            r#"(userName eq "a""#,
            r#"emails[type eq "a""#,
            r#"userName eq {"a": 1}"#,
            r#"a.b.c eq "1""#,
            r#"userName eq "a\u0000""#,
            "active eq true false",
            "active eq truer",
            "active eq (true)",
            "ü eq 1",
            "userName eq \u{00fc}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_word_ends_where_its_parenthesis_does() {
        for (text, same) in [
            ("(active eq true)", "active eq true"),
            ("not (active eq false)", "not ( active eq false )"),
            (r#"(id eq 5)and(id eq "5)")"#, r#"id eq 5 and id eq "5)""#),
            ("emails[primary eq true]", "emails[ primary eq true ]"),
        ] {
            let read = |text| format!("{:?}", parse(text).unwrap());
            assert_eq!(read(text), read(same), "{text}");
        }
    }

    #[test]
    fn a_filter_has_bounds() {
        let deep = |n: usize| format!("{}id pr{}", "(".repeat(n), ")".repeat(n));
        assert!(parse(&deep(9)).is_ok());
        assert!(parse(&deep(10)).is_err());
        assert!(parse(&deep(400)).is_err());
        let many = |n: usize| vec!["id pr"; n].join(" or ");
        assert!(parse(&many(20)).is_ok());
        assert!(parse(&many(21)).is_err());
        assert!(parse(&format!("id eq \"{}\"", "a".repeat(1_100))).is_err());
    }
}
