/** Pictures of figures. Every bar is a link to what it counts, and a table beneath has the same figures. */
import { scaleBand, scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { formatNumber } from '../format.ts'
import { type Look, Textures } from './texture.tsx'

export interface Series {
  readonly name: string
  readonly look: Look
}

export interface Period {
  readonly label: string
  /** The label below the axis, where there is room for it. */
  readonly tick: string
  readonly href: string
  readonly values: Readonly<Record<string, number>>
}

const HEIGHT = 240
/** The room that a label below the axis takes, in pixels. */
const LABEL_WIDTH = 64
const MARGIN = { top: 12, right: 8, bottom: 26, left: 44 }

/** Counts of several kinds over time, stacked. */
export function StackedBars({
  label,
  periods,
  series,
}: {
  readonly label: string
  readonly periods: readonly Period[]
  readonly series: readonly Series[]
}) {
  const [frame, width] = useWidth()
  const id = useId()
  const names = series.map(({ name }) => name)
  const layers = stack<unknown, Period, string>()
    .keys(names)
    .value(({ values }, name) => values[name] ?? 0)([...periods])
  const highest = Math.max(1, ...layers.flatMap((layer) => layer.map(([, top]) => top)))
  const x = scaleBand<number>()
    .domain(periods.map((_, index) => index))
    .range([MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)])
    .paddingInner(0.25)
  const y = scaleLinear()
    .domain([0, highest])
    .nice(4)
    .range([HEIGHT - MARGIN.bottom, MARGIN.top])
  const every = Math.max(1, Math.ceil((periods.length * LABEL_WIDTH) / Math.max(1, width - MARGIN.left)))
  const ticks = y.ticks(4).filter((tick) => Number.isInteger(tick))
  return (
    <div ref={frame} class="chart">
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="group" aria-label={label}>
          <Textures id={id} />
          {ticks.map((tick) => (
            <g key={tick} class="chart-tick">
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
              <text x={MARGIN.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
                {formatNumber(tick)}
              </text>
            </g>
          ))}
          {periods.map((period, index) => {
            const left = x(index) ?? 0
            return (
              <a key={index} href={period.href} class="chart-bar" aria-label={period.label}>
                <title>{period.label}</title>
                <rect
                  class="chart-reach"
                  x={left}
                  y={MARGIN.top}
                  width={x.bandwidth()}
                  height={HEIGHT - MARGIN.top - MARGIN.bottom}
                />
                {layers.map((layer, place) => {
                  const [from = 0, to = 0] = layer[index] ?? []
                  const { class: colour, texture } = series[place]?.look ?? { class: '' }
                  const shape = { x: left, y: y(to), width: x.bandwidth(), height: Math.max(1, y(from) - y(to)) }
                  return to === from ? null : (
                    <g key={layer.key}>
                      <rect class={colour} {...shape} />
                      {texture !== undefined && <rect fill={`url(#${id}-${texture})`} {...shape} />}
                    </g>
                  )
                })}
                {index % every === 0 && (
                  <text
                    class="chart-label"
                    x={Math.min(left + x.bandwidth() / 2, width - MARGIN.right - LABEL_WIDTH / 3)}
                    y={HEIGHT - 8}
                    text-anchor="middle"
                  >
                    {period.tick}
                  </text>
                )}
              </a>
            )
          })}
        </svg>
      )}
    </div>
  )
}

/** The width of an element, as it changes. */
function useWidth() {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const { current } = element
    if (current === null) return undefined
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return [element, width] as const
}
