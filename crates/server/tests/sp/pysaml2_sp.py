"""A SAML 2.0 relying party made with pysaml2, for the tests: a line of JSON in, a line of JSON out.

usage: pysaml2_sp.py FOLDER    (with key.pem, cert.pem and, but for "metadata", idp.xml)
"""
import json
import logging
import re
import sys
from html import unescape
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

logging.disable(logging.CRITICAL)
folder = sys.argv[1]
ROOT = "https://sp.example.test"


def config(with_idp):
    settings = {
        "entityid": f"{ROOT}/metadata",
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "key_file": f"{folder}/key.pem",
        "cert_file": f"{folder}/cert.pem",
        "accepted_time_diff": 300,
        "allow_unknown_attributes": True,
        "service": {
            "sp": {
                "endpoints": {
                    "assertion_consumer_service": [(f"{ROOT}/acs", BINDING_HTTP_POST)],
                    "single_logout_service": [(f"{ROOT}/slo", BINDING_HTTP_REDIRECT)],
                },
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                "authn_requests_signed": True,
                "logout_requests_signed": True,
                "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "want_assertions_signed": True,
                "want_response_signed": False,
                "allow_unsolicited": False,
            }
        },
    }
    if with_idp:
        settings["metadata"] = {"local": [f"{folder}/idp.xml"]}
    return SPConfig().load(settings)


class Party:
    client = None
    outstanding = {}
    name_id = None

    def the(self):
        if self.client is None:
            self.client = Saml2Client(config=config(True))
        return self.client

    def idp(self):
        return next(iter(self.the().metadata.identity_providers()))

    def metadata(self, _):
        return {"xml": str(entity_descriptor(config(False)))}

    def request(self, asked):
        binding = BINDING_HTTP_POST if asked["binding"] == "post" else BINDING_HTTP_REDIRECT
        identifier, info = self.the().prepare_for_authenticate(
            self.idp(), relay_state=asked["relay_state"], binding=binding, response_binding=BINDING_HTTP_POST
        )
        self.outstanding[identifier] = "/"
        return sent(info)

    def response(self, asked):
        answer = self.the().parse_authn_request_response(
            asked["message"], BINDING_HTTP_POST, outstanding=self.outstanding
        )
        self.name_id = answer.name_id
        info = answer.session_info()
        return {
            "name_id": answer.name_id.text,
            "format": answer.name_id.format,
            "attributes": answer.ava,
            "context": [item[0] for item in info["authn_info"]],
        }

    def logout(self, _):
        done = self.the().do_logout(
            self.name_id, [self.idp()], "user", None, sign=True, expected_binding=BINDING_HTTP_REDIRECT
        )
        (binding, info), = done.values()
        return sent(info)

    def logout_response(self, asked):
        message = parse_qs(asked["query"])["SAMLResponse"][0]
        answer = self.the().parse_logout_request_response(message, BINDING_HTTP_REDIRECT)
        return {"ok": answer.status_ok()}

    def logout_request(self, asked):
        query = parse_qs(asked["query"])
        info = self.the().handle_logout_request(
            query["SAMLRequest"][0],
            self.name_id,
            BINDING_HTTP_REDIRECT,
            sign=True,
            relay_state=query["RelayState"][0],
            sigalg=query["SigAlg"][0],
            signature=query["Signature"][0],
        )
        return sent(info)


def sent(info):
    headers = dict(info["headers"])
    if "Location" in headers:
        return {"address": headers["Location"]}
    html = info["data"] if isinstance(info["data"], str) else "".join(info["data"])
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
    action = unescape(re.search(r'action="([^"]*)"', html).group(1))
    return {"action": action, "fields": {name: unescape(value) for name, value in found.items()}}


party = Party()
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = getattr(party, asked["do"])(asked)
    except Exception as wrong:  # the test says what it expected
        answer = {"error": f"{type(wrong).__name__}: {wrong}"}
    print(json.dumps(answer), flush=True)
