// Made by `npm run client` from the OpenAPI description that Nod serves at /openapi.json. Do not edit.

/** A parameter that is text, a number or a yes or no. The server reads all of them as text. */
export type Scalar = string | number | boolean | null

/** Every operation of Nod by its route: what it takes, and what it answers. */
export interface Operations {
  /**
   * Sign in.
   *
   * Administrators sign in by password; those who have a phone also with the `transaction_id` and, as password, the code that the phone shows. If the policy `login_mode` allows it, users sign in by PIN, and with the `transaction_id` once the phone has accepted. Send the API token as `Authorization` with other requests.
   *
   * For anyone: a credential is ignored.
   */
  'POST /auth': {
    readonly id: 'postAuth'
    readonly parameters: {
      /** Login name of an administrator */
      readonly username?: Scalar | undefined
      /** Password */
      readonly password?: Scalar | undefined
      /** Realm, for users of a realm */
      readonly realm?: Scalar | undefined
      /** Makes it the second leg of this login */
      readonly transaction_id?: Scalar | undefined
      /** 1: signs in a user only, and never by a tap; refused where `login_mode` is not `code` */
      readonly code_only?: Scalar | undefined
    }
    readonly value: {
      /** The API token */
      readonly token: string
      /** Role; `enrolling` may only enroll a phone */
      readonly role: 'admin' | 'helpdesk' | 'user' | 'enrolling'
      /** Login name */
      readonly username: string
      /** Realm of a user; empty for administrators */
      readonly realm: string
      /** true */
      readonly auth: boolean
      readonly rights: readonly string[]
      readonly menus: readonly string[]
      /** 30 */
      readonly log_level: number
      /** Seconds after which a console signs out */
      readonly logout_time: number
    }
    readonly detail: {
      /** The login: what to poll for, and what to finalize */
      readonly transaction_id?: string
      /** Serial of the token that is asked */
      readonly serial?: string
      /** The app it is for */
      readonly type?: 'push' | 'edupush'
      /** interactive: a code from the phone is to be typed */
      readonly client_mode?: 'poll' | 'interactive'
      /** What to tell the user */
      readonly message?: string
      /** The option to tap on the phone: show it */
      readonly presence_answer?: string
      /** A phone is to be enrolled: the QR code, a PNG as data URI */
      readonly image?: string
      /** The same as an address */
      readonly link?: string
      readonly messages?: readonly string[]
      readonly transaction_ids?: readonly string[]
      /** A challenge for each phone */
      readonly multi_challenge?: readonly {
        /** The login: what to poll for, and what to finalize */
        readonly transaction_id: string
        /** Serial of the token that is asked */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** interactive: a code from the phone is to be typed */
        readonly client_mode: 'poll' | 'interactive'
        /** What to tell the user */
        readonly message: string
        /** The option to tap on the phone: show it */
        readonly presence_answer?: string
        /** A phone is to be enrolled: the QR code, a PNG as data URI */
        readonly image?: string
        /** The same as an address */
        readonly link?: string
      }[]
      readonly attributes?: {
        /** Whether there is nothing to type */
        readonly hideResponseInput: boolean
      }
      /** The mode a client offers first */
      readonly preferred_client_mode?: 'poll' | 'interactive'
      /** A phone is to be enrolled during this login */
      readonly enroll_via_multichallenge?: boolean
      /** And the user may leave it */
      readonly enroll_via_multichallenge_optional?: boolean
      /** How the user said no */
      readonly challenge_status?: 'declined' | 'cancelled'
      /** 6 */
      readonly otplen?: number
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Log out.
   *
   * The API token that the request carries becomes invalid at once, everywhere.
   *
   * For holders of an API token, administrators and users; not for services.
   */
  'POST /auth/logout': {
    readonly id: 'postAuthLogout'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: boolean
  }

  /**
   * List the token types that the caller may enroll.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'GET /auth/rights': {
    readonly id: 'getAuthRights'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, string>>
  }

  /**
   * Enroll a phone for one’s own account of an administrator.
   *
   * From then on, signing in takes the password and the code that the phone shows. The first phone only, unless the role is `admin`; an administrator who needs a phone and has none can call nothing else.
   *
   * For administrators of any role, about their own account; not for services.
   */
  'POST /auth/phone': {
    readonly id: 'postAuthPhone'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: boolean
    readonly detail: {
      /** Serial of the token */
      readonly serial: string
      /** clientwait */
      readonly rollout_state: string
      /** What the phone registers with; a secret */
      readonly enrollment_credential: string
      readonly pushurl: {
        /** What the URI is for */
        readonly description: string
        /** The enrollment URI; a secret */
        readonly value: string
        /** The enrollment URI as a QR code: a PNG as data URI */
        readonly img: string
      }
      /** The random PIN, if a policy asks for one; shown only once */
      readonly pin?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Sign in without the phone, in an emergency.
   *
   * Takes the password and `BREAK_GLASS_SECRET`, a secret of the deployment. The API token is valid for a quarter of an hour. Audited, and a security event.
   *
   * For anyone: a credential is ignored.
   */
  'POST /auth/break-glass': {
    readonly id: 'postAuthBreakGlass'
    readonly parameters: {
      /** Login of an administrator */
      readonly username: Exclude<Scalar, null>
      /** Password */
      readonly password?: Scalar | undefined
      /** The secret of the deployment for emergencies */
      readonly secret?: Scalar | undefined
    }
    readonly value: {
      /** The API token */
      readonly token: string
      /** Role */
      readonly role: 'admin' | 'helpdesk'
      /** Login name */
      readonly username: string
      /** true */
      readonly auth: boolean
      readonly rights: readonly string[]
    }
  }

  /**
   * Open a login with a PIN, or finalize an accepted one.
   *
   * The first leg sends the PIN as `pass` and rings the phones. Poll until the login is accepted. The second leg sends the `transaction_id`, and as `pass` the code from the phone if the login asks for one. A login is used once.
   *
   * For services (the role `validate`) and administrators; for anyone if `ANONYMOUS_CHECK` allows it.
   */
  'GET /validate/check': {
    readonly id: 'getValidateCheck'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
      /** PIN in the first leg; in the second the display code, or anything */
      readonly pass?: Scalar | undefined
      /** Makes it the second leg of this login */
      readonly transaction_id?: Scalar | undefined
      /** Another name of transaction_id */
      readonly state?: Scalar | undefined
      /** 1: the user does not enroll a phone during this login, where that is left open */
      readonly cancel_enrollment?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
    readonly value: boolean
    readonly detail: {
      /** The login: what to poll for, and what to finalize */
      readonly transaction_id?: string
      /** Serial of the token that is asked */
      readonly serial?: string
      /** The app it is for */
      readonly type?: 'push' | 'edupush'
      /** interactive: a code from the phone is to be typed */
      readonly client_mode?: 'poll' | 'interactive'
      /** What to tell the user */
      readonly message?: string
      /** The option to tap on the phone: show it */
      readonly presence_answer?: string
      /** A phone is to be enrolled: the QR code, a PNG as data URI */
      readonly image?: string
      /** The same as an address */
      readonly link?: string
      readonly messages?: readonly string[]
      readonly transaction_ids?: readonly string[]
      /** A challenge for each phone */
      readonly multi_challenge?: readonly {
        /** The login: what to poll for, and what to finalize */
        readonly transaction_id: string
        /** Serial of the token that is asked */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** interactive: a code from the phone is to be typed */
        readonly client_mode: 'poll' | 'interactive'
        /** What to tell the user */
        readonly message: string
        /** The option to tap on the phone: show it */
        readonly presence_answer?: string
        /** A phone is to be enrolled: the QR code, a PNG as data URI */
        readonly image?: string
        /** The same as an address */
        readonly link?: string
      }[]
      readonly attributes?: {
        /** Whether there is nothing to type */
        readonly hideResponseInput: boolean
      }
      /** The mode a client offers first */
      readonly preferred_client_mode?: 'poll' | 'interactive'
      /** A phone is to be enrolled during this login */
      readonly enroll_via_multichallenge?: boolean
      /** And the user may leave it */
      readonly enroll_via_multichallenge_optional?: boolean
      /** How the user said no */
      readonly challenge_status?: 'declined' | 'cancelled'
      /** 6 */
      readonly otplen?: number
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Open a login with a PIN, or finalize an accepted one.
   *
   * The first leg sends the PIN as `pass` and rings the phones. Poll until the login is accepted. The second leg sends the `transaction_id`, and as `pass` the code from the phone if the login asks for one. A login is used once.
   *
   * For services (the role `validate`) and administrators; for anyone if `ANONYMOUS_CHECK` allows it.
   */
  'POST /validate/check': {
    readonly id: 'postValidateCheck'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
      /** PIN in the first leg; in the second the display code, or anything */
      readonly pass?: Scalar | undefined
      /** Makes it the second leg of this login */
      readonly transaction_id?: Scalar | undefined
      /** Another name of transaction_id */
      readonly state?: Scalar | undefined
      /** 1: the user does not enroll a phone during this login, where that is left open */
      readonly cancel_enrollment?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
    readonly value: boolean
    readonly detail: {
      /** The login: what to poll for, and what to finalize */
      readonly transaction_id?: string
      /** Serial of the token that is asked */
      readonly serial?: string
      /** The app it is for */
      readonly type?: 'push' | 'edupush'
      /** interactive: a code from the phone is to be typed */
      readonly client_mode?: 'poll' | 'interactive'
      /** What to tell the user */
      readonly message?: string
      /** The option to tap on the phone: show it */
      readonly presence_answer?: string
      /** A phone is to be enrolled: the QR code, a PNG as data URI */
      readonly image?: string
      /** The same as an address */
      readonly link?: string
      readonly messages?: readonly string[]
      readonly transaction_ids?: readonly string[]
      /** A challenge for each phone */
      readonly multi_challenge?: readonly {
        /** The login: what to poll for, and what to finalize */
        readonly transaction_id: string
        /** Serial of the token that is asked */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** interactive: a code from the phone is to be typed */
        readonly client_mode: 'poll' | 'interactive'
        /** What to tell the user */
        readonly message: string
        /** The option to tap on the phone: show it */
        readonly presence_answer?: string
        /** A phone is to be enrolled: the QR code, a PNG as data URI */
        readonly image?: string
        /** The same as an address */
        readonly link?: string
      }[]
      readonly attributes?: {
        /** Whether there is nothing to type */
        readonly hideResponseInput: boolean
      }
      /** The mode a client offers first */
      readonly preferred_client_mode?: 'poll' | 'interactive'
      /** A phone is to be enrolled during this login */
      readonly enroll_via_multichallenge?: boolean
      /** And the user may leave it */
      readonly enroll_via_multichallenge_optional?: boolean
      /** How the user said no */
      readonly challenge_status?: 'declined' | 'cancelled'
      /** 6 */
      readonly otplen?: number
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * The same as check, answered by the status alone.
   *
   * The first leg sends the PIN as `pass` and rings the phones. Poll until the login is accepted. The second leg sends the `transaction_id`, and as `pass` the code from the phone if the login asks for one. A login is used once.
   *
   * For services (the role `validate`) and administrators; for anyone if `ANONYMOUS_CHECK` allows it.
   */
  'GET /validate/radiuscheck': {
    readonly id: 'getValidateRadiuscheck'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
      /** PIN in the first leg; in the second the display code, or anything */
      readonly pass?: Scalar | undefined
      /** Makes it the second leg of this login */
      readonly transaction_id?: Scalar | undefined
      /** Another name of transaction_id */
      readonly state?: Scalar | undefined
      /** 1: the user does not enroll a phone during this login, where that is left open */
      readonly cancel_enrollment?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
  }

  /**
   * The same as check, answered by the status alone.
   *
   * The first leg sends the PIN as `pass` and rings the phones. Poll until the login is accepted. The second leg sends the `transaction_id`, and as `pass` the code from the phone if the login asks for one. A login is used once.
   *
   * For services (the role `validate`) and administrators; for anyone if `ANONYMOUS_CHECK` allows it.
   */
  'POST /validate/radiuscheck': {
    readonly id: 'postValidateRadiuscheck'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
      /** PIN in the first leg; in the second the display code, or anything */
      readonly pass?: Scalar | undefined
      /** Makes it the second leg of this login */
      readonly transaction_id?: Scalar | undefined
      /** Another name of transaction_id */
      readonly state?: Scalar | undefined
      /** 1: the user does not enroll a phone during this login, where that is left open */
      readonly cancel_enrollment?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
  }

  /**
   * Open a login without a PIN.
   *
   * Rings the user's phones. The service has checked the first factor itself.
   *
   * For services (the role `validate`) and administrators.
   */
  'GET /validate/triggerchallenge': {
    readonly id: 'getValidateTriggerchallenge'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
    readonly value: number
    readonly detail: {
      /** The login: what to poll for, and what to finalize */
      readonly transaction_id?: string
      /** Serial of the token that is asked */
      readonly serial?: string
      /** The app it is for */
      readonly type?: 'push' | 'edupush'
      /** interactive: a code from the phone is to be typed */
      readonly client_mode?: 'poll' | 'interactive'
      /** What to tell the user */
      readonly message?: string
      /** The option to tap on the phone: show it */
      readonly presence_answer?: string
      /** A phone is to be enrolled: the QR code, a PNG as data URI */
      readonly image?: string
      /** The same as an address */
      readonly link?: string
      readonly messages?: readonly string[]
      readonly transaction_ids?: readonly string[]
      /** A challenge for each phone */
      readonly multi_challenge?: readonly {
        /** The login: what to poll for, and what to finalize */
        readonly transaction_id: string
        /** Serial of the token that is asked */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** interactive: a code from the phone is to be typed */
        readonly client_mode: 'poll' | 'interactive'
        /** What to tell the user */
        readonly message: string
        /** The option to tap on the phone: show it */
        readonly presence_answer?: string
        /** A phone is to be enrolled: the QR code, a PNG as data URI */
        readonly image?: string
        /** The same as an address */
        readonly link?: string
      }[]
      readonly attributes?: {
        /** Whether there is nothing to type */
        readonly hideResponseInput: boolean
      }
      /** The mode a client offers first */
      readonly preferred_client_mode?: 'poll' | 'interactive'
      /** A phone is to be enrolled during this login */
      readonly enroll_via_multichallenge?: boolean
      /** And the user may leave it */
      readonly enroll_via_multichallenge_optional?: boolean
      /** How the user said no */
      readonly challenge_status?: 'declined' | 'cancelled'
      /** 6 */
      readonly otplen?: number
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Open a login without a PIN.
   *
   * Rings the user's phones. The service has checked the first factor itself.
   *
   * For services (the role `validate`) and administrators.
   */
  'POST /validate/triggerchallenge': {
    readonly id: 'postValidateTriggerchallenge'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Restricts to tokens of one type */
      readonly type?: Scalar | undefined
      /** 1: a failed delivery is an error */
      readonly exception?: Scalar | undefined
      /** Address of the end user, where the caller may say so */
      readonly client?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key' | 'Accept-Language'
    readonly value: number
    readonly detail: {
      /** The login: what to poll for, and what to finalize */
      readonly transaction_id?: string
      /** Serial of the token that is asked */
      readonly serial?: string
      /** The app it is for */
      readonly type?: 'push' | 'edupush'
      /** interactive: a code from the phone is to be typed */
      readonly client_mode?: 'poll' | 'interactive'
      /** What to tell the user */
      readonly message?: string
      /** The option to tap on the phone: show it */
      readonly presence_answer?: string
      /** A phone is to be enrolled: the QR code, a PNG as data URI */
      readonly image?: string
      /** The same as an address */
      readonly link?: string
      readonly messages?: readonly string[]
      readonly transaction_ids?: readonly string[]
      /** A challenge for each phone */
      readonly multi_challenge?: readonly {
        /** The login: what to poll for, and what to finalize */
        readonly transaction_id: string
        /** Serial of the token that is asked */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** interactive: a code from the phone is to be typed */
        readonly client_mode: 'poll' | 'interactive'
        /** What to tell the user */
        readonly message: string
        /** The option to tap on the phone: show it */
        readonly presence_answer?: string
        /** A phone is to be enrolled: the QR code, a PNG as data URI */
        readonly image?: string
        /** The same as an address */
        readonly link?: string
      }[]
      readonly attributes?: {
        /** Whether there is nothing to type */
        readonly hideResponseInput: boolean
      }
      /** The mode a client offers first */
      readonly preferred_client_mode?: 'poll' | 'interactive'
      /** A phone is to be enrolled during this login */
      readonly enroll_via_multichallenge?: boolean
      /** And the user may leave it */
      readonly enroll_via_multichallenge_optional?: boolean
      /** How the user said no */
      readonly challenge_status?: 'declined' | 'cancelled'
      /** 6 */
      readonly otplen?: number
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Show the status of a login.
   *
   * For anyone who knows its id. With `wait`, the answer comes when the status changes.
   *
   * For anyone: a credential is ignored.
   */
  'GET /validate/polltransaction': {
    readonly id: 'getValidatePolltransaction'
    readonly parameters: {
      /** The login whose state is asked for */
      readonly transaction_id: Exclude<Scalar, null>
      /** Seconds to wait for a change, at most 30 */
      readonly wait?: Scalar | undefined
    }
    readonly value: boolean
    readonly detail: {
      /** A login that is over, and one that never was, read pending */
      readonly challenge_status: 'accept' | 'declined' | 'cancelled' | 'pending'
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Show the status of a login.
   *
   * For anyone who knows its id. With `wait`, the answer comes when the status changes.
   *
   * For anyone: a credential is ignored.
   */
  'GET /validate/polltransaction/{transaction_id}': {
    readonly id: 'getValidatePolltransactionByTransactionId'
    readonly parameters: {
      /** The login whose state is asked for */
      readonly transaction_id: string | number
      /** Seconds to wait for a change, at most 30 */
      readonly wait?: Scalar | undefined
    }
    readonly value: boolean
    readonly detail: {
      /** A login that is over, and one that never was, read pending */
      readonly challenge_status: 'accept' | 'declined' | 'cancelled' | 'pending'
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * List the prompts of a phone.
   *
   * For anyone: a credential is ignored.
   */
  'GET /ttype/push': {
    readonly id: 'getTtypePush'
    readonly parameters: {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    }
    readonly value: readonly (Readonly<Record<string, string>>)[]
  }

  /**
   * Register a phone, answer a prompt, or replace the registration token.
   *
   * For the app. The fields decide which of the three it is; other fields are ignored.
   *
   * For anyone: a credential is ignored.
   */
  'POST /ttype/push': {
    readonly id: 'postTtypePush'
    readonly parameters: ({
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The credential of the enrollment URI, once */
      readonly enrollment_credential: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly fbtoken: Exclude<Scalar, null>
      /** Public key, DER SubjectPublicKeyInfo in base64: RSA, or for eduMFA also on the curve P-256 or P-384 */
      readonly pubkey: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The nonce of the prompt that is answered */
      readonly nonce?: Scalar | undefined
      /** The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: RSASSA-PKCS1-v1_5, or ECDSA in DER */
      readonly signature: Exclude<Scalar, null>
      /** 1 to decline */
      readonly decline?: Scalar | undefined
      /** Why the user declines: unknown_trigger or cancelled */
      readonly decline_reason?: Scalar | undefined
      /** The option the user tapped */
      readonly presence_answer?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly new_fb_token: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `new_fb_token|serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    })
    readonly value: boolean
    readonly detail: {
      /** After a registration: the serial */
      readonly serial?: string
      /** enrolled */
      readonly rollout_state?: string
      /** The server's public key, PKCS#1 in base64, which verifies prompts */
      readonly public_key?: string
      /** After an accepting answer: the code to show, if the login asks for one */
      readonly display_code?: string
      /** The text beside the code */
      readonly message?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Describe the token type of privacyIDEA Authenticator App.
   *
   * For anyone: a credential is ignored.
   */
  'GET /ttype/push/info': {
    readonly id: 'getTtypePushInfo'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** push */
      readonly type: string
      /** Name of the type */
      readonly title: string
      /** Description of the type */
      readonly description: string
      /** By scope */
      readonly policy: Readonly<Record<string, Readonly<Record<string, {
        /** bool, int or str */
        readonly type: string
        /** What it does */
        readonly desc: string
        /** What it belongs to */
        readonly group?: string
        readonly value?: readonly string[]
        /** What applies where no policy sets the action */
        readonly default?: string
      }>>>>
    }
  }

  /**
   * List the prompts of a phone.
   *
   * For anyone: a credential is ignored.
   */
  'GET /ttype/edupush': {
    readonly id: 'getTtypeEdupush'
    readonly parameters: {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    }
    readonly value: readonly (Readonly<Record<string, string>>)[]
  }

  /**
   * Register a phone, answer a prompt, or replace the registration token.
   *
   * For the app. The fields decide which of the three it is; other fields are ignored.
   *
   * For anyone: a credential is ignored.
   */
  'POST /ttype/edupush': {
    readonly id: 'postTtypeEdupush'
    readonly parameters: ({
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The credential of the enrollment URI, once */
      readonly enrollment_credential: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly fbtoken: Exclude<Scalar, null>
      /** Public key, DER SubjectPublicKeyInfo in base64: RSA, or for eduMFA also on the curve P-256 or P-384 */
      readonly pubkey: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The nonce of the prompt that is answered */
      readonly nonce: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: RSASSA-PKCS1-v1_5, or ECDSA in DER */
      readonly signature: Exclude<Scalar, null>
      /** 1 to decline */
      readonly decline?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly new_fb_token: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `new_fb_token|serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    })
    readonly value: boolean
    readonly detail: {
      /** After a registration: the serial */
      readonly serial?: string
      /** enrolled */
      readonly rollout_state?: string
      /** The server's public key, PKCS#1 in base64, which verifies prompts */
      readonly public_key?: string
      /** After an accepting answer: the code to show, if the login asks for one */
      readonly display_code?: string
      /** The text beside the code */
      readonly message?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Describe the token type of eduMFA Authenticator App.
   *
   * For anyone: a credential is ignored.
   */
  'GET /ttype/edupush/info': {
    readonly id: 'getTtypeEdupushInfo'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** edupush */
      readonly type: string
      /** Name of the type */
      readonly title: string
      /** Description of the type */
      readonly description: string
      /** By scope */
      readonly policy: Readonly<Record<string, Readonly<Record<string, {
        /** bool, int or str */
        readonly type: string
        /** What it does */
        readonly desc: string
        /** What it belongs to */
        readonly group?: string
        readonly value?: readonly string[]
        /** What applies where no policy sets the action */
        readonly default?: string
      }>>>>
    }
  }

  /**
   * List the prompts of a phone.
   *
   * For anyone: a credential is ignored.
   */
  'GET /ttype/{type}': {
    readonly id: 'getTtypeByType'
    readonly parameters: {
      /** push or edupush, in any case */
      readonly type: string | number
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    }
    readonly value: readonly (Readonly<Record<string, string>>)[]
  }

  /**
   * Register a phone, answer a prompt, or replace the registration token.
   *
   * For the app. The fields decide which of the three it is; other fields are ignored.
   *
   * For anyone: a credential is ignored.
   */
  'POST /ttype/{type}': {
    readonly id: 'postTtypeByType'
    readonly parameters: {
      /** push or edupush, in any case */
      readonly type: string | number
    } & ({
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The credential of the enrollment URI, once */
      readonly enrollment_credential: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly fbtoken: Exclude<Scalar, null>
      /** Public key, DER SubjectPublicKeyInfo in base64: RSA, or for eduMFA also on the curve P-256 or P-384 */
      readonly pubkey: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The nonce of the prompt that is answered */
      readonly nonce?: Scalar | undefined
      /** The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: RSASSA-PKCS1-v1_5, or ECDSA in DER */
      readonly signature: Exclude<Scalar, null>
      /** 1 to decline */
      readonly decline?: Scalar | undefined
      /** Why the user declines: unknown_trigger or cancelled */
      readonly decline_reason?: Scalar | undefined
      /** The option the user tapped */
      readonly presence_answer?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** FCM registration token, or no_firebase_token */
      readonly new_fb_token: Exclude<Scalar, null>
      /** The time at the phone, ISO 8601; without a zone it is UTC */
      readonly timestamp: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `new_fb_token|serial|timestamp`, padded base32 */
      readonly signature: Exclude<Scalar, null>
      /** JSON list of feature names the app knows, such as ["decline_reason"] */
      readonly capabilities?: Scalar | undefined
    } | {
      /** The serial of the token this phone holds */
      readonly serial: Exclude<Scalar, null>
      /** The nonce of the prompt that is answered */
      readonly nonce: Exclude<Scalar, null>
      /** The phone's signature with SHA-256 over `nonce|serial[|decline[|reason]][|presence]`, padded base32: RSASSA-PKCS1-v1_5, or ECDSA in DER */
      readonly signature: Exclude<Scalar, null>
      /** 1 to decline */
      readonly decline?: Scalar | undefined
    })
    readonly value: boolean
    readonly detail: {
      /** After a registration: the serial */
      readonly serial?: string
      /** enrolled */
      readonly rollout_state?: string
      /** The server's public key, PKCS#1 in base64, which verifies prompts */
      readonly public_key?: string
      /** After an accepting answer: the code to show, if the login asks for one */
      readonly display_code?: string
      /** The text beside the code */
      readonly message?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Stream the status of a login.
   *
   * Server-sent events: one at once and one when the login is decided, each with the response of polltransaction.
   *
   * For anyone: a credential is ignored.
   */
  'GET /transaction/{transaction_id}/events': {
    readonly id: 'getTransactionByTransactionIdEvents'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly headers: 'Last-Event-ID'
    readonly text: 'text/event-stream'
  }

  /**
   * Show the timeline of a login.
   *
   * For the roles `helpdesk` and `admin`; for services (`validate`) about the logins they opened.
   */
  'GET /transaction/{transaction_id}': {
    readonly id: 'getTransactionByTransactionId'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly value: {
      /** The login */
      readonly transaction_id: string
      /** Login name of the owner */
      readonly user: string
      /** Realm of the owner */
      readonly realm: string
      /** Name of the service key that opened it, or empty */
      readonly service: string
      /** The request that opened it */
      readonly opened_by: string
      /** How it stands */
      readonly status: string
      /** How the phone was asked; null: none was, or it is not known */
      readonly mode: 'standard' | 'presence' | 'code_to_phone' | null
      /** What became of it */
      readonly outcome: 'accepted' | 'unfinished' | 'declined' | 'not_me' | 'cancelled' | 'expired' | 'failed' | 'enrolled' | 'refused' | 'bypass' | 'tokenless' | 'open'
      /** Why it went as it did, as a name: `unanswered`, `withdrawn/administrator`, `refused/pin_wrong` */
      readonly cause: string
      /** The same in words; in English or German, by Accept-Language */
      readonly reason: string
      /** What to do; empty: nothing */
      readonly advice: string
      readonly durations: {
        /** From the request of the service until the login was stored, in milliseconds */
        readonly trigger: number | null
        /** From then until FCM had replied */
        readonly delivery: number | null
        /** From then until the phone had fetched it */
        readonly fetch: number | null
        /** From when the phone had it until the user answered */
        readonly human: number | null
        /** From then until the answer was stored */
        readonly answer: number | null
        /** From then until the service asked to finalize */
        readonly wake: number | null
        /** From then until it was finalized */
        readonly finalize: number | null
        /** The sum of trigger, delivery, answer and finalize */
        readonly system: number | null
      }
      readonly steps: readonly {
        /** UTC, without a zone */
        readonly time: string
        /** What happened */
        readonly event: string
        /** Serial of the token it happened with */
        readonly serial: string
        /** The request it came by */
        readonly request: string
        /** Address that came from */
        readonly client: string
        /** Program that came from */
        readonly user_agent: string
      }[]
    }
  }

  /**
   * Issue a receipt of a login.
   *
   * What proves the answer of the phone, as long as the login is kept: until ten minutes after its end. `npm run nod -- verify` checks it.
   *
   * For the roles `helpdesk` and `admin`; for services (`validate`) about the logins they opened.
   */
  'GET /transaction/{transaction_id}/receipt': {
    readonly id: 'getTransactionByTransactionIdReceipt'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly value: {
      /** The format: docs/receipts.md */
      readonly format: 'nod-receipt/1'
      readonly context: {
        /** The login */
        readonly transaction: string
        /** Serial of the token */
        readonly serial: string
        /** Type of the token */
        readonly type: string
        /** SHA-256 of the phone's public key, in hexadecimal */
        readonly phone_key: string
        /** Login name of the owner, or empty */
        readonly user: string
        /** Realm of the owner, or empty */
        readonly realm: string
        /** Who asked for the login: a service key or an administrator, or empty */
        readonly service: string
        /** Where that request came from */
        readonly address: string
        /** Text shown on the phone */
        readonly question: string
        /** Title shown on the phone */
        readonly title: string
        /** How the phone confirms */
        readonly mode: 'standard' | 'presence' | 'code_to_phone'
        /** Number matching: the options shown on the phone */
        readonly options: readonly string[]
        /** Number matching: the option shown at the login; else empty */
        readonly presence: string
        /** When the login was opened, in milliseconds since 1970 */
        readonly time: number
      }
      /** 16 random bytes, base64url */
      readonly salt: string
      readonly prompt: {
        /** Ends in the commitment to salt and context */
        readonly nonce: string
        /** Where the phone answers */
        readonly url: string
        /** Serial of the token */
        readonly serial: string
        /** Text */
        readonly question: string
        /** Title */
        readonly title: string
        /** `1` or `0` */
        readonly sslverify: string
        /** The server's signature, base32 */
        readonly signature: string
        /** The options, joined by commas */
        readonly require_presence?: string
      }
      readonly answer: {
        /** The phone declined */
        readonly decline: boolean
        /** The phone's signature, base32 */
        readonly signature: string
        /** Why it declined */
        readonly decline_reason?: string
        /** The option that was tapped */
        readonly presence_answer?: string
      }
      /** The phone's public key, SubjectPublicKeyInfo in base64 */
      readonly phone_key: string
      /** The server's public key, SubjectPublicKeyInfo in base64 */
      readonly server_key: string
      readonly statement: {
        /** What has become of the login */
        readonly status: 'confirmed' | 'accepted' | 'finalized' | 'declined' | 'wrong_number' | 'withdrawn' | 'expired'
        /** When the answer arrived, in milliseconds since 1970 */
        readonly answered_at: number
        /** When the receipt was made, in milliseconds since 1970 */
        readonly issued_at: number
        /** When the login was finalized, in milliseconds since 1970 */
        readonly finalized_at?: number
      }
      /** The server's signature over everything else, base32 */
      readonly signature: string
    }
  }

  /**
   * List open logins.
   *
   * Without nonce and code, which would finalize them. With `user`, all challenges are on one page.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /token/challenges': {
    readonly id: 'getTokenChallenges'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Owner, in place of a serial: all challenges of their tokens, on one page */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Of one login; `*` stands for anything */
      readonly transaction_id?: Scalar | undefined
      /** timestamp */
      readonly sortby?: Scalar | undefined
      /** asc, unless it says desc */
      readonly sortdir?: Scalar | undefined
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Challenges per page, 15 by default, at most 500 */
      readonly pagesize?: Scalar | undefined
    }
    readonly value: {
      readonly challenges: readonly {
        /** The login */
        readonly transaction_id: string
        /** *** */
        readonly challenge: string
        /** Serial of the token that is asked */
        readonly serial: string
        readonly data: {
          /** push */
          readonly type: string
          /** How it is to be confirmed */
          readonly mode: 'standard' | 'require_presence' | 'code_to_phone'
          /** 32 hex digits, the same for all challenges of a login */
          readonly attempt_id?: string
          /** What the phone is told, where this is no login: `phone_bound`, `bypass_code_issued`, `bypass_code_used`, `pin_stopped`, `phone_changed` */
          readonly notice?: string
          readonly notification?: {
            /** As the phone shows it */
            readonly question: string
            /** As the phone shows it */
            readonly title: string
          }
          readonly options?: readonly string[]
          /** *** */
          readonly correct_answer?: string
          /** ***, once the phone shows it */
          readonly display_code?: string
          /** Confirmed on the phone */
          readonly smartphone_confirmed?: boolean
        }
        /** Whether the phone has accepted */
        readonly otp_received: boolean
        /** The same as a number */
        readonly received_count: 0 | 1
        /** The same */
        readonly otp_valid: boolean
        /** HTTP date */
        readonly expiration: string
        /** HTTP date */
        readonly timestamp: string
      }[]
      /** Number of challenges on all pages */
      readonly count: number
      /** Number of this page */
      readonly current?: number
      /** The previous page */
      readonly prev?: number | null
      /** The next page */
      readonly next?: number | null
    }
  }

  /**
   * Delete expired challenges from the list.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'DELETE /token/challenges/expired': {
    readonly id: 'deleteTokenChallengesExpired'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** true */
      readonly status: boolean
      /** Number of challenges deleted */
      readonly deleted: number
    }
  }

  /**
   * Withdraw a login.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'DELETE /token/challenges/transaction/{transaction_id}': {
    readonly id: 'deleteTokenChallengesTransactionByTransactionId'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly value: {
      /** true */
      readonly status: boolean
      /** Number of challenges deleted */
      readonly deleted: number
    }
  }

  /**
   * List open logins.
   *
   * Without nonce and code, which would finalize them. With `user`, all challenges are on one page.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /token/challenges/{serial}': {
    readonly id: 'getTokenChallengesBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
      /** Owner, in place of a serial: all challenges of their tokens, on one page */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Of one login; `*` stands for anything */
      readonly transaction_id?: Scalar | undefined
      /** timestamp */
      readonly sortby?: Scalar | undefined
      /** asc, unless it says desc */
      readonly sortdir?: Scalar | undefined
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Challenges per page, 15 by default, at most 500 */
      readonly pagesize?: Scalar | undefined
    }
    readonly value: {
      readonly challenges: readonly {
        /** The login */
        readonly transaction_id: string
        /** *** */
        readonly challenge: string
        /** Serial of the token that is asked */
        readonly serial: string
        readonly data: {
          /** push */
          readonly type: string
          /** How it is to be confirmed */
          readonly mode: 'standard' | 'require_presence' | 'code_to_phone'
          /** 32 hex digits, the same for all challenges of a login */
          readonly attempt_id?: string
          /** What the phone is told, where this is no login: `phone_bound`, `bypass_code_issued`, `bypass_code_used`, `pin_stopped`, `phone_changed` */
          readonly notice?: string
          readonly notification?: {
            /** As the phone shows it */
            readonly question: string
            /** As the phone shows it */
            readonly title: string
          }
          readonly options?: readonly string[]
          /** *** */
          readonly correct_answer?: string
          /** ***, once the phone shows it */
          readonly display_code?: string
          /** Confirmed on the phone */
          readonly smartphone_confirmed?: boolean
        }
        /** Whether the phone has accepted */
        readonly otp_received: boolean
        /** The same as a number */
        readonly received_count: 0 | 1
        /** The same */
        readonly otp_valid: boolean
        /** HTTP date */
        readonly expiration: string
        /** HTTP date */
        readonly timestamp: string
      }[]
      /** Number of challenges on all pages */
      readonly count: number
      /** Number of this page */
      readonly current?: number
      /** The previous page */
      readonly prev?: number | null
      /** The next page */
      readonly next?: number | null
    }
  }

  /**
   * List the unused bypass codes.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /token/bypass': {
    readonly id: 'getTokenBypass'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Id of the code */
      readonly id: number
      /** Login name of its user */
      readonly user: string
      /** Realm of its user */
      readonly realm: string
      /** Milliseconds since 1970 */
      readonly issued_at: number
      /** Milliseconds since 1970 */
      readonly expires_at: number
      /** Who issued it */
      readonly issued_by: string
      /** Why */
      readonly reason: string
    }[]
  }

  /**
   * Issue a code with which a user logs in once without the phone.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/bypass': {
    readonly id: 'postTokenBypass'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Why; it is kept in the audit */
      readonly reason: Exclude<Scalar, null>
      /** How long the code is valid, in minutes, at most 14400 (10 days) */
      readonly validity_minutes?: Scalar | undefined
      /** The same in hours, at most 240; 24 without either */
      readonly validity_hours?: Scalar | undefined
    }
    readonly value: {
      /** Id of the code */
      readonly id: number
      /** Login name of its user */
      readonly user: string
      /** Realm of its user */
      readonly realm: string
      /** Milliseconds since 1970 */
      readonly issued_at: number
      /** Milliseconds since 1970 */
      readonly expires_at: number
      /** Who issued it */
      readonly issued_by: string
      /** Why */
      readonly reason: string
      /** The code that the user enters; shown only once */
      readonly code: string
    }
  }

  /**
   * Withdraw a bypass code.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'DELETE /token/bypass/{id}': {
    readonly id: 'deleteTokenBypassById'
    readonly parameters: {
      /** Number of the code */
      readonly id: string | number
    }
    readonly value: number
  }

  /**
   * Search for tokens as you type.
   *
   * By the beginning of user, serial or description: first those found by the user, then by the serial, then by the description. A page stays where it is while tokens come and go: the next one begins after its last token. A page may have fewer tokens than its limit, even none, and go on, because a request looks at a thousand tokens of a range at most.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /token/search': {
    readonly id: 'getTokenSearch'
    readonly parameters: {
      /** Beginning of the owner’s login name, of the serial or of the description, in any case */
      readonly q?: Scalar | undefined
      /** Only by this, and in its order: user, serial or description */
      readonly by?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** One of revoked, waiting, disabled, locked, unreachable, ready */
      readonly status?: Scalar | undefined
      /** The app it is for: push or edupush */
      readonly type?: Scalar | undefined
      /** Tokens on a page, 50 by default, at most 200 */
      readonly limit?: Scalar | undefined
      /** Where the page begins: `next` of the page before, with the same search */
      readonly cursor?: Scalar | undefined
    }
    readonly value: {
      readonly tokens: readonly {
        /** Serial */
        readonly serial: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** Login name of the owner, or empty */
        readonly user: string
        /** Realm of the owner, or empty */
        readonly realm: string
        /** Description */
        readonly description: string
        /** What keeps it from letting its owner in, the first that applies; ready: nothing */
        readonly status: 'revoked' | 'waiting' | 'disabled' | 'locked' | 'unreachable' | 'ready'
        /** What of it was found */
        readonly found_by: 'user' | 'serial' | 'description'
        /** False: disabled */
        readonly active: boolean
        /** Revoked for good */
        readonly revoked: boolean
        /** clientwait: its QR code is out */
        readonly rollout_state: 'clientwait' | 'enrolled'
        /** Wrong PINs in a row, at most two seconds old when it locks the token */
        readonly failcount: number
        /** How many of them lock it */
        readonly maxfail: number
        /** When it was last used, at most a week old, in milliseconds since 1970 */
        readonly last_used_at: number | null
        /** When it was first enrolled, in milliseconds since 1970 */
        readonly created_at: number
        /** Since when push messages do not reach its phone, in milliseconds since 1970 */
        readonly unreachable_since: number | null
        /** What the app calls itself */
        readonly app: string | null
        /** And its phone */
        readonly system: string | null
      }[]
      /** Cursor of the next page; null after the last */
      readonly next: string | null
      /** How many tokens are found, on the first page */
      readonly count?: number
      /** False: it may be more */
      readonly count_is_exact?: boolean
    }
  }

  /**
   * List tokens.
   *
   * The tokens that match every filter, by page. The last page takes no longer than the first.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'GET /token': {
    readonly id: 'getToken'
    readonly parameters: {
      /** Serial; `*` stands for anything; or several with commas */
      readonly serial?: Scalar | undefined
      /** Type; `*` stands for anything */
      readonly type?: Scalar | undefined
      /** Types with commas */
      readonly type_list?: Scalar | undefined
      /** Owner, also as user@realm */
      readonly user?: Scalar | undefined
      /** Realm of the user; without one, of the owners */
      readonly realm?: Scalar | undefined
      /** Id of the owner: the login name */
      readonly userid?: Scalar | undefined
      /** Resolver of the owner; the only one is nod */
      readonly resolver?: Scalar | undefined
      /** Realms of the owners, with commas; `*` stands for anything */
      readonly tokenrealm?: Scalar | undefined
      /** Description; `*` stands for anything */
      readonly description?: Scalar | undefined
      /** true: of an owner; false: of nobody */
      readonly assigned?: Scalar | undefined
      /** true or false */
      readonly active?: Scalar | undefined
      /** clientwait or enrolled; `*` stands for anything */
      readonly rollout_state?: Scalar | undefined
      /** A key of the info */
      readonly infokey?: Scalar | undefined
      /** What stands there; `*` stands for anything */
      readonly infovalue?: Scalar | undefined
      /** No token is in a container: finds nothing */
      readonly container_serial?: Scalar | undefined
      /** Keys of the info that are not to be shown, with commas */
      readonly hidden_tokeninfo?: Scalar | undefined
      /** Column to sort by; serial by default */
      readonly sortby?: Scalar | undefined
      /** asc or desc; asc by default */
      readonly sortdir?: Scalar | undefined
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Tokens per page, 15 by default, at most 500 */
      readonly pagesize?: Scalar | undefined
      /** nod: without the tokens of the server that users move from, where there is one */
      readonly origin?: Scalar | undefined
      /** csv for a table instead of JSON */
      readonly outform?: Scalar | undefined
    }
    readonly value: {
      readonly tokens: readonly {
        /** A number for clients that want one; nothing is found by it */
        readonly id: number
        /** Serial */
        readonly serial: string
        /** The app it is for */
        readonly tokentype: 'push' | 'edupush'
        /** As given at enrollment */
        readonly description: string
        /** False: disabled */
        readonly active: boolean
        /** Revoked for good */
        readonly revoked: boolean
        /** The same as revoked */
        readonly locked: boolean
        /** clientwait: its QR code is out */
        readonly rollout_state: 'clientwait' | 'enrolled'
        /** Wrong PINs in a row */
        readonly failcount: number
        /** How many of them lock it */
        readonly maxfail: number
        /** 0 */
        readonly count: number
        /** 10 */
        readonly count_window: number
        /** 1000 */
        readonly sync_window: number
        /** 6 */
        readonly otplen: number
        /** nod, or empty without an owner */
        readonly resolver: string
        /** Login name of the owner, or empty */
        readonly user_id: string
        /** The same */
        readonly username: string
        /** Realm of the owner, or empty */
        readonly user_realm: string
        readonly realms: readonly string[]
        readonly tokengroup: readonly string[]
        /** Keys of info that administrators do not write */
        readonly readonly_info_keys: readonly string[]
        /** Keys of info that administrators do not delete */
        readonly undeletable_info_keys: readonly string[]
        /** Keys of info that POST /token/set changes */
        readonly settable_info_keys: readonly string[]
        /** Empty */
        readonly container_serial: string
        /** What else there is to say */
        readonly info: Readonly<Record<string, string>>
        /** Only with an owner */
        readonly user_editable?: boolean
        /** Where the token is; only while users move here from another server */
        readonly origin?: 'nod' | 'upstream'
      }[]
      /** Number of matching tokens on all pages */
      readonly count: number
      /** The previous page */
      readonly prev: number | null
      /** The next page */
      readonly next: number | null
      /** true: the server that users move from does not answer, and its tokens are not listed */
      readonly upstream_unavailable?: boolean
    }
    readonly text: 'text/csv'
  }

  /**
   * Delete tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'DELETE /token': {
    readonly id: 'deleteToken'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number | {
      /** Number of tokens changed */
      readonly count_success: number
      /** Tokens that could not be changed */
      readonly failed: readonly string[]
      /** Tokens that the caller may not change */
      readonly unauthorized: readonly string[]
    }
  }

  /**
   * Enroll a phone.
   *
   * The response holds the QR code to scan. It is valid once, for as long as policy says; the phone registers with it.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/init': {
    readonly id: 'postTokenInit'
    readonly parameters: {
      /** push, the default, or edupush for the app of eduMFA; in any case */
      readonly type?: Scalar | undefined
      /** Must be there; its value does not matter */
      readonly genkey?: Scalar | undefined
      /** Owner: a login name, alone or as user@realm or realm\user */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Serial; generated by default. An enrolled token of that serial is enrolled again */
      readonly serial?: Scalar | undefined
      /** PIN, the first factor of a login */
      readonly pin?: Scalar | undefined
      /** Shown in lists, cut after 80 characters */
      readonly description?: Scalar | undefined
      /** Further realms, separated by commas or as a list */
      readonly tokenrealm?: string | readonly string[] | null | undefined
      /** Label in the app, where no policy sets one */
      readonly tokenlabel?: Scalar | undefined
      /** Issuer in the app, where no policy sets one */
      readonly tokenissuer?: Scalar | undefined
      /** Image in the app, where no policy sets one */
      readonly appimageurl?: Scalar | undefined
      /** ISO 8601 with offset */
      readonly validity_period_start?: Scalar | undefined
      /** ISO 8601 with offset */
      readonly validity_period_end?: Scalar | undefined
      /** Required to enroll again while the QR code is still open */
      readonly rollover?: Scalar | undefined
    }
    readonly value: boolean
    readonly detail: {
      /** Serial of the token */
      readonly serial: string
      /** clientwait */
      readonly rollout_state: string
      /** What the phone registers with; a secret */
      readonly enrollment_credential: string
      readonly pushurl: {
        /** What the URI is for */
        readonly description: string
        /** The enrollment URI; a secret */
        readonly value: string
        /** The enrollment URI as a QR code: a PNG as data URI */
        readonly img: string
      }
      /** The random PIN, if a policy asks for one; shown only once */
      readonly pin?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Assign a token to a user.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/assign': {
    readonly id: 'postTokenAssign'
    readonly parameters: {
      /** Serial of the token */
      readonly serial: Exclude<Scalar, null>
      /** Whose it is from now on */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user */
      readonly realm?: Scalar | undefined
      /** The new PIN; an empty one takes the PIN away */
      readonly pin?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Unassign tokens from their owner and remove their PIN.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/unassign': {
    readonly id: 'postTokenUnassign'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number | {
      /** Number of tokens changed */
      readonly count_success: number
      /** Tokens that could not be changed */
      readonly failed: readonly string[]
      /** Tokens that the caller may not change */
      readonly unauthorized: readonly string[]
    }
  }

  /**
   * Copy the PIN of one token to another.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/copypin': {
    readonly id: 'postTokenCopypin'
    readonly parameters: {
      /** Serial of the token to copy from */
      readonly from: Exclude<Scalar, null>
      /** Serial of the token to copy to */
      readonly to: Exclude<Scalar, null>
    }
    readonly value: boolean
  }

  /**
   * Assign a token to the owner of another.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/copyuser': {
    readonly id: 'postTokenCopyuser'
    readonly parameters: {
      /** Serial of the token to copy from */
      readonly from: Exclude<Scalar, null>
      /** Serial of the token to copy to */
      readonly to: Exclude<Scalar, null>
    }
    readonly value: boolean
  }

  /**
   * Disable the token of a lost phone, and issue a bypass code to its owner.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/lost/{serial}': {
    readonly id: 'postTokenLostBySerial'
    readonly parameters: {
      /** Serial of the token */
      readonly serial: string | number
    }
    readonly value: {
      /** Whether its owner has a bypass code now; not of a token that nobody owns */
      readonly init: boolean
      /** How many tokens were disabled */
      readonly disable: number
      /** The bypass code; shown this once */
      readonly password?: string
      /** Until when it holds */
      readonly valid_to?: string
      /** The same */
      readonly end_date?: string
    }
  }

  /**
   * Enable tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/enable': {
    readonly id: 'postTokenEnable'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Enable tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/enable/{serial}': {
    readonly id: 'postTokenEnableBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Disable tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/disable': {
    readonly id: 'postTokenDisable'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Disable tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/disable/{serial}': {
    readonly id: 'postTokenDisableBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Revoke tokens, which cannot be undone.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/revoke': {
    readonly id: 'postTokenRevoke'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Revoke tokens, which cannot be undone.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/revoke/{serial}': {
    readonly id: 'postTokenRevokeBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Reset the failed attempts of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/reset': {
    readonly id: 'postTokenReset'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Reset the failed attempts of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/reset/{serial}': {
    readonly id: 'postTokenResetBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Pause the rings of tokens.
   *
   * Their phones are not rung meanwhile. Logins still open, in a mode that needs what the login screen shows, and a phone finds them when it polls.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/pause': {
    readonly id: 'postTokenPause'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** For how long, in minutes: 60 by default; at most 1440 (a day) for users, 10080 (a week) for others */
      readonly minutes?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Pause the rings of tokens.
   *
   * Their phones are not rung meanwhile. Logins still open, in a mode that needs what the login screen shows, and a phone finds them when it polls.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/pause/{serial}': {
    readonly id: 'postTokenPauseBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** For how long, in minutes: 60 by default; at most 1440 (a day) for users, 10080 (a week) for others */
      readonly minutes?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Resume the rings of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/resume': {
    readonly id: 'postTokenResume'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Resume the rings of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/resume/{serial}': {
    readonly id: 'postTokenResumeBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Set or remove the PIN of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/setpin': {
    readonly id: 'postTokenSetpin'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** The new PIN; an empty one takes the PIN away */
      readonly otppin?: Scalar | undefined
      /** Another name of otppin */
      readonly pin?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Set or remove the PIN of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/setpin/{serial}': {
    readonly id: 'postTokenSetpinBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** The new PIN; an empty one takes the PIN away */
      readonly otppin?: Scalar | undefined
      /** Another name of otppin */
      readonly pin?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Set a random PIN for tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/setrandompin': {
    readonly id: 'postTokenSetrandompin'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
    readonly detail: {
      /** The PIN, shown only once */
      readonly pin?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Set a random PIN for tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/setrandompin/{serial}': {
    readonly id: 'postTokenSetrandompinBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number
    readonly detail: {
      /** The PIN, shown only once */
      readonly pin?: string
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Set limits and description of tokens.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/set': {
    readonly id: 'postTokenSet'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Shown in lists, cut after 80 characters */
      readonly description?: Scalar | undefined
      /** Failed attempts before the token is locked, 1 to 1000 */
      readonly max_failcount?: Scalar | undefined
      /** How often it may be used, failures included; 0: no limit */
      readonly count_auth_max?: Scalar | undefined
      /** How often it may be used with success; 0: no limit */
      readonly count_auth_success_max?: Scalar | undefined
      /** ISO 8601 with offset; empty: from the beginning */
      readonly validity_period_start?: Scalar | undefined
      /** ISO 8601 with offset; empty: for good */
      readonly validity_period_end?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Set limits and description of tokens.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/set/{serial}': {
    readonly id: 'postTokenSetBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Shown in lists, cut after 80 characters */
      readonly description?: Scalar | undefined
      /** Failed attempts before the token is locked, 1 to 1000 */
      readonly max_failcount?: Scalar | undefined
      /** How often it may be used, failures included; 0: no limit */
      readonly count_auth_max?: Scalar | undefined
      /** How often it may be used with success; 0: no limit */
      readonly count_auth_success_max?: Scalar | undefined
      /** ISO 8601 with offset; empty: from the beginning */
      readonly validity_period_start?: Scalar | undefined
      /** ISO 8601 with offset; empty: for good */
      readonly validity_period_end?: Scalar | undefined
    }
    readonly value: number
  }

  /**
   * Set the description of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/description': {
    readonly id: 'postTokenDescription'
    readonly parameters: {
      /** Serial of one token */
      readonly serial?: Scalar | undefined
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Shown in lists, cut after 80 characters; must be there, and may be empty */
      readonly description?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Set the description of tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'POST /token/description/{serial}': {
    readonly id: 'postTokenDescriptionBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Shown in lists, cut after 80 characters; must be there, and may be empty */
      readonly description?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Set the realms that list tokens, besides their owner's.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/realm/{serial}': {
    readonly id: 'postTokenRealmBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Realms, separated by commas or as a list */
      readonly realms?: string | readonly string[] | null | undefined
    }
    readonly value: boolean
  }

  /**
   * Set a token info, or whether the phone may poll.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /token/info/{serial}/{key}': {
    readonly id: 'postTokenInfoBySerialByKey'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
      /** Name of the entry */
      readonly key: string | number
    } & {
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** A text; of polling_allowed, True or False */
      readonly value: Exclude<Scalar, null>
    }
    readonly value: boolean
  }

  /**
   * Delete a token info.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'DELETE /token/info/{serial}/{key}': {
    readonly id: 'deleteTokenInfoBySerialByKey'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
      /** Name of the entry */
      readonly key: string | number
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Show one token with everything that is known of it.
   *
   * Owner, state, limits, and what its phone is and can do. The counters are exact: the phone’s object is asked.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'GET /token/{serial}': {
    readonly id: 'getTokenBySerial'
    readonly parameters: {
      /** Serial of the token */
      readonly serial: string | number
    }
    readonly value: {
      /** Serial */
      readonly serial: string
      /** The app it is for */
      readonly type: 'push' | 'edupush'
      /** Login name of the owner, or empty */
      readonly user: string
      /** Realm of the owner, or empty */
      readonly realm: string
      /** Realms that list it beside its owner’s */
      readonly realms: readonly string[]
      /** Description */
      readonly description: string
      /** What keeps it from letting its owner in, the first that applies; ready: nothing */
      readonly status: 'revoked' | 'waiting' | 'disabled' | 'locked' | 'unreachable' | 'ready'
      /** False: disabled */
      readonly active: boolean
      /** Revoked for good */
      readonly revoked: boolean
      /** clientwait: its QR code is out */
      readonly rollout_state: 'clientwait' | 'enrolled'
      /** Whether it has a PIN */
      readonly has_pin: boolean
      /** When it was first enrolled, in milliseconds since 1970 */
      readonly created_at: number
      /** When it was last assigned to an owner, in milliseconds since 1970 */
      readonly assigned_at: number | null
      /** From when it may be used, in milliseconds since 1970 */
      readonly valid_from: number | null
      /** Until when it may be used, in milliseconds since 1970 */
      readonly valid_until: number | null
      /** Until when its phone is not rung, in milliseconds since 1970 */
      readonly rings_paused_until: number | null
      /** Whether its phone may poll; null: policy decides */
      readonly polling_allowed: boolean | null
      /** Notes of administrators */
      readonly info: Readonly<Record<string, string>>
      readonly counters: {
        /** False: the database’s copy, seconds old in what locks the token, up to a week in the rest */
        readonly is_exact: boolean
        /** Wrong PINs in a row */
        readonly failcount: number
        /** How many of them lock it */
        readonly maxfail: number
        /** Since when it is locked, in milliseconds since 1970 */
        readonly locked_since: number | null
        /** Failed attempts in all */
        readonly failures: number
        /** Successful logins in all */
        readonly successes: number
        /** How often it may be used */
        readonly max_uses: number | null
        /** How often it may be used with success */
        readonly max_successes: number | null
        /** When it last let its owner in, in milliseconds since 1970 */
        readonly last_used_at: number | null
        /** When its owner last reported a login, in milliseconds since 1970 */
        readonly fraud_reported_at: number | null
        /** Since when logins by PIN and a tap are suspended, in milliseconds since 1970 */
        readonly pin_suspended_at: number | null
      }
      readonly phone: {
        /** What the app calls itself; nothing proves it */
        readonly app: string | null
        /** What it runs on */
        readonly system: string | null
        readonly capabilities: readonly string[] | null
        /** Whether its app can do code to phone */
        readonly code_to_phone: 'able' | 'unable' | 'unknown'
        /** When it registered, in milliseconds since 1970 */
        readonly registered_at: number | null
        /** When it was last heard of, as far as is known, in milliseconds since 1970 */
        readonly last_contact_at: number | null
        /** Firebase configuration, or `poll only` */
        readonly firebase_configuration: string
        /** What keeps push from it; null: nothing */
        readonly unreached: 'quarantined' | 'no_registration_token' | 'poll_only' | 'gateway_missing' | null
        /** Of a quarantine */
        readonly quarantine_cause: 'unregistered' | 'registration_token_invalid' | null
        /** Since when, if it is in quarantine, in milliseconds since 1970 */
        readonly unreached_since: number | null
        /** Where its object is */
        readonly home: 'wnam' | 'enam' | 'sam' | 'weur' | 'eeur' | 'apac' | 'oc' | 'afr' | 'me' | null
        /** Where most of its requests come from */
        readonly seen: 'wnam' | 'enam' | 'sam' | 'weur' | 'eeur' | 'apac' | 'oc' | 'afr' | 'me' | null
      }
    }
  }

  /**
   * Delete tokens.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'DELETE /token/{serial}': {
    readonly id: 'deleteTokenBySerial'
    readonly parameters: {
      /** Serial of one token */
      readonly serial: string | number
      /** Serials, separated by commas or as a list; at most 100 */
      readonly serials?: string | readonly string[] | null | undefined
      /** Owner: without a serial, selects all their tokens; with one, it has to be theirs */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
    }
    readonly value: number | {
      /** Number of tokens changed */
      readonly count_success: number
      /** Tokens that could not be changed */
      readonly failed: readonly string[]
      /** Tokens that the caller may not change */
      readonly unauthorized: readonly string[]
    }
  }

  /**
   * Show a policy and what it was.
   *
   * Each version as a change left it, the newest first: at most 100, for two years. A policy of null: it was deleted or renamed. `revision` is for saving the policy only if nobody else has changed it.
   *
   * For the role `admin`.
   */
  'GET /policy/{name}/history': {
    readonly id: 'getPolicyByNameHistory'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    }
    readonly value: {
      readonly policy: {
        /** What the policy sets */
        readonly action: Readonly<Record<string, string | boolean>>
        /** Whether it applies at all */
        readonly active: boolean
        readonly adminrealm: readonly string[]
        readonly adminuser: readonly string[]
        /** Of privacyIDEA; without effect */
        readonly check_all_resolvers: boolean
        readonly client: readonly string[]
        /** Section, key, comparator, value, active, handle_missing */
        readonly conditions: readonly (readonly unknown[])[]
        /** For people */
        readonly description: string | null
        /** Name */
        readonly name: string
        readonly pinode: readonly string[]
        /** The lowest number takes precedence */
        readonly priority: number
        readonly realm: readonly string[]
        readonly resolver: readonly string[]
        /** authentication, enrollment and the like */
        readonly scope: string
        /** When it applies */
        readonly time: string
        readonly user: readonly string[]
        readonly user_agents: readonly string[]
        /** Whether upper and lower case are the same in login names */
        readonly user_case_insensitive: boolean
        readonly confirm?: readonly string[]
      } | null
      /** Its revision; 0: there is no such policy */
      readonly revision: number
      readonly versions: readonly {
        /** Name of the policy */
        readonly name: string
        /** Of the change; greater is later */
        readonly revision: number
        /** When; null: before Nod kept a history, in milliseconds since 1970 */
        readonly at: number | null
        /** The request, as the audit names it */
        readonly action: string | null
        /** Who */
        readonly administrator: string | null
        readonly policy: {
          /** What the policy sets */
          readonly action: Readonly<Record<string, string | boolean>>
          /** Whether it applies at all */
          readonly active: boolean
          readonly adminrealm: readonly string[]
          readonly adminuser: readonly string[]
          /** Of privacyIDEA; without effect */
          readonly check_all_resolvers: boolean
          readonly client: readonly string[]
          /** Section, key, comparator, value, active, handle_missing */
          readonly conditions: readonly (readonly unknown[])[]
          /** For people */
          readonly description: string | null
          /** Name */
          readonly name: string
          readonly pinode: readonly string[]
          /** The lowest number takes precedence */
          readonly priority: number
          readonly realm: readonly string[]
          readonly resolver: readonly string[]
          /** authentication, enrollment and the like */
          readonly scope: string
          /** When it applies */
          readonly time: string
          readonly user: readonly string[]
          readonly user_agents: readonly string[]
          /** Whether upper and lower case are the same in login names */
          readonly user_case_insensitive: boolean
          readonly confirm?: readonly string[]
        } | null
      }[]
    }
  }

  /**
   * Check a policy as saving it would, without saving it.
   *
   * A policy that would be refused is no error here: `refusal` has the status, code and message that saving it would answer, and the field that it is about.
   *
   * For the role `admin`.
   */
  'POST /policy/{name}/validate': {
    readonly id: 'postPolicyByNameValidate'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    } & {
      /** authentication, enrollment, user, admin or the like; a new policy must have one */
      readonly scope?: string | null | undefined
      /** What it sets: `push_wait=20, push_require_presence`, a list of such parts, or an object; a new policy must have one */
      readonly action?: string | readonly unknown[] | Readonly<Record<string, unknown>> | null | undefined
      /** Realms it applies to; none: all; a list, or a text with commas */
      readonly realm?: string | readonly unknown[] | null | undefined
      /** Resolvers it applies to; a list, or a text with commas */
      readonly resolver?: string | readonly unknown[] | null | undefined
      /** Login names it applies to; `*` stands for any name, `!` in front excludes one; a list, or a text with commas */
      readonly user?: string | readonly unknown[] | null | undefined
      /** Addresses or networks it applies to; `!` in front excludes one; a list, or a text with commas */
      readonly client?: string | readonly unknown[] | null | undefined
      /** Realms of administrators; a list, or a text with commas */
      readonly adminrealm?: string | readonly unknown[] | null | undefined
      /** Login names of administrators; a list, or a text with commas */
      readonly adminuser?: string | readonly unknown[] | null | undefined
      /** Servers it applies on; a list, or a text with commas */
      readonly pinode?: string | readonly unknown[] | null | undefined
      /** Programs it applies to, by the first word of their User-Agent; a list, or a text with commas */
      readonly user_agents?: string | readonly unknown[] | null | undefined
      /** Days and hours it applies, such as `Mon-Fri: 8-18` */
      readonly time?: string | null | undefined
      /** Further conditions: a list, or its JSON */
      readonly conditions?: string | readonly unknown[] | null | undefined
      /** Of policies that contradict each other, the one with the lowest number takes precedence; 1 by default */
      readonly priority?: string | number | null | undefined
      /** Whether it applies at all */
      readonly active?: Scalar | undefined
      /** For people */
      readonly description?: string | null | undefined
      /** What the policy may bring about although it is dangerous, as the refusal without it says: anonymous_enrollment. Only for this version of the policy; a list, or a text with commas */
      readonly confirm?: string | readonly unknown[] | null | undefined
      /** Of privacyIDEA; without effect */
      readonly check_all_resolvers?: Scalar | undefined
      /** Whether upper and lower case are the same in login names */
      readonly user_case_insensitive?: Scalar | undefined
      /** The revision of the policy that the caller has read, by `GET /policy/<name>/history`, or 0 for a new one. If it has another by now, nothing is saved */
      readonly revision?: Scalar | undefined
    }
    readonly value: {
      /** Whether it could be saved */
      readonly valid: boolean
      /** Other policies that set an action differently for the same requests */
      readonly conflicts: readonly {
        /** refused: requests that both are about are refused; never_counts: the first takes precedence wherever the second applies */
        readonly kind: 'refused' | 'never_counts'
        /** What both set */
        readonly action: string
        readonly policies: readonly string[]
        readonly values: readonly string[]
      }[]
      readonly refusal?: {
        /** HTTP status */
        readonly status: number
        /** Code of the error */
        readonly code: number
        /** Why */
        readonly message: string
        /** The parameter */
        readonly field?: string
        /** The action within `action` */
        readonly action?: string
      }
    }
  }

  /**
   * List the changes of all policies, the newest first.
   *
   * For the role `admin`.
   */
  'GET /deployment/policies/changes': {
    readonly id: 'getDeploymentPoliciesChanges'
    readonly parameters: {
      /** Only changes of an earlier revision */
      readonly before?: Scalar | undefined
    }
    readonly value: {
      readonly changes: readonly {
        /** Name of the policy */
        readonly name: string
        /** Of the change; greater is later */
        readonly revision: number
        /** When; null: before Nod kept a history, in milliseconds since 1970 */
        readonly at: number | null
        /** The request, as the audit names it */
        readonly action: string | null
        /** Who */
        readonly administrator: string | null
        readonly policy: {
          /** What the policy sets */
          readonly action: Readonly<Record<string, string | boolean>>
          /** Whether it applies at all */
          readonly active: boolean
          readonly adminrealm: readonly string[]
          readonly adminuser: readonly string[]
          /** Of privacyIDEA; without effect */
          readonly check_all_resolvers: boolean
          readonly client: readonly string[]
          /** Section, key, comparator, value, active, handle_missing */
          readonly conditions: readonly (readonly unknown[])[]
          /** For people */
          readonly description: string | null
          /** Name */
          readonly name: string
          readonly pinode: readonly string[]
          /** The lowest number takes precedence */
          readonly priority: number
          readonly realm: readonly string[]
          readonly resolver: readonly string[]
          /** authentication, enrollment and the like */
          readonly scope: string
          /** When it applies */
          readonly time: string
          readonly user: readonly string[]
          readonly user_agents: readonly string[]
          /** Whether upper and lower case are the same in login names */
          readonly user_case_insensitive: boolean
          readonly confirm?: readonly string[]
        } | null
      }[]
      /** Send it as `before` for the next page */
      readonly next: number | null
    }
  }

  /**
   * List the policies that contradict each other.
   *
   * Pairs of active policies that set an action differently.
   *
   * For the role `admin`.
   */
  'GET /deployment/policies/conflicts': {
    readonly id: 'getDeploymentPoliciesConflicts'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** refused: requests that both are about are refused; never_counts: the first takes precedence wherever the second applies */
      readonly kind: 'refused' | 'never_counts'
      /** What both set */
      readonly action: string
      readonly policies: readonly string[]
      readonly values: readonly string[]
    }[]
  }

  /**
   * Check whether an action is set for a user.
   *
   * For the role `admin`.
   */
  'GET /policy/check': {
    readonly id: 'getPolicyCheck'
    readonly parameters: {
      /** Login of the user */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user */
      readonly realm: Exclude<Scalar, null>
      /** A scope of policies */
      readonly scope: Exclude<Scalar, null>
      /** An action of it */
      readonly action: Exclude<Scalar, null>
      /** Address of the client; by default that of this request */
      readonly client?: Scalar | undefined
    }
    readonly value: {
      /** Whether a policy sets it */
      readonly allowed: boolean
      readonly policy?: readonly {
        /** What the policy sets */
        readonly action: Readonly<Record<string, string | boolean>>
        /** Whether it applies at all */
        readonly active: boolean
        readonly adminrealm: readonly string[]
        readonly adminuser: readonly string[]
        /** Of privacyIDEA; without effect */
        readonly check_all_resolvers: boolean
        readonly client: readonly string[]
        /** Section, key, comparator, value, active, handle_missing */
        readonly conditions: readonly (readonly unknown[])[]
        /** For people */
        readonly description: string | null
        /** Name */
        readonly name: string
        readonly pinode: readonly string[]
        /** The lowest number takes precedence */
        readonly priority: number
        readonly realm: readonly string[]
        readonly resolver: readonly string[]
        /** authentication, enrollment and the like */
        readonly scope: string
        /** When it applies */
        readonly time: string
        readonly user: readonly string[]
        readonly user_agents: readonly string[]
        /** Whether upper and lower case are the same in login names */
        readonly user_case_insensitive: boolean
        readonly confirm?: readonly string[]
      }[]
      /** That there is none */
      readonly info?: string
    }
  }

  /**
   * Simulate policies for a request.
   *
   * The settings of each scope, the policies that set them, and why every other policy did not match.
   *
   * For the role `admin`.
   */
  'POST /policy/simulate': {
    readonly id: 'postPolicySimulate'
    readonly parameters: {
      /** Login of the user */
      readonly user?: Scalar | undefined
      /** Realm; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Serial of the token; by default the only token of the user */
      readonly serial?: Scalar | undefined
      /** Address of the client; by default that of this request */
      readonly client?: Scalar | undefined
      /** User-Agent of the client */
      readonly user_agent?: Scalar | undefined
      /** Time of the request in ISO 8601; by default now */
      readonly time?: Scalar | undefined
      /** A scope of policies; by default all of them */
      readonly scope?: Scalar | undefined
      /** Login of the acting administrator */
      readonly adminuser?: Scalar | undefined
      /** Headers of the request */
      readonly headers?: Readonly<Record<string, string>> | null | undefined
      /** A policy, as `POST /policy/<name>` takes it, with its `name`: answers as if it were saved */
      readonly draft?: Readonly<Record<string, unknown>> | null | undefined
    }
    readonly value: {
      readonly situation: {
        /** Login name */
        readonly user: string | null
        /** Realm */
        readonly realm: string | null
        /** The token, if it is only one */
        readonly serial: string | null
        /** Address */
        readonly client: string
        /** User agent */
        readonly user_agent: string
        /** When */
        readonly time: string
      }
      /** The login settings by token type */
      readonly login: Readonly<Record<string, {
        /** standard, require_presence or code_to_phone */
        readonly mode: string
        /** Seconds that the request waits for the phone */
        readonly wait: number
        readonly polling: unknown
        /** Where the PIN is compared */
        readonly pin_from: string
        /** Title on the phone */
        readonly title: string
        /** Question on the phone */
        readonly question: string
        /** Text at the login */
        readonly challenge_text: string
        /** Seconds that the phone may answer */
        readonly valid_for: number
        /** Seconds that the service may finalize after that */
        readonly finalize_grace: number
        /** Digits of the code */
        readonly code_digits?: number
      } | {
        /** The message of the refusal that the request would get */
        readonly error: string
      }>>
      /** Settings and policies by scope */
      readonly scopes: Readonly<Record<string, {
        /** By action */
        readonly settings: Readonly<Record<string, {
          readonly value: unknown
          readonly policies: readonly string[]
        } | {
          /** The message of the refusal that the request would get */
          readonly error: string
        }>>
        readonly policies: readonly {
          /** Name */
          readonly name: string
          /** The lowest number takes precedence */
          readonly priority: number
          /** Whether it applies at all */
          readonly active: boolean
          /** Whether it is about this request */
          readonly matches: boolean
          readonly unmet: readonly {
            /** The field of the policy that does not match */
            readonly restriction: string
            readonly wanted: unknown
            readonly compared: unknown
            /** The request would be refused for it */
            readonly is_error?: boolean
          }[]
        }[]
      }>>
    }
  }

  /**
   * List the policies.
   *
   * For the role `admin`.
   */
  'GET /policy': {
    readonly id: 'getPolicy'
    readonly parameters: {
      /** Only those of this scope: authentication, enrollment and the like */
      readonly scope?: Scalar | undefined
      /** Only those restricted to this realm */
      readonly realm?: Scalar | undefined
      /** Only those that are active (1), or those that are not (0) */
      readonly active?: Scalar | undefined
    }
    readonly value: readonly {
      /** What the policy sets */
      readonly action: Readonly<Record<string, string | boolean>>
      /** Whether it applies at all */
      readonly active: boolean
      readonly adminrealm: readonly string[]
      readonly adminuser: readonly string[]
      /** Of privacyIDEA; without effect */
      readonly check_all_resolvers: boolean
      readonly client: readonly string[]
      /** Section, key, comparator, value, active, handle_missing */
      readonly conditions: readonly (readonly unknown[])[]
      /** For people */
      readonly description: string | null
      /** Name */
      readonly name: string
      readonly pinode: readonly string[]
      /** The lowest number takes precedence */
      readonly priority: number
      readonly realm: readonly string[]
      readonly resolver: readonly string[]
      /** authentication, enrollment and the like */
      readonly scope: string
      /** When it applies */
      readonly time: string
      readonly user: readonly string[]
      readonly user_agents: readonly string[]
      /** Whether upper and lower case are the same in login names */
      readonly user_case_insensitive: boolean
      readonly confirm?: readonly string[]
    }[]
  }

  /**
   * List the actions of all scopes.
   *
   * For the role `admin`.
   */
  'GET /policy/defs': {
    readonly id: 'getPolicyDefs'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, Readonly<Record<string, {
      /** bool, int or str */
      readonly type: string
      /** What it does */
      readonly desc: string
      /** What it belongs to */
      readonly group?: string
      readonly value?: readonly string[]
      /** What applies where no policy sets the action */
      readonly default?: string
    }>>>>
  }

  /**
   * List the actions of one scope, or what conditions can refer to.
   *
   * For the role `admin`.
   */
  'GET /policy/defs/{scope}': {
    readonly id: 'getPolicyDefsByScope'
    readonly parameters: {
      /** A scope, for its actions; `conditions`, for what conditions compare; `pinodes`, for the nodes */
      readonly scope: string | number
    }
    readonly value: {
      /** By name */
      readonly sections: Readonly<Record<string, unknown>>
      /** By name */
      readonly comparators: Readonly<Record<string, unknown>>
      /** By name */
      readonly handle_missing_data: Readonly<Record<string, unknown>>
    } | Readonly<Record<string, {
      /** bool, int or str */
      readonly type: string
      /** What it does */
      readonly desc: string
      /** What it belongs to */
      readonly group?: string
      readonly value?: readonly string[]
      /** What applies where no policy sets the action */
      readonly default?: string
    }>> | readonly string[] | null
  }

  /**
   * Export all policies as a file in privacyIDEA’s format.
   *
   * For the role `admin`.
   */
  'GET /policy/export/{filename}': {
    readonly id: 'getPolicyExportByFilename'
    readonly parameters: {
      /** The name of the file */
      readonly filename: string | number
    }
    readonly text: 'text/plain'
  }

  /**
   * Import all policies of a file, or none.
   *
   * privacyIDEA's export, or JSON. Actions that Nod does not support are refused by name; `skip=1` leaves them out.
   *
   * For the role `admin`.
   */
  'POST /policy/import/{filename}': {
    readonly id: 'postPolicyImportByFilename'
    readonly parameters: {
      /** The name of the file */
      readonly filename: string | number
    } & {
      /** The file, as privacyIDEA exports it or as JSON */
      readonly file?: string | null | undefined
      /** Instead of the file: policies as `GET /policy/` lists them */
      readonly policies?: readonly unknown[] | null | undefined
      /** Instead of the file: the whole answer of `GET /policy/` */
      readonly result?: Readonly<Record<string, unknown>> | null | undefined
      /** What policies of the file may bring about although it is dangerous: anonymous_enrollment */
      readonly confirm?: string | readonly string[] | null | undefined
      /** 1: import nothing, and answer what an import would */
      readonly dry_run?: Scalar | undefined
      /** 1: leave out what Nod does not support, and list it in the answer */
      readonly skip?: Scalar | undefined
    }
    readonly value: number
    readonly detail: {
      readonly policies: readonly string[]
      readonly left_out: readonly {
        /** Name */
        readonly policy: string
        /** Why */
        readonly why: string
        /** The action */
        readonly action?: string
      }[]
      /** 1 */
      readonly threadid?: number
    }
  }

  /**
   * Enable a policy.
   *
   * For the role `admin`.
   */
  'POST /policy/enable/{name}': {
    readonly id: 'postPolicyEnableByName'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    } & {
      /** What enabling the policy may bring about although it is dangerous: anonymous_enrollment */
      readonly confirm?: string | readonly string[] | null | undefined
    }
    readonly value: number
  }

  /**
   * Disable a policy.
   *
   * For the role `admin`.
   */
  'POST /policy/disable/{name}': {
    readonly id: 'postPolicyDisableByName'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    }
    readonly value: number
  }

  /**
   * Show one policy.
   *
   * For the role `admin`.
   */
  'GET /policy/{name}': {
    readonly id: 'getPolicyByName'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
      /** Only those of this scope: authentication, enrollment and the like */
      readonly scope?: Scalar | undefined
      /** Only those restricted to this realm */
      readonly realm?: Scalar | undefined
      /** Only those that are active (1), or those that are not (0) */
      readonly active?: Scalar | undefined
    }
    readonly value: readonly {
      /** What the policy sets */
      readonly action: Readonly<Record<string, string | boolean>>
      /** Whether it applies at all */
      readonly active: boolean
      readonly adminrealm: readonly string[]
      readonly adminuser: readonly string[]
      /** Of privacyIDEA; without effect */
      readonly check_all_resolvers: boolean
      readonly client: readonly string[]
      /** Section, key, comparator, value, active, handle_missing */
      readonly conditions: readonly (readonly unknown[])[]
      /** For people */
      readonly description: string | null
      /** Name */
      readonly name: string
      readonly pinode: readonly string[]
      /** The lowest number takes precedence */
      readonly priority: number
      readonly realm: readonly string[]
      readonly resolver: readonly string[]
      /** authentication, enrollment and the like */
      readonly scope: string
      /** When it applies */
      readonly time: string
      readonly user: readonly string[]
      readonly user_agents: readonly string[]
      /** Whether upper and lower case are the same in login names */
      readonly user_case_insensitive: boolean
      readonly confirm?: readonly string[]
    }[]
  }

  /**
   * Create or change a policy.
   *
   * Takes effect with the next login. Fields that are not sent keep their value, except the priority, which becomes 1, and `confirm`, which becomes empty. With `revision`, it is refused with 409 if the policy has been changed since.
   *
   * For the role `admin`.
   */
  'POST /policy/{name}': {
    readonly id: 'postPolicyByName'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    } & {
      /** authentication, enrollment, user, admin or the like; a new policy must have one */
      readonly scope?: string | null | undefined
      /** What it sets: `push_wait=20, push_require_presence`, a list of such parts, or an object; a new policy must have one */
      readonly action?: string | readonly unknown[] | Readonly<Record<string, unknown>> | null | undefined
      /** Realms it applies to; none: all; a list, or a text with commas */
      readonly realm?: string | readonly unknown[] | null | undefined
      /** Resolvers it applies to; a list, or a text with commas */
      readonly resolver?: string | readonly unknown[] | null | undefined
      /** Login names it applies to; `*` stands for any name, `!` in front excludes one; a list, or a text with commas */
      readonly user?: string | readonly unknown[] | null | undefined
      /** Addresses or networks it applies to; `!` in front excludes one; a list, or a text with commas */
      readonly client?: string | readonly unknown[] | null | undefined
      /** Realms of administrators; a list, or a text with commas */
      readonly adminrealm?: string | readonly unknown[] | null | undefined
      /** Login names of administrators; a list, or a text with commas */
      readonly adminuser?: string | readonly unknown[] | null | undefined
      /** Servers it applies on; a list, or a text with commas */
      readonly pinode?: string | readonly unknown[] | null | undefined
      /** Programs it applies to, by the first word of their User-Agent; a list, or a text with commas */
      readonly user_agents?: string | readonly unknown[] | null | undefined
      /** Days and hours it applies, such as `Mon-Fri: 8-18` */
      readonly time?: string | null | undefined
      /** Further conditions: a list, or its JSON */
      readonly conditions?: string | readonly unknown[] | null | undefined
      /** Of policies that contradict each other, the one with the lowest number takes precedence; 1 by default */
      readonly priority?: string | number | null | undefined
      /** Whether it applies at all */
      readonly active?: Scalar | undefined
      /** For people */
      readonly description?: string | null | undefined
      /** What the policy may bring about although it is dangerous, as the refusal without it says: anonymous_enrollment. Only for this version of the policy; a list, or a text with commas */
      readonly confirm?: string | readonly unknown[] | null | undefined
      /** Of privacyIDEA; without effect */
      readonly check_all_resolvers?: Scalar | undefined
      /** Whether upper and lower case are the same in login names */
      readonly user_case_insensitive?: Scalar | undefined
      /** The revision of the policy that the caller has read, by `GET /policy/<name>/history`, or 0 for a new one. If it has another by now, nothing is saved */
      readonly revision?: Scalar | undefined
    }
    readonly value: Readonly<Record<string, number>>
  }

  /**
   * Delete a policy.
   *
   * For the role `admin`.
   */
  'DELETE /policy/{name}': {
    readonly id: 'deletePolicyByName'
    readonly parameters: {
      /** Name of the policy */
      readonly name: string | number
    }
    readonly value: number
  }

  /**
   * Rename a policy.
   *
   * For the role `admin`.
   */
  'PATCH /policy/{name}': {
    readonly id: 'patchPolicyByOldName'
    readonly parameters: {
      /** The present name of the policy */
      readonly '{name}': string | number
    } & {
      /** Its new name */
      readonly name: Exclude<Scalar, null>
    }
    readonly value: number
  }

  /**
   * List users.
   *
   * Nod has no directory: users are those that an administrator added or a token was enrolled for.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /user': {
    readonly id: 'getUser'
    readonly parameters: {
      /** Login name; `*` stands for anything */
      readonly username?: Scalar | undefined
      /** Another name of username; `*` stands for anything */
      readonly user?: Scalar | undefined
      /** Id: the login name; `*` stands for anything */
      readonly userid?: Scalar | undefined
      /** Realm; without it all of them; `*` stands for anything */
      readonly realm?: Scalar | undefined
      /** Resolver; the only one is nod; `*` stands for anything */
      readonly resolver?: Scalar | undefined
      /** Given name; `*` stands for anything */
      readonly givenname?: Scalar | undefined
      /** Surname; `*` stands for anything */
      readonly surname?: Scalar | undefined
      /** Mail address; `*` stands for anything */
      readonly email?: Scalar | undefined
      /** No user has one: finds nobody; `*` stands for anything */
      readonly mobile?: Scalar | undefined
      /** No user has one: finds nobody; `*` stands for anything */
      readonly phone?: Scalar | undefined
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Users per page, at most and by default 500 */
      readonly pagesize?: Scalar | undefined
    }
    readonly value: readonly {
      /** Login name */
      readonly username: string
      /** The same */
      readonly userid: string
      /** Given name */
      readonly givenname: string
      /** Surname */
      readonly surname: string
      /** Mail address */
      readonly email: string
      /** Empty */
      readonly mobile: string
      /** Empty */
      readonly phone: string
      /** nod */
      readonly resolver: string
      /** Realm */
      readonly realm: string
      /** true */
      readonly editable: boolean
    }[]
  }

  /**
   * Add a user, or replace their attributes.
   *
   * Attributes that are not sent become empty.
   *
   * For the role `admin`.
   */
  'POST /user': {
    readonly id: 'postUser'
    readonly parameters: {
      /** Login name */
      readonly user: Exclude<Scalar, null>
      /** Realm; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Given name */
      readonly givenname?: Scalar | undefined
      /** Surname */
      readonly surname?: Scalar | undefined
      /** Mail address */
      readonly email?: Scalar | undefined
    }
    readonly value: string
  }

  /**
   * Change attributes of a user.
   *
   * Attributes that are not sent keep their value.
   *
   * For the role `admin`.
   */
  'PUT /user': {
    readonly id: 'putUser'
    readonly parameters: {
      /** Login name */
      readonly user: Exclude<Scalar, null>
      /** Realm; without it the default realm */
      readonly realm?: Scalar | undefined
      /** Given name */
      readonly givenname?: Scalar | undefined
      /** Surname */
      readonly surname?: Scalar | undefined
      /** Mail address */
      readonly email?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Delete a user; their tokens stay assigned.
   *
   * For the role `admin`.
   */
  'DELETE /user/{resolver}/{user}': {
    readonly id: 'deleteUserByResolverByUser'
    readonly parameters: {
      /** Where the user is kept; Nod has one place, `nod`, and does not look at this */
      readonly resolver: string | number
      /** Login name */
      readonly user: string | number
      /** Realm; without it the default realm */
      readonly realm?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * List the realms.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /realm': {
    readonly id: 'getRealm'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, {
      /** Whether users named without a realm are of it */
      readonly default: boolean
      readonly resolver: readonly {
        /** nod */
        readonly name: string
        /** nod */
        readonly type: string
        /** Empty */
        readonly node: string
        /** None */
        readonly priority: null
      }[]
    }>>
  }

  /**
   * List the realms of administrators: always empty.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /realm/superuser': {
    readonly id: 'getRealmSuperuser'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly string[]
  }

  /**
   * Create a realm.
   *
   * A realm also exists without this as long as a user or token is in it.
   *
   * For the role `admin`.
   */
  'POST /realm/{realm}': {
    readonly id: 'postRealmByRealm'
    readonly parameters: {
      /** Name of the realm */
      readonly realm: string | number
    } & {
      /** Resolvers to have in it, a list, or a text with commas; it has `nod` in any case, and no other */
      readonly resolvers?: string | readonly string[] | null | undefined
    }
    readonly value: {
      readonly added: readonly string[]
      readonly failed: readonly string[]
    }
  }

  /**
   * Delete an empty realm.
   *
   * Refused (302) while it is the default realm, or a user, a token or a policy refers to it.
   *
   * For the role `admin`.
   */
  'DELETE /realm/{realm}': {
    readonly id: 'deleteRealmByRealm'
    readonly parameters: {
      /** Name of the realm */
      readonly realm: string | number
    }
    readonly value: number
  }

  /**
   * Show the default realm.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /defaultrealm': {
    readonly id: 'getDefaultrealm'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, {
      /** Whether users named without a realm are of it */
      readonly default: boolean
      readonly resolver: readonly {
        /** nod */
        readonly name: string
        /** nod */
        readonly type: string
        /** Empty */
        readonly node: string
        /** None */
        readonly priority: null
      }[]
    }>>
  }

  /**
   * Reset the default realm to defrealm.
   *
   * For the role `admin`.
   */
  'DELETE /defaultrealm': {
    readonly id: 'deleteDefaultrealm'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: number
  }

  /**
   * Set the default realm.
   *
   * For the role `admin`.
   */
  'POST /defaultrealm/{realm}': {
    readonly id: 'postDefaultrealmByRealm'
    readonly parameters: {
      /** Name of the realm */
      readonly realm: string | number
    }
    readonly value: number
  }

  /**
   * List the resolvers: the built-in one.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /resolver': {
    readonly id: 'getResolver'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, {
      /** nod */
      readonly resolvername: string
      /** nod */
      readonly type: string
      readonly data: Readonly<Record<string, unknown>>
      readonly censor_keys: readonly string[]
    }>>
  }

  /**
   * Show a resolver; empty unless it is the built-in one.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /resolver/{name}': {
    readonly id: 'getResolverByName'
    readonly parameters: {
      /** Name */
      readonly name: string | number
    }
    readonly value: Readonly<Record<string, {
      /** nod */
      readonly resolvername: string
      /** nod */
      readonly type: string
      readonly data: Readonly<Record<string, unknown>>
      readonly censor_keys: readonly string[]
    }>>
  }

  /**
   * Refused: the one resolver is built in.
   *
   * For the role `admin`.
   */
  'POST /resolver/{name}': {
    readonly id: 'postResolverByName'
    readonly parameters: {
      /** Name of the Firebase configuration or resolver */
      readonly name: string | number
    }
    readonly value: unknown
  }

  /**
   * Refused: the one resolver is built in.
   *
   * For the role `admin`.
   */
  'DELETE /resolver/{name}': {
    readonly id: 'deleteResolverByName'
    readonly parameters: {
      /** Name of the Firebase configuration or resolver */
      readonly name: string | number
    }
    readonly value: unknown
  }

  /**
   * List the service keys.
   *
   * Without the keys themselves.
   *
   * For the role `admin`.
   */
  'GET /apikey': {
    readonly id: 'getApikey'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Name */
      readonly name: string
      /** Role */
      readonly role: 'admin' | 'helpdesk' | 'validate' | 'metrics'
      /** Milliseconds since 1970 */
      readonly created_at: number
      /** When it was last rotated; null: never */
      readonly rotated_at: number | null
      /** When it expires, in milliseconds since 1970; null: never */
      readonly expires_at: number | null
      /** When it was last used, up to an hour behind; null: never */
      readonly last_used_at: number | null
      readonly earlier: readonly {
        /** When it ends or ended */
        readonly expires_at: number
        /** When it was last used, up to an hour behind; null: never */
        readonly last_used_at: number | null
      }[]
    }[]
  }

  /**
   * Create a service key.
   *
   * The key is shown only once: Nod stores its hash.
   *
   * For the role `admin`.
   */
  'POST /apikey': {
    readonly id: 'postApikey'
    readonly parameters: {
      /** Name of the service */
      readonly name: Exclude<Scalar, null>
      /** validate (trigger, check and poll: the default), helpdesk or admin */
      readonly role?: Scalar | undefined
      /** Seconds the key is valid, 60 to 315360000 (10 years); without end unless set */
      readonly expires_in?: Scalar | undefined
    }
    readonly value: {
      /** The key, which the service sends in place of an API token */
      readonly key: string
      /** When it expires, in milliseconds since 1970; null: never */
      readonly expires_at: number | null
    }
  }

  /**
   * Revoke a service key and withdraw the logins it opened.
   *
   * For the role `admin`.
   */
  'DELETE /apikey/{name}': {
    readonly id: 'deleteApikeyByName'
    readonly parameters: {
      /** Name */
      readonly name: string | number
    }
    readonly value: number
  }

  /**
   * Give a service key another secret.
   *
   * The one before stays valid for the overlap; open logins stay the key’s own under both.
   *
   * For the role `admin`.
   */
  'POST /apikey/{name}/rotate': {
    readonly id: 'postApikeyByNameRotate'
    readonly parameters: {
      /** Name of the service */
      readonly name: string | number
    } & {
      /** Seconds the secrets so far stay valid: 0 to 2592000 (30 days); 86400 (a day) unless set */
      readonly overlap?: Scalar | undefined
      /** Seconds the new secret is valid; unless set as long as the one before was at first */
      readonly expires_in?: Scalar | undefined
    }
    readonly value: {
      /** The key, which the service sends in place of an API token */
      readonly key: string
      /** When it expires, in milliseconds since 1970; null: never */
      readonly expires_at: number | null
      /** When the secrets so far end at the latest */
      readonly previous_until: number
    }
  }

  /**
   * Change settings: all that are sent, or none.
   *
   * Takes effect with the next login.
   *
   * For the role `admin`.
   */
  'POST /system/setConfig': {
    readonly id: 'postSystemSetConfig'
    readonly parameters: {
      /** Seconds a phone may answer, 1 to 600; 120 unless set */
      readonly PushChallengeValidityTime?: Scalar | undefined
      /** The same, where that is not set */
      readonly DefaultChallengeValidityTime?: Scalar | undefined
      /** Seconds after an answer to finalize in, 0 to 600; 300 unless set */
      readonly PushChallengeFinalizeGrace?: Scalar | undefined
      /** Wrong PINs until a new token is locked, 1 to 1000; 10 unless set */
      readonly DefaultMaxFailCount?: Scalar | undefined
      /** Whether `ada@realm` names a realm: True, unless set to False */
      readonly splitAtSign?: Scalar | undefined
      /** True: Nod counts every wrong PIN */
      readonly IncFailCountOnFalsePin?: Scalar | undefined
      /** False: Nod counts every login */
      readonly no_auth_counter?: Scalar | undefined
      /** Minutes after too many wrong PINs until a phone is no longer locked, at most 525600; 0, never, unless set */
      readonly failcounter_clear_timeout?: Scalar | undefined
      /** Time zone of the hours in policies, such as Europe/Berlin; UTC unless set */
      readonly PolicyTimeZone?: Scalar | undefined
      /** Proxies and services that may say where a request came from: addresses or networks with commas, `a > b` for users of b only */
      readonly OverrideAuthorizationClient?: Scalar | undefined
    }
    readonly value: Readonly<Record<string, 'insert' | 'update'>>
  }

  /**
   * List the settings that are set.
   *
   * For the role `admin`.
   */
  'GET /system': {
    readonly id: 'getSystem'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: Readonly<Record<string, string>>
  }

  /**
   * Show one setting.
   *
   * For the role `admin`.
   */
  'GET /system/{key}': {
    readonly id: 'getSystemByKey'
    readonly parameters: {
      /** Name of the setting */
      readonly key: string | number
    }
    readonly value: string | null
  }

  /**
   * Reset a setting to its default.
   *
   * For the role `admin`.
   */
  'DELETE /system/{key}': {
    readonly id: 'deleteSystemByKey'
    readonly parameters: {
      /** Name of the setting */
      readonly key: string | number
    }
    readonly value: boolean
  }

  /**
   * List the administrators.
   *
   * For the role `admin`.
   */
  'GET /administrator': {
    readonly id: 'getAdministrator'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Login */
      readonly login: string
      /** Role */
      readonly role: 'admin' | 'helpdesk' | 'validate'
      /** Whether signing in is disabled */
      readonly disabled: boolean
      /** Whether signing in takes password and phone */
      readonly phone_required: boolean
      /** Whether a phone has registered for the account */
      readonly has_phone: boolean
      /** Whether this is the administrator of ADMIN_LOGIN */
      readonly configured: boolean
      /** Milliseconds since 1970 */
      readonly created_at: number | null
    }[]
  }

  /**
   * Add an administrator.
   *
   * For the role `admin`.
   */
  'POST /administrator': {
    readonly id: 'postAdministrator'
    readonly parameters: {
      /** Login: ASCII letters, digits, `.`, `_`, `@`, `+` or `-` */
      readonly login: Exclude<Scalar, null>
      /** Password, at least 15 characters */
      readonly password: Exclude<Scalar, null>
      /** helpdesk (tokens, challenges and audit: the default), admin, or validate for a plugin */
      readonly role?: Scalar | undefined
    }
    readonly value: boolean
  }

  /**
   * Change one's own password.
   *
   * API tokens issued under the old password become invalid.
   *
   * For administrators of any role, about their own account; not for services.
   */
  'POST /administrator/password': {
    readonly id: 'postAdministratorPassword'
    readonly parameters: {
      /** The password so far */
      readonly password: Exclude<Scalar, null>
      /** The new one, at least 15 characters */
      readonly new_password: Exclude<Scalar, null>
    }
    readonly value: boolean
  }

  /**
   * Enable an administrator.
   *
   * For the role `admin`.
   */
  'POST /administrator/enable/{login}': {
    readonly id: 'postAdministratorEnableByLogin'
    readonly parameters: {
      /** Login of an administrator */
      readonly login: string | number
    }
    readonly value: number
  }

  /**
   * Disable an administrator.
   *
   * For the role `admin`.
   */
  'POST /administrator/disable/{login}': {
    readonly id: 'postAdministratorDisableByLogin'
    readonly parameters: {
      /** Login of an administrator */
      readonly login: string | number
    }
    readonly value: number
  }

  /**
   * Say whether an administrator needs a phone to sign in.
   *
   * Whoever needs one and has none signs in to enroll it, and can do nothing else. API tokens issued before become invalid.
   *
   * For the role `admin`.
   */
  'POST /administrator/phone-required/{login}': {
    readonly id: 'postAdministratorPhoneRequiredByLogin'
    readonly parameters: {
      /** Login of an administrator */
      readonly login: string | number
    } & {
      /** 1: signing in takes password and phone; 0: the phone only if there is one */
      readonly required: Exclude<Scalar, null>
    }
    readonly value: number
  }

  /**
   * Delete an administrator; their API tokens become invalid at once.
   *
   * For the role `admin`.
   */
  'DELETE /administrator/{login}': {
    readonly id: 'deleteAdministratorByLogin'
    readonly parameters: {
      /** Login of an administrator */
      readonly login: string | number
    }
    readonly value: number
  }

  /**
   * List the keys that sign API tokens.
   *
   * The current one, and those before it that signed API tokens which may still be valid.
   *
   * For the role `admin`.
   */
  'GET /deployment/keys/api-token': {
    readonly id: 'getDeploymentKeysApiToken'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** The `kid` of its API tokens */
      readonly id: string
      /** Whether it signs new API tokens */
      readonly current: boolean
      /** When it was made, in milliseconds since 1970 */
      readonly created_at: number
      /** When it was replaced, in milliseconds since 1970 */
      readonly retired_at: number | null
      /** Until when API tokens that it signed are accepted; null: without end, in milliseconds since 1970 */
      readonly verifies_until: number | null
    }[]
  }

  /**
   * Sign API tokens with a new key.
   *
   * API tokens of the keys before stay valid until they expire, unless the keys are compromised.
   *
   * For the role `admin`.
   */
  'POST /deployment/keys/api-token/rotate': {
    readonly id: 'postDeploymentKeysApiTokenRotate'
    readonly parameters: {
      /** 1: nothing that the keys before signed is accepted any more */
      readonly compromised?: Scalar | undefined
    }
    readonly value: {
      /** The new key */
      readonly id: string
    }
  }

  /**
   * List the signing keys, and how many tokens have each.
   *
   * The newest thousand. Reads every token.
   *
   * For the role `admin`.
   */
  'GET /deployment/keys/signing': {
    readonly id: 'getDeploymentKeysSigning'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Name */
      readonly id: string
      /** Size of the RSA key */
      readonly bits: number
      /** Whether new tokens get it */
      readonly current: boolean
      /** When it was made, in milliseconds since 1970 */
      readonly created_at: number
      /** SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal */
      readonly fingerprint: string
      /** Tokens whose prompts it signs */
      readonly tokens: number
    }[]
  }

  /**
   * Give new tokens a new signing key.
   *
   * Enrolled phones keep the key that they know until they are enrolled again.
   *
   * For the role `admin`.
   */
  'POST /deployment/keys/signing/rotate': {
    readonly id: 'postDeploymentKeysSigningRotate'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** The new key */
      readonly id: string
    }
  }

  /**
   * Delete a signing key that no token has.
   *
   * For the role `admin`.
   */
  'DELETE /deployment/keys/signing/{id}': {
    readonly id: 'deleteDeploymentKeysSigningById'
    readonly parameters: {
      /** Id of the signing key */
      readonly id: string | number
    }
    readonly value: number
  }

  /**
   * List the keys that sign security event tokens.
   *
   * The one that signs, one that is to sign, and those that did until a week ago.
   *
   * For the role `admin`.
   */
  'GET /deployment/keys/webhook': {
    readonly id: 'getDeploymentKeysWebhook'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** The `kid` of its tokens */
      readonly id: string
      /** When it was made, in milliseconds since 1970 */
      readonly created_at: number
      /** From when on it signs, in milliseconds since 1970 */
      readonly signs_from: number
      /** From when on the next one signs, in milliseconds since 1970 */
      readonly replaced_at: number | null
    }[]
  }

  /**
   * Sign security event tokens with a new key.
   *
   * The new key signs ten minutes later, and the one before is published for a week. If the keys so far are compromised, they are not published any more, and the new one signs at once.
   *
   * For the role `admin`.
   */
  'POST /deployment/keys/webhook/rotate': {
    readonly id: 'postDeploymentKeysWebhookRotate'
    readonly parameters: {
      /** 1: nothing that the keys before signed is accepted any more */
      readonly compromised?: Scalar | undefined
    }
    readonly value: {
      /** The new key */
      readonly id: string
      /** From when on it signs, in milliseconds since 1970 */
      readonly signs_from: number
    }
  }

  /**
   * List the changes that restores of the database have lost.
   *
   * A restore is noticed when D1 has an earlier state than Nod has seen.
   *
   * For the role `admin`.
   */
  'GET /deployment/lost-changes': {
    readonly id: 'getDeploymentLostChanges'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** The epoch of the catalogue */
      readonly epoch: number
      /** The revision of the catalogue */
      readonly revision: number
      /** Whether Nod has looked at all changes */
      readonly complete: boolean
      readonly restores: readonly {
        /** The epoch that began with it */
        readonly epoch: number
        /** When it was noticed, in milliseconds since 1970 */
        readonly noticed_at: number
        /** The last change that the restored database has, in milliseconds since 1970 */
        readonly restored_to: number
        /** The last change that Nod knew of before, in milliseconds since 1970 */
        readonly restored_from: number
        /** When an administrator acknowledged it, in milliseconds since 1970 */
        readonly acknowledged_at: number | null
        /** Which administrator */
        readonly acknowledged_by: string | null
      }[]
      readonly changes: readonly {
        /** When it was done, in milliseconds since 1970 */
        readonly at: number
        /** As in the audit; `register phone`: by a phone itself */
        readonly action: string
        /** Who did it */
        readonly administrator: string | null
        /** Of which token */
        readonly serial: string | null
        /** Of which user */
        readonly user: string | null
        /** In which realm */
        readonly realm: string | null
        /** What else was changed: a policy, an administrator, a service key, … */
        readonly info: string | null
        /** The request that makes the change again; null: it has to be made by hand */
        readonly repeat: {
          /** Method */
          readonly method: string
          /** Path */
          readonly path: string
          /** Fields of the request */
          readonly parameters: Readonly<Record<string, string>>
        } | null
        /** The request that disables the token or administrator until then */
        readonly disable: {
          /** Method */
          readonly method: string
          /** Path */
          readonly path: string
          /** Fields of the request */
          readonly parameters: Readonly<Record<string, string>>
        } | null
      }[]
    }
  }

  /**
   * Acknowledge restores of the database.
   *
   * The changes that they have lost are no longer listed, and the deep health check passes.
   *
   * For the role `admin`.
   */
  'POST /deployment/lost-changes/acknowledge': {
    readonly id: 'postDeploymentLostChangesAcknowledge'
    readonly parameters: {
      /** The epoch that the latest of them began */
      readonly epoch: Exclude<Scalar, null>
    }
    readonly value: boolean
  }

  /**
   * Count phones by where their objects live and where they are.
   *
   * Of phones that have registered. A phone is far if most of its requests come from another continent than its object is on. Reads some eighty counts, no token and no phone.
   *
   * For the role `admin`.
   */
  'GET /deployment/phones': {
    readonly id: 'getDeploymentPhones'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** All phones */
      readonly phones: number
      /** Those that are far */
      readonly far: number
      readonly regions: readonly {
        /** The region of the object; null: unknown */
        readonly home: string | null
        /** The region that most requests come from; null: unknown */
        readonly seen: string | null
        /** How many */
        readonly phones: number
        /** Whether these are on different continents */
        readonly far: boolean
      }[]
    }
  }

  /**
   * List the phones that are far from their objects.
   *
   * In the order of their serials. A page may be empty: ask again with `after` = `next` until `next` is null. Reads at most a hundred tokens, by index, and no phone.
   *
   * For the role `admin`.
   */
  'GET /deployment/phones/far': {
    readonly id: 'getDeploymentPhonesFar'
    readonly parameters: {
      /** `next` of the page before */
      readonly after?: Scalar | undefined
    }
    readonly value: {
      readonly phones: readonly {
        /** Serial of the token */
        readonly serial: string
        /** The region of the object */
        readonly home: string
        /** The region that most requests come from */
        readonly seen: string
      }[]
      /** `after` of the next page */
      readonly next: string | null
    }
  }

  /**
   * Move the object of a phone to another region.
   *
   * The next object takes over all that it counts, and its logins go on. Calls of the phone wait meanwhile, for two seconds at most. Reads one token and calls two phone objects.
   *
   * For the role `admin`.
   */
  'POST /deployment/phones/{serial}/move': {
    readonly id: 'postDeploymentPhonesBySerialMove'
    readonly parameters: {
      /** Serial of the token */
      readonly serial: string | number
    } & {
      /** Where to: wnam, enam, sam, weur, eeur, apac, oc, afr, me. Unless set where most of its requests come from, if that is far */
      readonly region?: Scalar | undefined
    }
    readonly value: {
      /** `stays`: it lives where it should; `moving`: it goes on by itself */
      readonly state: 'stays' | 'moving' | 'moved'
      /** Where it moves; null if it stays */
      readonly region: string | null
      /** How often it has moved, this time included */
      readonly moves: number
    }
  }

  /**
   * Export tokens to the server that others came from.
   *
   * A page of tokens, with the secrets that the other server lacks: PIN hashes of tokens that were changed or enrolled here, and the signing keys that phones enrolled here believe. Whoever has these keys can show those phones prompts. `npm run nod -- export` sends it.
   *
   * For the role `admin`.
   */
  'POST /deployment/export': {
    readonly id: 'postDeploymentExport'
    readonly parameters: {
      /** The last serial of the page before */
      readonly after?: Scalar | undefined
      /** Only tokens of owners in these realms, or who were in them when they were imported */
      readonly realms?: string | readonly string[] | null | undefined
      /** The public RSA key that secrets are encrypted for: SubjectPublicKeyInfo, base64 */
      readonly recipient: Exclude<Scalar, null>
    }
    readonly value: {
      readonly tokens: readonly {
        /** Serial */
        readonly serial: string
        /** Whether it was changed or enrolled here since it was imported */
        readonly changed: boolean
        /** What was remembered by the import; null: it was enrolled here */
        readonly origin: Readonly<Record<string, unknown>> | null
        /** As the token list has it, with what its phone is reached by; null: it was deleted */
        readonly token: Readonly<Record<string, unknown>> | null
      }[]
      /** A JWE for the recipient (RSA-OAEP-256, A256GCM) of `{pins, keys}`: by serial, and by the id of a signing key */
      readonly secrets: string
      /** `after` of the next page */
      readonly next: string | null
    }
  }

  /**
   * Count the tokens that were imported.
   *
   * By the server they came from. Reads all of them.
   *
   * For the role `admin`.
   */
  'GET /deployment/import': {
    readonly id: 'getDeploymentImport'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      readonly sources: readonly {
        /** The other server */
        readonly source: 'privacyidea' | 'edumfa'
        /** How many tokens ever came from there */
        readonly imported: number
        /** Those that are still here */
        readonly present: number
        /** Those that were changed here since */
        readonly changed: number
        /** Those whose PIN only the other server can check */
        readonly pins_upstream: number
        /** Those that need a PIN */
        readonly pins_unset: number
      }[]
    }
  }

  /**
   * Import tokens of another server.
   *
   * Stores what is new or was changed there and not here: all of the request, or nothing. Repeated, it changes nothing.
   *
   * For the role `admin`.
   */
  'POST /deployment/import': {
    readonly id: 'postDeploymentImport'
    readonly parameters: {
      /** The other server: privacyidea or edumfa */
      readonly source: Exclude<Scalar, null>
      /** Whether tokens at fault are left out; else nothing is stored */
      readonly skip?: Scalar | undefined
      /** At most 100 tokens */
      readonly tokens: readonly {
        /** Serial */
        readonly serial: string
        /** SHA-256 of what is imported */
        readonly digest: string
        /** The app it is for */
        readonly type: 'push' | 'edupush'
        /** The owner */
        readonly user?: {
          /** Login name */
          readonly login: string
          /** Realm, which exists */
          readonly realm: string
          /** Given name */
          readonly given_name?: string | null | undefined
          /** Surname */
          readonly surname?: string | null | undefined
          /** Mail address */
          readonly email?: string | null | undefined
          /** Their id there */
          readonly user_id?: string | null | undefined
          /** Their resolver there */
          readonly resolver?: string | null | undefined
        } | null | undefined
        /** Description */
        readonly description?: string | null | undefined
        /** Whether a phone has registered */
        readonly state: 'clientwait' | 'enrolled'
        /** False: disabled */
        readonly active: boolean
        /** Revoked for good */
        readonly revoked: boolean
        /** A Firebase configuration here, or `poll only` */
        readonly firebase: string
        /** Where its phone registered */
        readonly registration_url: string
        /** FCM’s address of the phone */
        readonly registration_token?: string | null | undefined
        /** Key of its phone: SPKI, base64 */
        readonly phone_key?: string | null | undefined
        /** Its signing key: PKCS#8, base64 */
        readonly private_key?: string | null | undefined
        /** Its PIN by PBKDF2; or `upstream`: only the other server knows it, `unset`: needs one; null: none */
        readonly pin?: 'upstream' | 'unset' | undefined
        /** null: policy decides */
        readonly polling_allowed?: boolean | null | undefined
        /** Wrong PINs in a row */
        readonly attempts: number
        /** How many of them lock it */
        readonly max_attempts: number
        /** All failed attempts */
        readonly failures: number
        /** All successful logins */
        readonly successes: number
        /** How often it may be used */
        readonly max_uses?: number | null | undefined
        /** How often with success */
        readonly max_successes?: number | null | undefined
        /** When it was last used, in milliseconds since 1970 */
        readonly last_use?: number | null | undefined
        /** The begin of its validity, in milliseconds since 1970 */
        readonly valid_from?: number | null | undefined
        /** The end of its validity, in milliseconds since 1970 */
        readonly valid_until?: number | null | undefined
        /** When it was made, in milliseconds since 1970 */
        readonly created_at: number
        /** The secret in the QR code */
        readonly credential?: string | null | undefined
        /** When that ends, in milliseconds since 1970 */
        readonly credential_expires?: number | null | undefined
        /** Further realms that list it */
        readonly realms: readonly string[]
        /** Entries of its info */
        readonly info: Readonly<Record<string, string>>
        /** What else the other server says of it */
        readonly kept: Readonly<Record<string, string>>
      }[]
    }
    readonly value: {
      /** By serial */
      readonly states: Readonly<Record<string, 'new' | 'unchanged' | 'changed' | 'kept' | 'deleted' | 'taken'>>
      readonly omitted: readonly {
        /** Serial */
        readonly serial: string
        /** What is wrong with it */
        readonly why: string
      }[]
    }
  }

  /**
   * Ask what an import would do.
   *
   * For the role `admin`.
   */
  'POST /deployment/import/compare': {
    readonly id: 'postDeploymentImportCompare'
    readonly parameters: {
      /** At most 500 tokens */
      readonly tokens: readonly {
        /** Serial */
        readonly serial: string
        /** SHA-256 of what is imported */
        readonly digest: string
      }[]
    }
    readonly value: {
      /** By serial */
      readonly states: Readonly<Record<string, 'new' | 'unchanged' | 'changed' | 'kept' | 'deleted' | 'taken'>>
    }
  }

  /**
   * Sign with the keys of imported tokens.
   *
   * Each signs `imported key|<serial>|<challenge>`: RSASSA-PKCS1-v1_5, SHA-256.
   *
   * For the role `admin`.
   */
  'POST /deployment/import/try': {
    readonly id: 'postDeploymentImportTry'
    readonly parameters: {
      /** Serials of imported tokens; at most 100 */
      readonly tokens?: string | readonly string[] | null | undefined
      /** 32 hexadecimal digits to sign */
      readonly challenge: Exclude<Scalar, null>
    }
    readonly value: {
      readonly signatures: readonly {
        /** Serial */
        readonly serial: string
        /** Base64; null: the key does not open */
        readonly signature: string | null
      }[]
    }
  }

  /**
   * Show how far each realm has moved here from another server.
   *
   * For the role `admin`.
   */
  'GET /deployment/upstream': {
    readonly id: 'getDeploymentUpstream'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** Its address; null: there is none */
      readonly url: string | null
      /** Whether Nod has an account there */
      readonly account: boolean
      /** By realm; `*`: those that are not named. Unless set the upstream serves all users */
      readonly realms: Readonly<Record<string, {
        /** Percent of the users that Nod serves */
        readonly share: number
        /** The share before */
        readonly before: number
        /** When the share was changed, ISO 8601 */
        readonly changed_at: string | null
        /** Whether users whom Nod serves may also log in with tokens that only the upstream has */
        readonly other_tokens: boolean
      }>>
    }
  }

  /**
   * Move a share of a realm’s users here, or back.
   *
   * Each share contains every smaller one, so a larger share only adds users. Open logins are finished where they were opened.
   *
   * For the role `admin`.
   */
  'POST /deployment/upstream/realms/{realm}': {
    readonly id: 'postDeploymentUpstreamRealmsByRealm'
    readonly parameters: {
      /** The realm, or * for all that are not named */
      readonly realm: string | number
    } & {
      /** Percent of its users that Nod serves, 0 to 100 */
      readonly share?: Scalar | undefined
      /** Whether users whom Nod serves may also log in with tokens that only the upstream has. 1 or 0 */
      readonly other_tokens?: Scalar | undefined
    }
    readonly value: {
      /** Percent of the users that Nod serves */
      readonly share: number
      /** The share before */
      readonly before: number
      /** When the share was changed, ISO 8601 */
      readonly changed_at: string | null
      /** Whether users whom Nod serves may also log in with tokens that only the upstream has */
      readonly other_tokens: boolean
    }
  }

  /**
   * Export what Nod has of a user.
   *
   * Everything but secrets, and a page of the audit; ask again with `after` for the next page, until `next` is null. A page may be empty.
   *
   * For the role `admin`.
   */
  'GET /deployment/user-data': {
    readonly id: 'getDeploymentUserData'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
      /** `next` of the page before: then only the next records of the audit are answered */
      readonly after?: Scalar | undefined
    }
    readonly value: {
      /** Login name */
      readonly user: string
      /** Realm */
      readonly realm: string
      readonly audit: readonly (Readonly<Record<string, unknown>>)[]
      /** `after` of the next page */
      readonly next: string | null
      readonly person?: {
        /** Given name */
        readonly givenname: string
        /** Surname */
        readonly surname: string
        /** Mail address */
        readonly email: string
      } | null
      readonly tokens?: readonly (Readonly<Record<string, unknown>>)[]
      readonly bypass_code?: {
        /** When it was issued, in milliseconds since 1970 */
        readonly issued_at: number
        /** When it expires, in milliseconds since 1970 */
        readonly expires_at: number
        /** By whom */
        readonly issued_by: string
        /** Why */
        readonly reason: string
      } | null
      /** Invitations to enroll a phone, without their secrets */
      readonly invitations?: readonly {
        /** Its id */
        readonly id: string
        /** Serial of the token that its phone gets */
        readonly serial: string
        /** Note of those who invite */
        readonly note: string
        /** By whom */
        readonly invited_by: string
        /** When it was made, in milliseconds since 1970 */
        readonly created_at: number
        /** When it expires, in milliseconds since 1970 */
        readonly expires_at: number
      }[]
      /** Imported tokens */
      readonly imported?: readonly {
        /** Serial of the token */
        readonly serial: string
        /** Where it came from */
        readonly source: 'privacyidea' | 'edumfa'
        /** The user’s id there */
        readonly user_id: string | null
        /** Its resolver */
        readonly resolver: string | null
        /** When it was imported, in milliseconds since 1970 */
        readonly imported_at: number
        /** What else it said */
        readonly kept: Readonly<Record<string, string>>
      }[]
      readonly counters?: {
        /** Wrong passwords that are counted */
        readonly failed_sign_ins: number
        /** Networks that are known */
        readonly known_networks: number
        readonly logins: readonly {
          /** What is counted */
          readonly outcome: string
          /** The login */
          readonly transaction_id: string
          /** When, in milliseconds since 1970 */
          readonly at: number
        }[]
      }
      /** Changes of the last 30 days */
      readonly changes?: readonly {
        /** When, in milliseconds since 1970 */
        readonly at: number
        /** The route */
        readonly action: string
        /** By whom */
        readonly administrator: string | null
        /** The token */
        readonly serial: string | null
        /** What was changed */
        readonly info: string | null
      }[]
      /** Events that webhooks are still to get */
      readonly security_events?: readonly {
        /** Type of the event */
        readonly type: string
        /** When, in milliseconds since 1970 */
        readonly at: number
        /** The token */
        readonly serial: string | null
        /** The service key */
        readonly service: string | null
        /** The login */
        readonly transaction_id: string | null
        /** Address of the end user */
        readonly address: string | null
        /** By whom */
        readonly administrator: string | null
      }[]
      readonly policies?: readonly string[]
    }
  }

  /**
   * Erase a user from every store.
   *
   * Deletes the tokens, withdraws open logins, and erases the user from the audit and its archive, some steps at a time: ask again until `done`.
   *
   * For the role `admin`.
   */
  'POST /deployment/user-data/erase': {
    readonly id: 'postDeploymentUserDataErase'
    readonly parameters: {
      /** Login name, alone or as user@realm or realm\user */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user; without it the default realm */
      readonly realm?: Scalar | undefined
    }
    readonly value: {
      /** Whether this is over. What was on its way meanwhile is erased half an hour later */
      readonly done: boolean
      /** What is worked on */
      readonly stage: string
      /** Shards that could not be reached, or still have open logins of the user; tried again */
      readonly missed: number
      /** Tokens deleted */
      readonly tokens: number
      /** Records of the audit in which something was erased */
      readonly records: number
      /** Parts of the archive that were written anew */
      readonly parts: number
      readonly policies: readonly string[]
    }
  }

  /**
   * List the master keys by their fingerprints, and count what is sealed with others than MASTER_KEY.
   *
   * For the role `admin`.
   */
  'GET /deployment/keys/master': {
    readonly id: 'getDeploymentKeysMaster'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** Id of the key that seals and signs */
      readonly current: string | null
      readonly keys: readonly {
        /** Fingerprint of the key, 12 hexadecimal digits */
        readonly id: string
        /** Where it is configured */
        readonly variable: 'MASTER_KEY' | 'MASTER_KEY_PREVIOUS' | null
        /** When it was first configured, in milliseconds since the epoch */
        readonly first_seen: number
        /** When it became current; null: it never was */
        readonly current_since: number | null
        /** Since when nothing is sealed with it */
        readonly unused_since: number | null
        /** When it was reported as known to somebody else */
        readonly compromised_at: number | null
      }[]
      /** By table: how many values are not sealed with MASTER_KEY */
      readonly remaining: Readonly<Record<string, number>>
    }
  }

  /**
   * Take the next step of a rotation of the master key.
   *
   * Makes MASTER_KEY current once it has been configured for 300 seconds, seals values anew that are sealed with another key, and says in the end that MASTER_KEY_PREVIOUS may go. A step may be repeated.
   *
   * For the role `admin`.
   */
  'POST /deployment/keys/master/rotate': {
    readonly id: 'postDeploymentKeysMasterRotate'
    readonly parameters: {
      /** `next` of the step before; absent in the first one */
      readonly after?: Scalar | undefined
      /** 1: somebody else knows the key before */
      readonly compromised?: Scalar | undefined
    }
    readonly value: {
      /** What the step did, or waits for */
      readonly phase: 'waiting' | 'resealing' | 'settling' | 'done'
      /** Id of the new key */
      readonly key: string
      /** waiting, settling: seconds until the next step may succeed */
      readonly retry_after?: number
      /** resealing: how many values were sealed anew */
      readonly resealed?: number
      /** resealing: where the next step begins; absent: at the beginning */
      readonly next?: string
      /** done */
      readonly unreadable?: readonly string[]
    }
  }

  /**
   * List the Firebase configurations.
   *
   * For the role `admin`.
   */
  'GET /smsgateway': {
    readonly id: 'getSmsgateway'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Position in the list */
      readonly id: number
      /** Name */
      readonly name: string
      /** privacyIDEA's name for Firebase */
      readonly providermodule: string
      /** The secret that holds it */
      readonly description: string
      readonly options: Readonly<Record<string, unknown>>
      readonly headers: Readonly<Record<string, unknown>>
    }[]
  }

  /**
   * Refused: Firebase configurations are secrets of the deployment.
   *
   * For the role `admin`.
   */
  'POST /smsgateway': {
    readonly id: 'postSmsgateway'
    readonly parameters: {
      /** Name of the Firebase configuration or resolver */
      readonly name?: Scalar | undefined
    }
    readonly value: unknown
  }

  /**
   * Show one Firebase configuration.
   *
   * For the role `admin`.
   */
  'GET /smsgateway/{name}': {
    readonly id: 'getSmsgatewayByName'
    readonly parameters: {
      /** Name */
      readonly name: string | number
    }
    readonly value: readonly {
      /** Position in the list */
      readonly id: number
      /** Name */
      readonly name: string
      /** privacyIDEA's name for Firebase */
      readonly providermodule: string
      /** The secret that holds it */
      readonly description: string
      readonly options: Readonly<Record<string, unknown>>
      readonly headers: Readonly<Record<string, unknown>>
    }[]
  }

  /**
   * Refused: Firebase configurations are secrets of the deployment.
   *
   * For the role `admin`.
   */
  'DELETE /smsgateway/{name}': {
    readonly id: 'deleteSmsgatewayByName'
    readonly parameters: {
      /** Name of the Firebase configuration or resolver */
      readonly name: string | number
    }
    readonly value: unknown
  }

  /**
   * List the webhooks, and how their receivers do.
   *
   * For the role `admin`.
   */
  'GET /webhook': {
    readonly id: 'getWebhook'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Name */
      readonly name: string
      /** Address, without its query */
      readonly url: string
      /** The `aud` of its tokens */
      readonly audience: string
      /** Types that it hears of; null: all */
      readonly events: readonly ('not_me' | 'lockout' | 'new_phone' | 'bypass_code_used' | 'administrator_new_place' | 'break_glass_used' | 'administrator_without_second_factor' | 'key_rotated')[] | null
      /** The service key whose logins it hears of; null: all */
      readonly service: string | null
      /** False: its service key is revoked or deleted, and it hears of nothing */
      readonly active: boolean
      /** When it was added, in milliseconds since 1970 */
      readonly created_at: number
      /** Events that it is still to get */
      readonly waiting: number
      /** Failures in a row */
      readonly failures: number
      /** Why the receiver failed last */
      readonly failure: string | null
      /** When that was, in milliseconds since 1970 */
      readonly failed_at: number | null
      /** When it accepted an event last, in milliseconds since 1970 */
      readonly delivered_at: number | null
      /** Events that did not arrive within 72 hours */
      readonly given_up: number
      /** Events that were dropped because too many of their type waited */
      readonly dropped: number
    }[]
  }

  /**
   * Add a webhook.
   *
   * Security events are pushed to its address as signed tokens (RFC 8417, RFC 8935): docs/webhooks.md.
   *
   * For the role `admin`.
   */
  'POST /webhook': {
    readonly id: 'postWebhook'
    readonly parameters: {
      /** Name of the webhook */
      readonly name: Exclude<Scalar, null>
      /** https address that security events are pushed to */
      readonly url: Exclude<Scalar, null>
      /** Types of events that it hears of: not_me, lockout, new_phone, bypass_code_used, administrator_new_place, break_glass_used, administrator_without_second_factor, key_rotated; all unless set */
      readonly events?: string | readonly string[] | null | undefined
      /** Name of a service key: it hears of the logins of that key and of nothing else */
      readonly service?: Scalar | undefined
      /** The `aud` of its tokens; the address without its query unless set */
      readonly audience?: Scalar | undefined
    }
    readonly value: {
      /** The `iss` of its tokens */
      readonly issuer: string
      /** Their `aud` */
      readonly audience: string
    }
  }

  /**
   * Delete a webhook, and what waits for it.
   *
   * For the role `admin`.
   */
  'DELETE /webhook/{name}': {
    readonly id: 'deleteWebhookByName'
    readonly parameters: {
      /** Name */
      readonly name: string | number
    }
    readonly value: number
  }

  /**
   * Push a test event, and tell what the receiver has answered.
   *
   * For the role `admin`.
   */
  'POST /webhook/{name}/test': {
    readonly id: 'postWebhookByNameTest'
    readonly parameters: {
      /** Name */
      readonly name: string | number
    }
    readonly value: {
      /** Whether it has answered 202 */
      readonly accepted: boolean
      /** HTTP status; null: none came */
      readonly status: number | null
      /** Its error code, if it sent one of RFC 8935 */
      readonly error: string | null
      /** Why it failed */
      readonly failure: string | null
    }
  }

  /**
   * Get the public keys of security event tokens, as a JSON Web Key Set.
   *
   * For anyone: a credential is ignored.
   */
  'GET /.well-known/jwks.json': {
    readonly id: 'getWellKnownJwksJson'
    readonly parameters: Readonly<Record<string, never>>
    readonly json: {
      readonly keys: readonly {
        /** Its id */
        readonly kid: string
        /** EC */
        readonly kty: string
      }[]
    }
  }

  /**
   * List the phones that push messages do not reach.
   *
   * With the cause, since when, and the app; and a summary of all phones with a token.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /report/phones': {
    readonly id: 'getReportPhones'
    readonly parameters: {
      /** Serial; `*` stands for anything */
      readonly serial?: Scalar | undefined
      /** Owner */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** The app as it names itself, such as `privacyIDEA-App/4.6*`; `*` stands for anything */
      readonly app?: Scalar | undefined
      /** quarantined, no_registration_token, poll_only, gateway_missing; `*`: every phone; without it, all that push does not reach */
      readonly why?: Scalar | undefined
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Phones per page, 15 by default, at most 500 */
      readonly pagesize?: Scalar | undefined
    }
    readonly value: {
      readonly phones: readonly {
        /** Serial of its token */
        readonly serial: string
        /** Which app it is */
        readonly tokentype: 'push' | 'edupush'
        /** Owner */
        readonly username: string
        /** Realm of the owner */
        readonly user_realm: string
        /** Whether its token is enabled */
        readonly active: boolean
        /** Firebase configuration of its token, or `poll only` */
        readonly firebase_configuration: string
        /** What keeps push from it; null: nothing */
        readonly why: 'quarantined' | 'no_registration_token' | 'poll_only' | 'gateway_missing' | null
        /** Of a quarantine */
        readonly quarantine_cause: 'unregistered' | 'registration_token_invalid' | null
        /** Since when, where that is known */
        readonly since: string | null
        /** The app, by its own word */
        readonly app: string | null
        /** What it runs on */
        readonly system: string | null
        readonly capabilities: readonly string[] | null
        /** Whether its app can do code to phone */
        readonly code_to_phone: 'able' | 'unable' | 'unknown'
      }[]
      /** Number of phones on all pages */
      readonly count: number
      /** The previous page */
      readonly prev: number | null
      /** The next page */
      readonly next: number | null
      readonly summary: {
        /** All phones with a token */
        readonly phones: number
        /** Phones that push messages reach */
        readonly reached: number
        readonly unreached: {
          /** Phones */
          readonly quarantined: number
          /** Phones */
          readonly no_registration_token: number
          /** Phones */
          readonly poll_only: number
          /** Phones */
          readonly gateway_missing: number
        }
        readonly code_to_phone: {
          /** Phones */
          readonly able: number
          /** Phones */
          readonly unable: number
          /** Phones */
          readonly unknown: number
        }
        /** By app */
        readonly apps: Readonly<Record<string, number>>
      }
    }
  }

  /**
   * Count the logins that the push firewall silenced, or would have under shadow.
   *
   * By day and service, and how many of them were finalized later. It reads the audit records of these days, which have a login two minutes after its end; a deployment with a million logins a day asks for a few days at once.
   *
   * For the role `admin`.
   */
  'GET /report/firewall': {
    readonly id: 'getReportFirewall'
    readonly parameters: {
      /** Days to report, today included: 7 by default, at most 31 */
      readonly days?: Scalar | undefined
      /** Name of a service key; without it all services */
      readonly service?: Scalar | undefined
      /** csv for a table instead of JSON */
      readonly outform?: Scalar | undefined
    }
    readonly value: {
      /** Beginning of the first day, UTC */
      readonly from: string
      /** When it was made */
      readonly until: string
      readonly summary: {
        readonly on: {
          /** Logins that rang no phone */
          readonly silenced: number
          /** How many of them were finalized later */
          readonly accepted: number
        }
        readonly shadow: {
          /** Logins that would have rung no phone */
          readonly silenced: number
          /** How many of them were finalized later */
          readonly accepted: number
        }
      }
      /** The newest day first */
      readonly lines: readonly {
        /** When the logins ended, UTC: 2026-11-29 */
        readonly day: string
        /** Name of the service key that opened them; null: none did */
        readonly service: string | null
        /** over_budget, paused or pin_known */
        readonly why: string
        /** shadow: the phones rang all the same */
        readonly mode: 'on' | 'shadow'
        /** Logins */
        readonly silenced: number
        /** How many of them were finalized later */
        readonly accepted: number
      }[]
    }
    readonly text: 'text/csv'
  }

  /**
   * Show how logins go, and what needs somebody.
   *
   * Logins by outcome, hour, service and mode; how long their steps took; deliveries; and alarms. All are counted, none is sampled. A login is counted when its record is in the audit: at most two minutes after its end.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /report/overview': {
    readonly id: 'getReportOverview'
    readonly parameters: {
      /** Beginning of the time, ISO 8601, UTC without a zone; a day before its end by default */
      readonly from?: Scalar | undefined
      /** End of the time, ISO 8601, UTC without a zone; now by default */
      readonly to?: Scalar | undefined
      /** Name of a service key; without it all services */
      readonly service?: Scalar | undefined
      /** One of standard, presence, code_to_phone */
      readonly mode?: Scalar | undefined
      /** Region of the shard: wnam, enam, sam, weur, eeur, apac, oc, afr, me */
      readonly region?: Scalar | undefined
    }
    readonly value: {
      /** Beginning of the time, UTC */
      readonly from: string
      /** Its end, UTC */
      readonly to: string
      /** What a period is */
      readonly span: 'hour' | 'day'
      /** The most urgent first */
      readonly alarms: readonly {
        /** What it is about */
        readonly kind: 'not_me' | 'failing_firebase' | 'health' | 'locked_tokens' | 'silenced_rings' | 'unreachable_phones'
        /** Of the Firebase configuration or of the check; else empty */
        readonly name: string
        /** How many */
        readonly count: number
        /** Whether there are no more than `count` */
        readonly is_exact: boolean
        /** In words, in English or German, by Accept-Language; of a check in English */
        readonly text: string
        /** Path of the list behind it */
        readonly list: string
        /** The first of the tokens it is about */
        readonly tokens: readonly {
          /** Serial */
          readonly serial: string
          /** Owner */
          readonly user: string
          /** Realm of the owner */
          readonly realm: string
        }[]
      }[]
      readonly logins: {
        /** Logins in all */
        readonly total: number
        readonly outcomes: {
          /** Logins */
          readonly accepted: number
          /** Logins */
          readonly unfinished: number
          /** Logins */
          readonly declined: number
          /** Logins */
          readonly not_me: number
          /** Logins */
          readonly cancelled: number
          /** Logins */
          readonly expired: number
          /** Logins */
          readonly failed: number
          /** Logins */
          readonly enrolled: number
          /** Logins */
          readonly refused: number
          /** Logins */
          readonly bypass: number
          /** Logins */
          readonly tokenless: number
        }
        /** The earliest first; periods without a login are left out */
        readonly periods: readonly {
          /** When the period begins, UTC */
          readonly at: string
          /** Logins in all */
          readonly total: number
          /** By outcome: accepted, unfinished, declined, not_me, cancelled, expired, failed, enrolled, refused, bypass, tokenless; without those of which there are none */
          readonly outcomes: Readonly<Record<string, number>>
        }[]
        readonly services: readonly {
          /** Name of the service key; empty: none */
          readonly service: string
          /** Logins in all */
          readonly total: number
          /** By outcome: accepted, unfinished, declined, not_me, cancelled, expired, failed, enrolled, refused, bypass, tokenless; without those of which there are none */
          readonly outcomes: Readonly<Record<string, number>>
        }[]
        readonly modes: readonly {
          /** How the phone was asked */
          readonly mode: string
          /** Logins in all */
          readonly total: number
          /** By outcome: accepted, unfinished, declined, not_me, cancelled, expired, failed, enrolled, refused, bypass, tokenless; without those of which there are none */
          readonly outcomes: Readonly<Record<string, number>>
        }[]
        /** The most frequent first */
        readonly refusals: readonly {
          /** Reason code */
          readonly reason: string
          /** Refused requests about logins, open ones included */
          readonly count: number
          /** The reason in words */
          readonly text: string
        }[]
      }
      readonly steps: readonly {
        /** What was done */
        readonly step: 'trigger' | 'delivery' | 'fetch' | 'human' | 'answer' | 'wake' | 'finalize' | 'system'
        /** Logins that it was measured of */
        readonly count: number
        /** What half of them took at most, in milliseconds; null: there was no login */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: there was no login */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: there was no login */
        readonly p99: number | null
        /** Their mean, in milliseconds; null: there was no login */
        readonly mean: number | null
      }[]
      readonly deliveries: readonly {
        /** Name of the Firebase configuration */
        readonly firebase: string
        /** Messages that FCM has taken */
        readonly delivered: number
        /** Tries that failed */
        readonly failed: number
        readonly failures: readonly {
          /** Cause; `breaker_open`: sending was stopped */
          readonly why: string
          /** Tries */
          readonly count: number
        }[]
        /** Within the last two hours */
        readonly state: 'well' | 'failing' | 'stopped' | 'unused'
      }[]
      readonly rings: {
        /** Rings that the push firewall kept silent */
        readonly silenced: number
        /** Rings that it would have kept silent under shadow */
        readonly shadow: number
        /** Those that were silent: over_budget, paused, pin_known */
        readonly by_cause: Readonly<Record<string, number>>
      }
    }
  }

  /**
   * Show how long the steps of logins took.
   *
   * In histograms with fixed buckets, so that the counts of any two times add up. A quantile lies in its bucket in proportion.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /report/steps': {
    readonly id: 'getReportSteps'
    readonly parameters: {
      /** Beginning of the time, ISO 8601, UTC without a zone; a day before its end by default */
      readonly from?: Scalar | undefined
      /** End of the time, ISO 8601, UTC without a zone; now by default */
      readonly to?: Scalar | undefined
      /** Name of a service key; without it all services */
      readonly service?: Scalar | undefined
      /** One of standard, presence, code_to_phone */
      readonly mode?: Scalar | undefined
      /** Region of the shard: wnam, enam, sam, weur, eeur, apac, oc, afr, me */
      readonly region?: Scalar | undefined
    }
    readonly value: {
      /** Beginning of the time, UTC */
      readonly from: string
      /** Its end, UTC */
      readonly to: string
      /** What a period is */
      readonly span: 'hour' | 'day'
      readonly steps: readonly {
        /** What was done */
        readonly step: 'trigger' | 'delivery' | 'fetch' | 'human' | 'answer' | 'wake' | 'finalize' | 'system'
        /** Logins that it was measured of */
        readonly count: number
        /** What half of them took at most, in milliseconds; null: there was no login */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: there was no login */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: there was no login */
        readonly p99: number | null
        /** Their mean, in milliseconds; null: there was no login */
        readonly mean: number | null
        readonly buckets: readonly {
          /** Milliseconds; null: any longer time */
          readonly up_to: number | null
          /** Logins that took at most this long, and longer than the bucket before */
          readonly count: number
        }[]
      }[]
      readonly services: readonly {
        /** Name of the service key; empty: none */
        readonly service: string
        readonly steps: readonly {
          /** What was done */
          readonly step: 'trigger' | 'delivery' | 'fetch' | 'human' | 'answer' | 'wake' | 'finalize' | 'system'
          /** Logins that it was measured of */
          readonly count: number
          /** What half of them took at most, in milliseconds; null: there was no login */
          readonly p50: number | null
          /** What 90 of 100 took at most, in milliseconds; null: there was no login */
          readonly p90: number | null
          /** What 99 of 100 took at most, in milliseconds; null: there was no login */
          readonly p99: number | null
          /** Their mean, in milliseconds; null: there was no login */
          readonly mean: number | null
        }[]
      }[]
    }
  }

  /**
   * List logins that have ended or were refused.
   *
   * The newest first, with the reason in words and what to do. Users get their own. A page may have fewer logins than asked for, even none, and go on: a request looks at 20,000 records of the audit at most, and says so (`stopped_at`).
   *
   * For administrators of any role; for users about their own tokens.
   */
  'GET /report/logins': {
    readonly id: 'getReportLogins'
    readonly parameters: {
      /** Beginning of the time, ISO 8601, UTC without a zone; thirty days before its end by default */
      readonly from?: Scalar | undefined
      /** End of the time, ISO 8601, UTC without a zone; now by default */
      readonly to?: Scalar | undefined
      /** Owner */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Name of a service key; without it all services */
      readonly service?: Scalar | undefined
      /** Only logins about this token */
      readonly serial?: Scalar | undefined
      /** One or several, with commas, of accepted, unfinished, declined, not_me, cancelled, expired, failed, enrolled, refused, bypass, tokenless */
      readonly outcome?: Scalar | undefined
      /** Only logins of which Nod’s own time was longer than so many milliseconds */
      readonly slower_than?: Scalar | undefined
      /** Logins on a page, 50 by default, at most 500 */
      readonly pagesize?: Scalar | undefined
      /** Where the page begins: `next` of the page before */
      readonly cursor?: Scalar | undefined
      /** csv for a table instead of JSON */
      readonly outform?: Scalar | undefined
    }
    readonly value: {
      readonly logins: readonly {
        /** The login; empty if it was refused before it opened */
        readonly transaction_id: string
        /** When it was opened or refused, UTC */
        readonly opened: string
        /** When it ended, UTC; null: it is open */
        readonly ended: string | null
        /** Login name of the owner */
        readonly user: string
        /** Realm of the owner */
        readonly realm: string
        /** Name of the service key that opened it, or empty */
        readonly service: string
        /** Serial of the token it was last about */
        readonly serial: string
        /** How the phone was asked; null: none was, or it is not known */
        readonly mode: 'standard' | 'presence' | 'code_to_phone' | null
        /** What became of it */
        readonly outcome: 'accepted' | 'unfinished' | 'declined' | 'not_me' | 'cancelled' | 'expired' | 'failed' | 'enrolled' | 'refused' | 'bypass' | 'tokenless' | 'open'
        /** Address that it was opened from */
        readonly address: string
        /** Nod’s own time in all its steps, in milliseconds */
        readonly system_ms: number | null
        /** From when the phone had it until the user answered, in milliseconds */
        readonly human_ms: number | null
        /** How many refused requests it stands for; 1 of any other */
        readonly count: number
        /** Why it went as it did, as a name: `unanswered`, `withdrawn/administrator`, `refused/pin_wrong` */
        readonly cause: string
        /** The same in words; in English or German, by Accept-Language */
        readonly reason: string
        /** What to do; empty: nothing */
        readonly advice: string
      }[]
      /** `cursor` of the next page; null after the last */
      readonly next: string | null
      /** How far back it has looked, if it has stopped after 20,000 records; null: it is full, or has looked at all, in milliseconds since 1970 */
      readonly stopped_at: number | null
    }
    readonly text: 'text/csv'
  }

  /**
   * Report that one’s own login was somebody else’s.
   *
   * Has the consequences of “not me” on each of the user’s phones. What the service let in stays.
   *
   * For users, about themselves.
   */
  'POST /report/logins/{transaction_id}/not-me': {
    readonly id: 'postReportLoginsByTransactionIdNotMe'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly value: {
      /** The strictest at any of the phones */
      readonly consequence: 'none' | 'source_shut_out' | 'code_or_number_required' | 'pin_suspended'
    }
  }

  /**
   * Watch logins while they happen.
   *
   * Server-sent events: the newest logins, open ones included, then each login that changes. The stream ends after five minutes; a new one begins with the newest logins again. Each shard that has opened a login is asked three times a minute where nothing happens, and at most once a second.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /report/live': {
    readonly id: 'getReportLive'
    readonly parameters: {
      /** Owner */
      readonly user?: Scalar | undefined
      /** Realm of the owner */
      readonly realm?: Scalar | undefined
      /** Name of a service key */
      readonly service?: Scalar | undefined
    }
    readonly text: 'text/event-stream'
  }

  /**
   * Watch the steps of a login.
   *
   * Server-sent events: each step that the login has, each further one as it happens, and its end. Of a login that has ended, everything at once. The stream ends after ten minutes.
   *
   * For the roles `helpdesk` and `admin`; for services (`validate`) about the logins they opened.
   */
  'GET /transaction/{transaction_id}/steps': {
    readonly id: 'getTransactionByTransactionIdSteps'
    readonly parameters: {
      /** The login */
      readonly transaction_id: string | number
    }
    readonly text: 'text/event-stream'
  }

  /**
   * Report how many logins took the system less than a second.
   *
   * Nod’s own time, without that of people and their phones, by step, region and service; what failed, and why. Counted, not sampled. Days are whole, UTC.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /report/slo': {
    readonly id: 'getReportSlo'
    readonly parameters: {
      /** Days until now, today included: 30 unless set, 400 at most */
      readonly days?: Scalar | undefined
      /** A month in place of `days`: `2026-11`, UTC */
      readonly month?: Scalar | undefined
      /** Name of a service key; without it all services */
      readonly service?: Scalar | undefined
      /** Region of the shard: wnam, enam, sam, weur, eeur, apac, oc, afr, me */
      readonly region?: Scalar | undefined
      /** html for a page to print instead of JSON */
      readonly outform?: Scalar | undefined
    }
    readonly value: {
      /** Beginning of the time, UTC */
      readonly from: string
      /** Its end, UTC */
      readonly to: string
      /** How long Nod’s own part of a login should take at most, in milliseconds */
      readonly within_ms: number
      readonly system: {
        /** Logins that it was measured of */
        readonly count: number
        /** Those of them that took at most `within_ms` */
        readonly within: number
        /** From 0 to 1, rounded down to a ten thousandth; null: none was measured */
        readonly share: number | null
        /** What half of them took at most, in milliseconds; null: none was measured */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: none was measured */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: none was measured */
        readonly p99: number | null
        readonly before: {
          /** Logins that it was measured of */
          readonly count: number
          /** Those of them that took at most `within_ms` */
          readonly within: number
          /** From 0 to 1, rounded down to a ten thousandth; null: none was measured */
          readonly share: number | null
        }
      }
      readonly logins: {
        /** Logins in all */
        readonly total: number
        /** Those that let their user in by phone */
        readonly accepted: number
      }
      readonly steps: readonly {
        /** What was done */
        readonly step: 'trigger' | 'delivery' | 'fetch' | 'human' | 'answer' | 'wake' | 'finalize' | 'system'
        /** Logins that it was measured of */
        readonly count: number
        /** Those of them that took at most `within_ms` */
        readonly within: number
        /** From 0 to 1, rounded down to a ten thousandth; null: none was measured */
        readonly share: number | null
        /** What half of them took at most, in milliseconds; null: none was measured */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: none was measured */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: none was measured */
        readonly p99: number | null
      }[]
      /** The busiest first */
      readonly regions: readonly {
        /** Region of the shard */
        readonly region: string
        /** Logins that it was measured of */
        readonly count: number
        /** Those of them that took at most `within_ms` */
        readonly within: number
        /** From 0 to 1, rounded down to a ten thousandth; null: none was measured */
        readonly share: number | null
        /** What half of them took at most, in milliseconds; null: none was measured */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: none was measured */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: none was measured */
        readonly p99: number | null
      }[]
      /** The busiest first */
      readonly services: readonly {
        /** Name of the service key; empty: none */
        readonly service: string
        /** Logins in all */
        readonly logins: number
        /** Those that let their user in by phone */
        readonly accepted: number
        /** Logins that it was measured of */
        readonly count: number
        /** Those of them that took at most `within_ms` */
        readonly within: number
        /** From 0 to 1, rounded down to a ten thousandth; null: none was measured */
        readonly share: number | null
        /** What half of them took at most, in milliseconds; null: none was measured */
        readonly p50: number | null
        /** What 90 of 100 took at most, in milliseconds; null: none was measured */
        readonly p90: number | null
        /** What 99 of 100 took at most, in milliseconds; null: none was measured */
        readonly p99: number | null
      }[]
      /** The most frequent first */
      readonly failures: readonly {
        /** What became of the login */
        readonly outcome: 'unfinished' | 'declined' | 'not_me' | 'cancelled' | 'expired' | 'failed' | 'refused'
        /** How many */
        readonly count: number
        /** In words, in English or German, by Accept-Language */
        readonly text: string
        /** What to do; empty: nothing */
        readonly advice: string
      }[]
      /** The most frequent first */
      readonly refusals: readonly {
        /** Reason code */
        readonly reason: string
        /** How many */
        readonly count: number
        /** In words, in English or German, by Accept-Language */
        readonly text: string
        /** What to do; empty: nothing */
        readonly advice: string
      }[]
      readonly deliveries: readonly {
        /** Name of the Firebase configuration */
        readonly firebase: string
        /** Messages that FCM has taken */
        readonly delivered: number
        /** Tries that failed */
        readonly failed: number
        readonly failures: readonly {
          /** Cause */
          readonly why: string
          /** Tries */
          readonly count: number
        }[]
      }[]
    }
    readonly text: 'text/html'
  }

  /**
   * Read metrics.
   *
   * Counters of logins, steps, deliveries, rings and refusals, and gauges of the deployment, for Prometheus. Counters never fall. A login is counted when its record is in the audit: at most two minutes after its end.
   *
   * For the roles `metrics` and `admin`.
   */
  'GET /metrics': {
    readonly id: 'getMetrics'
    readonly parameters: Readonly<Record<string, never>>
    readonly headers: 'Accept'
    readonly text: 'application/openmetrics-text' | 'text/plain'
  }

  /**
   * List audit entries.
   *
   * One entry for each step of a login and each change, newest first, open logins included.
   *
   * For administrators of any role; for users about their own tokens.
   */
  'GET /audit': {
    readonly id: 'getAudit'
    readonly parameters: {
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Lines per page, 15 by default, at most 500 */
      readonly page_size?: Scalar | undefined
      /** Column to sort by; time by default */
      readonly sortname?: Scalar | undefined
      /** asc or desc; desc by default */
      readonly sortorder?: Scalar | undefined
      /** No older than this: 30m, 2h, 1d */
      readonly timelimit?: Scalar | undefined
      /** Of this day, hour or minute: 2026-11-24*, 2026-11-24T07*; also 2026-11* */
      readonly date?: Scalar | undefined
      /** The request, such as `POST /auth`; `*` stands for anything, a `!` in front for the opposite */
      readonly action?: Scalar | undefined
      /** 1 or 0; `*` stands for anything, a `!` in front for the opposite */
      readonly success?: Scalar | undefined
      /** How a login ended: ACCEPT, REJECT, CHALLENGE or DECLINED; `*` stands for anything, a `!` in front for the opposite */
      readonly authentication?: Scalar | undefined
      /** Serial; `*` stands for anything, a `!` in front for the opposite */
      readonly serial?: Scalar | undefined
      /** Login name of the owner; `*` stands for anything, a `!` in front for the opposite */
      readonly user?: Scalar | undefined
      /** Realm of the owner; `*` stands for anything, a `!` in front for the opposite */
      readonly realm?: Scalar | undefined
      /** The administrator who made the request; `*` stands for anything, a `!` in front for the opposite */
      readonly administrator?: Scalar | undefined
      /** What was changed; `*` stands for anything, a `!` in front for the opposite */
      readonly action_detail?: Scalar | undefined
      /** What came of it; `*` stands for anything, a `!` in front for the opposite */
      readonly info?: Scalar | undefined
      /** Shard that kept the record; `*` stands for anything, a `!` in front for the opposite */
      readonly privacyidea_server?: Scalar | undefined
      /** Address the request came from; `*` stands for anything, a `!` in front for the opposite */
      readonly client?: Scalar | undefined
      /** Program the request came from; `*` stands for anything, a `!` in front for the opposite */
      readonly user_agent?: Scalar | undefined
      /** Login; `*` stands for anything, a `!` in front for the opposite */
      readonly transaction_id?: Scalar | undefined
      /** Name of the service key; `*` stands for anything, a `!` in front for the opposite */
      readonly service?: Scalar | undefined
      /** Names of the policies that decided a login, with commas between; `*` stands for anything, a `!` in front for the opposite */
      readonly policies?: Scalar | undefined
      /** Cannot be searched by: empty or `*` */
      readonly number?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly startdate?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly duration?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly token_type?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly user_agent_version?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly log_level?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly clearance_level?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly sig_check?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly missing_line?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly resolver?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly thread_id?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly container_serial?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly container_type?: string | null | undefined
    }
    readonly value: {
      readonly auditdata: readonly {
        /** Rises with time */
        readonly number: number
        readonly action: string
        /** 1: done */
        readonly success: 0 | 1
        /** How a login stood then */
        readonly authentication: '' | 'ACCEPT' | 'CHALLENGE' | 'REJECT' | 'DECLINED'
        readonly serial: string
        /** UTC, without a zone */
        readonly date: string
        readonly startdate: string
        /** Seconds that the request took, or that the login had been going on by then */
        readonly duration: number
        readonly token_type: string
        readonly user: string
        readonly realm: string
        readonly administrator: string
        readonly action_detail: string
        readonly info: string
        readonly privacyidea_server: string
        readonly client: string
        readonly user_agent: string
        readonly user_agent_version: string
        readonly log_level: string
        readonly policies: string
        readonly clearance_level: string
        readonly sig_check: string
        readonly missing_line: string
        readonly resolver: string
        readonly thread_id: string
        readonly container_serial: string
        readonly container_type: string
        readonly transaction_id: string
      }[]
      /** The columns in their order */
      readonly auditcolumns: readonly string[]
      /** Lines there are, those of other pages included */
      readonly count: number
      /** This page */
      readonly current: number
      /** The next page */
      readonly next: number | null
      /** The page before */
      readonly prev: number | null
      /** Shards that did not tell what they have not handed over yet: lines may be missing, ask again */
      readonly incomplete?: readonly string[]
    }
  }

  /**
   * Export audit entries as a file.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /audit/{file}': {
    readonly id: 'getAuditByFile'
    readonly parameters: {
      /** Name of the file, ending in .csv */
      readonly file: string | number
      /** Page, from 1 */
      readonly page?: Scalar | undefined
      /** Lines per page, 15 by default, at most 500 */
      readonly page_size?: Scalar | undefined
      /** Column to sort by; time by default */
      readonly sortname?: Scalar | undefined
      /** asc or desc; desc by default */
      readonly sortorder?: Scalar | undefined
      /** No older than this: 30m, 2h, 1d */
      readonly timelimit?: Scalar | undefined
      /** Of this day, hour or minute: 2026-11-24*, 2026-11-24T07*; also 2026-11* */
      readonly date?: Scalar | undefined
      /** The request, such as `POST /auth`; `*` stands for anything, a `!` in front for the opposite */
      readonly action?: Scalar | undefined
      /** 1 or 0; `*` stands for anything, a `!` in front for the opposite */
      readonly success?: Scalar | undefined
      /** How a login ended: ACCEPT, REJECT, CHALLENGE or DECLINED; `*` stands for anything, a `!` in front for the opposite */
      readonly authentication?: Scalar | undefined
      /** Serial; `*` stands for anything, a `!` in front for the opposite */
      readonly serial?: Scalar | undefined
      /** Login name of the owner; `*` stands for anything, a `!` in front for the opposite */
      readonly user?: Scalar | undefined
      /** Realm of the owner; `*` stands for anything, a `!` in front for the opposite */
      readonly realm?: Scalar | undefined
      /** The administrator who made the request; `*` stands for anything, a `!` in front for the opposite */
      readonly administrator?: Scalar | undefined
      /** What was changed; `*` stands for anything, a `!` in front for the opposite */
      readonly action_detail?: Scalar | undefined
      /** What came of it; `*` stands for anything, a `!` in front for the opposite */
      readonly info?: Scalar | undefined
      /** Shard that kept the record; `*` stands for anything, a `!` in front for the opposite */
      readonly privacyidea_server?: Scalar | undefined
      /** Address the request came from; `*` stands for anything, a `!` in front for the opposite */
      readonly client?: Scalar | undefined
      /** Program the request came from; `*` stands for anything, a `!` in front for the opposite */
      readonly user_agent?: Scalar | undefined
      /** Login; `*` stands for anything, a `!` in front for the opposite */
      readonly transaction_id?: Scalar | undefined
      /** Name of the service key; `*` stands for anything, a `!` in front for the opposite */
      readonly service?: Scalar | undefined
      /** Names of the policies that decided a login, with commas between; `*` stands for anything, a `!` in front for the opposite */
      readonly policies?: Scalar | undefined
      /** Cannot be searched by: empty or `*` */
      readonly number?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly startdate?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly duration?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly token_type?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly user_agent_version?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly log_level?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly clearance_level?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly sig_check?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly missing_line?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly resolver?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly thread_id?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly container_serial?: string | null | undefined
      /** Cannot be searched by: empty or `*` */
      readonly container_type?: string | null | undefined
    }
    readonly text: 'text/csv'
  }

  /**
   * List the parts of the audit’s archive.
   *
   * The oldest first, and how retention stands.
   *
   * For the role `admin`.
   */
  'GET /deployment/audit/archive': {
    readonly id: 'getDeploymentAuditArchive'
    readonly parameters: {
      /** Parts after one of this day (UTC), such as 2026-11-28 */
      readonly after_day?: Scalar | undefined
      /** The number of that part; without it the whole day is left out */
      readonly after_part?: Scalar | undefined
    }
    readonly value: {
      /** Whether a bucket is bound */
      readonly bucket: boolean
      /** AUDIT_ARCHIVE_MODE */
      readonly archive_mode: 'auto' | 'required' | 'off'
      /** AUDIT_DAYS; null: for ever */
      readonly kept_days: number | null
      /** When the oldest record ended that is not archived or deleted; null: there is none */
      readonly oldest: string | null
      /** Records that ended before may be archived or deleted; null: none was */
      readonly deleted_before: string | null
      /** When records were last archived or deleted as far as they were due; null: never */
      readonly ran_at: string | null
      /** Since when nothing can be archived; null: the last run could */
      readonly failed_since: string | null
      /** Why */
      readonly failure: string | null
      /** In order of time, at most 500 */
      readonly parts: readonly {
        /** Key in the bucket */
        readonly key: string
        /** Day (UTC) */
        readonly day: string
        /** Number of the part, from 1 */
        readonly part: number
        /** Number of its records */
        readonly records: number
        /** When its first record ended */
        readonly first: string
        /** When its last record ended */
        readonly last: string
        /** Length in bytes */
        readonly bytes: number
        /** SHA-256, hexadecimal */
        readonly sha256: string
        /** When it was archived */
        readonly archived_at: string
      }[]
    }
  }

  /**
   * Get a part of the audit’s archive.
   *
   * Lines of JSON, compressed with gzip.
   *
   * For the role `admin`.
   */
  'GET /deployment/audit/archive/{day}/{part}': {
    readonly id: 'getDeploymentAuditArchiveByDayByPart'
    readonly parameters: {
      /** Day (UTC), such as 2026-11-28 */
      readonly day: string | number
      /** Number of the part, from 1 */
      readonly part: string | number
    }
    readonly text: 'application/gzip'
  }

  /**
   * Sign where the audit ends now.
   *
   * Keep the answer elsewhere: it shows later whether the audit was cut off or written anew.
   *
   * For the role `admin`.
   */
  'GET /deployment/audit/head': {
    readonly id: 'getDeploymentAuditHead'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** JWS in compact form, ES256 */
      readonly head: string
      /** Milliseconds since 1970 */
      readonly at: number
      /** The keys that sign heads, the newest first */
      readonly keys: readonly {
        /** JWK thumbprint */
        readonly kid: string
        /** Milliseconds since 1970 */
        readonly created_at: number
        /** The public key */
        readonly jwk: Readonly<Record<string, unknown>>
      }[]
      readonly numbers: {
        /** Records of changes */
        readonly catalogue: number
        /** Records of used bypass codes */
        readonly bypass: number
      }
      /** Retention has deleted records before; milliseconds since 1970 */
      readonly deleted_before: number
      /** AUDIT_DAYS; null: for ever */
      readonly days: number | null
    }
  }

  /**
   * Store the audit records that are on their way to the database.
   *
   * Before a backup. Otherwise it takes two minutes at most.
   *
   * For the role `admin`.
   */
  'POST /deployment/audit/flush': {
    readonly id: 'postDeploymentAuditFlush'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** How many records are still on their way */
      readonly left: number
      /** The shards that did not answer */
      readonly incomplete: readonly string[]
    }
  }

  /**
   * Read audit records as they are stored.
   *
   * With their salts, a thousand at a time.
   *
   * For the role `admin`.
   */
  'GET /deployment/audit/records': {
    readonly id: 'getDeploymentAuditRecords'
    readonly parameters: {
      /** `next` of the page before */
      readonly after?: Scalar | undefined
    }
    readonly value: {
      readonly rows: readonly (Readonly<Record<string, unknown>>)[]
      /** Goes into `after`, for the rows behind */
      readonly next: string | null
    }
  }

  /**
   * Read the links of the audit’s chains as they are stored.
   *
   * Two hundred at a time.
   *
   * For the role `admin`.
   */
  'GET /deployment/audit/links': {
    readonly id: 'getDeploymentAuditLinks'
    readonly parameters: {
      /** `next` of the page before */
      readonly after?: Scalar | undefined
    }
    readonly value: {
      readonly rows: readonly (Readonly<Record<string, unknown>>)[]
      /** Goes into `after`, for the rows behind */
      readonly next: string | null
    }
  }

  /**
   * Check the deployment.
   *
   * What is configured, what is missing and what comes next, each check by itself: one that fails or takes more than four seconds does not keep the others from being answered. Asks Google about each Firebase configuration, without sending anything to a phone.
   *
   * For the role `admin`.
   */
  'GET /doctor': {
    readonly id: 'getDoctor'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** The worst of all checks */
      readonly state: 'ok' | 'warn' | 'fail' | 'skip'
      readonly checks: readonly {
        /** Name of the check; `firebase:<name>` for each Firebase configuration */
        readonly id: string
        /** skip: there is nothing to look at */
        readonly state: 'ok' | 'warn' | 'fail' | 'skip'
        /** What was found, in the language of `Accept-Language`: English or German */
        readonly text: string
        /** Milliseconds the check took */
        readonly took: number
        /** What else there is to say, in English */
        readonly details?: string
        /** The command, request or setting that comes next */
        readonly next?: string
      }[]
    }
  }

  /**
   * Ring a phone to test the way to it.
   *
   * Opens a login that nobody can finalize, so that an approval lets nobody in. Its timeline has each leg with its time. Without a serial the phone is the caller’s own.
   *
   * For the role `admin`.
   */
  'POST /doctor/push': {
    readonly id: 'postDoctorPush'
    readonly parameters: {
      /** Serial of the phone's token; without one the caller's own phone */
      readonly serial?: Scalar | undefined
    }
    readonly value: {
      /** Follow it: GET /transaction/<id>, or its events */
      readonly transaction_id: string
      /** What a service would show at the login */
      readonly message: string
      readonly phones: readonly {
        /** Serial of the token */
        readonly serial: string
        /** What the user does */
        readonly mode: string
        /** The option to tap on the phone, in mode presence */
        readonly number?: string
      }[]
    }
  }

  /**
   * List the open invitations.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'GET /invitation': {
    readonly id: 'getInvitation'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: readonly {
      /** Id of the invitation */
      readonly id: string
      /** Login name of the user */
      readonly user: string
      /** Realm of the user */
      readonly realm: string
      /** Who has invited them */
      readonly invited_by: string
      /** When it ends, in milliseconds since 1970 */
      readonly expires_at: number
      /** Serial of the token that the phone gets */
      readonly serial: string
      /** Note of those who invite */
      readonly note: string
      /** When it was made, in milliseconds since 1970 */
      readonly created_at: number
      /** registered: its phone is there */
      readonly state: 'open' | 'begun' | 'registered'
    }[]
  }

  /**
   * Invite a user to enroll a phone.
   *
   * The answer holds the secret, and the page to send to the user. Whoever has it enrolls one phone for this user: send it as you would send a password.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'POST /invitation': {
    readonly id: 'postInvitation'
    readonly parameters: {
      /** Whom it is for: a login name, alone or as user@realm */
      readonly user: Exclude<Scalar, null>
      /** Realm of the user */
      readonly realm?: Scalar | undefined
      /** For those who invite; the user does not see it */
      readonly note?: Scalar | undefined
      /** Minutes it is valid, 1440 (a day) by default, at most 10080 */
      readonly minutes?: Scalar | undefined
    }
    readonly headers: 'Idempotency-Key'
    readonly value: {
      /** Id of the invitation */
      readonly id: string
      /** Login name of the user */
      readonly user: string
      /** Realm of the user */
      readonly realm: string
      /** Who has invited them */
      readonly invited_by: string
      /** When it ends, in milliseconds since 1970 */
      readonly expires_at: number
      /** Serial of the token that the phone gets */
      readonly serial: string
      /** Note of those who invite */
      readonly note: string
      /** When it was made, in milliseconds since 1970 */
      readonly created_at: number
      /** The secret; shown only once */
      readonly secret: string
      /** The page to send to the user; shown only once */
      readonly url?: string
    }
  }

  /**
   * See whom an invitation is for, and how it stands.
   *
   * For anyone: a credential is ignored.
   */
  'POST /invitation/look': {
    readonly id: 'postInvitationLook'
    readonly parameters: {
      /** The secret: what stands behind the # of the page */
      readonly secret: Exclude<Scalar, null>
      /** Seconds to wait until a phone has registered, at most 20 */
      readonly wait?: Scalar | undefined
    }
    readonly value: {
      /** Login name of the user */
      readonly user: string
      /** Realm of the user */
      readonly realm: string
      /** Who has invited them */
      readonly invited_by: string
      /** When it ends, in milliseconds since 1970 */
      readonly expires_at: number
      /** begun: a QR code was shown; registered: a phone has registered */
      readonly state: 'open' | 'begun' | 'registered'
    }
  }

  /**
   * Show the QR code of an invitation.
   *
   * For anyone: a credential is ignored.
   */
  'POST /invitation/begin': {
    readonly id: 'postInvitationBegin'
    readonly parameters: {
      /** The secret: what stands behind the # of the page */
      readonly secret: Exclude<Scalar, null>
    }
    readonly value: {
      /** Serial of the token */
      readonly serial: string
      /** The enrollment URI; a secret */
      readonly uri: string
      /** The enrollment URI as a QR code: a PNG as data URI */
      readonly image: string
      /** The random PIN, if a policy asks for one; shown only once */
      readonly pin?: string
    }
  }

  /**
   * Ring the phone that an invitation has enrolled.
   *
   * For anyone: a credential is ignored.
   */
  'POST /invitation/confirm': {
    readonly id: 'postInvitationConfirm'
    readonly parameters: {
      /** The secret: what stands behind the # of the page */
      readonly secret: Exclude<Scalar, null>
    }
    readonly value: {
      /** Follow it: GET /transaction/<id>, or its events */
      readonly transaction_id: string
      /** What a service would show at the login */
      readonly message: string
      readonly phones: readonly {
        /** Serial of the token */
        readonly serial: string
        /** What the user does */
        readonly mode: string
        /** The option to tap on the phone, in mode presence */
        readonly number?: string
      }[]
    }
  }

  /**
   * Withdraw an invitation.
   *
   * A QR code that nobody has scanned is void; a phone that has registered stays.
   *
   * For the roles `helpdesk` and `admin`.
   */
  'DELETE /invitation/{id}': {
    readonly id: 'deleteInvitationById'
    readonly parameters: {
      /** Id of the invitation */
      readonly id: string | number
    }
    readonly value: boolean
  }

  /**
   * Check that Nod serves requests.
   *
   * For administrators, with `deep=1`, whether there is something to attend to. D1 is read and written, an object and the archive are asked, a prompt is signed and Google is asked whether it would take a message.
   *
   * For anyone: a credential is ignored.
   */
  'GET /healthz': {
    readonly id: 'getHealthz'
    readonly parameters: {
      /** 1: what an administrator has to attend to */
      readonly deep?: Scalar | undefined
      /** Id of a version at Cloudflare: the answer says in `is_version` whether it is the one that answers */
      readonly version_id?: Scalar | undefined
    }
    readonly json: {
      /** `attention`: a check has found something to do */
      readonly status: 'ok' | 'attention'
      /** The version of Nod; left out for strangers under the policy `hide_version` */
      readonly version?: string
      /** Whether `version_id` is the id of the version that answers */
      readonly is_version?: boolean
      readonly checks?: readonly {
        /** What was looked at */
        readonly name: string
        /** Whether all is well */
        readonly ok: boolean
        /** What was found */
        readonly info: string
      }[]
    }
  }

  /**
   * Check that Nod has started.
   *
   * For anyone: a credential is ignored.
   */
  'GET /healthz/startupz': {
    readonly id: 'getHealthzStartupz'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** Status */
      readonly status: 'started'
    }
  }

  /**
   * Check that Nod runs.
   *
   * For anyone: a credential is ignored.
   */
  'GET /healthz/livez': {
    readonly id: 'getHealthzLivez'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** Status */
      readonly status: 'OK'
    }
  }

  /**
   * Check that Nod is ready for requests.
   *
   * For anyone: a credential is ignored.
   */
  'GET /healthz/readyz': {
    readonly id: 'getHealthzReadyz'
    readonly parameters: Readonly<Record<string, never>>
    readonly value: {
      /** Status */
      readonly status: 'ready'
    }
  }

  /**
   * Get this description as OpenAPI.
   *
   * For anyone: a credential is ignored.
   */
  'GET /openapi.json': {
    readonly id: 'getOpenapiJson'
    readonly parameters: Readonly<Record<string, never>>
    readonly json: {
      /** 3.1.0 */
      readonly openapi: string
    }
  }
}
