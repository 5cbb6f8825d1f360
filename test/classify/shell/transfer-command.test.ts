import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plainWords } from '../../../src/classify/shell/plain-words.ts'
import { transferCommand, transferStatements } from '../../../src/classify/shell/transfer-command.ts'

/** Command lines as OpenSSH 9.2, rsync 3.5 and git 2.39 send them. */
const SENT: readonly (readonly [text: string, meaning: string])[] = [
  ['scp -r -p -t .', 'scp upload .'],
  ['scp -v -r -f logs', 'scp download logs'],
  ['scp -f -- -x', 'scp download -x'],
  ['scp -d -t d', 'scp upload d'],
  ["scp -t '/srv/in box'", 'scp upload /srv/in box'],
  ['scp -p -f /etc/hosts /etc/motd', 'scp download /etc/hosts|/etc/motd'],
  ['rsync --server -logDtpre.iLsfxCIvu . /srv/data', 'rsync upload /srv/data'],
  ['rsync --server -vlogDtprze.iLsfxCIvu --delete --partial . backup/', 'rsync upload backup/ removes'],
  ['rsync --server --sender -logDtpre.iLsfxCIvu . /srv/my\\ dir/', 'rsync download /srv/my dir/'],
  ['rsync --server --sender -vtrze.iLsfxCIvu --remove-source-files . /srv/a b', 'rsync download /srv/a|b removes'],
  ['rsync --server -logDtpre.iLsfxCIvu --log-format=X --bwlimit=1024 --partial . ~/x', 'rsync upload ~/x'],
  ['rsync --server -logDtprze.iLsfxCIvu --delay-updates . x', 'rsync upload x'],
  ['rsync --server --sender -de.LsfxCIvu . .', 'rsync download .'],
  ['/usr/lib/openssh/sftp-server', 'sftp'],
  ['/usr/lib/openssh/sftp-server -e -l INFO -u 0077', 'sftp'],
  ['internal-sftp', 'sftp'],
  ["git-upload-pack '/srv/it'\\''s'\\!'.git'", "git download /srv/it's!.git"],
  ["git-upload-archive 'repo.git'", 'git download repo.git'],
  ["git-receive-pack 'repo.git'", 'git upload repo.git'],
  ["git receive-pack 'repo.git'", 'git upload repo.git'],
]

const NOT_RECOGNISED: readonly string[] = [
  '',
  'scp',
  'scp -t',
  'scp -t /srv/in box',
  'scp -f -t x',
  'scp x y',
  'scp -S /tmp/evil -f x',
  'scp -o ProxyCommand=x -f y',
  'scp -f /etc/pass*',
  'scp -f /etc/pass?d',
  'scp -f $HOME/x',
  'scp -f `id`',
  'scp -f x;id',
  'scp -f x|id',
  'scp -f x&',
  'scp -f x > y',
  'scp -f x\nid',
  'scp -f x\\\nid',
  'scp -f {a,b}',
  'scp -f "$x"',
  'scp -f "a`id`"',
  "scp -f $'a'",
  'scp -f ~root/x',
  "scp -f '~/x'",
  'scp -f \\~/x',
  'scp -f #x',
  'scp -f !x',
  "scp -f 'x",
  'scp -f x\\',
  'scp -f x\ty',
  '/tmp/scp -f x',
  'SCP -f x',
  'X=1 scp -f x',
  'sudo scp -f x',
  'rsync -a --server . x',
  'rsync --server -logDtpre.iLsfxCIvu x',
  'rsync --server -slogDtpre.iLsfxCIvu',
  'rsync --server -logDtpre.iLsfxCIvu --rsync-path=x . x',
  'rsync --server -logDtpre.iLsfxCIvu --log-file=/etc/x . x',
  'rsync --server -logDtpre.iLsfxCIvu --files-from=/etc/x . x',
  'rsync --server -logDtpre.iLsfxCIvu --partial-dir=/etc . x',
  'rsync --server -logDtpre.iLsfxCIvu . x y',
  'rsync --server --sender -logDtpre.iLsfxCIvu . /srv/*.log',
  'rsync --daemon',
  'sudo rsync --server -logDtpre.iLsfxCIvu . x',
  'sftp-server -d /etc',
  'sftp-server -l',
  'sftp-server -l $(id)',
  'sftp-server x',
  'git-upload-pack',
  "git-upload-pack '-x'",
  "git-upload-pack --upload-pack=x 'y'",
  "git-upload-pack 'a' 'b'",
  'git push',
  'git-shell -c x',
]

const spelled = (text: string): string => {
  const transfer = transferCommand(text)
  if (transfer === undefined) return 'not recognised'
  if (transfer.by === 'sftp') return 'sftp'
  if (transfer.by === 'git') return `git ${transfer.direction} ${transfer.path}`
  return `${transfer.by} ${transfer.direction} ${transfer.paths.join('|')}${transfer.removes ? ' removes' : ''}`
}

describe('a transfer command', () => {
  for (const [text, meaning] of SENT) test(`${text} is ${meaning}`, () => assert.equal(spelled(text), meaning))

  for (const text of NOT_RECOGNISED)
    test(`${JSON.stringify(text)} is not recognised`, () => assert.equal(spelled(text), 'not recognised'))

  test('of a megabyte is not looked at', () => {
    assert.equal(plainWords(`scp -f ${'x'.repeat(1024 * 1024)}`), undefined)
  })

  test('names files from the folder on that it runs in', () => {
    const scp = transferCommand('scp -f a /b .')
    assert.ok(scp)
    assert.deepEqual(
      transferStatements(scp, '/srv').map(({ path }) => path),
      ['/srv/a', '/b', '/srv'],
    )
  })

  test('names files from the home folder on, and what it removes', () => {
    const statements = transferStatements(
      transferCommand('rsync --server -vre.iLsfxCIvu --delete . backup') ?? { by: 'sftp' },
      undefined,
    )
    assert.deepEqual(
      statements.map(({ by, operation, path, resolved }) => [by, operation, path, resolved]),
      [
        ['rsync', 'write', '~/backup', false],
        ['rsync', 'remove', '~/backup', false],
      ],
    )
    assert.deepEqual(transferStatements({ by: 'git', direction: 'upload', path: 'x' }, undefined), [])
  })
})
