/** A user's own page. */
import './styles/base.css'
import { render } from 'preact'
import { watchActivity } from './idle.ts'
import { MePage } from './pages/me/me.tsx'

watchActivity()
render(<MePage />, document.body)
