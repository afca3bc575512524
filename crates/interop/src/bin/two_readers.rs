//! What two other XML parsers, libxml2 and quick-xml, see in a message: a line of JSON with its text
//! in, a line of JSON with both trees out; null where a parser refuses it. For the tests, which hold
//! our own reader against them (R099).

use std::{error::Error, io};

use libxml::{
    parser::{Parser, ParserOptions},
    tree::{Node, NodeType},
};
use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
    name::ResolveResult,
};
use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The attributes without a namespace that decide anything.
const ATTRIBUTES: [&str; 12] = [
    "ID",
    "Version",
    "IssueInstant",
    "Destination",
    "InResponseTo",
    "AssertionConsumerServiceURL",
    "AssertionConsumerServiceIndex",
    "ForceAuthn",
    "entityID",
    "Location",
    "Binding",
    "index",
];

/// An element: its name with its namespace, its attributes, the text right below it, and its children.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Map<String, Value>,
    text: String,
    children: Vec<Value>,
}

impl Element {
    fn value(self) -> Value {
        let Self { name, attributes, text, children } = self;
        json!({ "name": name, "attributes": attributes, "text": text, "children": children })
    }
}

fn by_libxml2(xml: &str) -> Result<Value> {
    let strict = ParserOptions { recover: false, no_net: true, ..ParserOptions::default() };
    let document = Parser::default().parse_string_with_options(xml, strict)?;
    let root = document.get_root_element().ok_or("it has no root")?;
    Ok(of_node(&root))
}

fn of_node(node: &Node) -> Value {
    let namespace = node.get_namespace().map(|it| it.get_href()).unwrap_or_default();
    let mut element =
        Element { name: format!("{{{namespace}}}{}", node.get_name()), ..Element::default() };
    for name in ATTRIBUTES {
        // By XPath, which finds none that has a namespace.
        if let Some(value) =
            node.findvalues(&format!("@{name}")).ok().and_then(|all| all.into_iter().next())
        {
            element.attributes.insert(name.to_owned(), value.into());
        }
    }
    for child in node.get_child_nodes() {
        match child.get_type() {
            Some(NodeType::TextNode | NodeType::CDataSectionNode) => {
                element.text.push_str(&child.get_content());
            }
            Some(NodeType::ElementNode) => element.children.push(of_node(&child)),
            _ => {}
        }
    }
    element.value()
}

fn by_quick_xml(xml: &str) -> Result<Value> {
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event()?;
        let inside = open.last_mut();
        match event {
            Event::Start(_) if root.is_some() => return Err("there are two roots".into()),
            Event::Start(start) => open.push(of_start(&reader, &start)?),
            Event::End(_) => {
                let ended = open.pop().ok_or("nothing is open")?.value();
                match open.last_mut() {
                    Some(parent) => parent.children.push(ended),
                    None => root = Some(ended),
                }
            }
            Event::Text(text) => {
                let text = text.xml_content(XmlVersion::Implicit1_0)?;
                if let Some(element) = inside {
                    element.text.push_str(&text);
                }
            }
            Event::CData(text) => {
                inside
                    .ok_or("text outside")?
                    .text
                    .push_str(&text.xml_content(XmlVersion::Implicit1_0)?);
            }
            Event::GeneralRef(reference) => {
                inside.ok_or("text outside")?.text.push(of_reference(&reference)?);
            }
            Event::DocType(_) => return Err("it has a DTD".into()),
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err("it ends too early".into());
    }
    root.ok_or_else(|| "it has no root".into())
}

fn of_start(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element> {
    let (namespace, local) = reader.resolver().resolve_element(start.name());
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => std::str::from_utf8(namespace.into_inner())?.to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(_) => return Err("a prefix is bound to nothing".into()),
    };
    let local = std::str::from_utf8(local.into_inner())?;
    let mut element = Element { name: format!("{{{namespace}}}{local}"), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute?;
        let name = std::str::from_utf8(attribute.key.into_inner())?.to_owned();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
        if ATTRIBUTES.contains(&name.as_str()) {
            element.attributes.insert(name, value.into_owned().into());
        }
    }
    Ok(element)
}

fn of_reference(reference: &BytesRef<'_>) -> Result<char> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character);
    }
    match &*reference.decode()? {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(format!("nobody declared {other}").into()),
    }
}

fn main() -> Result<()> {
    for line in io::stdin().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let xml = asked["xml"].as_str().ok_or("the question lacks xml")?;
        let (libxml2, quick_xml) = (by_libxml2(xml).ok(), by_quick_xml(xml).ok());
        println!("{}", json!({ "libxml2": libxml2, "quick_xml": quick_xml }));
    }
    Ok(())
}
