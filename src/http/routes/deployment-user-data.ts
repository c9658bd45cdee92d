import {
  eraseUser,
  exportUser,
  type ExportedToken,
  type UserExport,
} from '../../operations/administration/user-data.ts'
import { parseErasure, parseUserExport, recordItem, writeCursor } from '../../protocol/administration/user-data.ts'
import { boolean, integer, listOf, mapOf, object, oneOf, orNull, string, time } from '../../protocol/shape.ts'
import { challengeItem } from '../../protocol/token/challenge-list.ts'
import { tokenItem } from '../../protocol/token/token-item.ts'
import { IMPORT_SOURCES } from '../../vocabulary/imports.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** The data of one user. Source: docs/protocol.md, "Data of a user". */
export const deploymentUserDataRoutes = new Router()

const anything = (about: string) => mapOf({}, about)
const changeFields = {
  at: time('When'),
  action: string('The route'),
  administrator: orNull(string('By whom')),
  serial: orNull(string('The token')),
  info: orNull(string('What was changed')),
}
const eventFields = {
  type: string('Type of the event'),
  at: time('When'),
  serial: orNull(string('The token')),
  service: orNull(string('The service key')),
  transaction_id: orNull(string('The login')),
  address: orNull(string('Address of the end user')),
  administrator: orNull(string('By whom')),
}

addRoutes(deploymentUserDataRoutes, '/deployment/user-data', {
  GET: protectedRoute(
    {
      summary: 'Export what Nod has of a user',
      description:
        'Everything but secrets, and a page of the audit; ask again with `after` for the next page, until `next` is null. A page may be empty.',
      access: 'admin',
      parser: parseUserExport,
      value: object(
        {
          user: string('Login name'),
          realm: string('Realm'),
          audit: listOf(anything('A record of the audit, as it is stored')),
          next: orNull(string('`after` of the next page')),
        },
        {
          person: orNull(
            object({ givenname: string('Given name'), surname: string('Surname'), email: string('Mail address') }),
          ),
          tokens: listOf(anything('A token, what its phone has counted, and its open logins')),
          bypass_code: orNull(
            object({
              issued_at: time('When it was issued'),
              expires_at: time('When it expires'),
              issued_by: string('By whom'),
              reason: string('Why'),
            }),
          ),
          invitations: listOf(
            object({
              id: string('Its id'),
              serial: string('Serial of the token that its phone gets'),
              note: string('Note of those who invite'),
              invited_by: string('By whom'),
              created_at: time('When it was made'),
              expires_at: time('When it expires'),
            }),
            'Invitations to enroll a phone, without their secrets',
          ),
          imported: listOf(
            object({
              serial: string('Serial of the token'),
              source: oneOf('Where it came from', ...IMPORT_SOURCES),
              user_id: orNull(string('The user’s id there')),
              resolver: orNull(string('Its resolver')),
              imported_at: time('When it was imported'),
              kept: mapOf(string('Text'), 'What else it said'),
            }),
            'Imported tokens',
          ),
          counters: object({
            failed_sign_ins: integer('Wrong passwords that are counted'),
            known_networks: integer('Networks that are known'),
            logins: listOf(
              object({ outcome: string('What is counted'), transaction_id: string('The login'), at: time('When') }),
            ),
          }),
          changes: listOf(object(changeFields), 'Changes of the last 30 days'),
          security_events: listOf(object(eventFields), 'Events that webhooks are still to get'),
          policies: listOf(string('A policy that names the user')),
        },
      ),
      example: { user: 'ada' },
    },
    async (c, credential, request) => sendOutcome(c, await exportUser(c.var.ports, credential, request), exportItem),
  ),
})

addRoutes(deploymentUserDataRoutes, '/deployment/user-data/erase', {
  POST: protectedRoute(
    {
      summary: 'Erase a user from every store',
      description:
        'Deletes the tokens, withdraws open logins, and erases the user from the audit and its archive, some steps at a time: ask again until `done`.',
      access: 'admin',
      parser: parseErasure,
      value: object({
        done: boolean('Whether this is over. What was on its way meanwhile is erased half an hour later'),
        stage: string('What is worked on'),
        missed: integer('Shards that could not be reached, or still have open logins of the user; tried again'),
        tokens: integer('Tokens deleted'),
        records: integer('Records of the audit in which something was erased'),
        parts: integer('Parts of the archive that were written anew'),
        policies: listOf(string('A policy that still names the user: change it by hand')),
      }),
      example: { user: 'ada' },
    },
    async (c, credential, request) =>
      sendOutcome(
        c,
        await eraseUser(c.var.ports, credential, c.var.source, request),
        ({ isDone, stage, missed, counts, policies }) => ({ done: isDone, stage, missed, ...counts, policies }),
      ),
  ),
})

function exportItem({ owner, first, records, next }: UserExport): Readonly<Record<string, unknown>> {
  const page = { audit: records.map(recordItem), next: next === undefined ? null : writeCursor(next) }
  const user = { user: owner.login, realm: owner.realm }
  if (first === undefined) return { ...user, ...page }
  const { person, tokens, bypassCode, invitations, imports, counted, changes, events: securityEvents, policies } = first
  return {
    ...user,
    person: person === undefined ? null : { givenname: person.givenName, surname: person.surname, email: person.email },
    tokens: tokens.map(exportedToken),
    invitations: invitations.map(({ id, serial, note, invitedBy, createdAt, expiresAt }) => ({
      id,
      serial,
      note,
      invited_by: invitedBy,
      created_at: createdAt,
      expires_at: expiresAt,
    })),
    imported: imports.map(({ serial, source, userId = null, resolver = null, importedAt, kept }) => ({
      serial,
      source,
      user_id: userId,
      resolver,
      imported_at: importedAt,
      kept,
    })),
    bypass_code:
      bypassCode === undefined
        ? null
        : {
            issued_at: bypassCode.issuedAt,
            expires_at: bypassCode.expiresAt,
            issued_by: bypassCode.issuedBy,
            reason: bypassCode.reason,
          },
    counters: {
      failed_sign_ins: counted.reduce((sum, { events }) => sum + events, 0),
      known_networks: counted.reduce((sum, { places }) => sum + places, 0),
      logins: counted.flatMap(({ quotas }) =>
        Object.entries(quotas).flatMap(([name, events]) =>
          events.map(({ id, at }) => ({ outcome: name.split('/')[0], transaction_id: id, at })),
        ),
      ),
    },
    changes: changes.map(({ at, action, administrator, serial, info }) => ({
      at,
      action,
      administrator: administrator ?? null,
      serial: serial ?? null,
      info: info ?? null,
    })),
    security_events: securityEvents.map(({ type, at, serial, service, transaction, address, administrator }) => ({
      type,
      at,
      serial: serial ?? null,
      service: service ?? null,
      transaction_id: transaction ?? null,
      address: address ?? null,
      administrator: administrator ?? null,
    })),
    policies,
    ...page,
  }
}

/** A token without secrets. `registration_token`: whether FCM has an address of the phone. */
const exportedToken = ({ token, counters, openLogins }: ExportedToken) => ({
  ...tokenItem(token),
  has_pin: token.pin !== undefined,
  registration_token: token.registrationToken !== undefined,
  registration_url: token.registrationUrl,
  app: token.app ?? null,
  system: token.system ?? null,
  phone: counters ?? null,
  open_logins: openLogins.map(challengeItem),
})
