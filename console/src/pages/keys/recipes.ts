/** What to enter at a service so that it asks this Nod, with the key in place. docs/integrating.md shows the same, and why. */

export interface Recipe {
  readonly name: string
  /** The file or page where it is entered. */
  readonly where: string
  readonly text: string
}

/** The settings of the services that people commonly use. `url`: where Nod is. A client that sends no header has the key in its
 *  path. Source: docs/protocol.md, "Credentials" and "Clients". */
export function recipes(url: string, key: string): readonly Recipe[] {
  const withKey = `${url}/s/${key}`
  return [
    {
      name: 'curl',
      where: 'shell',
      text: `curl -sSf ${url}/validate/triggerchallenge \\
  -H 'Authorization: ${key}' \\
  -d user=ada -d realm=sales`,
    },
    {
      name: 'Keycloak',
      where: 'Authentication → the flow → privacyIDEA → Config',
      text: `privacyIDEA URL:           ${withKey}
Realm:                     sales
Verify SSL:                on
Enable trigger challenge:  on
Service account:           plugin
Service account password:  <its password>
Poll in browser:           off`,
    },
    {
      name: 'FreeRADIUS',
      where: '/etc/privacyidea/rlm_perl.ini',
      text: `[Default]
URL = ${withKey}/validate/check
REALM = sales
SSL_CHECK = true
TIMEOUT = 30`,
    },
    {
      name: 'PAM',
      where: '/etc/pam.d/sshd',
      text: `auth required pam_privacyidea.so url=${withKey} realm=sales sendPassword pollTime=30`,
    },
    {
      name: 'simpleSAMLphp',
      where: "metadata/saml20-idp-hosted.php, 'authproc'",
      text: `20 => [
    'class' => 'privacyidea:PrivacyideaAuthProc',
    'privacyideaServerURL' => '${withKey}',
    'realm' => 'sales',
    'uidKey' => 'uid',
    'sslVerifyHost' => 'true',
    'sslVerifyPeer' => 'true',
    'authenticationFlow' => 'triggerChallenge',
    'serviceAccount' => 'plugin',
    'servicePass' => '<its password>',
],`,
    },
    {
      name: 'Nextcloud',
      where: 'Administration → privacyIDEA',
      text: `URL of the privacyIDEA server:  ${withKey}
SSL certificate verification:   on
Realm:                          sales
Timeout:                        30
Authentication flow:            Trigger Challenge
Service name:                   plugin
Service password:               <its password>
Activate poll in browser:       off`,
    },
    {
      name: 'ownCloud',
      where: 'Settings → Admin → privacyIDEA 2FA',
      text: `Timeout:                                           30
URL of the privacyIDEA Server:                     ${withKey}
Verify the SSL certificate:                        on
User Realm in privacyIDEA:                         sales
Trigger challenges for challenge-response tokens:  on
Username of privacyIDEA service account:           plugin
Password of privacyIDEA service account:           <its password>`,
    },
    {
      name: 'PHP',
      where: 'your program, with php-client',
      text: `$nod = new PrivacyIDEA('my-service/1.0', '${withKey}');
$nod->setRealm('sales');
$opened = $nod->validateCheck($user, $pin);
// Show $opened->getMessages(), and ask again and again:
if ($nod->pollTransaction($opened->getTransactionID()))
    $isIn = $nod->validateCheck($user, '', $opened->getTransactionID())->getValue();`,
    },
    {
      name: 'Java',
      where: 'your program, with java-client',
      text: `PrivacyIDEA nod = PrivacyIDEA.newBuilder("${withKey}", "privacyIDEA-Keycloak/my-service")
    .realm("sales").build();
PIResponse opened = nod.validateCheck(user, pin);
// Show opened.message, and ask again and again:
if (nod.pollTransaction(opened.transactionID) == ChallengeStatus.accept)
    isIn = nod.validateCheck(user, "", opened.transactionID).authenticationSuccessful();`,
    },
  ]
}
