#!/usr/bin/env bash
# A real privacyIDEA or eduMFA of any release, installed from PyPI into a cached environment, that serves until it is told to stop. It is run
# as it is; nothing of it is part of Nod.
#
#   test/import/old-server.sh <privacyidea|edumfa> <version> <port> <folder> <database>
#
# <folder>     gets its enckey, pi.cfg and the file of users, and stays
# <database>   an address of SQLAlchemy: sqlite:////tmp/x/pi.db, postgresql://…, mysql+pymysql://…
# NOD_CACHE    keeps the installations between runs (default ~/.cache/nod)
# FCM_URL      a simulated Google's address (test/simulation/google.ts); without it every token is poll-only
#
# The administrator is admin:adminpw. The last line printed is `serves at <url>`.
set -euo pipefail

kind="$1" version="$2" port="$3" state="$4" database="$5"
venv="${NOD_CACHE:-$HOME/.cache/nod}/$kind-$version"

# privacyIDEA 3.9 wants a Python before 3.12, later ones one from 3.9 on.
python_for() {
  case "$kind $version" in
    "privacyidea 3.9"*) echo "3.10 3.11 3.9" ;;
    *) echo "3.11 3.12 3.10 3.13" ;;
  esac
}
find_python() {
  for wanted in $(python_for); do
    for one in "$HOME/.pyenv/versions/$wanted"*/bin/python "$(command -v "python$wanted" || true)"; do
      if [ -x "$one" ] && "$one" -c 'import ensurepip' 2>/dev/null; then echo "$one"; return; fi
    done
  done
  echo "No Python of $(python_for) is installed for $kind $version: apt-get install python3.11-venv, or pyenv install 3.11" >&2
  exit 1
}
if [ ! -e "$venv/installed-with-drivers" ]; then
  python="$(find_python)"
  [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$kind==$version" gunicorn psycopg2-binary pymysql
  touch "$venv/installed-with-drivers"
fi

# The same when it is started again: passwords are hashed with the pepper.
kept_secret() {
  [ -s "$state/$1" ] || "$venv/bin/python" -c 'import secrets; print(secrets.token_hex(24))' >"$state/$1"
  cat "$state/$1"
}
prefix=PI manage=pi-manage module=privacyidea
if [ "$kind" = edumfa ]; then prefix=EDUMFA manage=edumfa-manage module=edumfa; fi

mkdir -p "$state"
cat >"$state/pi.cfg" <<SETTINGS
SQLALCHEMY_DATABASE_URI = '$database'
SECRET_KEY = '$(kept_secret secret-key)'
${prefix}_PEPPER = '$(kept_secret pepper)'
${prefix}_ENCFILE = '$state/enckey'
${prefix}_AUDIT_KEY_PRIVATE = '$state/private.pem'
${prefix}_AUDIT_KEY_PUBLIC = '$state/public.pem'
${prefix}_AUDIT_NO_PRIVATE_KEY_CHECK = True
${prefix}_RESPONSE_NO_PRIVATE_KEY_CHECK = True
${prefix}_LOGFILE = '$state/server.log'
${prefix}_LOGLEVEL = 30
SUPERUSER_REALM = ['administrators']
${OLD_SETTINGS:-}
SETTINGS
if [ "${database#sqlite}" != "$database" ] && [ "${version#3.9}" = "$version" ]; then
  echo "SQLALCHEMY_ENGINE_OPTIONS = {'connect_args': {'timeout': 30}}" >>"$state/pi.cfg"
fi
# What calls Google is told where the simulated one is: both addresses are constants, and no setting changes them.
cat >"$state/wsgi.py" <<PROGRAM
import os
from google.oauth2 import service_account
from $module.app import create_app
from $module.lib.smsprovider import FirebaseProvider

google = os.environ.get("FCM_URL")
if google:
    FirebaseProvider.FIREBASE_URL_SEND = google + "/v1/projects/{0!s}/messages:send"
    service_account._GOOGLE_OAUTH2_TOKEN_ENDPOINT = google + "/token"
application = create_app(config_name="production", config_file="$state/pi.cfg", silent=True)
PROGRAM
export PRIVACYIDEA_CONFIGFILE="$state/pi.cfg" EDUMFA_CONFIGFILE="$state/pi.cfg" PYTHONWARNINGS=ignore

run() { (cd "$state" && "$venv/bin/$manage" "$@") >"$state/manage.log" 2>&1 || { echo "$manage $*:" >&2; cat "$state/manage.log" >&2; exit 1; }; }
if [ ! -e "$state/enckey" ]; then
  setup=
  if "$venv/bin/$manage" setup --help >/dev/null 2>&1; then setup=setup; fi
  run $setup create_enckey
  run $setup create_audit_keys
  run $setup create_tables
  # Its administrator is told to do this.
  case "$kind $version" in
    "privacyidea 3.9"*) run db stamp -d "$venv/lib/privacyidea/migrations" head ;;
  esac
  case "$kind $version" in
    "privacyidea 3.9"* | edumfa*) run admin add admin -p adminpw ;;
    *) run admin add admin --password adminpw ;;
  esac
fi

server=
stop() {
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
}
trap stop EXIT
trap 'stop; exit 0' INT TERM HUP
(cd "$state" && exec "$venv/bin/gunicorn" --bind "127.0.0.1:$port" --keep-alive 75 --log-level warning --workers 1 --threads 8 wsgi:application) &
server=$!
for _ in $(seq 300); do
  if ! kill -0 "$server" 2>/dev/null; then echo "$kind $version did not start:" >&2; cat "$state/server.log" >&2; exit 1; fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  sleep 0.2
done
echo "serves at http://127.0.0.1:$port"
wait "$server"
