import type { App } from '../../vocabulary/phones.ts'

const AGENT = /^([A-Za-z][\w-]{0,39}\/\d[\w.+-]{0,19})(?: ([A-Za-z][\w-]{0,19}\/[\w.-]{1,20}))?(?= |$)/

/** Parses the app of a User-Agent: `privacyIDEA-App/4.8.0 Android/14`. Undefined for anything else: the app does not
 *  send its version when it polls. Source: docs/protocol.md, "Registration" and "Phone poll". */
export function parseApp(userAgent: string): App | undefined {
  const [, app, system] = AGENT.exec(userAgent) ?? []
  return app === undefined ? undefined : { app, system }
}
