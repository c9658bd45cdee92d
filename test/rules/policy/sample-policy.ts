import type { Policy } from '../../../src/vocabulary.ts'

/** A policy that applies to everyone, except as `rest` says. */
export function policy(name: string, action: Policy['action'], rest: Partial<Policy> = {}): Policy {
  return {
    name,
    scope: 'authentication',
    action,
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
    ...rest,
  }
}
