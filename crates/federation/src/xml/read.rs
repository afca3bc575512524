//! Reads XML, narrowly: no DTD, comment, instruction or CDATA, bounded in size, depth and count
//! (R100 to R103). What we wrote reads back without any freedom (R092); strangers may put white
//! space between elements and one plain XML declaration before them, and each id once (R110).
//! Names are always compared with their namespace (R111).

use std::collections::HashSet;

use bergshamra_c14n::C14nMode;
use bergshamra_xml::NodeSet;
use uppsala::{Attribute, Document, NodeId, NodeKind, Parser, QName};

use crate::{Error, Result, uris};

/// What XML allows around an element.
pub(crate) const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Elements nest at most this deep.
const DEEPEST: u32 = 32;
/// An element has at most this many attributes.
const MOST_ATTRIBUTES: usize = 64;
/// An element declares at most this many prefixes.
const MOST_DECLARATIONS: usize = 16;
/// A document has at most this many nodes.
const MOST_NODES: usize = 2_000;
/// An id is at most this long (R110).
const LONGEST_ID: usize = 128;

/// What kind of document is read: how long it may be, and whether it may use `xsi:type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A protocol message or token of ours.
    Message,
    /// A protocol message that a stranger sent.
    Foreign,
    /// A metadata document of ours.
    Metadata,
    /// Metadata of a relying party, which an admin brings; it may also have comments.
    Imported,
}

impl Kind {
    const fn most_bytes(self) -> usize {
        match self {
            Self::Foreign => 32 * 1024,
            Self::Metadata | Self::Imported => 64 * 1024,
            // A claim may be long.
            Self::Message => 512 * 1024,
        }
    }

    /// Whether somebody else wrote it.
    const fn is_foreign(self) -> bool {
        matches!(self, Self::Foreign | Self::Imported)
    }
}

/// A parsed document.
pub(crate) struct Tree<'x> {
    document: Document<'x>,
    kind: Kind,
}

/// An element of a [`Tree`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'t, 'x> {
    tree: &'t Tree<'x>,
    id: NodeId,
}

/// Parses `xml`, or refuses it.
pub(crate) fn parse(xml: &str, kind: Kind) -> Result<Tree<'_>> {
    if xml.len() > kind.most_bytes() {
        return Err(Error::Unreadable("it is too long"));
    }
    let xml = if kind.is_foreign() { after_declaration(xml)? } else { xml };
    // A value never holds a bare `<`, so these two bytes are a DTD, a comment, CDATA, an
    // instruction or a declaration, and hardly any of them is ever wanted here.
    let comments = if kind == Kind::Imported { xml.matches("<!--").count() } else { 0 };
    if xml.matches("<!").count() != comments || xml.contains("<?") {
        return Err(Error::Unreadable("it has a DTD, comment, CDATA or instruction"));
    }
    let parser = Parser::new().with_forbid_dtd(true).with_max_depth(DEEPEST);
    let document = parser.parse(xml).map_err(|_| Error::Unreadable("it is not well-formed"))?;
    let tree = Tree { document, kind };
    let mut count = Count { left: MOST_NODES, ids: HashSet::new() };
    tree.check(tree.document.root(), &mut count)?;
    Ok(tree)
}

/// What follows the declaration that a stranger may begin with: XML 1.0 in UTF-8, in the usual
/// spelling; every other one is refused (R100).
fn after_declaration(xml: &str) -> Result<&str> {
    const REFUSED: Error = Error::Unreadable("its declaration is not that of XML 1.0 in UTF-8");
    let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
    let Some(declaration) = xml.strip_prefix("<?xml ") else { return Ok(xml) };
    let (declaration, rest) = declaration.split_once("?>").ok_or(REFUSED)?;
    if declaration.len() > 100 {
        return Err(REFUSED);
    }
    let plain = declaration.replace('\'', "\"").to_ascii_lowercase();
    let mut parts = plain.split_ascii_whitespace().peekable();
    let is_1_0 = parts.next() == Some("version=\"1.0\"");
    parts.next_if_eq(&"encoding=\"utf-8\"");
    parts.next_if(|part| matches!(*part, "standalone=\"yes\"" | "standalone=\"no\""));
    if is_1_0 && parts.next().is_none() { Ok(rest) } else { Err(REFUSED) }
}

