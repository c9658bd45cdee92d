import { enrollOwnPhone, type Enrollment, type Token, waitForPhone } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Loaded } from '../../parts/page.tsx'
import { t as common } from '../../parts/texts.ts'
import { useQuery } from '../../query.ts'
import { t } from './texts.ts'

/** Enrolls a phone for the caller's own account. Turns to “enrolled” by itself when the phone registers. */
export function OwnPhone({ onClose }: { readonly onClose: () => void }) {
  const query = useQuery((nod, options) => enrollOwnPhone(nod, options), [])
  return (
    <Dialog title={t().ownPhone} onClose={onClose}>
      <Loaded query={query}>{(enrollment) => <Scan enrollment={enrollment} />}</Loaded>
      <div class="row row-end">
        <Button onClick={onClose}>{common().close}</Button>
      </div>
    </Dialog>
  )
}

function Scan({ enrollment: { serial, image, uri } }: { readonly enrollment: Enrollment }) {
  const enrolled = useQuery<Token>((nod, { signal }) => waitForPhone(nod, serial, { signal }), [serial])
  const { ownPhoneText, ownPhoneDone, ownPhoneDoneText, waiting, openApp, qr } = t()
  if (enrolled.value !== undefined)
    return (
      <Notice tone="good" title={ownPhoneDone}>
        {ownPhoneDoneText}
      </Notice>
    )
  return (
    <>
      <p>{ownPhoneText}</p>
      <img class="qr" src={image} alt={qr} width="300" height="300" />
      {enrolled.failure === undefined ? (
        <p class="row row-one quiet" role="status">
          <span class="spinner" aria-hidden="true" />
          {waiting}
        </p>
      ) : (
        <FailureNotice failure={enrolled.failure} onRetry={enrolled.reload} />
      )}
      <a href={uri}>{openApp}</a>
    </>
  )
}
