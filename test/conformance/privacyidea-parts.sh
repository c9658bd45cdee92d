# What both ways of serving a real privacyIDEA have in common; sourced by privacyidea.sh beside this file and by
# bench/privacyidea.sh. Expects: venv, version, state, port. Nothing of privacyIDEA is part of Nod.

install() {
  if [ -e "$venv/installed" ]; then return; fi
  mkdir -p "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "privacyidea==$version" gunicorn
  touch "$venv/installed"
}

random() { "$venv/bin/python" -c 'import secrets; print(secrets.token_hex(24))'; }

# Its settings, with this database and this level of logging.
configure() {
  cat >"$state/pi.cfg" <<SETTINGS
SQLALCHEMY_DATABASE_URI = '$1'
SECRET_KEY = '$(random)'
PI_PEPPER = '$(random)'
PI_ENCFILE = '$state/enckey'
PI_AUDIT_KEY_PRIVATE = '$state/private.pem'
PI_AUDIT_KEY_PUBLIC = '$state/public.pem'
PI_AUDIT_NO_PRIVATE_KEY_CHECK = True
PI_RESPONSE_NO_PRIVATE_KEY_CHECK = True
PI_LOGFILE = '$state/privacyidea.log'
PI_LOGLEVEL = $2
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
  export PRIVACYIDEA_CONFIGFILE="$state/pi.cfg"
  export PYTHONWARNINGS=ignore
}

manage() { (cd "$state" && "$venv/bin/pi-manage" "$@") >"$state/manage.log" 2>&1 || { cat "$state/manage.log" >&2; exit 1; }; }

# Its tables, the administrator admin:adminpw, and the default realm realm1 with the users of `passwd`.
populate() {
  printf '{"fileName": "%s/passwd"}\n' "$state" >"$state/resolver.json"
  manage setup create_enckey
  manage setup create_audit_keys
  manage setup create_tables
  manage admin add admin --password adminpw
  manage config resolver create users passwdresolver "$state/resolver.json"
  manage config realm create realm1 users
  manage config realm set_default realm1
}

# Returns when it serves; what is given here goes to gunicorn.
serve() {
  (cd "$state" && exec "$venv/bin/gunicorn" --bind "127.0.0.1:$port" --keep-alive 75 --log-level warning "$@" wsgi:application) &
  server=$!
  for _ in $(seq 300); do
    if ! kill -0 "$server" 2>/dev/null; then echo "privacyIDEA did not start:" >&2; cat "$state/privacyidea.log" >&2; exit 1; fi
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.2
  done
}
