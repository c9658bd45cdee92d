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

if [ ! -e "$venv/installed" ]; then
  mkdir -p "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "privacyidea==$version" gunicorn
  touch "$venv/installed"
fi

state="$(mktemp -d)"
server=
stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$state"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM HUP

random() { "$venv/bin/python" -c 'import secrets; print(secrets.token_hex(24))'; }

cat >"$state/pi.cfg" <<SETTINGS
SQLALCHEMY_DATABASE_URI = 'sqlite:///$state/privacyidea.db'
SQLALCHEMY_ENGINE_OPTIONS = {'connect_args': {'timeout': 30}}
SECRET_KEY = '$(random)'
PI_PEPPER = '$(random)'
PI_ENCFILE = '$state/enckey'
PI_AUDIT_KEY_PRIVATE = '$state/private.pem'
PI_AUDIT_KEY_PUBLIC = '$state/public.pem'
PI_AUDIT_NO_PRIVATE_KEY_CHECK = True
PI_RESPONSE_NO_PRIVATE_KEY_CHECK = True
PI_LOGFILE = '$state/privacyidea.log'
PI_LOGLEVEL = 30
SUPERUSER_REALM = ['administrators']
SETTINGS

# What calls Google is told where the simulated one is: both addresses are constants, and no setting changes them.
cat >"$state/wsgi.py" <<'PROGRAM'
import os
from google.oauth2 import service_account
from privacyidea.app import create_app
from privacyidea.lib.smsprovider import FirebaseProvider

google = os.environ.get("FCM_URL")
if google:
    FirebaseProvider.FIREBASE_URL_SEND = google + "/v1/projects/{0!s}/messages:send"
    service_account._GOOGLE_OAUTH2_TOKEN_ENDPOINT = google + "/token"
application = create_app(config_name="production", config_file=os.environ["PRIVACYIDEA_CONFIGFILE"], silent=True)
PROGRAM

"$venv/bin/python" - "$state/passwd" <<'USERS'
import sys
from passlib.hash import sha512_crypt
names = ["alice", "bob", "carol", "dave", "jürgen"]
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for number, name in enumerate(names, 1001):
        secret = sha512_crypt.using(rounds=5000).hash(name + "pw")
        file.write(f"{name}:{secret}:{number}:{number}:{name.title()} Example:/home/{name}:/bin/false\n")
USERS
printf '{"fileName": "%s/passwd"}\n' "$state" >"$state/resolver.json"

export PRIVACYIDEA_CONFIGFILE="$state/pi.cfg"
export PYTHONWARNINGS=ignore
manage() { (cd "$state" && "$venv/bin/pi-manage" "$@") >"$state/manage.log" 2>&1 || { cat "$state/manage.log" >&2; exit 1; }; }
manage setup create_enckey
manage setup create_audit_keys
manage setup create_tables
manage admin add admin --password adminpw
manage config resolver create users passwdresolver "$state/resolver.json"
manage config realm create realm1 users
manage config realm set_default realm1

# One process, so that what one request has configured the next one knows; threads, so that push_wait blocks nobody else.
(cd "$state" && exec "$venv/bin/gunicorn" --bind "127.0.0.1:$port" --workers 1 --threads 8 --log-level warning wsgi:application) &
server=$!

for _ in $(seq 300); do
  if ! kill -0 "$server" 2>/dev/null; then echo "privacyIDEA did not start:" >&2; cat "$state/privacyidea.log" >&2; exit 1; fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.2
done

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
