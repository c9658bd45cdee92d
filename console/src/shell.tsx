import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import { address } from './address.ts'
import { MENU, t as menuTexts } from './navigation.ts'
import { Button } from './parts/button.tsx'
import { Icon } from './parts/icons.tsx'
import { Toasts } from './parts/toast.tsx'
import { end, session } from './session.ts'
import { language, speak, texts } from './texts.ts'
import { setTheme, theme } from './theme.ts'

const t = texts({
  en: {
    skip: 'Skip to the content',
    menu: 'Menu',
    close: 'Close the menu',
    signOut: 'Sign out',
    documentation: 'API docs',
    themes: { system: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' },
    otherLanguage: 'Deutsch',
    roles: { admin: 'Administrator', helpdesk: 'Helpdesk', user: 'User', enrolling: 'Without a phone' },
  },
  de: {
    skip: 'Zum Inhalt',
    menu: 'Menü',
    close: 'Menü schließen',
    signOut: 'Abmelden',
    documentation: 'API-Doku',
    themes: { system: 'Farben: wie das System', light: 'Farben: hell', dark: 'Farben: dunkel' },
    otherLanguage: 'English',
    roles: { admin: 'Administrator', helpdesk: 'Helpdesk', user: 'Benutzer', enrolling: 'Ohne Telefon' },
  },
})

const NEXT_THEME = { system: 'light', light: 'dark', dark: 'system' } as const

export const Brand = () => (
  <a class="brand" href={address('/')}>
    <img src="/assets/icon.svg" alt="" />
    Nod
  </a>
)

/** The colours and the language: for everybody, also before signing in. */
export const Appearance = () => (
  <div class="account-row row-one">
    <Button small kind="quiet" label={t().themes[theme.value]} onClick={() => setTheme(NEXT_THEME[theme.value])}>
      <Icon name="theme" />
    </Button>
    <Button small kind="quiet" onClick={() => speak(language.value === 'en' ? 'de' : 'en')}>
      <span lang={language.value === 'en' ? 'de' : 'en'}>{t().otherLanguage}</span>
    </Button>
  </div>
)

/** The frame of every page: the menu, the account, and the page. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation()
  const [isMenuOpen, setMenuOpen] = useState(false)
  useEffect(() => setMenuOpen(false), [path])
  const { pages, groups } = menuTexts()
  const account = session.value
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {t().skip}
      </a>
      <header class="shell-top">
        <Brand />
        <Button kind="quiet" label={t().menu} onClick={() => setMenuOpen(true)}>
          <Icon name="menu" />
        </Button>
      </header>
      <aside class="shell-side" data-open={isMenuOpen}>
        <div class="row row-between">
          <Brand />
          <span class="only-narrow">
            <Button kind="quiet" label={t().close} onClick={() => setMenuOpen(false)}>
              <Icon name="close" />
            </Button>
          </span>
        </div>
        <nav class="nav" aria-label={t().menu}>
          {MENU.map(([group, entries]) => {
            const shown = entries.filter(({ isForAdmins = false }) => !isForAdmins || account?.role === 'admin')
            return shown.length === 0 ? null : (
              <div key={group}>
                <h2>{groups[group]}</h2>
                <ul>
                  {shown.map((entry) => (
                    <li key={entry.path}>
                      <a href={address(entry.path)} aria-current={isWithin(path, entry.path) ? 'page' : undefined}>
                        <Icon name={entry.icon} />
                        {pages[entry.path]}
                      </a>
                    </li>
                  ))}
                </ul>
              </div>
            )
          })}
        </nav>
        <div class="account">
          <div class="row row-one">
            <div class="account-name grow">
              {account?.login}
              <small>{account === undefined ? '' : t().roles[account.role]}</small>
            </div>
            <Button small kind="quiet" label={t().signOut} onClick={() => void end()}>
              <Icon name="leave" />
            </Button>
          </div>
          <div class="account-row row-one">
            {/* Another page: the router of this one leaves links with a target alone. */}
            <a class="button button-quiet button-small" href="/docs/" target="_top" hreflang="en">
              {t().documentation}
            </a>
            <Appearance />
          </div>
        </div>
      </aside>
      <main class="shell-main" id="content" tabIndex={-1}>
        {children}
      </main>
      <Toasts />
    </div>
  )
}

const isWithin = (path: string, page: string): boolean => {
  const own = address(page)
  return page === '/' ? path === own || `${path}/` === own : path === own || path.startsWith(`${own}/`)
}
