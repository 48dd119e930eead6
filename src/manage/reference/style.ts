/** How the page about the API looks: light and dark, wide and narrow, on paper. */
import { createHash } from 'node:crypto'

export const style = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #383d47); --soft: light-dark(#f3f5f8, #1d2027);
  --ink: light-dark(#1b1f27, #e6e8ec); --quiet: light-dark(#525a68, #a4abb8); --link: light-dark(#0b57b8, #8ab8ff);
  --page: light-dark(#ffffff, #14161b); }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, pre:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--page); z-index: 1; }
nav { padding: 1.5rem; border-bottom: 1px solid var(--line); }
nav ul { margin: 0 0 .8rem; padding: 0; list-style: none; font-size: .875rem; }
nav p { margin: 0; font-weight: 600; }
main { padding: 1.5rem; min-width: 0; max-width: 60rem; }
@media (min-width: 62rem) {
  body { display: grid; grid-template-columns: 20rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  main { padding: 1.5rem 3rem 6rem; }
}
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 0; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .25rem; scroll-margin-top: 1rem; }
h4 { font-size: .875rem; margin: 1rem 0 .25rem; color: var(--quiet); }
p { margin: .25rem 0 .75rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { margin: .25rem 0; padding: .75rem 1rem; overflow-x: auto; background: var(--soft); border-radius: 6px; }
.route { overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.2em; font-weight: 700; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.fields td:first-child { overflow-wrap: anywhere; }
.fields th:first-child, .fields td:first-child { width: 32%; }
.fields th:nth-child(2):not(:last-child) { width: 34%; }
th { color: var(--quiet); font-weight: 600; }
@media print { nav, .skip { display: none; } body { display: block; } section section { break-inside: avoid; } }
`

/** What a policy of the page's content has to let pass. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`
