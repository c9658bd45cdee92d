/** Dark or light as the browser prefers; from the width of a phone up. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c2128; --dim: #59636e; --page: #fff; --raised: #f5f7f9; --line: #d8dee4;
  --link: #0757b8; --get: #0757b8; --post: #1a6b34; --put: #8a4b00; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e8ee; --dim: #9aa5b1; --page: #12161b; --raised: #1b2128;
  --line: #323b45; --link: #79b4ff; --get: #79b4ff; --post: #6fd08c; --put: #f0b25e; --delete: #ff8f88; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code, pre { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
p { margin: 0.5rem 0; max-width: 46rem; }
h1 { margin: 0 0 1rem; } h1 small { color: var(--dim); font-weight: 400; font-size: 1rem; }
main { padding: 1rem; max-width: 60rem; }
main h2 { margin: 3rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { margin: 0 0 0.5rem; font-size: 1.0625rem; } h3 a { color: inherit; } h3 code { font-weight: 600; }
h3 b, nav b { font-size: 0.75rem; letter-spacing: 0.03em; }
b.get { color: var(--get); } b.post { color: var(--post); } b.put { color: var(--put); } b.delete { color: var(--delete); }
article { margin: 1.5rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }
article:target { border-color: var(--link); }
.summary { font-weight: 600; }
.refuses { color: var(--dim); }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; table-layout: fixed; font-size: 0.9375rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; font-weight: 400; padding: 0.375rem 0.75rem 0.375rem 0;
  border-top: 1px solid var(--line); }
th { width: 32%; } td:nth-of-type(1) { width: 20%; color: var(--dim); }
th i { color: var(--dim); font-size: 0.8125rem; }
td p { margin: 0; }
pre { margin: 0.75rem 0 0; padding: 0.75rem; background: var(--raised); border-radius: 6px; white-space: pre-wrap; }
dt { font-weight: 600; margin-top: 0.75rem; } dd { margin: 0; } dt:target { color: var(--link); }
nav { padding: 0.75rem 1rem; border-bottom: 1px solid var(--line); background: var(--raised); }
nav h2 { display: inline-block; margin: 0 1rem 0 0; font-size: 0.9375rem; font-weight: 400; line-height: 2; }
nav ul { display: none; list-style: none; margin: 0; padding: 0; font-size: 0.875rem; }
nav li a { display: grid; grid-template-columns: 4rem 1fr; align-items: baseline; padding: 0.1875rem 0; }
@media (max-width: 40rem) {
  table, tbody, tr, th, td, caption { display: block; width: auto; }
  tr { border-top: 1px solid var(--line); padding: 0.5rem 0; }
  th, td { border: 0; padding: 0; width: auto; } td:nth-of-type(1) { width: auto; font-size: 0.8125rem; }
  article { padding: 0.75rem; }
}
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 22rem 1fr; }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  nav h2 { display: block; margin: 1rem 0 0; font-size: 0.875rem; font-weight: 600; } nav ul { display: block; }
  nav h2 a { color: var(--text); }
  main { padding: 2rem; }
}
@media print { nav { display: none; } article { break-inside: avoid; } }
`
