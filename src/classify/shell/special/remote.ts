import { applyRow } from '../apply.ts'
import { hasOption } from '../arguments.ts'
import type { Call } from '../scope.ts'
import type { Argument } from '../words.ts'
import { transferOf } from '../transfer-command.ts'
import { BELOW } from '../wildcards.ts'
import { named } from './named.ts'

/** A name with a host in front, and not a path with a colon in it. */
const ON_HOST = /^([^/]*[^/\\]:|rsync:\/\/|scp:\/\/|\[)/

const isRemote = ({ patterns }: Argument): boolean => patterns.some((pattern) => ON_HOST.test(pattern))

/** Server's side of a copy, as clients start it over exec; or a copy to or from a third host. */
function scp(call: Call): void {
  const { draft } = call
  const parsed = applyRow({ ...call, row: { ...call.row, operands: ['text'] } })
  if (hasOption(parsed, '-t') || hasOption(parsed, '-f')) mustBeRead(call)
  if (hasOption(parsed, '-t')) {
    serves(call, parsed.operands, 'receives')
    return
  }
  if (hasOption(parsed, '-f')) {
    serves(call, parsed.operands, 'sends')
    return
  }
  transfers(call, parsed.operands)
  if (parsed.operands.some(isRemote)) draft.add(['remote', 'network'])
}

function rsync(call: Call): void {
  const { draft } = call
  const args = call.args.some(({ text }) => text === '--server') ? withoutCapabilities(call.args) : call.args
  const parsed = applyRow({ ...call, args, row: { ...call.row, operands: ['text'] } })
  // Behind --server stand options in a form of their own, then a dot, then the paths.
  if (hasOption(parsed, '--server')) {
    mustBeRead(call)
    const dot = args.findIndex(({ text }) => text === '.')
    serves(call, dot < 0 ? [] : args.slice(dot + 1), hasOption(parsed, '--sender') ? 'sends' : 'receives')
    return
  }
  transfers(call, parsed.operands)
  if (parsed.operands.some(isRemote)) draft.add(['remote', 'network'])
}

/** A server is told by `e` what its client can do, and runs nothing for it: `-logDtpre.iLsfxCIvu`. */
const CAPABILITIES = /^(-[A-Za-z]*)e[0-9]*\.[0-9]*[A-Za-z]*$/

function withoutCapabilities(args: readonly Argument[]): readonly Argument[] {
  return args.flatMap((arg) => {
    const letters = CAPABILITIES.exec(arg.text ?? '')?.[1]
    if (letters === undefined) return [arg]
    return letters === '-' ? [] : [{ ...arg, text: letters, patterns: [letters] }]
  })
}

/** What a server is told by an option that nobody here knows, or over the connection, may be any path: rsync's `-s` sends all of them that way. */
function mustBeRead({ draft, args, name }: Call): void {
  const words = args.flatMap(({ text }) => text ?? [])
  if (words.length === args.length && transferOf([name, ...words]) !== undefined) return
  draft.gap(`${name} is told what to copy in a way that cannot be read here (an unknown option, or rsync -s)`)
}

function serves({ draft, line }: Call, paths: readonly Argument[], what: 'sends' | 'receives'): void {
  draft.add(what === 'sends' ? ['upload'] : ['download'])
  for (const path of paths) draft.useArgument(path, what === 'sends' ? 'read' : 'write', line.directories)
}

/** The last operand is where the others go. */
function transfers({ draft, line }: Call, operands: readonly Argument[]): void {
  const [sources, target] = [operands.slice(0, -1), operands.at(-1)]
  for (const source of sources) {
    if (isRemote(source)) draft.add(['download'])
    else
      for (const pattern of source.patterns)
        for (const path of [pattern, `${pattern.replace(/\/+$/, '')}/${BELOW}`])
          draft.usePath(path, 'read', line.directories)
  }
  if (target === undefined) return
  if (isRemote(target)) draft.add(['upload'])
  else if (sources.length === 0) draft.useArgument(target, 'list', line.directories)
  else
    for (const pattern of target.patterns)
      for (const path of [pattern, `${pattern.replace(/\/+$/, '')}/${BELOW}`])
        draft.usePath(path, 'write', line.directories)
}

/** Servers of other people's commands: git over ssh. */
function gitServer(call: Call): void {
  applyRow(call)
}

export const REMOTE = { scp, rsync, ...named('git-upload-pack git-upload-archive git-receive-pack', gitServer) }