/// What is counted over a whole document.
struct Count<'t> {
    left: usize,
    ids: HashSet<&'t str>,
}

impl<'x> Tree<'x> {
    /// The document element.
    pub(crate) fn root(&self) -> Result<Node<'_, 'x>> {
        let id = self.document.document_element();
        id.map(|id| Node { tree: self, id }).ok_or(Error::Unreadable("it is empty"))
    }

    fn check<'t>(&'t self, id: NodeId, count: &mut Count<'t>) -> Result<()> {
        count.left = count.left.checked_sub(1).ok_or(Error::Unreadable("it has too many nodes"))?;
        if let Some(element) = self.document.element(id) {
            let too_many = element.attributes.len() > MOST_ATTRIBUTES
                || element.namespace_declarations.len() > MOST_DECLARATIONS;
            if too_many {
                return Err(Error::Unreadable("an element has too many attributes"));
            }
            if !element.namespace_declarations.iter().all(|(prefix, uri)| is_binding(prefix, uri)) {
                return Err(Error::Unreadable("a prefix is bound to no namespace"));
            }
            let mut attributes = element.attributes.iter();
            if !is_split(&element.name) || !attributes.all(|held| is_split(&held.name)) {
                return Err(Error::Unreadable("a name has a colon too many"));
            }
            let may_not = matches!(self.kind, Kind::Message | Kind::Foreign);
            if may_not && element.get_attribute_ns(uris::XSI, "type").is_some() {
                return Err(Error::Unreadable("it uses xsi:type"));
            }
            if self.kind.is_foreign() {
                if element.attributes.iter().any(spans_lines) {
                    return Err(Error::Unreadable("an attribute spans lines"));
                }
                check_ids(&element.attributes, count)?;
            }
        }
        self.document.children_iter(id).try_for_each(|child| self.check(child, count))
    }
}

