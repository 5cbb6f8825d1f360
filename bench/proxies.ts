import { chownSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from '../src/cli/demo/embedded-postgres.ts'
import { serverAccount } from '../src/cli/demo/postgres-binaries.ts'
import { startServer } from './child.ts'
import { DATABASE, type BenchDatabase } from './database.ts'
import type { Route, Server } from './route.ts'

/** Straight to the database. */
export const direct = ({ port, account, password }: BenchDatabase): Route => ({
  name: 'direct',
  port,
  user: account,
  password,
  database: DATABASE,
  pid: undefined,
})

/** HAProxy as a relay of bytes. */
export async function startHaproxy(database: BenchDatabase, folder: string): Promise<Server> {
  const port = await freePort()
  const file = path.join(folder, 'haproxy.cfg')
  writeFileSync(
    file,
    `global
  maxconn 2000
defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
listen postgres
  bind 127.0.0.1:${port}
  server database 127.0.0.1:${database.port}
`,
  )
  const log = path.join(folder, 'haproxy.log')
  const running = await startServer({ command: '/usr/sbin/haproxy', args: ['-db', '-f', file], log, port })
  return { route: { ...direct(database), name: 'haproxy', port, pid: running.pid }, stop: () => running.stop() }
}

/** PgBouncer with a server connection for each client, its own logging off, SCRAM on both sides. It refuses to run as root. */
export async function startPgbouncer(database: BenchDatabase, folder: string): Promise<Server> {
  const port = await freePort()
  const users = owned(path.join(folder, 'users.txt'), `"${database.account}" "${database.password.reveal()}"\n`)
  const file = owned(
    path.join(folder, 'pgbouncer.ini'),
    `[databases]
${DATABASE} = host=127.0.0.1 port=${database.port} dbname=${DATABASE}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = session
max_client_conn = 1000
default_pool_size = 400
log_connections = 0
log_disconnections = 0
stats_period = 3600
ignore_startup_parameters = extra_float_digits
`,
  )
  const log = path.join(folder, 'pgbouncer.log')
  const account = serverAccount()
  const running = await startServer({ command: '/usr/sbin/pgbouncer', args: [file], log, account, port })
  return { route: { ...direct(database), name: 'pgbouncer', port, pid: running.pid }, stop: () => running.stop() }
}

/** A file that only the server's account reads. */
function owned(file: string, text: string): string {
  writeFileSync(file, text, { mode: 0o600 })
  const account = serverAccount()
  if (account !== undefined) chownSync(file, account.uid, account.gid)
  return file
}
