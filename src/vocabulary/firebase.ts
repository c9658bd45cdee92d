/** How policies and the configuration name a Firebase configuration. */

/** What the secrets that hold service accounts begin with. */
export const FIREBASE_PREFIX = 'FIREBASE_'

/** Normalizes the name of a Firebase configuration to what a secret's name can hold: `my-app` becomes `MY_APP`. */
export const firebaseName = (policyValue: string): string =>
  policyValue
    .trim()
    .replaceAll(/[^A-Za-z0-9]/gu, '_')
    .toUpperCase()

/** The secret that holds the service account of a Firebase configuration: for `my-app` it is `FIREBASE_MY_APP`. */
export const firebaseSecret = (policyValue: string): string => FIREBASE_PREFIX + firebaseName(policyValue)
