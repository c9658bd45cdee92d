import { suggestion } from '../nearest.ts'
import type { Refusal } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import {
  badRequest,
  errorForm,
  forbidden,
  notFound,
  rejectedLogin,
  tooManyRequests,
  unauthorized,
  unavailable,
  type WireForm,
} from './wire-form.ts'
import {
  NO_DIRECTORY,
  PUBLIC_URL_MISSING,
  REJECTION_TEXTS,
  assignedTokenText,
  changedPolicyText,
  combinationText,
  missingRightText,
  noReceiptText,
  otherTypeText,
  pythonList,
  pythonTimedelta,
  realmInUseText,
  realmUnknownText,
  signingKeyInUseText,
  tooManyToSearchText,
  tooManyTokensText,
  UNAVAILABLE_TEXTS,
  unknownGatewayText,
  unknownPolicyForm,
  unusedTooLongText,
  storageText,
} from './refusal-texts.ts'

/** Every refused credential of a sign-in in one sentence. Source: golden 01-auth. */
const SIGN_IN_FAILED = 'Authentication failed.'

/** Maps a refusal to its form over HTTP. The only switch over the reasons. Source: docs/protocol.md, "Errors". */
export function wireForm(refusal: Refusal): WireForm {
  switch (refusal.reason) {
    case 'parameter_missing':
      return badRequest(905, `Missing parameter: ${refusal.name}`)
    case 'parameters_missing':
      return badRequest(905, 'Missing parameters!')
    case 'parameter_invalid':
      return badRequest(905, `Invalid parameter ${refusal.name}: ${refusal.why}`)
    case 'parameter_not_integer':
      return badRequest(905, `Invalid value for parameter ${refusal.name}: expected an integer.`)
    case 'parameter_unknown':
      return badRequest(905, `Unknown parameter '${refusal.name}'.${suggestion(refusal.nearest)}`)
    case 'realm_unknown':
      return badRequest(refusal.user === undefined ? 905 : 904, realmUnknownText(refusal))
    case 'answer_unacceptable':
      return badRequest(905, 'A decline cannot carry a presence_answer.')
    case 'body_unreadable':
      return badRequest(905, 'The body cannot be read.')
    case 'body_too_large':
      return errorForm(413, 905, 'ERR905: The body is too large.')
    case 'owner_or_serial_missing':
      return badRequest(905, 'You need to specify a serial, user or credential_id.')
    case 'genkey_missing':
      return badRequest(905, 'Invalid Parameters. Either provide (genkey) or (serial, fbtoken, pubkey).')
    case 'serial_malformed':
      return badRequest(905, 'Invalid serial number. Must comply to ^[0-9a-zA-Z\\-_]+$.')
    case 'path_unknown':
      return notFound('Not found')
    case 'method_not_allowed':
      return errorForm(405, 10, `ERR10: This method is not allowed here; allowed: ${refusal.allowed.join(', ')}`, {
        Allow: refusal.allowed.join(', '),
      })
    case 'token_type_unknown':
      return badRequest(1610, `Unknown token type: ${refusal.type}`)
    case 'endpoint_type_unknown':
      return badRequest(905, `Invalid tokentype provided. ttype: ${refusal.type}`)
    case 'credentials_wrong':
      return errorForm(401, 4031, SIGN_IN_FAILED)
    // The same message as a wrong password, so that neither reveals which logins exist.
    case 'sign_in_paused':
      return errorForm(401, 4031, SIGN_IN_FAILED, { 'Retry-After': String(refusal.retryAfter) })
    case 'too_many_requests':
      return tooManyRequests(refusal.retryAfter)
    case 'sign_in_disabled':
      return unauthorized(4307, 'The login for this user is disabled.')
    case 'sign_in_realm_unknown':
      return unauthorized(4031, `Unknown realm: ${refusal.realm}.`)
    case 'username_missing':
      return unauthorized(4032, 'Missing Username')
    case 'authorization_missing':
      return unauthorized(4033, 'Missing Authorization header.')
    case 'authorization_undecodable':
      return unauthorized(4304, `Error decoding the Authorization token: ${refusal.why}`)
    case 'service_key_expired':
      return unauthorized(4304, 'Error decoding the Authorization token: Unknown service key')
    case 'authorization_expired':
      return unauthorized(4305, 'Your token has expired: Signature has expired')
    case 'role_insufficient':
      return unauthorized(
        4306,
        `You do not have the necessary role (${pythonList(refusal.needed)}) to access this resource!`,
      )
    case 'service_key_required':
      return forbidden(
        refusal.withApiToken === true
          ? 'A correct JWT was passed, but it was no API key.'
          : 'No valid API key was passed.',
      )
    case 'right_missing':
      return forbidden(missingRightText(refusal.scope, refusal.right))
    case 'user_unknown':
      return badRequest(904, `User <${refusal.user}> does not exist.`)
    case 'user_not_in_realm':
      return badRequest(904, 'The user can not be found in any resolver in this realm!')
    case 'token_unknown':
      return notFound(
        refusal.serial === undefined
          ? 'The requested token could not be found.'
          : `No token found for serials: ${refusal.serial}`,
      )
    case 'serial_of_another_owner':
      return badRequest(905, 'Given serial does not belong to given user!')
    case 'token_revoked':
      return badRequest(1007, 'This action is not possible, since the token is locked')
    case 'token_assigned':
      return badRequest(1103, assignedTokenText(refusal.owner))
    case 'period_unparsable':
      return badRequest(301, `Could not parse validity period ${refusal.bound} date!`)
    case 'entry_unknown':
      return notFound(`The ${refusal.entry} ${refusal.name} does not exist.`)
    case 'receipt_unavailable':
      return notFound(noReceiptText(refusal.why))
    case 'policy_unknown':
      return unknownPolicyForm(refusal)
    case 'policy_name_taken':
      return badRequest(905, `Policy already exists: ${refusal.name}`)
    case 'name_taken':
      return badRequest(905, `The name ${refusal.name} is taken.`)
    case 'kept_as_secret':
      return errorForm(501, -501, `Nod keeps this outside its database: set the secret ${refusal.secret}.`)
    case 'too_many_tokens':
      return forbidden(tooManyTokensText(refusal))
    case 'description_missing':
      return forbidden(`Description required for ${refusal.type} token.`)
    case 'pin_invalid':
      return forbidden(refusal.why)
    case 'realm_in_use':
      return badRequest(302, realmInUseText(refusal.realm))
    case 'signing_key_in_use':
      return badRequest(905, signingKeyInUseText(refusal.key, refusal.isCurrent))
    case 'no_directory':
      return errorForm(501, -501, NO_DIRECTORY)
    case 'enrollment_policy_missing':
      return forbidden(`Missing enrollment policy for push token: ${refusal.action}`)
    case 'public_url_missing':
      return badRequest(905, PUBLIC_URL_MISSING)
    case 'firebase_unknown':
      return badRequest(905, unknownGatewayText(refusal.secret))
    case 'token_in_clientwait':
      return badRequest(905, '2stepinit is only to be used in the first initialization step.')
    case 'token_type_differs':
      return badRequest(301, otherTypeText(refusal))
    case 'not_in_clientwait':
      return notFound("No token with this serial number in the rollout state 'clientwait'.")
    case 'credential_invalid':
      return badRequest(905, 'Invalid enrollment credential. You are not authorized to finalize this token.')
    case 'phone_key_invalid':
      return badRequest(905, `The phone's public key is not acceptable: ${refusal.why}`)
    case 'policy_conflict':
      return forbidden(`There are policies with conflicting actions: ${pythonList(refusal.values)}`)
    case 'policy_invalid':
      return badRequest(905, refusal.why)
    case 'policy_changed':
      return errorForm(409, 905, `ERR905: ${changedPolicyText(refusal)}`)
    case 'import_invalid':
      return badRequest(905, `Nothing was imported. With skip=1 this is left out: ${refusal.faults.join('; ')}`)
    case 'condition_unknown':
      return forbidden(`The policy '${refusal.policy}' asks about ${refusal.about}, which is not known here.`)
    case 'profile_contradicted':
    case 'anonymous_enrollment_unconfirmed':
      return forbidden(combinationText(refusal))
    case 'polling_denied':
      return forbidden('Polling not allowed!')
    case 'signature_invalid':
      return badRequest(10, 'Could not verify signature!')
    case 'timestamp_unparsable':
      return badRequest(10, `Could not parse timestamp ${refusal.text}. ISO-Format required.`)
    case 'timestamp_out_of_range':
      return badRequest(10, `Timestamp ${refusal.text} not in valid range.`)
    case 'pin_wrong':
    case 'transaction_unknown':
    case 'owner_has_no_tokens':
    case 'no_suitable_token':
    case 'pin_attempts_paused':
    case 'source_blocked':
    case 'pin_suspended':
    case 'pin_pending':
    case 'attempts_exceeded':
    case 'uses_exceeded':
    case 'outside_validity':
    case 'enrollment_not_cancelled':
      return rejectedLogin(REJECTION_TEXTS[refusal.reason])
    case 'logins_limited':
      return rejectedLogin(
        `Only ${refusal.most} ${refusal.outcome} authentications per ${pythonTimedelta(refusal.window)} allowed.`,
      )
    case 'unused_too_long':
      return rejectedLogin(unusedTooLongText(refusal.since))
    case 'not_accepted': {
      const [token] = refusal.tokens
      return refusal.tokens.length > 1
        ? rejectedLogin(`Response did not match for ${refusal.tokens.length} tokens.`)
        : rejectedLogin('Response did not match the challenge.', token)
    }
    case 'declined':
    case 'unanswered':
      return rejectedLogin('wrong otp value', refusal.token)
    case 'not_authorized':
      return badRequest(401, 'User is not authorized to authenticate under these conditions.')
    case 'token_not_allowed':
      return forbidden(refusal.why)
    case 'delivery_failed':
      return badRequest(401, 'Failed to submit message to push gateway.')
    case 'storage_unavailable':
      return unavailable(storageText(refusal.cause), refusal.retryAfter)
    case 'rotation_refused':
      return badRequest(905, `The master key is not rotated: ${refusal.why}.`)
    case 'master_key_mismatch':
    case 'jurisdiction_mismatch':
      return unavailable(UNAVAILABLE_TEXTS[refusal.reason])
    case 'archive_unavailable':
      return unavailable(`The archive of the audit does not answer: ${refusal.why}.`, seconds(30))
    case 'too_many_waiting':
    case 'upstream_unavailable':
    case 'pin_check_unavailable':
      return unavailable(UNAVAILABLE_TEXTS[refusal.reason], refusal.retryAfter)
    case 'audit_incomplete':
      return unavailable(`Lines may be missing that ${refusal.shards.join(', ')} did not tell; try again.`, seconds(1))
    case 'too_many_to_search':
      return unavailable(tooManyToSearchText(refusal))
    // Internal between operations and objects: reaching this point is a bug.
    case 'stale':
    case 'shard_full':
    case 'id_taken':
    case 'served_upstream':
      return errorForm(500, -500, 'Internal error.')
  }
}
