import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

// The pages become static assets of the Worker: `[assets]` in wrangler.toml names the folder.
export default defineConfig({
  root: path('pages'),
  publicDir: path('public'),
  build: {
    outDir: path('../dist/assets'),
    emptyOutDir: true,
    assetsDir: 'assets',
    // Browsers of the last three years.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // An inlined file would be a `data:` address, which the content security policy allows for images alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        console: path('pages/console/index.html'),
        // A template, which scripts/docs-pages.ts fills.
        docs: path('pages/docs/index.html'),
        invited: path('pages/invited/index.html'),
        me: path('pages/me/index.html'),
      },
    },
  },
})
