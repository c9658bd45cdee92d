#!/usr/bin/env python3
"""Logs a user in by Nod at the terminal: PIN, then phone. Start it with

    NOD_KEY=nod_… python3 examples/login.py --nod http://127.0.0.1:8787 --realm sales ada

Ends with 0 if the user is in, 1 if not, and 2 if Nod could not be asked. The key is a service key (role validate). It needs Python 3.9
or later and no package. docs/integrating.md says what the requests are.
"""
import argparse
import getpass
import json
import os
import sys
import time
import uuid
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

PATIENCE = 150
"""Seconds that a login may take: a phone has 120, and under push_wait the answer to the PIN takes as long."""


class Unavailable(Exception):
    """Nod could not be asked, or refused the request."""


class Nod:
    def __init__(self, url, key):
        self.url = url.rstrip("/")
        self.key = key

    def call(self, path, form=None, headers=None):
        """Returns the answer. Raises Unavailable if Nod cannot answer, or answers with an error."""
        data = None if form is None else urlencode(form).encode()
        request = Request(self.url + path, data, {"Authorization": self.key, **(headers or {})})
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except HTTPError as error:
            try:
                message = json.load(error)["result"]["error"]["message"]
            except (ValueError, KeyError, TypeError):
                message = "no answer of Nod's"
            raise Unavailable(f"{error.code}: {message}") from error
        except (URLError, OSError, ValueError) as error:
            raise Unavailable(str(error)) from error

    def check(self, user, pin):
        """Checks the PIN and rings the phone. The key names the login: sent again, the request joins it."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        for is_last in (False, True):
            try:
                return self.call("/validate/check", {**user, "pass": pin}, headers)
            except Unavailable as error:
                if is_last or isinstance(error.__cause__, HTTPError):
                    raise

    def wait(self, transaction_id):
        """Returns what the phone has answered: accept, declined or cancelled; pending if it has not."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.call(f"/validate/polltransaction/{transaction_id}?wait=20")
            status = answer["detail"]["challenge_status"]
            if status != "pending" or time.monotonic() > until:
                return status
            time.sleep(1)  # a login that is over is answered at once

    def finalize(self, user, transaction_id, code=""):
        """Uses the login, once. Only what this answers lets anybody in."""
        return self.call("/validate/check", {**user, "transaction_id": transaction_id, "pass": code})


def log_in(nod, user, pin, ask_for):
    """Returns whether the user is in. `ask_for` shows a text and returns what the user enters."""
    opened = nod.check(user, pin)
    word = opened["result"]["authentication"]
    if word != "CHALLENGE":  # ACCEPT under push_wait; REJECT: wrong PIN, no phone, locked; DECLINED
        return word == "ACCEPT"
    detail = opened["detail"]
    transaction_id = detail["transaction_id"]
    code = ""
    if detail["client_mode"] == "interactive":
        code = ask_for(detail["message"])  # the phone shows a code once the user has confirmed
    else:
        print(detail["message"], flush=True)  # with number matching it names the option to tap
        if nod.wait(transaction_id) != "accept":
            return False
    return nod.finalize(user, transaction_id, code)["result"]["authentication"] == "ACCEPT"


def main():
    parser = argparse.ArgumentParser(description="Logs a user in by Nod.")
    parser.add_argument("--nod", default="http://127.0.0.1:8787", help="where Nod is")
    parser.add_argument("--realm", default="defrealm")
    parser.add_argument("user")
    options = parser.parse_args()
    nod = Nod(options.nod, os.environ["NOD_KEY"])
    pin = getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        is_in = log_in(nod, {"user": options.user, "realm": options.realm}, pin, lambda text: input(f"{text} "))
    except Unavailable as error:
        print(f"Nod could not be asked: {error}", file=sys.stderr)
        return 2
    print("welcome" if is_in else "denied")
    return 0 if is_in else 1


if __name__ == "__main__":
    sys.exit(main())
