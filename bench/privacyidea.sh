#!/usr/bin/env bash
# A privacyIDEA as an operator would tune it, to race against: from PyPI, on PostgreSQL, under gunicorn with two workers
# a core. It serves until it is told to stop, and leaves nothing behind but its cached installation.
#
#   FCM_URL=http://127.0.0.1:8790 bench/privacyidea.sh [port]        then, in another terminal:
#   npm run bench -- --against http://127.0.0.1:5002 --google-port 8790
#
# NOD_CACHE    keeps the installation between runs (default ~/.cache/nod)
# PRIVACYIDEA  the version (default 3.14)
# FCM_URL      where the stand-in for Google will be (default http://127.0.0.1:8790)
#
# Needs python3 with venv, and Debian's postgresql. The administrator is admin:adminpw; user0 to user299 exist.
set -euo pipefail

port="${1:-5002}"
version="${PRIVACYIDEA:-3.14}"
google="${FCM_URL:-http://127.0.0.1:8790}"
venv="${NOD_CACHE:-$HOME/.cache/nod}/privacyidea-$version"
url="http://127.0.0.1:$port"
bin="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
if [ -z "$bin" ]; then echo "PostgreSQL is not here: apt-get install postgresql" >&2; exit 1; fi

. "$(dirname "${BASH_SOURCE[0]}")/../test/conformance/privacyidea-parts.sh"
install
"$venv/bin/python" -c 'import psycopg2' 2>/dev/null ||
  "$venv/bin/pip" install --quiet --disable-pip-version-check psycopg2-binary

state="$(mktemp -d)"
chmod 755 "$state"
server=
# PostgreSQL refuses to run as root.
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  as "$bin/pg_ctl" -D "$state/postgres" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$state"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM HUP

mkdir "$state/postgres"
if [ "$(id -u)" = 0 ]; then chown postgres "$state/postgres"; fi
as "$bin/initdb" -D "$state/postgres" -U pi --auth=trust >/dev/null
as "$bin/pg_ctl" -D "$state/postgres" -w -l "$state/postgres/log" \
  -o "-c listen_addresses= -c unix_socket_directories=$state/postgres" start >/dev/null
as "$bin/createdb" -h "$state/postgres" -U pi pi

configure "postgresql+psycopg2://pi@/pi?host=$state/postgres" 40

"$venv/bin/python" - "$state" "$google" <<'FILES'
import json
import sys
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

state, google = sys.argv[1:]
with open(state + "/passwd", "w", encoding="utf-8") as file:
    for number in range(300):
        file.write(f"user{number}:*:{1000 + number}:{1000 + number}:User {number}:/home/user{number}:/bin/false\n")
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
account = {
    "type": "service_account",
    "project_id": "bench",
    "private_key_id": "bench",
    "private_key": pem,
    "client_email": "bench@example.test",
    "token_uri": google + "/token",
}
with open(state + "/service-account.json", "w", encoding="utf-8") as file:
    json.dump(account, file)
FILES

export FCM_URL="$google"
populate
serve --workers $(($(nproc) * 2)) --timeout 120

"$venv/bin/python" - "$url" "$state/service-account.json" <<'SETUP'
import sys
import requests

url, file = sys.argv[1:]
session = requests.Session()
signed = session.post(url + "/auth", data={"username": "admin", "password": "adminpw"}, timeout=60)
session.headers["Authorization"] = signed.json()["result"]["value"]["token"]
gateway = {
    "name": "fb1",
    "module": "privacyidea.lib.smsprovider.FirebaseProvider.FirebaseProvider",
    "option.JSON config file": file,
}
session.post(url + "/smsgateway", json=gateway, timeout=60).raise_for_status()
policy = {
    "scope": "enrollment",
    "action": {"push_firebase_configuration": "fb1", "push_registration_url": url + "/ttype/push"},
}
session.post(url + "/policy/push", json=policy, timeout=60).raise_for_status()
SETUP

echo "privacyIDEA serves at $url"
wait "$server"
