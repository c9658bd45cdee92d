// Reads and runs a bundle as a new isolate does, in this process, and prints the CPU milliseconds that takes. The platform's own
// modules are stand-ins.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const PLATFORM = 'export class DurableObject {}\nexport const waitUntil = () => undefined\nexport const env = {}\n'
registerHooks({
  resolve: (name, context, next) =>
    name === 'cloudflare:workers' ? { url: name, shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === 'cloudflare:workers' ? { format: 'module', source: PLATFORM, shortCircuit: true } : next(url, context),
})

const [file = ''] = process.argv.slice(2)
readFileSync(file)
const before = process.cpuUsage()
await import(pathToFileURL(file).href)
const { user, system } = process.cpuUsage(before)
console.log((user + system) / 1000)
