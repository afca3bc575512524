//! What a browser without script needs of a page: its forms, and a few texts by their id. The pages are our
//! own and the simulator's, so tags are closed and attributes are quoted.

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: String,
    /// What it sends, if nothing is typed.
    pub(crate) fields: Vec<Field>,
}

/// A field that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) value: String,
    hidden: bool,
}

impl Form {
    /// Whether it has a field of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Nobody fills anything in: script sends it at once, or a button does.
    pub(crate) fn goes_by_itself(&self) -> bool {
        let messages = ["wresult", "SAMLResponse", "SAMLRequest"];
        messages.iter().any(|name| self.has(name)) && self.fields.iter().all(|field| field.hidden)
    }
}

/// The forms of a page.
pub(crate) fn forms(page: &str) -> Vec<Form> {
    let parts = page.split("<form").skip(1);
    parts
        .filter_map(|part| {
            let (head, rest) = part.split_once('>')?;
            let inside = rest.split("</form>").next()?;
            let inputs = inside.split("<input").skip(1);
            let fields = inputs.filter_map(|input| field(input.split_once('>')?.0)).collect();
            Some(Form { action: attribute(head, "action")?, fields })
        })
        .collect()
}

fn field(tag: &str) -> Option<Field> {
    let kind = attribute(tag, "type").unwrap_or_default();
    let ticks = matches!(kind.as_str(), "checkbox" | "radio");
    if ticks && !tag.split_whitespace().any(|word| word == "checked") {
        return None;
    }
    Some(Field {
        name: attribute(tag, "name")?,
        value: attribute(tag, "value").unwrap_or_default(),
        hidden: kind == "hidden",
    })
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

/// The text of the element with this id.
pub(crate) fn text_of(page: &str, id: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!(" id=\"{id}\""))?;
    let (_, rest) = rest.split_once('>')?;
    Some(unescaped(rest.split('<').next()?.trim()))
}

/// The first heading.
pub(crate) fn heading(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<h1")?;
    let (_, rest) = rest.split_once('>')?;
    Some(unescaped(rest.split('<').next()?.trim()))
}

/// Undoes character references.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest))) {
            Some((character, rest)) => {
                plain.push(character);
                plain.push_str(rest);
            }
            None => plain.extend(["&", part]),
        }
    }
    plain
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_send_what_browsers_send() {
        let page = "<h1>One &amp; all</h1><form method=\"post\" action=\"/a?b=1&amp;c=2\">\
                    <input type=\"hidden\" name=\"wresult\" value=\"&lt;a b=&#34;&#x27;&#34;/&gt;\">\
                    <input type=\"checkbox\" name=\"off\" value=\"1\">\
                    <input type=\"checkbox\" name=\"on\" value=\"1\" checked>\
                    <input type=\"email\" name=\"address\"></form>\
                    <form action=\"/b\"><input type=\"hidden\" name=\"SAMLRequest\" value=\"x\">\
                    <button>Go</button></form><dd id=\"upn\">a@b.example</dd>";
        let found = forms(page);
        let fields: Vec<_> =
            found[0].fields.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(fields, [("wresult", "<a b=\"'\"/>"), ("on", "1"), ("address", "")]);
        assert_eq!(found[0].action, "/a?b=1&c=2");
        assert!(!found[0].goes_by_itself() && found[1].goes_by_itself());
        assert_eq!(text_of(page, "upn").as_deref(), Some("a@b.example"));
        assert_eq!(heading(page).as_deref(), Some("One & all"));
        assert_eq!(unescaped("a &unknown; b & c"), "a &unknown; b & c");
    }
}
