import { present } from '../../present.ts'
import type { App } from '../../vocabulary/phones.ts'

const AGENT = /^([A-Za-z][\w-]{0,39}\/\d[\w.+-]{0,19})(?: ([A-Za-z][\w-]{0,19}\/[\w.-]{1,20}))?(?= |$)/

/** The app that a User-Agent names: `privacyIDEA-App/4.8.0 Android/14`. Undefined of anything else: when it polls, the app
 *  does not name its version. Source: docs/protocol.md, "Registration" and "Phone poll". */
export function parseApp(userAgent: string): App | undefined {
  const [, app, system] = AGENT.exec(userAgent) ?? []
  return app === undefined ? undefined : { app, ...present({ system }) }
}
