import { useEffect, useState } from 'preact/hooks'
import type { ValueOf } from '../../../../client/src/index.ts'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Secret } from '../../parts/values.tsx'
import { t } from './texts.ts'
import { Titled } from './titled.tsx'

/** Whether this page is most likely on the phone that is to be enrolled. */
const isPhone = (): boolean => matchMedia('(pointer: coarse), (max-width: 640px)').matches

/** The code for the app. On the phone itself the link that opens the app comes first, elsewhere the QR code. */
export function Code({
  code: { uri, image, pin },
  isBusy,
  onAgain,
}: {
  readonly code: ValueOf<'POST /invitation/begin'>
  readonly isBusy: boolean
  readonly onAgain: () => void
}) {
  const [isHere, setHere] = useState(isPhone)
  const isOld = useIsOver(minutesOf(uri))
  const labels = t()
  return (
    <Titled title={isHere ? labels.tapTitle : labels.scan}>
      {isOld ? (
        <Notice
          tone="warn"
          title={labels.old}
          action={
            <Button small kind="primary" busy={isBusy} onClick={onAgain}>
              {labels.again}
            </Button>
          }
        >
          {labels.oldText}
        </Notice>
      ) : isHere ? (
        <>
          <p>{labels.tap}</p>
          <ButtonLink kind="primary" href={uri}>
            {labels.openApp}
          </ButtonLink>
        </>
      ) : (
        <div class="code-beside">
          <img class="qr" src={image} alt={labels.qr} width="240" height="240" />
          <ol class="steps">
            {labels.scanSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
      {pin !== undefined && <Secret title={labels.pin} value={pin} />}
      <p class="row quiet" role="status">
        <span class="spinner" aria-hidden="true" />
        {labels.waiting}
      </p>
      {!isOld && (
        <div class="row">
          <Button small kind="quiet" onClick={() => setHere(!isHere)}>
            {isHere ? labels.otherPhone : labels.samePhone}
          </Button>
          <Button small kind="quiet" busy={isBusy} onClick={onAgain}>
            {labels.again}
          </Button>
        </div>
      )}
    </Titled>
  )
}

/** Minutes that the code is valid; undefined if it does not say. */
function minutesOf(uri: string): number | undefined {
  const ttl = Number(/[?&]ttl=(\d+)/.exec(uri)?.[1])
  return ttl > 0 ? ttl : undefined
}

/** Whether so many minutes have gone by, by the clock: timers stand still while a phone sleeps. */
function useIsOver(minutes: number | undefined): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    if (minutes === undefined) return undefined
    const end = Date.now() + minutes * 60_000
    const timer = setInterval(() => setOver(Date.now() >= end), 1000)
    return () => clearInterval(timer)
  }, [minutes])
  return isOver
}
