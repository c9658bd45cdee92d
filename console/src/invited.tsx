/** The page of an invitation: for whoever has its address, without an account. */
import './styles/base.css'
import { render } from 'preact'
import { InvitedPage } from './pages/invited/invited.tsx'

// Another invitation in the same tab changes only what stands behind the `#`.
addEventListener('hashchange', () => location.reload())
render(<InvitedPage secret={location.hash.slice(1)} />, document.body)
