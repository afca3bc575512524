//! What one SAML 2.0 assertion says, and its two translations: into canonical XML and back.

use super::Attribute;
use crate::{
    Error, Result,
    uris::{self, SAML20},
    xml::{read::Node, write::Writer},
};

/// Everything that a SAML 2.0 assertion of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content<'a> {
    pub(super) id: &'a str,
    pub(super) issuer: &'a str,
    pub(super) issued_at: &'a str,
    pub(super) not_before: &'a str,
    pub(super) not_on_or_after: &'a str,
    pub(super) audience: &'a str,
    pub(super) name_id_format: &'a str,
    pub(super) name_id: &'a str,
    pub(super) in_response_to: Option<&'a str>,
    pub(super) recipient: &'a str,
    pub(super) confirmed_until: &'a str,
    pub(super) authenticated_at: &'a str,
    pub(super) context: &'a str,
    pub(super) attributes: Vec<Said<'a>>,
}

/// One attribute as the token carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said<'a> {
    pub(super) name: &'a str,
    pub(super) name_format: Option<&'a str>,
    pub(super) values: Vec<&'a str>,
}

impl<'a> Said<'a> {
    pub(super) fn of(attribute: &'a Attribute) -> Self {
        Self {
            name: &attribute.name,
            name_format: attribute.name_format,
            values: attribute.values.iter().map(String::as_str).collect(),
        }
    }

    fn write(&self, writer: &mut Writer) {
        let mut tag = writer.start("saml:Attribute").attribute("Name", self.name);
        if let Some(format) = self.name_format {
            tag = tag.attribute("NameFormat", format);
        }
        tag.open();
        self.values.iter().for_each(|value| writer.leaf("saml:AttributeValue", value));
        writer.end();
    }
}

impl Content<'_> {
    /// The assertion without signature, and the byte at which the signature belongs.
    pub(super) fn write(&self) -> Result<(String, usize)> {
        let mut writer = Writer::with_capacity(8 * 1024);
        writer
            .start("saml:Assertion")
            .declare("xmlns:saml", SAML20)
            .attribute("ID", self.id)
            .attribute("IssueInstant", self.issued_at)
            .attribute("Version", "2.0")
            .open();
        writer.leaf("saml:Issuer", self.issuer);
        let at = writer.position();
        self.write_subject(&mut writer);
        self.write_conditions(&mut writer);
        self.write_authentication(&mut writer);
        if !self.attributes.is_empty() {
            writer.start("saml:AttributeStatement").open();
            self.attributes.iter().for_each(|said| said.write(&mut writer));
            writer.end();
        }
        writer.end();
        Ok((writer.finish()?, at))
    }

    fn write_subject(&self, writer: &mut Writer) {
        writer.start("saml:Subject").open();
        writer.start("saml:NameID").attribute("Format", self.name_id_format).text(self.name_id);
        writer.start("saml:SubjectConfirmation").attribute("Method", uris::CM_BEARER).open();
        let mut tag = writer.start("saml:SubjectConfirmationData");
        if let Some(request) = self.in_response_to {
            tag = tag.attribute("InResponseTo", request);
        }
        tag.attribute("NotOnOrAfter", self.confirmed_until)
            .attribute("Recipient", self.recipient)
            .empty();
        writer.end();
        writer.end();
    }

    fn write_conditions(&self, writer: &mut Writer) {
        writer
            .start("saml:Conditions")
            .attribute("NotBefore", self.not_before)
            .attribute("NotOnOrAfter", self.not_on_or_after)
            .open();
        writer.start("saml:AudienceRestriction").open();
        writer.leaf("saml:Audience", self.audience);
        writer.end();
        writer.end();
    }

    /// The session is named like the assertion, so that a logout request can name it.
    fn write_authentication(&self, writer: &mut Writer) {
        writer
            .start("saml:AuthnStatement")
            .attribute("AuthnInstant", self.authenticated_at)
            .attribute("SessionIndex", self.id)
            .open();
        writer.start("saml:AuthnContext").open();
        writer.leaf("saml:AuthnContextClassRef", self.context);
        writer.end();
        writer.end();
    }

    /// Names the first thing that differs from what was read.
    pub(super) fn compare(&self, read: &Content<'_>) -> Result<()> {
        let differences = [
            ("id", self.id == read.id),
            ("issuer", self.issuer == read.issuer),
            ("time of issue", self.issued_at == read.issued_at),
            ("not before", self.not_before == read.not_before),
            ("not on or after", self.not_on_or_after == read.not_on_or_after),
            ("audience", self.audience == read.audience),
            ("name id format", self.name_id_format == read.name_id_format),
            ("name id", self.name_id == read.name_id),
            ("request", self.in_response_to == read.in_response_to),
            ("recipient", self.recipient == read.recipient),
            ("confirmation", self.confirmed_until == read.confirmed_until),
            ("authentication instant", self.authenticated_at == read.authenticated_at),
            ("authentication context", self.context == read.context),
            ("attributes", self.attributes == read.attributes),
        ];
        match differences.iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((what, _)) => Err(Error::ReadBack(what)),
        }
    }
}

