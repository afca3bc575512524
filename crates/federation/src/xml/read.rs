//! Reads XML, narrowly: no DTD, comment, instruction, CDATA or declaration, bounded in size, depth
//! and count (R100 to R103). What it reads so far is what we wrote (R092); names are always
//! compared with their namespace (R111).

use uppsala::{Document, NodeId, NodeKind, Parser};

use crate::{Error, Result, uris};

/// Elements nest at most this deep.
const DEEPEST: u32 = 32;
/// An element has at most this many attributes.
const MOST_ATTRIBUTES: usize = 64;
/// An element declares at most this many prefixes.
const MOST_DECLARATIONS: usize = 16;
/// A document has at most this many nodes.
const MOST_NODES: usize = 2_000;

/// What kind of document is read: how long it may be, and whether it may use `xsi:type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A protocol message or token.
    Message,
    /// A metadata document.
    Metadata,
}

impl Kind {
    const fn most_bytes(self) -> usize {
        match self {
            Self::Message => 32 * 1024,
            Self::Metadata => 64 * 1024,
        }
    }
}

/// A parsed document.
pub(crate) struct Tree<'x> {
    document: Document<'x>,
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
    // A value never holds a bare `<`, so these two bytes are a DTD, a comment, CDATA, an
    // instruction or a declaration, and none of them is ever wanted.
    if xml.contains("<!") || xml.contains("<?") {
        return Err(Error::Unreadable("it has a DTD, comment, CDATA or instruction"));
    }
    let parser = Parser::new().with_forbid_dtd(true).with_max_depth(DEEPEST);
    let document = parser.parse(xml).map_err(|_| Error::Unreadable("it is not well-formed"))?;
    let tree = Tree { document };
    let mut left = MOST_NODES;
    tree.check(tree.document.root(), kind, &mut left)?;
    Ok(tree)
}

impl<'x> Tree<'x> {
    /// The document element.
    pub(crate) fn root(&self) -> Result<Node<'_, 'x>> {
        let id = self.document.document_element();
        id.map(|id| Node { tree: self, id }).ok_or(Error::Unreadable("it is empty"))
    }

    fn check(&self, id: NodeId, kind: Kind, left: &mut usize) -> Result<()> {
        *left = left.checked_sub(1).ok_or(Error::Unreadable("it has too many nodes"))?;
        if let Some(element) = self.document.element(id) {
            let too_many = element.attributes.len() > MOST_ATTRIBUTES
                || element.namespace_declarations.len() > MOST_DECLARATIONS;
            if too_many {
                return Err(Error::Unreadable("an element has too many attributes"));
            }
            if kind == Kind::Message && element.get_attribute_ns(uris::XSI, "type").is_some() {
                return Err(Error::Unreadable("it uses xsi:type"));
            }
        }
        self.document.children_iter(id).try_for_each(|child| self.check(child, kind, left))
    }
}

impl<'t, 'x> Node<'t, 'x> {
    /// Whether it is the element `name` of `namespace`.
    pub(crate) fn is(self, namespace: &str, name: &str) -> bool {
        let element = self.tree.document.element(self.id);
        element.is_some_and(|element| element.name.matches(Some(namespace), name))
    }

    /// Its child elements; text between them is refused.
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

    /// An attribute without namespace.
    pub(crate) fn attribute(self, name: &str) -> Result<&'t str> {
        let attributes = self.tree.document.element(self.id).map(|element| &element.attributes);
        attributes
            .into_iter()
            .flatten()
            .find(|held| held.name.matches(None, name))
            .map(|held| held.value.as_ref())
            .ok_or(Error::Unreadable("an attribute is missing"))
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
        let Some(id) = self.next else { return Ok(None) };
        if self.tree.document.element(id).is_none() {
            return Err(Error::Unreadable("there is text between elements"));
        }
        self.next = self.tree.document.next_sibling(id);
        Ok(Some(Node { tree: self.tree, id }))
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
            "<a></b>",
            "",
            "<a xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:type=\"x\"></a>",
        ] {
            assert!(refusal(xml).is_some(), "{xml}");
        }
        assert_eq!(refusal("<a>&lt;&#xD;</a>"), None);
    }

    #[test]
    fn documents_are_bounded_in_every_direction() {
        let deep = format!("{}{}", "<a>".repeat(33), "</a>".repeat(33));
        let wide = format!("<a>{}</a>", "<b></b>".repeat(2_000));
        let attributes = (0..65).map(|n| format!(" x{n}=\"\"")).collect::<Vec<_>>().concat();
        let prefixes = (0..17).map(|n| format!(" xmlns:x{n}=\"u\"")).collect::<Vec<_>>().concat();
        let long = format!("<a>{}</a>", "x".repeat(32 * 1024));
        for xml in
            [deep, wide, format!("<a{attributes}></a>"), format!("<a{prefixes}></a>"), long.clone()]
        {
            assert!(refusal(&xml).is_some(), "{}", &xml[..60]);
        }
        assert!(parse(&long, Kind::Metadata).is_ok());
    }
}
