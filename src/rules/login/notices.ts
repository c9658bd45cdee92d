/** In the audit, the action of a prompt that tells its phone of something and lets nobody in. */
export const NOTICE = 'security notice'
