/** The page's whole style, served as a file so that the content policy needs no inline exception. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2126; --soft: #5b636d; --line: #dcd9d1; --accent: #14594a; --accent-ink: #fff;
  --stop: #9b2226; --mark: #8a3b00; --mark-paper: #fff0d9; --code: #f4f2ec; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1b1f24; --ink: #e8e6e1; --soft: #a0a8b1; --line: #323840; --accent: #57c4a5;
  --accent-ink: #08251d; --stop: #ff8a80; --mark: #ffc266; --mark-paper: #3d2c12; --code: #12151a; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 46rem; margin: 0 auto; padding: 1.25rem 1rem 3rem }
header { display: flex; gap: .6rem; align-items: baseline; justify-content: space-between; margin-bottom: 1rem; color: var(--soft); font-size: .9rem }
header b { color: var(--accent); letter-spacing: .02em; font-size: 1.05rem }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .75rem }
h2 { font-size: .8rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); margin: 0 0 .5rem }
section, form.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem; margin: 0 0 1rem }
dl { display: grid; grid-template-columns: minmax(6.5rem, auto) 1fr; gap: .35rem 1rem; margin: 0 }
dt { color: var(--soft) } dd { margin: 0 }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 15px/1.55 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; tab-size: 4; direction: ltr; unicode-bidi: bidi-override }
code { font: .92em ui-monospace, Menlo, Consolas, monospace; direction: ltr; unicode-bidi: isolate-override }
mark { background: var(--mark-paper); color: var(--mark); border-radius: 4px; padding: 0 .25em; font-size: .85em; font-weight: 600 }
ul { margin: 0; padding-left: 1.1rem }
.warn { border-color: var(--mark); background: var(--mark-paper); color: var(--mark) }
.bad { color: var(--stop) }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 99px; padding: 0 .6em; font-size: .85rem; margin: 0 .25rem .25rem 0 }
.tag.bad { border-color: currentColor }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem } @media (max-width: 34rem) { .two { grid-template-columns: 1fr } }
label { display: block; font-size: .9rem; color: var(--soft); margin-bottom: .7rem }
input, textarea { display: block; width: 100%; margin-top: .2rem; padding: .6rem .7rem; font: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px }
button { width: 100%; padding: .75rem 1rem; font: inherit; font-weight: 600; border-radius: 8px; border: 1px solid var(--accent); background: var(--accent);
  color: var(--accent-ink); cursor: pointer }
button.deny { background: transparent; color: var(--stop); border-color: var(--stop) }
button.quiet { width: auto; padding: .3rem .7rem; background: transparent; color: var(--soft); border-color: var(--line); font-weight: 400 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
p { margin: 0 0 .6rem } p:last-child { margin-bottom: 0 } .soft { color: var(--soft); font-size: .9rem }
`
