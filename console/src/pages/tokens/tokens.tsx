import { Page } from '../../parts/page.tsx'
import { texts } from '../../texts.ts'

const t = texts({ en: { title: 'Tokens' }, de: { title: 'Token' } })

export default function Tokens() {
  return <Page title={t().title}>{null}</Page>
}
