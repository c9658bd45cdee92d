import { enrollOwnPhone } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Loaded } from '../../parts/page.tsx'
import { t as common } from '../../parts/texts.ts'
import { useQuery } from '../../query.ts'
import { t } from './texts.ts'

/** Enrolls a phone for the caller's own account. */
export function OwnPhone({ onClose }: { readonly onClose: () => void }) {
  const query = useQuery((nod, options) => enrollOwnPhone(nod, options), [])
  const { ownPhone, ownPhoneText, qr } = t()
  return (
    <Dialog title={ownPhone} onClose={onClose}>
      <p>{ownPhoneText}</p>
      <Loaded query={query}>{({ image }) => <img class="qr" src={image} alt={qr} width="300" height="300" />}</Loaded>
      <div class="row row-end">
        <Button onClick={onClose}>{common().close}</Button>
      </div>
    </Dialog>
  )
}