/// Whether a declaration binds a prefix as XML 1.0 allows: to something, and never one of the two
/// that are bound for good (Namespaces in XML 1.0, 2.2 and 3). The parser lets others pass, and their
/// canonical form would not be read as the same document.
fn is_binding(prefix: &str, uri: &str) -> bool {
    let is_free = prefix != "xml" && prefix != "xmlns";
    let is_bound = prefix.is_empty() || !uri.is_empty();
    is_free
        && is_bound
        && !prefix.contains(':')
        && !uri.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a name has one colon at most, and something before it (Namespaces in XML 1.0, 4). The parser
/// lets others pass, and other parsers don't.
fn is_split(name: &QName<'_>) -> bool {
    !name.local_name.contains(':') && name.prefix.as_deref() != Some("")
}

/// Whether a value that may decide something holds what XML reads as a blank and the parser does not. A
/// list is taken apart at either.
fn spans_lines(held: &Attribute<'_>) -> bool {
    let is_list = held.name.local_name == "protocolSupportEnumeration";
    held.name.namespace_uri.is_none() && !is_list && held.value.contains(['\t', '\n', '\r'])
}

/// Whatever the namespace, an id is a name and stands once (R110).
fn check_ids<'t>(attributes: &'t [Attribute<'_>], count: &mut Count<'t>) -> Result<()> {
    let is_id = |name: &str| name.eq_ignore_ascii_case("id") || name == "AssertionID";
    for held in attributes.iter().filter(|held| is_id(&held.name.local_name)) {
        let id = held.value.as_ref();
        if id.len() > LONGEST_ID || !is_name(id) {
            return Err(Error::Unreadable("an id is not a name"));
        }
        if !count.ids.insert(id) {
            return Err(Error::Unreadable("an id stands twice"));
        }
    }
    Ok(())
}

/// Whether it is a name without colon; of the names that XML allows, the ASCII ones.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

impl<'t, 'x> Node<'t, 'x> {
    /// Whether it is the element `name` of `namespace`.
    pub(crate) fn is(self, namespace: &str, name: &str) -> bool {
        let element = self.tree.document.element(self.id);
        element.is_some_and(|element| element.name.matches(Some(namespace), name))
    }

    /// Whether its `xsi:type` is the type `name` of `namespace`.
    pub(crate) fn has_type(self, namespace: &str, name: &str) -> bool {
        let Some(said) = self.attribute_of(Some(uris::XSI), "type") else { return false };
        let (prefix, local) = said.trim().split_once(':').unwrap_or(("", said.trim()));
        local == name && self.namespace_of(prefix) == Some(namespace)
    }

    /// The namespace that a prefix stands for here.
    fn namespace_of(self, prefix: &str) -> Option<&'t str> {
        let document = &self.tree.document;
        std::iter::successors(Some(self.id), |id| document.parent(*id))
            .filter_map(|id| document.element(id))
            .flat_map(|element| &element.namespace_declarations)
            .find(|(declared, _)| declared.as_ref() == prefix)
            .map(|(_, namespace)| namespace.as_ref())
    }

    /// Its child elements; text between them is refused, but for a stranger's white space.
    pub(crate) fn elements(self) -> Elements<'t, 'x> {
        Elements { tree: self.tree, next: self.tree.document.first_child(self.id) }
    }

    /// Its text, when it holds nothing else.
    pub(crate) fn text(self) -> Result<&'t str> {
        let document = &self.tree.document;
        let Some(child) = document.first_child(self.id) else { return Ok("") };
        match (document.node_kind(child), document.next_sibling(child)) {
            (Some(NodeKind::Text(text)), None) => Ok(text),
            _ => Err(Error::Unreadable("an element holds more than text")),
        }
    }

    /// Its text without the white space around it, when it holds nothing else and some.
    pub(crate) fn trimmed(self) -> Result<&'t str> {
        let text = self.text()?.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.is_empty() { Err(Error::Unreadable("an element is empty")) } else { Ok(text) }
    }

    /// How many elements `name` of `namespace` it holds at any depth, itself included.
    pub(crate) fn count(self, namespace: &str, name: &str) -> usize {
        let mut parts = self.tree.document.children_iter(self.id);
        let own = usize::from(self.is(namespace, name));
        parts.by_ref().map(|id| Node { tree: self.tree, id }.count(namespace, name)).sum::<usize>()
            + own
    }

    /// Its exclusive canonical form, less one element inside it.
    pub(crate) fn canonical(self, without: Option<Self>) -> Result<Vec<u8>> {
        let document = &self.tree.document;
        let mut nodes = NodeSet::tree_without_comments(self.id, document);
        if let Some(left_out) = without {
            left_out.leave_out(&mut nodes);
        }
        bergshamra_c14n::canonicalize_doc::<&str>(document, C14nMode::Exclusive, Some(&nodes), &[])
            .map_err(|_| Error::Unreadable("it has no canonical form"))
    }

    fn leave_out(self, nodes: &mut NodeSet) {
        nodes.remove_id(self.id);
        for id in self.tree.document.children_iter(self.id) {
            Node { tree: self.tree, id }.leave_out(nodes);
        }
    }

    /// An attribute without namespace.
    pub(crate) fn attribute(self, name: &str) -> Result<&'t str> {
        self.attribute_of(None, name).ok_or(Error::Unreadable("an attribute is missing"))
    }

    /// An attribute without namespace, if it is there.
    pub(crate) fn find_attribute(self, name: &str) -> Option<&'t str> {
        self.attribute_of(None, name)
    }

    /// An attribute of this namespace, or of none, if it is there.
    pub(crate) fn attribute_of(self, namespace: Option<&str>, name: &str) -> Option<&'t str> {
        let attributes = self.tree.document.element(self.id).map(|element| &element.attributes);
        attributes
            .into_iter()
            .flatten()
            .find(|held| held.name.matches(namespace, name))
            .map(|held| held.value.as_ref())
    }

    /// Where it stands in the text that was parsed.
    pub(crate) fn range(self) -> Result<std::ops::Range<usize>> {
        self.tree.document.node_range(self.id).ok_or(Error::Unreadable("an element has no place"))
    }
}

