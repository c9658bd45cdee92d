import './styles/base.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { watchActivity } from './idle.ts'

watchActivity()
render(<App />, document.body)