impl<'t> Content<'t> {
    /// What the assertion `root` says, and its signature; any element too many is refused.
    pub(super) fn read<'x>(root: Node<'t, 'x>) -> Result<(Self, Node<'t, 'x>)> {
        if root.attribute("Version")? != "2.0" {
            return Err(Error::ReadBack("version"));
        }
        let mut parts = root.elements();
        let issuer = parts.expect(SAML20, "Issuer")?.text()?;
        let signature = parts.expect(uris::DSIG, "Signature")?;
        let (name, data) = read_subject(parts.expect(SAML20, "Subject")?)?;
        let conditions = parts.expect(SAML20, "Conditions")?;
        let authentication = parts.expect(SAML20, "AuthnStatement")?;
        let statement = parts.step()?;
        parts.finish()?;
        let id = root.attribute("ID")?;
        if authentication.attribute("SessionIndex")? != id {
            return Err(Error::ReadBack("session index"));
        }
        let content = Content {
            id,
            issuer,
            issued_at: root.attribute("IssueInstant")?,
            not_before: conditions.attribute("NotBefore")?,
            not_on_or_after: conditions.attribute("NotOnOrAfter")?,
            audience: only(only(conditions, "AudienceRestriction")?, "Audience")?.text()?,
            name_id_format: name.attribute("Format")?,
            name_id: name.text()?,
            in_response_to: data.find_attribute("InResponseTo"),
            recipient: data.attribute("Recipient")?,
            confirmed_until: data.attribute("NotOnOrAfter")?,
            authenticated_at: authentication.attribute("AuthnInstant")?,
            context: only(only(authentication, "AuthnContext")?, "AuthnContextClassRef")?.text()?,
            attributes: statement.map_or_else(|| Ok(Vec::new()), read_attributes)?,
        };
        Ok((content, signature))
    }
}

/// The one child element.
fn only<'t, 'x>(node: Node<'t, 'x>, name: &str) -> Result<Node<'t, 'x>> {
    let mut parts = node.elements();
    let child = parts.expect(SAML20, name)?;
    parts.finish()?;
    Ok(child)
}

/// The name id and the confirmation data.
fn read_subject<'t, 'x>(subject: Node<'t, 'x>) -> Result<(Node<'t, 'x>, Node<'t, 'x>)> {
    let mut parts = subject.elements();
    let name = parts.expect(SAML20, "NameID")?;
    let confirmation = parts.expect(SAML20, "SubjectConfirmation")?;
    parts.finish()?;
    if confirmation.attribute("Method")? != uris::CM_BEARER {
        return Err(Error::ReadBack("subject confirmation"));
    }
    Ok((name, only(confirmation, "SubjectConfirmationData")?))
}

fn read_attributes<'t>(statement: Node<'t, '_>) -> Result<Vec<Said<'t>>> {
    if !statement.is(SAML20, "AttributeStatement") {
        return Err(Error::ReadBack("there is something after the statements"));
    }
    let mut said = Vec::with_capacity(4);
    let mut parts = statement.elements();
    while let Some(attribute) = parts.step()? {
        if !attribute.is(SAML20, "Attribute") {
            return Err(Error::ReadBack("there is something among the attributes"));
        }
        let mut values = Vec::with_capacity(1);
        let mut children = attribute.elements();
        while let Some(value) = children.step()? {
            if !value.is(SAML20, "AttributeValue") {
                return Err(Error::ReadBack("there is something among an attribute's values"));
            }
            values.push(value.text()?);
        }
        let name_format = attribute.find_attribute("NameFormat");
        said.push(Said { name: attribute.attribute("Name")?, name_format, values });
    }
    Ok(said)
}
