#!/usr/bin/env node
// Plain JavaScript for any Node, so that an old one gets a sentence and not a stack trace.
import { existsSync } from 'node:fs'

const NEEDED = 24
const major = Number(process.versions.node.split('.')[0])
if (major < NEEDED) {
  process.stderr.write(
    `countersign needs Node ${NEEDED} or newer; this is Node ${process.versions.node}.\n` +
      'Install it, or put one from npm first in your PATH: npm install node@24 && PATH="$PWD/node_modules/.bin:$PATH"\n',
  )
  process.exit(1)
}
const compiled = new URL('../dist/main.js', import.meta.url)
await import((existsSync(compiled) ? compiled : new URL('../src/main.ts', import.meta.url)).href)
