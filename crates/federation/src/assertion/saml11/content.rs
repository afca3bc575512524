//! What one assertion says, and its two translations: into canonical XML and back.

use crate::{
    Error, Result,
    claims::Claim,
    uris::{self, SAML11},
    xml::{read::Node, write::Writer},
};

/// Everything that a SAML 1.1 assertion of ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content<'a> {
    pub(super) id: &'a str,
    pub(super) issuer: &'a str,
    pub(super) issued_at: &'a str,
    pub(super) not_before: &'a str,
    pub(super) not_on_or_after: &'a str,
    pub(super) audience: &'a str,
    pub(super) name_id_format: &'a str,
    pub(super) subject: &'a str,
    pub(super) claims: Vec<Claim<'a>>,
    pub(super) authenticated_at: &'a str,
    pub(super) method: &'a str,
}

impl Content<'_> {
    /// The assertion without signature, with room for one.
    pub(super) fn write(&self) -> Result<String> {
        let mut writer = Writer::with_capacity(8 * 1024);
        writer
            .start("saml:Assertion")
            .declare("xmlns:saml", SAML11)
            .attribute("AssertionID", self.id)
            .attribute("IssueInstant", self.issued_at)
            .attribute("Issuer", self.issuer)
            .attribute("MajorVersion", "1")
            .attribute("MinorVersion", "1")
            .open();
        self.write_conditions(&mut writer);
        writer.start("saml:AttributeStatement").open();
        self.write_subject(&mut writer);
        self.claims.iter().for_each(|claim| write_claim(&mut writer, claim));
        writer.end();
        writer
            .start("saml:AuthenticationStatement")
            .attribute("AuthenticationInstant", self.authenticated_at)
            .attribute("AuthenticationMethod", self.method)
            .open();
        self.write_subject(&mut writer);
        writer.end();
        writer.end();
        writer.finish()
    }

    fn write_conditions(&self, writer: &mut Writer) {
        writer
            .start("saml:Conditions")
            .attribute("NotBefore", self.not_before)
            .attribute("NotOnOrAfter", self.not_on_or_after)
            .open();
        writer.start("saml:AudienceRestrictionCondition").open();
        writer.leaf("saml:Audience", self.audience);
        writer.end();
        writer.end();
    }

    fn write_subject(&self, writer: &mut Writer) {
        writer.start("saml:Subject").open();
        writer
            .start("saml:NameIdentifier")
            .attribute("Format", self.name_id_format)
            .text(self.subject);
        writer.start("saml:SubjectConfirmation").open();
        writer.leaf("saml:ConfirmationMethod", uris::BEARER);
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
            ("subject", self.subject == read.subject),
            ("claims", self.claims == read.claims),
            ("authentication instant", self.authenticated_at == read.authenticated_at),
            ("authentication method", self.method == read.method),
        ];
        match differences.iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((what, _)) => Err(Error::ReadBack(what)),
        }
    }
}

fn write_claim(writer: &mut Writer, claim: &Claim<'_>) {
    writer
        .start("saml:Attribute")
        .attribute("AttributeName", claim.name)
        .attribute("AttributeNamespace", claim.namespace)
        .open();
    claim.values.iter().for_each(|value| writer.leaf("saml:AttributeValue", value));
    writer.end();
}

impl<'t> Content<'t> {
    /// What the assertion `root` says, and its signature; any element too many is refused.
    pub(super) fn read<'x>(root: Node<'t, 'x>) -> Result<(Self, Node<'t, 'x>)> {
        if root.attribute("MajorVersion")? != "1" || root.attribute("MinorVersion")? != "1" {
            return Err(Error::ReadBack("version"));
        }
        let mut parts = root.elements();
        let conditions = parts.expect(SAML11, "Conditions")?;
        let (subject, claims) = read_attributes(parts.expect(SAML11, "AttributeStatement")?)?;
        let authentication = parts.expect(SAML11, "AuthenticationStatement")?;
        let signature = parts.expect(uris::DSIG, "Signature")?;
        parts.finish()?;
        let mut confirmed = authentication.elements();
        if read_subject(confirmed.expect(SAML11, "Subject")?)? != subject {
            return Err(Error::ReadBack("the two statements are about two subjects"));
        }
        confirmed.finish()?;
        let content = Content {
            id: root.attribute("AssertionID")?,
            issuer: root.attribute("Issuer")?,
            issued_at: root.attribute("IssueInstant")?,
            not_before: conditions.attribute("NotBefore")?,
            not_on_or_after: conditions.attribute("NotOnOrAfter")?,
            audience: read_audience(conditions)?,
            name_id_format: subject.0,
            subject: subject.1,
            claims,
            authenticated_at: authentication.attribute("AuthenticationInstant")?,
            method: authentication.attribute("AuthenticationMethod")?,
        };
        Ok((content, signature))
    }
}

fn read_audience<'t>(conditions: Node<'t, '_>) -> Result<&'t str> {
    let mut parts = conditions.elements();
    let mut restriction = parts.expect(SAML11, "AudienceRestrictionCondition")?.elements();
    parts.finish()?;
    let audience = restriction.expect(SAML11, "Audience")?.text()?;
    restriction.finish()?;
    Ok(audience)
}

/// The format and the name.
fn read_subject<'t>(subject: Node<'t, '_>) -> Result<(&'t str, &'t str)> {
    let mut parts = subject.elements();
    let name = parts.expect(SAML11, "NameIdentifier")?;
    let mut confirmation = parts.expect(SAML11, "SubjectConfirmation")?.elements();
    parts.finish()?;
    let method = confirmation.expect(SAML11, "ConfirmationMethod")?.text()?;
    confirmation.finish()?;
    if method != uris::BEARER {
        return Err(Error::ReadBack("subject confirmation"));
    }
    Ok((name.attribute("Format")?, name.text()?))
}

type Said<'t> = ((&'t str, &'t str), Vec<Claim<'t>>);

fn read_attributes<'t>(statement: Node<'t, '_>) -> Result<Said<'t>> {
    let mut parts = statement.elements();
    let subject = read_subject(parts.expect(SAML11, "Subject")?)?;
    let mut claims = Vec::with_capacity(8);
    while let Some(attribute) = parts.step()? {
        if !attribute.is(SAML11, "Attribute") {
            return Err(Error::ReadBack("there is something among the claims"));
        }
        let mut values = Vec::with_capacity(2);
        let mut children = attribute.elements();
        while let Some(value) = children.step()? {
            if !value.is(SAML11, "AttributeValue") {
                return Err(Error::ReadBack("there is something among a claim's values"));
            }
            values.push(value.text()?);
        }
        let namespace = attribute.attribute("AttributeNamespace")?;
        claims.push(Claim { namespace, name: attribute.attribute("AttributeName")?, values });
    }
    Ok((subject, claims))
}
