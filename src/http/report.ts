import { reportPhones } from '../operations/administration/report-phones.ts'
import { pagesBeside, pagesBesideShape } from '../protocol/page.ts'
import { phoneItem, phoneShape } from '../protocol/administration/phone-item.ts'
import { parsePhoneListing } from '../protocol/administration/report-request.ts'
import { byName, integer, listOf, object } from '../protocol/shape.ts'
import { UNREACHED_CAUSES } from '../vocabulary/phones.ts'
import { administered } from './administered.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const report = new Room()

const counts = (...names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, integer('Phones')])))

methods(report, '/report/phones', {
  GET: administered(
    {
      summary: 'List the phones that push does not reach',
      description: 'Why, since when, and with which app; beside them a summary of all phones that hold a token.',
      who: 'helpdesk',
      reads: parsePhoneListing,
      value: object({
        phones: listOf(phoneShape),
        count: integer('Those of other pages included'),
        ...pagesBesideShape,
        summary: object({
          phones: integer('All of them'),
          reached: integer('Those that push reaches'),
          unreached: counts(...UNREACHED_CAUSES),
          code_to_phone: counts('able', 'unable', 'unknown'),
          apps: byName(integer('Phones'), 'By app'),
        }),
      }),
      example: { why: 'quarantined' },
    },
    async (c, credential, listing) =>
      replied(c, await reportPhones(c.var.ports, credential, listing), ({ phones, count, summary }) => ({
        phones: phones.map(phoneItem),
        count,
        ...pagesBeside(listing, count),
        summary: {
          phones: summary.phones,
          reached: summary.reached,
          unreached: summary.unreached,
          code_to_phone: summary.codeToPhone,
          apps: summary.apps,
        },
      })),
  ),
})
