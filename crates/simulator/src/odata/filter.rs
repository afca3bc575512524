//! `$filter`: a small recursive reader and its evaluation on one object.
//! `eq`, `in`, `startswith`, `and`, `or` are basic; `ne`, `not`, `endswith` are advanced queries.

use serde_json::Value;

use crate::graph::Refusal;

/// A condition on an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Equals(String, Literal),
    Differs(String, Literal),
    OneOf(String, Vec<Literal>),
    StartsWith(String, String),
    EndsWith(String, String),
    /// `assignedLicenses/any(x:x/skuId eq ...)`, `proxyAddresses/any(x:x eq ...)`.
    Any(String, Literal),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

/// A constant in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Flag(bool),
    Null,
}

impl Literal {
    fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(wanted), Value::String(found)) => wanted.eq_ignore_ascii_case(found),
            (Self::Flag(wanted), Value::Bool(found)) => wanted == found,
            (Self::Null, Value::Null) => true,
            _ => false,
        }
    }
}

impl Filter {
    /// Reads a filter.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let tokens = tokens(text).ok_or_else(|| syntax(text))?;
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let filter = reader.alternatives().filter(|_| reader.at == tokens.len());
        filter.ok_or_else(|| syntax(text))
    }

    /// Whether the query needs `ConsistencyLevel: eventual` and `$count=true`.
    pub(crate) fn is_advanced(&self) -> bool {
        match self {
            Self::Differs(..) | Self::Not(_) | Self::EndsWith(..) => true,
            Self::And(left, right) | Self::Or(left, right) => {
                left.is_advanced() || right.is_advanced()
            }
            Self::Equals(..) | Self::OneOf(..) | Self::StartsWith(..) | Self::Any(..) => false,
        }
    }

    /// The properties that the filter looks at.
    pub(crate) fn properties(&self) -> Vec<&str> {
        match self {
            Self::Equals(name, _)
            | Self::Differs(name, _)
            | Self::OneOf(name, _)
            | Self::StartsWith(name, _)
            | Self::EndsWith(name, _)
            | Self::Any(name, _) => vec![name],
            Self::Not(inner) => inner.properties(),
            Self::And(left, right) | Self::Or(left, right) => {
                let mut names = left.properties();
                names.extend(right.properties());
                names
            }
        }
    }

    /// Whether an object, seen through `get`, fulfils the condition.
    pub(crate) fn matches(&self, get: &dyn Fn(&str) -> Value) -> bool {
        let begins = |name: &str, part: &str, ends: fn(&str, &str) -> bool| {
            get(name).as_str().is_some_and(|text| ends(&text.to_lowercase(), &part.to_lowercase()))
        };
        match self {
            Self::Equals(name, literal) => equals(name, literal, &get(name)),
            Self::Differs(name, literal) => !equals(name, literal, &get(name)),
            Self::OneOf(name, literals) => {
                let value = get(name);
                literals.iter().any(|literal| equals(name, literal, &value))
            }
            Self::StartsWith(name, part) => begins(name, part, |text, part| text.starts_with(part)),
            Self::EndsWith(name, part) => begins(name, part, |text, part| text.ends_with(part)),
            Self::Any(name, literal) => get(name).as_array().is_some_and(|items| {
                items.iter().any(|item| literal.equals(item.get("skuId").unwrap_or(item)))
            }),
            Self::Not(inner) => !inner.matches(get),
            Self::And(left, right) => left.matches(get) && right.matches(get),
            Self::Or(left, right) => left.matches(get) || right.matches(get),
        }
    }
}

/// The immutable id is the one property whose case matters to Entra.
fn equals(name: &str, literal: &Literal, value: &Value) -> bool {
    match literal {
        Literal::Text(wanted) if name == "onPremisesImmutableId" => value == wanted.as_str(),
        _ => literal.equals(value),
    }
}

