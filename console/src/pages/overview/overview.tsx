import { Page } from '../../parts/page.tsx'
import { texts } from '../../texts.ts'

const t = texts({ en: { title: 'Overview' }, de: { title: 'Übersicht' } })

export default function Overview() {
  return <Page title={t().title}>{null}</Page>
}
