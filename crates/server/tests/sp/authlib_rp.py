"""A client of OpenID Connect made with Authlib, for the tests: a line of JSON in, a line of JSON out.

usage: authlib_rp.py ISSUER REDIRECT_URI CLIENT_ID [SECRET]
"""
import json
import os
import sys

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the tests speak http on this machine

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken, UserInfo
from joserfc import jwt
from joserfc.jwk import KeySet

issuer, redirect_uri, client_id = sys.argv[1:4]
secret = sys.argv[4] if len(sys.argv) > 4 else None
about = requests.get(issuer + "/.well-known/openid-configuration", timeout=10).json()
assert about["issuer"] == issuer, about
kept = {}


def begin(question):
    method = question.get("method", "client_secret_basic") if secret else "none"
    session = OAuth2Session(
        client_id,
        secret,
        scope=question.get("scope", "openid profile email"),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method=method,
    )
    nonce, verifier = generate_token(20), generate_token(64)
    address, state = session.create_authorization_url(
        about["authorization_endpoint"],
        nonce=nonce,
        code_verifier=verifier,
        **question.get("more", {}),
    )
    kept.update(session=session, nonce=nonce, verifier=verifier, state=state)
    return {"address": address}


def finish(question):
    session = kept["session"]
    token = session.fetch_token(
        about["token_endpoint"],
        authorization_response=question["address"],
        state=kept["state"],
        code_verifier=kept["verifier"],
        timeout=10,
    )
    keys = KeySet.import_key_set(requests.get(about["jwks_uri"], timeout=10).json())
    read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
        "at_hash": {"essential": True},
    }
    params = {
        "nonce": kept["nonce"],
        "client_id": client_id,
        "access_token": token["access_token"],
    }
    claims = CodeIDToken(read.claims, read.header, options, params)
    claims.validate(leeway=300)
    told = session.get(about["userinfo_endpoint"], timeout=10)
    told.raise_for_status()
    info = UserInfo(told.json())
    assert info.sub == claims["sub"], (info, claims)
    kept.update(id_token=token["id_token"])
    return {"claims": dict(claims), "info": dict(info), "token": dict(token)}


def log_out(question):
    address = requests.Request(
        "GET",
        about["end_session_endpoint"],
        params={"id_token_hint": kept["id_token"], **question["more"]},
    )
    return {"address": address.prepare().url}


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"begin": begin, "finish": finish, "log_out": log_out}[question["do"]](question)
    except Exception as wrong:  # the test wants to know why
        answer = {"error": f"{type(wrong).__name__}: {wrong}"}
    print(json.dumps(answer), flush=True)
