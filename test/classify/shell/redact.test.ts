import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classifyLine } from '../../../src/classify/shell/classify.ts'
import { redactLine } from '../../../src/classify/shell/redact.ts'
import { isSecretName } from '../../../src/classify/shell/secrets.ts'
import { everyday, typed } from './corpus.ts'

const SECRET = 'hunter2hunter2'

const redacted = (text: string): string =>
  redactLine(text, classifyLine(typed(text)), () => 'tag')
    .map((piece) => (typeof piece === 'string' ? piece : '‹›'))
    .join('')

const lines = [
  `mysql -u root -p${SECRET} cards`,
  `mysql -uroot '-p${SECRET}' cards`,
  `sudo mysql --password=${SECRET}`,
  `mysqldump --password ${SECRET} cards`,
  `PGPASSWORD=${SECRET} psql`,
  `export DB_PASSWORD=${SECRET}`,
  `export API_KEY='${SECRET}'`,
  `env TOKEN=${SECRET} ./x`,
  `curl -u app:${SECRET} https://x.example/`,
  `curl -uapp:${SECRET} https://x.example/`,
  `curl https://app:${SECRET}@x.example/`,
  `curl -H 'Authorization: Bearer ${SECRET}' https://x.example/`,
  `curl -H "X-Api-Key: ${SECRET}" https://x.example/`,
  `curl "https://x.example/?access_token=${SECRET}&a=b"`,
  `curl -d '{"password": "${SECRET}"}' https://x.example/`,
  `psql postgres://app:${SECRET}@db/cards`,
  `psql "host=db password=${SECRET}"`,
  `redis-cli -a ${SECRET} ping`,
  `sshpass -p ${SECRET} ssh x`,
  `sshpass -p${SECRET} ssh x`,
  `bash -c 'mysql -p${SECRET}'`,
  `bash -c "curl -u app:${SECRET} x"`,
  `sudo sh -c 'sh -c "mysql -p${SECRET}"'`,
  `echo $(mysql -p${SECRET})`,
  `echo app:${SECRET} | sudo chpasswd`,
  `chpasswd <<< app:${SECRET}`,
  `chpasswd <<EOF\napp:${SECRET}\nEOF`,
  `echo ${SECRET} | sudo -S ls`,
  `echo ${SECRET} | docker login --password-stdin`,
  `openssl enc -aes256 -pass pass:${SECRET} -in a`,
  `zip -P ${SECRET} a.zip b`,
  `useradd -p ${SECRET} x`,
  `htpasswd -b f app ${SECRET}`,
  `ansible-playbook x --vault-password ${SECRET}`,
  `mysql -e "ALTER USER x IDENTIFIED BY '${SECRET}'"`,
  `wget --http-passwd=${SECRET} https://x.example/`,
  `git clone https://ghp_${'a1B2'.repeat(9)}@x.example/r`,
  `mysql -p${SECRET} 'unfinished`,
  `x \0 mysql -p${SECRET}`,
]

test('a secret by where it stands is withheld', () => {
  for (const line of lines) {
    assert.ok(!redacted(line).includes(SECRET), line)
    assert.ok(redacted(line).includes('‹›'), line)
    assert.ok(!redacted(line).includes('a1B2a1B2'), line)
  }
})

test('what is withheld can be told apart, and what is around it stays', () => {
  assert.equal(redacted(`mysql -u root -p${SECRET} cards`), 'mysql -u root -p‹› cards')
  assert.equal(redacted(`export API_TOKEN=${SECRET}; ls`), 'export API_TOKEN=‹›; ls')
  const [, token] = redactLine('mysql -pabc', [], (value) => `tag of ${value}`)
  assert.deepEqual(token, { withheld: 'text', bytes: 3, tag: 'tag of abc' })
})

test('everyday lines are shown as they are', () => {
  for (const line of everyday()) assert.equal(redacted(line), line)
})

test('the pieces of a line are the line', () => {
  const text = `echo ä; mysql -p${SECRET} ö; ls`
  const pieces = redactLine(text, [], (value) => value)
  assert.equal(pieces.map((piece) => (typeof piece === 'string' ? piece : (piece.tag ?? ''))).join(''), text)
})

test('names that speak of a secret are known', () => {
  for (const name of [
    'PASSWORD',
    'DB_PASSWORD',
    'dbPassword',
    '--api-key',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'MYSQL_PWD',
  ])
    assert.ok(isSecretName(name), name)
  for (const name of [
    'PATH',
    'PWD',
    'OLDPWD',
    'LANG',
    'HOME',
    'KEYBOARD',
    'SSH_AUTH_SOCK',
    'TOKEN_FILE',
    'AUTHOR',
    'COMPASS',
  ])
    assert.ok(!isSecretName(name), name)
})

test('a knot of substitutions is withheld but for its first word', () => {
  const pieces = redactLine(`echo ${'$('.repeat(2000)}`, [], () => 'tag')
  assert.equal(pieces[0], 'echo')
  assert.equal(pieces.length, 2)
})

test('a long number that quotes or backslashes hold apart is withheld, and one in a piece is left to whoever looks for card numbers', () => {
  for (const word of [
    "4111'1111'11111111",
    '4111""1111""11111111',
    String.raw`4111\1111\11111111`,
    String.raw`$'4111\x31111'11111111`,
  ]) {
    const pieces = redactLine(`echo ${word} x`, [], () => 'tag')
    assert.equal(pieces[0], 'echo ', word)
    assert.equal(pieces[2], ' x', word)
    assert.equal(typeof pieces[1], 'object', word)
  }
  assert.deepEqual(
    redactLine("grep '4111111111111111' a", [], () => 'tag'),
    ["grep '4111111111111111' a"],
  )
})
