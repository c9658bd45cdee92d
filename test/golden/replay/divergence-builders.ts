import { ABSENT, type Application, type Expected, Containing } from './divergence.ts'

/** Builds divergences, and holds answers that several have in common. */

export const at = (file: string, exchanges: readonly string[], instead: Application['nodAnswers']): Application => ({
  file,
  exchanges,
  nodAnswers: instead,
})

export const everywhere = (instead: Application['nodAnswers']): Application => ({
  file: '*',
  exchanges: '*',
  nodAnswers: instead,
})

/** An error where the recording has another error: status, code and text. */
export const error = (status: number, code: number, message: Expected): Application['nodAnswers'] => ({
  status,
  'json.result.error.code': code,
  'json.result.error.message': message,
})

/** An error where the recording has a success. */
export const errorInsteadOfSuccess = (status: number, code: number, message: string): Application['nodAnswers'] => ({
  status,
  'json.result.status': false,
  'json.result.value': ABSENT,
  'json.result.error': { code, message },
  'json.versionnumber': ABSENT,
})

/** A success where the recording has an error. */
export const successInsteadOfError: Application['nodAnswers'] = {
  status: 200,
  'json.result.status': true,
  'json.result.error': ABSENT,
}

/** An envelope about a refused method, where the recording has a page of the framework. */
export const methodRefused = (file: string, label: string, allowed: string): Application => ({
  file,
  exchanges: [label],
  nodAnswers: {
    content_type: 'application/json',
    json: new Containing({
      detail: null,
      result: {
        status: false,
        error: { code: 10, message: `ERR10: This method is not allowed here; allowed: ${allowed}` },
      },
    }),
  },
})

/** A first enrollment step that succeeds where the recording has a refusal. */
export const enrollmentSuccess: Application['nodAnswers'] = {
  ...successInsteadOfError,
  'json.result.value': true,
  'json.detail': new Containing({
    rollout_state: 'clientwait',
    serial: /^PIPU[0-9A-Z]{8}$/,
    enrollment_credential: /^[0-9a-f]{40}$/,
  }),
}

export const CONSOLE_SETTINGS = [
  'admin_dashboard audit_page_size container_wizard default_container_type default_tokentype deletion_confirmation',
  'dialog_no_token hide_buttons hide_welcome logout_redirect_url policy_template_url qr_image_android qr_image_custom',
  'qr_image_ios require_description rss_age search_on_enter show_node show_seed subscription_status',
  'session_persistence timeout_action token_page_size token_rollover token_wizard token_wizard_2nd user_details',
  'user_page_size',
].flatMap((line) => line.split(' '))

export const OTHER_TOKEN_TYPES = [
  '4eyes applspec certificate daypassword email hotp indexedsecret motp paper passkey question radius registration',
  'remote sms spass sshkey tan tiqr totp vasco webauthn yubico yubikey',
].flatMap((line) => line.split(' '))

export const absent = (names: readonly string[]): Record<string, Expected> =>
  Object.fromEntries(names.map((name) => [`json.result.value.${name}`, ABSENT]))
