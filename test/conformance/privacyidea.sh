#!/usr/bin/env bash
# A real privacyIDEA on this machine, for comparison: installed from PyPI, with a fresh SQLite database, until it is told
# to stop. It is run as it is; nothing of it is part of Nod.
#
#   test/conformance/privacyidea.sh [port]
#
# NOD_CACHE        keeps the installation between runs (default ~/.cache/nod)
# PRIVACYIDEA      the version (default 3.14)
# FCM_URL          a simulated Google's address (test/simulation/google.ts); without it every token is poll-only
#
# The administrator is admin:adminpw. Realm realm1 has alice:alicepw, bob:bobpw, carol:carolpw, dave:davepw and
# jürgen:jürgenpw. With FCM_URL there is a gateway fb1. The last line printed is `privacyIDEA serves at <url>`.
set -euo pipefail

port="${1:-5001}"
version="${PRIVACYIDEA:-3.14}"
venv="${NOD_CACHE:-$HOME/.cache/nod}/privacyidea-$version"
url="http://127.0.0.1:$port"

. "$(dirname "${BASH_SOURCE[0]}")/privacyidea-parts.sh"
install

state="$(mktemp -d)"
server=
stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$state"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM HUP

configure "sqlite:///$state/privacyidea.db" 30
# SQLite waits for its turn.
echo "SQLALCHEMY_ENGINE_OPTIONS = {'connect_args': {'timeout': 30}}" >>"$state/pi.cfg"

"$venv/bin/python" - "$state/passwd" <<'USERS'
import sys
from passlib.hash import sha512_crypt
names = ["alice", "bob", "carol", "dave", "jürgen"]
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for number, name in enumerate(names, 1001):
        secret = sha512_crypt.using(rounds=5000).hash(name + "pw")
        file.write(f"{name}:{secret}:{number}:{number}:{name.title()} Example:/home/{name}:/bin/false\n")
USERS
populate
# One process, so that what one request has configured the next one knows; threads, so that push_wait blocks nobody else.
serve --workers 1 --threads 8

if [ -n "${FCM_URL:-}" ]; then
  "$venv/bin/python" - "$url" "$FCM_URL" "$state/service-account.json" <<'GATEWAY'
import sys
import requests
url, google, file = sys.argv[1:]
account = requests.get(google + "/_/service-account", timeout=10)
account.raise_for_status()
with open(file, "w", encoding="utf-8") as out:
    out.write(account.text)
signed = requests.post(url + "/auth", data={"username": "admin", "password": "adminpw"}, timeout=30)
token = signed.json()["result"]["value"]["token"]
made = requests.post(
    url + "/smsgateway",
    json={
        "name": "fb1",
        "module": "privacyidea.lib.smsprovider.FirebaseProvider.FirebaseProvider",
        "option.JSON config file": file,
    },
    headers={"Authorization": token},
    timeout=30,
)
made.raise_for_status()
GATEWAY
fi

echo "privacyIDEA serves at $url"
wait "$server"
