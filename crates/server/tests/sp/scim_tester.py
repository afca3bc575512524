"""scim2-tester against our SCIM address, for the tests: prints what it found as one line of JSON.

usage: scim_tester.py ADDRESS TOKEN DOMAIN

It fills what it sends by chance. A sign-in name here lies in a domain of the organisation, so those of
people are made in DOMAIN; everything else is as the tester makes it from our schemas.
"""
import json
import sys
import uuid

import httpx2
import scim2_tester.filling
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

address, token, domain = sys.argv[1:4]
by_chance = scim2_tester.filling.get_random_example_value


def example(path):
    if str(path).split(":")[-1].lower() == "username":
        return f"{uuid.uuid4().hex}@{domain}"
    return by_chance(path)


scim2_tester.filling.get_random_example_value = example
http = httpx2.Client(
    base_url=address, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
)
results = check_server(SyncSCIMClient(http))
said = {
    "passed": sorted({r.title for r in results if r.status == Status.SUCCESS}),
    "skipped": [f"{r.title} {r.resource_type}" for r in results if r.status == Status.SKIPPED],
    "count": sum(r.status == Status.SUCCESS for r in results),
    "wrong": [
        f"{r.title} {r.resource_type}: {r.status.name}: {r.reason} {r.data}"
        for r in results
        if r.status not in (Status.SUCCESS, Status.SKIPPED)
    ],
}
print(json.dumps(said))
