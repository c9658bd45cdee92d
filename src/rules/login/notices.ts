/** The action that the audit names for the prompt of a notice. */
export const NOTICE = 'security notice'