fn syntax(text: &str) -> Refusal {
    Refusal::bad("BadRequest", format!("Invalid filter clause: Syntax error in '{text}'."))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            ' ' => {}
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            '\'' => {
                let mut content = String::new();
                loop {
                    match rest.next()? {
                        '\'' if rest.peek() == Some(&'\'') => {
                            rest.next();
                            content.push('\'');
                        }
                        '\'' => break,
                        other => content.push(other),
                    }
                }
                tokens.push(Token::Text(content));
            }
            first => {
                let mut word = String::from(first);
                while let Some(more) = rest.next_if(|c| !" (),'".contains(*c)) {
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(token)
    }

    fn take(&mut self, token: &Token) -> Option<()> {
        (self.tokens.get(self.at) == Some(token)).then(|| self.at += 1)
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        self.take(&Token::Word(wanted.to_owned())).is_some()
    }

    fn alternatives(&mut self) -> Option<Filter> {
        let mut left = self.conjunction()?;
        while self.take_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Some(left)
    }

    fn conjunction(&mut self) -> Option<Filter> {
        let mut left = self.condition()?;
        while self.take_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.condition()?));
        }
        Some(left)
    }

    fn condition(&mut self) -> Option<Filter> {
        match self.next()? {
            Token::Open => {
                let inner = self.alternatives()?;
                self.take(&Token::Close)?;
                Some(inner)
            }
            Token::Word(word) if word == "not" => Some(Filter::Not(Box::new(self.condition()?))),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "startswith" => self.two_arguments().map(|(n, t)| Filter::StartsWith(n, t)),
                "endswith" => self.two_arguments().map(|(n, t)| Filter::EndsWith(n, t)),
                _ => match word.strip_suffix("/any") {
                    Some(list) => self.any(list),
                    None => self.comparison(word),
                },
            },
            _ => None,
        }
    }

    fn two_arguments(&mut self) -> Option<(String, String)> {
        self.take(&Token::Open)?;
        let Token::Word(name) = self.next()? else { return None };
        self.take(&Token::Comma)?;
        let Token::Text(text) = self.next()? else { return None };
        self.take(&Token::Close)?;
        Some((name, text))
    }

    /// `(x:x/skuId eq guid)` or `(x:x eq 'text')`.
    fn any(&mut self, list: &str) -> Option<Filter> {
        self.take(&Token::Open)?;
        let Token::Word(lambda) = self.next()? else { return None };
        let (variable, path) = lambda.split_once(':')?;
        let is_known = path == variable || path == format!("{variable}/skuId");
        if !is_known || !self.take_word("eq") {
            return None;
        }
        let literal = self.literal()?;
        self.take(&Token::Close)?;
        Some(Filter::Any(list.to_owned(), literal))
    }

    fn comparison(&mut self, name: String) -> Option<Filter> {
        let Token::Word(operator) = self.next()? else { return None };
        match operator.as_str() {
            "eq" => Some(Filter::Equals(name, self.literal()?)),
            "ne" => Some(Filter::Differs(name, self.literal()?)),
            "in" => {
                self.take(&Token::Open)?;
                let mut literals = vec![self.literal()?];
                while self.take(&Token::Comma).is_some() {
                    literals.push(self.literal()?);
                }
                self.take(&Token::Close)?;
                Some(Filter::OneOf(name, literals))
            }
            _ => None,
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        match self.next()? {
            Token::Text(text) => Some(Literal::Text(text)),
            Token::Word(word) => Some(match word.as_str() {
                "true" => Literal::Flag(true),
                "false" => Literal::Flag(false),
                "null" => Literal::Null,
                _ => Literal::Text(word),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(filter: &str) -> bool {
        let user = json!({
            "userPrincipalName": "o'hara@contoso.com",
            "accountEnabled": true,
            "assignedLicenses": [{"skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"}],
        });
        let get = |name: &str| user.get(name).cloned().unwrap_or(Value::Null);
        Filter::parse(filter).unwrap().matches(&get)
    }

    #[test]
    fn filters_are_read_with_their_precedence_and_doubled_quotes() {
        assert!(matches("userPrincipalName eq 'O''HARA@contoso.com' and accountEnabled eq true"));
        assert!(matches("mail eq 'x' or startswith(userPrincipalName,'o''h')"));
        assert!(matches("mail eq null and not(accountEnabled eq false)"));
        assert!(matches("assignedLicenses/any(x:x/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)"));
        assert!(!matches("userPrincipalName in ('a@contoso.com','b@contoso.com')"));
        assert!(Filter::parse("userPrincipalName eq").is_err());
        assert!(Filter::parse("userPrincipalName eq 'a' mail").is_err());
    }
}
