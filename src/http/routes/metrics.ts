import { readMetrics } from '../../operations/reports/read-metrics.ts'
import { METRIC_FORMATS, metricFormat, metricsText } from '../../protocol/administration/metrics-text.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendRefusal } from '../send.ts'

/** Metrics. Source: docs/protocol.md, "Metrics". */
export const metricsRoutes = new Router()

addRoutes(metricsRoutes, '/metrics', {
  GET: protectedRoute(
    {
      summary: 'Read metrics',
      description:
        'Counters of logins, steps, deliveries, rings and refusals, and gauges of the deployment, for Prometheus. Counters never fall. A login is counted when its record is in the audit: at most two minutes after its end.',
      access: 'metrics',
      parser: parseNothing,
      headers: { Accept: '`text/plain` alone for the text format 0.0.4 of Prometheus' },
      body: {
        'application/openmetrics-text': string('OpenMetrics 1.0'),
        'text/plain': string('Text format 0.0.4 of Prometheus'),
      },
      refuses: [503],
    },
    async (c, credential) => {
      const read = await readMetrics(c.var.ports, credential)
      if (!read.ok) return sendRefusal(c, read.refusal)
      const format = metricFormat(c.req.header('Accept'))
      const { counters, gauges } = read.value
      return c.body(metricsText(counters, gauges, format), 200, { 'Content-Type': METRIC_FORMATS[format] })
    },
  ),
})
