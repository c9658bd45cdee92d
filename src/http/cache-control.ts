/** Paths whose responses nobody stores: logins and enrollment, as in privacyIDEA (golden 05-check-pin, 02-enroll-step1). */
const LOGINS_AND_ENROLLMENT =
  /^\/(?:validate\/(?:check|triggerchallenge|radiuscheck|initialize|offlinerefill)|token\/init)$/

/** Nod's own: responses with an API token, a service key, a bypass code or a PIN, each of which is shown once, and those of the
 *  operators' endpoints. */
const SECRETS =
  /^\/(?:auth(?:\/(?:break-glass|phone))?|apikey(?:\/.*)?|deployment\/.*|token\/(?:bypass|lost\/[^/]+|setrandompin(?:\/[^/]+)?))$/

/** The `Cache-Control` of the response to a request for this normalized path, whatever its method and status. */
export const cacheControlOf = (path: string): 'no-store' | 'no-cache' =>
  LOGINS_AND_ENROLLMENT.test(path) || SECRETS.test(path) ? 'no-store' : 'no-cache'
