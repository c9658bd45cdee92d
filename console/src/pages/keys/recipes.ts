/** What to enter at a service so that it asks this Nod, with the key in place. */

export interface Recipe {
  readonly name: string
  /** The file or page where it is entered. */
  readonly where: string
  readonly text: string
}

/** The settings of the services that people commonly use. A client that sends no header has the key in its path
 *  (docs/protocol.md, "Service keys"). */
export const recipes = (url: string, key: string): readonly Recipe[] => [
  {
    name: 'curl',
    where: 'shell',
    text: `curl -s ${url}/validate/triggerchallenge \\
  -H 'Authorization: ${key}' \\
  -d user=ada -d realm=example`,
  },
  {
    name: 'Keycloak',
    where: 'Authentication → privacyIDEA → Config',
    text: `privacyIDEA URL:      ${url}/s/${key}
Trigger challenge:    on
Service account name: (empty)
Poll in browser:      off`,
  },
  {
    name: 'FreeRADIUS',
    where: '/etc/privacyidea/rlm_perl.ini',
    text: `[Default]
URL = ${url}/s/${key}/validate/check
REALM = example
SSL_CHECK = true
Timeout = 60`,
  },
  {
    name: 'PAM',
    where: '/etc/pam.d/…',
    text: `auth required pam_privacyidea.so url=${url}/s/${key} realm=example pollTime=30 sendEmptyPass`,
  },
  {
    name: 'PHP',
    where: 'simpleSAMLphp config/authsources.php',
    text: `'privacyideaServerURL' => '${url}/s/${key}',
'realm' => 'example',
'authenticationFlow' => 'triggerChallenge',
'doTriggerChallenge' => 'true',`,
  },
]
