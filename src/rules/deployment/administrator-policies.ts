/** The policies for the sign-in of administrators by phone. They are fixed, so that none of the deployment's can weaken it, or lock
 *  everybody out (decision 0048). */
import type { Policy } from '../../vocabulary.ts'
import { compilePolicies } from '../policy/policy-set.ts'

const policy: Policy = {
  name: 'administrators',
  scope: 'authentication',
  // Always the code: whoever has the password can ask for a tap until one comes.
  action: { push_code_to_phone: true },
  realm: [],
  resolver: [],
  user: [],
  client: [],
  adminrealm: [],
  adminuser: [],
  pinode: [],
  userAgents: [],
  time: '',
  conditions: [],
  priority: 1,
  active: true,
  description: '',
  checkAllResolvers: false,
  userCaseInsensitive: false,
}

export const ADMINISTRATOR_POLICIES = compilePolicies([policy])
