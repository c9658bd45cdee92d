/** The report of the service level as a page to print: no script, nothing fetched. */
import { html, raw } from 'hono/html'
import type { SloValue } from '../protocol/administration/slo-report.ts'
import type { Language } from '../vocabulary.ts'
import { SLO_TEXTS } from './slo-page-texts.ts'

/** Markup. Text is escaped when it is put into it. */
type Markup = ReturnType<typeof html>

export const SLO_STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0}.quiet{color:#55565c}
.share{font-size:3rem;font-weight:600;line-height:1.1;margin:1.5rem 0 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #d5d6dc;vertical-align:top}
th{font-weight:600}.number{text-align:right}td.number{white-space:nowrap}tr{break-inside:avoid}@media(max-width:40rem){body{margin:1rem auto;font-size:14px}table{display:block;overflow-x:auto}}@media print{body{margin:0;max-width:none;font-size:11pt}}`

const cell = (value: string): Markup => html`<td class="number">${value}</td>`

/** A table whose first columns, `words`, are not numbers; nothing without rows. */
const table = (title: string, heads: readonly string[], rows: readonly Markup[], words = 1): Markup =>
  rows.length === 0
    ? html``
    : html`<h2>${title}</h2>
        <table>
          <thead>
            <tr>
              ${heads.map((head, index) => (index < words ? html`<th>${head}</th>` : html`<th class="number">${head}</th>`))}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`

type Timed = Pick<SloValue['steps'][number], 'count' | 'share' | 'p50' | 'p99'>

/** Renders the page. */
export function sloPage(report: SloValue, language: Language): Markup {
  const text = SLO_TEXTS[language]
  const number = new Intl.NumberFormat(language)
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
  const percent = (share: number | null): string =>
    share === null ? '–' : `${number.format(Math.round(share * 10_000) / 100)} %`
  const time = (ms: number | null): string => (ms === null ? '–' : `${number.format(ms)} ms`)
  const timed = ({ share, p50, p99 }: Timed) => [cell(percent(share)), cell(time(p50)), cell(time(p99))]
  const timedHeads = [text.within, text.p50, text.p99]
  const causes = (list: readonly { readonly count: number; readonly text: string; readonly advice: string }[]) =>
    list.map(
      (one) =>
        html`<tr>
          <td>${one.text}</td>
          <td>${one.advice}</td>
          ${cell(number.format(one.count))}
        </tr>`,
    )
  const { system, logins } = report
  const last = new Date(Date.parse(report.to) - 1)
  const period = `${day.format(new Date(report.from))} ${text.until} ${day.format(last)} (UTC)`
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${text.title}: ${period}</title>
        <style>
          ${raw(SLO_STYLE)}
        </style>
      </head>
      <body>
        <h1>${text.title}</h1>
        <p class="quiet">${period}</p>
        ${
          system.share === null
            ? html`<p>${text.none}</p>`
            : html`<p class="share">${percent(system.share)}</p>
                <p>${text.share(percent(system.share))}</p>`
        }
        <p class="quiet">
          ${text.human} ${system.before.share === null ? '' : text.before(percent(system.before.share))}
        </p>
        <p>${text.logins(number.format(logins.total), number.format(logins.accepted))}</p>
        ${table(
          text.services,
          [text.service, text.count, text.accepted, ...timedHeads],
          report.services.map(
            (one) =>
              html`<tr>
                <td>${one.service === '' ? text.unnamed : one.service}</td>
                ${cell(number.format(one.logins))}${cell(number.format(one.accepted))}${timed(one)}
              </tr>`,
          ),
        )}
        ${table(
          text.regions,
          [text.region, text.count, ...timedHeads],
          report.regions.map(
            (one) =>
              html`<tr>
                <td>${one.region}</td>
                ${cell(number.format(one.count))}${timed(one)}
              </tr>`,
          ),
        )}
        ${table(
          text.steps,
          [text.step, text.count, text.p50, text.p99],
          report.steps
            .filter(({ count }) => count > 0)
            .map(
              (one) =>
                html`<tr>
                  <td>${text.names[one.step]}</td>
                  ${cell(number.format(one.count))}${cell(time(one.p50))}${cell(time(one.p99))}
                </tr>`,
            ),
        )}
        ${table(text.failures, [text.what, text.advice, text.count], causes(report.failures), 2)}
        ${table(text.refusals, [text.what, text.advice, text.count], causes(report.refusals), 2)}
        ${table(
          text.deliveries,
          [text.firebase, text.delivered, text.failed],
          report.deliveries.map(
            (one) =>
              html`<tr>
                <td>${one.firebase}</td>
                ${cell(number.format(one.delivered))}${cell(number.format(one.failed))}
              </tr>`,
          ),
        )}
      </body>
    </html>`
}
