"""Gets an access token by user name and password with MSAL, as a rich client does.

MSAL sees the public addresses; this file's HTTP layer sends what is for them to where the test runs
both sides. Prints one line of JSON: what MSAL gave back, and which addresses it asked.
"""

import json
import sys

import msal
import requests

IDP = "https://idp.gatehouse.test"
LOGIN = "https://login.microsoftonline.com"
CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


class Routed:
    """The HTTP client that MSAL is given."""

    def __init__(self, idp, login, without_mex):
        self.places = {IDP: idp, LOGIN: login}
        self.without_mex = without_mex
        self.asked = []
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, method, url, headers=None, **rest):
        for public, place in self.places.items():
            if url.startswith(public + "/"):
                self.asked.append(url)
                named = dict(headers or {}, Host=public.removeprefix("https://"))
                answer = self.session.request(
                    method, place + url.removeprefix(public), headers=named,
                    allow_redirects=False, timeout=60, **rest)
                return self.changed(url, answer)
        raise SystemExit("MSAL asked an address that nobody knows: " + url)

    def changed(self, url, answer):
        """Without the description's address MSAL goes straight to the active address."""
        if self.without_mex and "/common/userrealm/" in url:
            realm = dict(answer.json(), federation_metadata_url=None)
            answer._content = json.dumps(realm).encode()
        return answer

    def get(self, url, params=None, headers=None, **rest):
        return self.send("GET", url, headers, params=params, **rest)

    def post(self, url, params=None, data=None, headers=None, **rest):
        return self.send("POST", url, headers, params=params, data=data, **rest)

    def close(self):
        self.session.close()


def main():
    idp, login, way, username = sys.argv[1:5]
    password = sys.stdin.read()
    http = Routed(idp, login, without_mex=way == "active")
    said = {"version": msal.__version__}
    try:
        app = msal.PublicClientApplication(
            CLIENT, authority=LOGIN + "/organizations", http_client=http)
        result = app.acquire_token_by_username_password(
            username, password, scopes=["https://graph.microsoft.com/User.Read"])
        said["token"] = result.get("access_token", "")
        said["error"] = result.get("error_description", "")
        said["accounts"] = [account["username"] for account in app.get_accounts()]
    except Exception as error:  # the test reads what a person would read
        said["raised"] = f"{type(error).__name__}: {error}"
    said["asked"] = http.asked
    print(json.dumps(said))


main()
