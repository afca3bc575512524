"""An ECP client made with pysaml2: plays the mail server that has a name and a password.

usage: pysaml2_ecp.py ADDRESS HOST REPLY METADATA NAME < password
ADDRESS is called, HOST is what the request says it is for, REPLY is the only address that the
answer may name, METADATA is the identity provider's. Prints one line of JSON.
"""
import base64
import json
import logging
import re
import sys

from saml2 import BINDING_HTTP_POST, BINDING_PAOS, BINDING_SOAP
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.ecp_client import Client
from saml2.saml import NAMEID_FORMAT_PERSISTENT

logging.disable(logging.CRITICAL)
address, host, reply, metadata, name = sys.argv[1:]
password = sys.stdin.read()

config = SPConfig().load(
    {
        "entityid": "urn:federation:MicrosoftOnline",
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "accepted_time_diff": 300,
        "allow_unknown_attributes": True,
        "metadata": {"local": [metadata]},
        "service": {
            "sp": {
                "endpoints": {
                    "assertion_consumer_service": [(reply, BINDING_PAOS), (reply, BINDING_HTTP_POST)]
                },
                "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                "want_assertions_signed": True,
                "want_response_signed": False,
            }
        },
    }
)


class Ecp(Client):
    """Keeps the text of the answer: a signature is over bytes, not over objects."""

    text = ""

    def pick_binding(self, *_, **__):
        return BINDING_SOAP, address

    def send(self, url, method="GET", **kwargs):
        answer = super().send(url, method, **kwargs)
        self.text = answer.text
        return answer


try:
    party = Saml2Client(config=config)
    identifier, request = party.create_authn_request(f"https://{host}/", binding=BINDING_PAOS)
    request.destination = None
    client = Ecp(name, password, config=config)
    client.phase2(request, reply, None, headers=[("Host", host)])
    response = re.search("<samlp:Response.*</samlp:Response>", client.text, re.S).group(0)
    packed = base64.b64encode(response.encode())
    answer = party.parse_authn_request_response(packed, BINDING_HTTP_POST, outstanding={identifier: "/"})
    contexts = [item[0] for item in answer.session_info()["authn_info"]]
    said = {"name_id": answer.name_id.text, "attributes": answer.ava, "contexts": contexts}
except Exception as wrong:  # the test says what it expected
    said = {"error": f"{type(wrong).__name__}: {wrong}"}
print(json.dumps(said))