/// The child elements of an element, one after the other.
pub(crate) struct Elements<'t, 'x> {
    tree: &'t Tree<'x>,
    next: Option<NodeId>,
}

impl<'t, 'x> Elements<'t, 'x> {
    /// The next child element, if there is one.
    pub(crate) fn step(&mut self) -> Result<Option<Node<'t, 'x>>> {
        while let Some(id) = self.next {
            self.next = self.tree.document.next_sibling(id);
            match self.tree.document.node_kind(id) {
                Some(NodeKind::Element(_)) => return Ok(Some(Node { tree: self.tree, id })),
                Some(NodeKind::Text(text)) if self.may_skip(text) => {}
                Some(NodeKind::Comment(_)) if self.tree.kind == Kind::Imported => {}
                _ => return Err(Error::Unreadable("there is text between elements")),
            }
        }
        Ok(None)
    }

    fn may_skip(&self, text: &str) -> bool {
        let is_space = |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.tree.kind.is_foreign() && text.bytes().all(is_space)
    }

    /// The next child element if it is `name` of `namespace`; else it stays for later.
    pub(crate) fn optional(&mut self, namespace: &str, name: &str) -> Result<Option<Node<'t, 'x>>> {
        let before = self.next;
        let node = self.step()?.filter(|node| node.is(namespace, name));
        if node.is_none() {
            self.next = before;
        }
        Ok(node)
    }

    /// The next child element, which must be `name` of `namespace`.
    pub(crate) fn expect(&mut self, namespace: &str, name: &str) -> Result<Node<'t, 'x>> {
        let node = self.step()?.filter(|node| node.is(namespace, name));
        node.ok_or(Error::Unreadable("an element is missing or out of order"))
    }

