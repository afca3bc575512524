//! The SOAP 1.2 envelope of WS-Trust messages: a stranger's is read, ours is written (SOAP 1.2 part
//! 1, WS-Addressing 1.0, WS-Security 1.0). It does not know what the body means.

use std::time::Duration;

use model::Ts;

use crate::{
    Error, Result,
    uris::{self, ADDRESSING, SOAP12, WSSE, WSU},
    xml::{
        read::{Node, Tree},
        write::Writer,
    },
};

/// How long an answer of ours is fresh, by its timestamp.
const FRESH: Duration = Duration::from_mins(5);
/// A longer message id is not sent back.
const LONGEST_MESSAGE_ID: usize = 200;

/// The header blocks that a request must have, each of them once.
pub(super) struct Header<'t, 'x> {
    pub(super) action: &'t str,
    pub(super) to: &'t str,
    pub(super) security: Node<'t, 'x>,
}

/// Header and body of an envelope.
pub(super) fn open<'t, 'x>(tree: &'t Tree<'x>) -> Result<(Node<'t, 'x>, Node<'t, 'x>)> {
    let root = tree.root()?;
    if !root.is(SOAP12, "Envelope") {
        return Err(Error::Unreadable("it is no SOAP 1.2 envelope"));
    }
    let mut parts = root.elements();
    let (header, body) = (parts.expect(SOAP12, "Header")?, parts.expect(SOAP12, "Body")?);
    parts.finish()?;
    Ok((header, body))
}

/// What the answer relates to: the request's id, when it is a URI of sane length. Some clients
/// write the element's name with a small letter.
pub(super) fn message_id(header: Node<'_, '_>) -> Option<String> {
    let mut blocks = header.elements();
    while let Ok(Some(block)) = blocks.step() {
        if block.is(ADDRESSING, "MessageID") || block.is(ADDRESSING, "messageID") {
            let id = block.text().ok()?;
            let sane = id.len() <= LONGEST_MESSAGE_ID && url::Url::parse(id).is_ok();
            return sane.then(|| id.to_owned());
        }
    }
    None
}

impl<'t, 'x> Header<'t, 'x> {
    /// Reads the header; a block that must be understood and isn't refuses the message.
    pub(super) fn read(header: Node<'t, 'x>) -> Result<Self> {
        let (mut action, mut to, mut security, mut id) = (None, None, None, None);
        let mut blocks = header.elements();
        while let Some(block) = blocks.step()? {
            let taken = if block.is(ADDRESSING, "Action") {
                action.replace(block.text()?).is_some()
            } else if block.is(ADDRESSING, "To") {
                to.replace(block.text()?).is_some()
            } else if block.is(WSSE, "Security") {
                security.replace(block).is_some()
            } else if block.is(ADDRESSING, "MessageID") || block.is(ADDRESSING, "messageID") {
                id.replace(block.text()?).is_some()
            } else {
                check_other(block)?;
                false
            };
            if taken {
                return Err(Error::Unreadable("a header block stands twice"));
            }
        }
        let (Some(action), Some(to), Some(security)) = (action, to, security) else {
            return Err(Error::Unreadable("a header block is missing"));
        };
        Ok(Self { action, to, security })
    }
}

/// Answers go back by the connection that the request came by, and nowhere else.
fn check_other(block: Node<'_, '_>) -> Result<()> {
    if block.is(ADDRESSING, "ReplyTo") {
        let mut parts = block.elements();
        let address = parts.expect(ADDRESSING, "Address")?.text()?;
        parts.finish()?;
        return if address == uris::ADDRESSING_ANONYMOUS {
            Ok(())
        } else {
            Err(Error::Unreadable("the answer is to go elsewhere"))
        };
    }
    match block.attribute_of(Some(SOAP12), "mustUnderstand") {
        None | Some("0" | "false") => Ok(()),
        Some(_) => Err(Error::Unreadable("a header block must be understood and isn't")),
    }
}

/// Begins an answer: envelope, header and an open body.
pub(super) fn begin(writer: &mut Writer, action: &str, relates_to: Option<&str>, now: Ts) {
    writer
        .start("s:Envelope")
        .declare("xmlns:a", ADDRESSING)
        .declare("xmlns:s", SOAP12)
        .declare("xmlns:u", WSU)
        .open();
    writer.start("s:Header").open();
    writer.start("a:Action").attribute("s:mustUnderstand", "1").text(action);
    if let Some(id) = relates_to {
        writer.leaf("a:RelatesTo", id);
    }
    writer.start("o:Security").declare("xmlns:o", WSSE).attribute("s:mustUnderstand", "1").open();
    writer.start("u:Timestamp").attribute("u:Id", "_0").open();
    writer.leaf("u:Created", &now.to_xml());
    writer.leaf("u:Expires", &(now + FRESH).to_xml());
    for _ in ["u:Timestamp", "o:Security", "s:Header"] {
        writer.end();
    }
    writer.start("s:Body").open();
}

/// Ends what [`begin`] began.
pub(super) fn end(mut writer: Writer) -> Result<String> {
    writer.end();
    writer.end();
    writer.finish()
}
