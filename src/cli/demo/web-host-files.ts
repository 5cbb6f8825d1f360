/** Published test numbers of the card networks, as an export would hold them. */
const EXPORT = `order,holder,pan,amount
1001,Ada Lovelace,4111111111111111,12.50
1002,Grace Hopper,5555555555554444,99.00
1003,Alan Turing,378282246310005,7.20
`

const LOG = Array.from({ length: 40 }, (_, at) => {
  const second = String(at % 60).padStart(2, '0')
  return at === 27
    ? `2026-11-02 09:00:${second} ERROR payment 1002 declined, card 5555 5555 5555 4444`
    : `2026-11-02 09:00:${second} INFO request ${1000 + at} answered in ${(at * 7) % 40} ms`
}).join('\n')

/** What lies on the demo's host: something harmless, something with card numbers where none should be, something to change. */
export const SAMPLE_FILES: Readonly<Record<string, string>> = {
  'app.log': `${LOG}\n`,
  'export.csv': EXPORT,
  'app.conf': 'listen = 127.0.0.1:9000\nworkers = 4\n',
}
