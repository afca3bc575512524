//! Reads a page strictly: every tag is closed in order, every attribute is quoted, nothing is odd.

use std::collections::BTreeMap;

const VOID: &[&str] = &["meta", "link", "input", "path", "circle", "rect", "br", "hr", "img"];

/// An element, with where it stands among the others.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The text inside, descendants included.
    pub(crate) text: String,
    /// The elements around it, the nearest last.
    pub(crate) parents: Vec<String>,
}

impl Element {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// Every element of a page in document order, or what is wrong with it.
pub(crate) fn read(page: &str) -> Result<Vec<Element>, String> {
    let mut rest = page.trim_start().strip_prefix("<!doctype html>").ok_or("no doctype")?;
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    while let Some(start) = rest.find('<') {
        for at in &open {
            elements[*at].text += &unescape(&rest[..start]);
        }
        let end = start + rest[start..].find('>').ok_or("a tag without an end")?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let at = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if elements[at].name != name {
                return Err(format!("</{name}> closes <{}>", elements[at].name));
            }
            continue;
        }
        let parents = open.iter().map(|at| elements[*at].name.clone()).collect();
        let element = element(tag, parents)?;
        if !VOID.contains(&element.name.as_str()) {
            open.push(elements.len());
        }
        elements.push(element);
    }
    match open.last() {
        Some(at) => Err(format!("<{}> is never closed", elements[*at].name)),
        None => Ok(elements),
    }
}

fn element(tag: &str, parents: Vec<String>) -> Result<Element, String> {
    let tag = tag.trim_end_matches('/');
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Err(format!("odd tag <{tag}>"));
    }
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let (attribute, value);
        (attribute, value, rest) = split_attribute(rest)?;
        if attributes.insert(attribute.to_owned(), unescape(value)).is_some() {
            return Err(format!("{attribute} twice in <{tag}>"));
        }
    }
    Ok(Element { name: name.to_owned(), attributes, text: String::new(), parents })
}

fn split_attribute(rest: &str) -> Result<(&str, &str, &str), String> {
    let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let Some(value) = after.strip_prefix('=') else { return Ok((name, "", after)) };
    let value = value.strip_prefix('"').ok_or_else(|| format!("{name} is not quoted"))?;
    let (value, after) = value.split_once('"').ok_or_else(|| format!("{name} never ends"))?;
    Ok((name, value, after))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#13;", "\r")
        .replace("&amp;", "&")
}
