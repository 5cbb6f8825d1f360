import { acts, each, prints, reads, type Programs } from './row.ts'

/** Programs that read text and print some of it. */
export const TEXT_TOOLS: Programs = {
  cat: reads(),
  tac: reads({ takes: '-s --separator' }),
  head: reads({ takes: '-n -c --lines --bytes' }),
  tail: reads({ takes: '-n -c -s --lines --bytes --pid --sleep-interval --max-unchanged-stats' }),
  ...each(
    'grep egrep fgrep rgrep',
    reads({
      operands: ['text', 'read'],
      deep: '-r -R --recursive --dereference-recursive',
      frees: '-e -f --regexp --file',
      takes:
        '-A -B -C -m -e -d -D --regexp --after-context --before-context --context --max-count --include --exclude --exclude-dir --label --binary-files --directories --devices',
      options: { '-f --file': { value: 'read' }, '--exclude-from': { value: 'read' } },
    }),
  ),
  ...each(
    'zgrep zegrep zfgrep bzgrep xzgrep',
    reads({
      operands: ['text', 'read'],
      frees: '-e -f',
      takes: '-A -B -C -m -e',
      options: { '-f': { value: 'read' } },
    }),
  ),
  ...each('zcat bzcat xzcat lzcat zstdcat gzcat', reads()),
  rg: reads({
    operands: ['text', 'read'],
    deep: '*',
    frees: '-e -f --regexp --file --files --type-list',
    takes:
      '-A -B -C -m -e -g -t -T -r -j --regexp --glob --type --max-count --max-depth --context --replace --color --sort',
    options: {
      '-f --file --ignore-file': { value: 'read' },
      '--pre --hostname-bin': { value: 'code', adds: ['code'] },
      '-z --search-zip': {},
    },
  }),
  ack: reads({
    deep: '*',
    operands: ['text', 'read'],
    // Older versions run what stands behind --output.
    options: {
      '--pager --ackrc --output': { value: 'code' },
      '--files-from': { value: 'names' },
      '-x': { value: 'names' },
    },
  }),
  wc: reads({ options: { '--files0-from': { value: 'read' } } }),
  nl: reads({ takes: '-b -d -f -h -i -l -n -s -v -w' }),
  cut: reads({ takes: '-b -c -d -f --bytes --characters --delimiter --fields --output-delimiter' }),
  paste: reads({ takes: '-d --delimiters' }),
  join: reads({ takes: '-1 -2 -a -e -j -o -t -v' }),
  comm: reads({ takes: '--output-delimiter' }),
  diff: reads({
    deep: '-r --recursive',
    takes: '-I -F -U -C -W -x --exclude --label --width',
    options: { '-X --exclude-from --to-file --from-file': { value: 'read' } },
  }),
  diff3: reads({ options: { '--diff-program': { value: 'code' } } }),
  sdiff: reads({
    takes: '-w --width -I',
    options: { '-o --output': { value: 'write', adds: ['shell'] }, '--diff-program': { value: 'code' } },
  }),
  cmp: reads({ takes: '-i -n --bytes --ignore-initial' }),
  sort: reads({
    takes: '-k -t --key --field-separator --batch-size --parallel --sort --buffer-size -S',
    options: {
      '-o --output': { value: 'write' },
      '--compress-program': { value: 'code' },
      '-T --temporary-directory': { value: 'write' },
      '--files0-from': { value: 'names' },
      '--random-source': { value: 'read' },
    },
  }),
  uniq: reads({ operands: ['read', 'write'], takes: '-f -s -w --skip-fields --skip-chars --check-chars' }),
  shuf: reads({
    takes: '-i -n --input-range --head-count',
    options: { '-o --output': { value: 'write' }, '--random-source': { value: 'read' } },
  }),
  tr: prints(),
  rev: reads(),
  fold: reads({ takes: '-w --width' }),
  fmt: reads({ takes: '-w -g -p --width --goal --prefix' }),
  pr: reads({ takes: '-h -l -o -w -W -N -D' }),
  expand: reads({ takes: '-t --tabs' }),
  unexpand: reads({ takes: '-t --tabs' }),
  column: reads({ takes: '-s -c -o -N -R -H -E -W -T -n' }),
  tsort: reads(),
  ...each('md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum', reads()),
  ...each('base64 base32 basenc', reads({ takes: '-w --wrap' })),
  xxd: reads({ operands: ['read', 'write'], takes: '-c -g -l -n -o -s' }),
  ...each('od hexdump hd', reads({ takes: '-A -j -N -S -t -w -e -n -s', options: { '-f': { value: 'read' } } })),
  uuencode: reads({ operands: ['read', 'text'] }),
  uudecode: reads({ options: { '-o --output-file': { value: 'write' } }, effects: ['file-write'] }),
  strings: reads({ takes: '-n -t -e -T -s --bytes --radix --encoding --target' }),
  iconv: reads({ takes: '-f -t --from-code --to-code', options: { '-o --output': { value: 'write' } } }),
  ...each('dos2unix unix2dos', { operands: ['write'] }),
  jq: reads({
    operands: ['text', 'read'],
    // Behind these a name and a file follow.
    frees: '-f --from-file --rawfile --slurpfile --argfile',
    takes: '--indent',
    options: {
      '-f --from-file': { value: 'read' },
      '-L': { value: 'read' },
      '--rawfile --slurpfile --argfile --arg --argjson': { value: 'text' },
    },
  }),
  // Its expressions read files and variables: load(), env().
  yq: acts(['code', 'file-read']),
  xmllint: reads({
    takes: '--xpath --encode',
    options: {
      '--output -output -o': { value: 'write' },
      '--shell -shell': { adds: ['shell'] },
      // A document may name files and addresses that are read in its place.
      '--noent -noent --loaddtd -loaddtd --dtdattr -dtdattr --valid -valid --xinclude -xinclude --path -path': {
        adds: ['code'],
      },
      '--dtdvalid -dtdvalid --relaxng -relaxng --schema -schema --schematron -schematron': { value: 'read' },
    },
    words: true,
  }),
  // Halves of a split go to files named by the last operand.
  split: {
    effects: ['file-write'],
    operands: ['read', 'write'],
    takes: '-a -b -C -l -n -t',
    options: { '--filter': { value: 'line' } },
  },
  csplit: {
    effects: ['file-write'],
    operands: ['read', 'text'],
    takes: '-b -n',
    options: { '-f --prefix': { value: 'write' } },
  },
  tee: { effects: ['output'], operands: ['write'] },
  sponge: { operands: ['write'] },
  // Its scripts are read by their own parser; these rows tell its options.
  sed: reads({
    operands: ['text', 'read'],
    frees: '-e -f --expression --file',
    takes: '-l --line-length',
    flags:
      '-n -E -r -s -u -z --quiet --silent --regexp-extended --unbuffered --null-data --posix --sandbox --debug --follow-symlinks --version --help',
    options: {
      '-e --expression': { value: 'text' },
      '-f --file': { value: 'code' },
      '-i --in-place': { value: 'text', glued: true },
      '-s --separate': {},
    },
  }),
  ...each(
    'awk gawk mawk nawk original-awk',
    reads({
      operands: ['text', 'read'],
      frees: '-f --file -E --exec -e --source -i --include',
      takes: '-F -v --field-separator --assign',
      flags:
        '-b -c -g -M -n -N -O -P -r -s -S -t --posix --re-interval --sandbox --traditional --bignum --version --help',
      options: {
        '-f --file -E --exec': { value: 'code' },
        '-i --include -l --load -D --debug -W': { value: 'code' },
        '-e --source': { value: 'text' },
        '-o --pretty-print -p --profile -d --dump-variables': { value: 'write', glued: true, adds: ['file-write'] },
      },
    }),
  ),
  ...each('look zdiff zcmp bzdiff xzdiff', reads()),
  colordiff: reads(),
  lnav: { effects: ['shell', 'log-read'], operands: ['read'] },
  multitail: { effects: ['shell', 'log-read'], operands: ['read'] },
  ...each(
    'bat batcat',
    reads({
      options: { '--pager': { value: 'code' } },
      takes: '-l -r --language --line-range --style --theme --paging',
      pager: 'less',
    }),
  ),
}