    /// Refuses anything that is left.
    pub(crate) fn finish(mut self) -> Result<()> {
        match self.step()? {
            None => Ok(()),
            Some(_) => Err(Error::Unreadable("there is an element too many")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(xml: &str) -> Option<Error> {
        parse(xml, Kind::Message).err()
    }

    /// R100
    #[test]
    fn constructs_that_only_attacks_need_are_refused() {
        for xml in [
            "<!DOCTYPE a><a></a>",
            "<?xml version=\"1.0\"?><a></a>",
            "<a><!-- --></a>",
            "<a><![CDATA[x]]></a>",
            "<a><?go?></a>",
            "<a>&other;</a>",
            "<a></a><b></b>",
            "<a></a>x",
            "<a b=\"1\" b=\"2\"></a>",
            "<p:a></p:a>",
            "<a xmlns:p=\"\"></a>",
            "<a xmlns:p=\"urn:p\"><p:b xmlns:p=\"\"></p:b></a>",
            "<a xmlns:p=\"urn:\np\"></a>",
            "<a xmlns:xml=\"urn:a\"></a>",
            "<:a></:a>",
            "<:p:a xmlns:p=\"urn:p\"></:p:a>",
            "<p:a:b xmlns:p=\"urn:p\"></p:a:b>",
            "<a :b=\"1\"></a>",
            "<a xmlns:p=\"urn:p\" p:b:c=\"1\"></a>",
            "<a xmlns:p:q=\"urn:p\"></a>",
            "<a xmlns:xmlns=\"urn:a\"></a>",
            "<a></b>",
            "",
            "<a xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"x\"></a>",
        ] {
            assert!(refusal(xml).is_some(), "{xml}");
        }
        assert_eq!(refusal("<a>&lt;&#xD;</a>"), None);
        assert_eq!(refusal("<a xmlns=\"urn:a\"><b xmlns=\"\"></b></a>"), None);
    }

    /// R099: others read a blank there, as XML has it.
    #[test]
    fn an_attribute_of_a_stranger_stays_on_one_line() {
        let refused = |xml: &str| parse(xml, Kind::Imported).is_err();
        for blank in ["\t", "\n", "\r\n", "&#10;"] {
            assert!(refused(&format!("<a b=\"urn:{blank}x\"/>")), "{blank:?}");
            assert!(!refused(&format!("<a protocolSupportEnumeration=\"a{blank}b\"/>")));
        }
        assert!(!refused("<a b=\"urn: x\"/>"));
    }

    /// R100
    #[test]
    fn strangers_may_declare_and_indent_and_nothing_more() {
        const BODY: &str = "<a xmlns='urn:a'>\r\n\t<b Id='_1'/> </a>\n";
        let read = |xml: &str| {
            parse(xml, Kind::Foreign).and_then(|tree| {
                let mut parts = tree.root()?.elements();
                parts.expect("urn:a", "b")?;
                parts.finish()
            })
        };
        for declaration in [
            "",
            "\u{feff}",
            "\n ",
            "<?xml version=\"1.0\"?>",
            "<?xml version='1.0' encoding='UTF-8'?>\n",
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>",
        ] {
            assert_eq!(read(&format!("{declaration}{BODY}")), Ok(()), "{declaration}");
        }
        for refused in [
            "<?xml version=\"1.1\"?>",
            "<?xml version=\"1.0\" encoding=\"UTF-7\"?>",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
            "<?xml encoding=\"utf-8\"?>",
            "<?xml version=\"1.0\" extra=\"1\"?>",
            "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>",
            "<?xml-stylesheet href=\"a\"?>",
            "<!-- -->",
            "<!DOCTYPE a>",
            "x",
        ] {
            assert!(read(&format!("{refused}{BODY}")).is_err(), "{refused}");
        }
        for odd in ["<b/>x", "<b/><![CDATA[ ]]>", "<b/>&#160;", "<b/><b/>", "<c/>"] {
            assert!(read(&format!("<a xmlns='urn:a'>{odd}</a>")).is_err(), "{odd}");
        }
        assert!(
            parse(BODY, Kind::Message).and_then(|t| t.root()?.elements().step().map(drop)).is_err()
        );
    }

    /// R110
    #[test]
    fn an_id_of_a_stranger_is_a_name_and_stands_once() {
        let two = |one: &str, other: &str| {
            let u = "xmlns:u=\"urn:u\"";
            let xml = format!("<a {u} u:Id=\"{one}\"><b ID=\"{other}\"></b></a>");
            parse(&xml, Kind::Foreign).map(drop)
        };
        assert_eq!(two("_0", "_1"), Ok(()));
        for (one, other) in [("_0", "_0"), ("1", "_1"), ("a:b", "_1"), ("", "_1"), ("é", "_1")] {
            assert!(two(one, other).is_err(), "{one} {other}");
        }
        assert!(two(&"x".repeat(129), "_1").is_err());
    }

    /// R101
    #[test]
    fn documents_are_bounded_in_every_direction() {
        let deep = format!("{}{}", "<a>".repeat(33), "</a>".repeat(33));
        let wide = format!("<a>{}</a>", "<b></b>".repeat(2_000));
        let attributes = (0..65).map(|n| format!(" x{n}=\"\"")).collect::<Vec<_>>().concat();
        let prefixes = (0..17).map(|n| format!(" xmlns:x{n}=\"u\"")).collect::<Vec<_>>().concat();
        let long = format!("<a>{}</a>", "x".repeat(32 * 1024));
        for xml in [deep, wide, format!("<a{attributes}></a>"), format!("<a{prefixes}></a>")] {
            assert!(refusal(&xml).is_some(), "{}", &xml[..60]);
        }
        assert!(parse(&long, Kind::Foreign).is_err());
        assert!(parse(&format!("<a>{}</a>", "x".repeat(512 * 1024)), Kind::Message).is_err());
        assert!(parse(&long, Kind::Metadata).is_ok());
    }
}
