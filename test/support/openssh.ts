import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** How a run of a program ended. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Debian's OpenSSH client, told nothing by the machine's own configuration. */
export interface OpenSsh {
  /** `ssh person@target@host command` with these options besides; `answers` are typed at its prompts in their order, over and over. */
  run(login: string, options: readonly string[], answers?: readonly string[]): Promise<Ended>
  /** A fresh key pair: paths of the private and the public part. */
  keygen(name: string, ...options: readonly string[]): string
  /** `ssh-keygen` with these arguments. */
  tool(...args: readonly string[]): string
}

export function openSsh(folder: string, port: number, hostKey: string): OpenSsh {
  const knownHosts = path.join(folder, 'known_hosts')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`)
  const base = [
    ...['-F', 'none', '-p', String(port), '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'ConnectTimeout=10'],
  ]
  return {
    run(login, options, answers = []) {
      // Asked for what it would ask a person, ssh runs this program; each run takes the next answer.
      const asked = path.join(folder, `asked-${Math.random()}`)
      const script = answers.map((answer, at) => `${at}) echo '${answer}';;`).join(' ')
      const askpass = path.join(folder, 'askpass.sh')
      writeFileSync(asked, '0')
      writeFileSync(
        askpass,
        `#!/bin/sh\nn=$(cat ${asked})\necho $((n+1)) > ${asked}\ncase $((n % ${Math.max(answers.length, 1)})) in ${script} *) exit 1;; esac\n`,
        { mode: 0o700 },
      )
      const env = { PATH: process.env['PATH'], HOME: folder, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
      return ended('ssh', [...base, ...options, '-l', login, '127.0.0.1', 'whoami'], env)
    },
    keygen(name, ...options) {
      const file = path.join(folder, name)
      execFileSync('ssh-keygen', ['-q', '-N', '', '-f', file, ...(options.length > 0 ? options : ['-t', 'ed25519'])])
      return file
    },
    tool: (...args) =>
      execFileSync('ssh-keygen', args, { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
  }
}

/** A program to its end, without input. */
export function ended(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    )
  })
}
