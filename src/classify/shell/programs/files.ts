import { acts, each, lists, reads, tells, type Programs } from './row.ts'

/** Programs that make, move, remove, pack and list files. */
export const FILES: Programs = {
  ls: lists({
    takes:
      '-I -w -T --ignore --hide --block-size --format --sort --time --time-style --width --tabsize --quoting-style',
  }),
  ...each('dir vdir', lists()),
  tree: lists({
    takes: '-L -P -I --filelimit --charset',
    options: {
      '-o': { value: 'write' },
      '--fromfile': {},
      // Some versions write a file into each folder.
      '-R': { adds: ['file-write'] },
    },
  }),
  stat: lists({ takes: '-c -f --format --printf' }),
  file: lists({
    takes: '-F -P -e',
    options: {
      '-f --files-from': { value: 'read' },
      '-m --magic-file': { value: 'read' },
      '-C --compile': { adds: ['file-write'] },
    },
  }),
  du: lists({
    takes: '-d -t -B --max-depth --threshold --block-size --time-style --exclude',
    options: { '-X --exclude-from': { value: 'read' }, '--files0-from': { value: 'read' } },
  }),
  ...each('readlink realpath namei', lists({ takes: '--relative-to --relative-base' })),
  ...each('basename dirname', { effects: ['output'], inert: true }),
  pathchk: lists(),
  ...each('locate mlocate plocate', { effects: ['listing'], takes: '-d -l -n', operands: ['text'] }),
  ...each('getfacl lsattr getcap', lists()),
  ...each('tig ranger mc nnn vifm lf', acts(['shell', 'file-read', 'file-write', 'file-delete'])),
  ncdu: acts(['shell', 'listing', 'file-delete']),

  // Where the last operand is a directory the files keep their names in it: their own analysis adds those paths.
  cp: { operands: ['read'], takes: '-S --suffix', options: { '-t --target-directory': { value: 'write' } } },
  mv: { operands: ['delete'], takes: '-S --suffix', options: { '-t --target-directory': { value: 'write' } } },
  ln: { operands: ['write'], takes: '-S --suffix', options: { '-t --target-directory': { value: 'write' } } },
  install: {
    operands: ['read'],
    takes: '-S --suffix',
    options: {
      '-t --target-directory': { value: 'write' },
      '-m --mode -o --owner -g --group': { value: 'text', adds: ['file-attributes'] },
      '--strip-program': { value: 'code' },
      '-d --directory': { adds: ['file-write'] },
    },
  },
  link: { operands: ['write'] },
  rename: { effects: ['file-write', 'code'], operands: ['code', 'write'] },
  ...each('rm rmdir unlink shred', {
    deep: '-r -R --recursive',
    operands: ['delete'],
    takes: '-n -s --iterations --size --random-source',
  }),
  ...each('mkdir mkfifo', { operands: ['write'], takes: '-m --mode' }),
  touch: { operands: ['write'], takes: '-t -d --date --time', options: { '-r --reference': { value: 'list' } } },
  ...each('srm wipe', acts(['file-delete'])),
  mknod: acts(['file-write', 'disk'], { operands: ['write', 'text'] }),
  mktemp: acts(['output'], { operands: ['write'], takes: '--suffix', options: { '-p --tmpdir': { value: 'write' } } }),
  truncate: { operands: ['write'], takes: '-s --size', options: { '-r --reference': { value: 'list' } } },
  fallocate: { operands: ['write'], takes: '-l -o --length --offset' },
  ...each('chmod chown chgrp', {
    deep: '-R --recursive',
    operands: ['text', 'attributes'],
    frees: '--reference',
    options: { '--reference': { value: 'list' } },
    takes: '--from',
  }),
  ...each(
    'setfacl chattr setcap chcon setfattr restorecon',
    acts(['file-attributes'], {
      operands: ['attributes'],
      takes: '-m -x -M -X -n -v -t -u -r',
    }),
  ),
  // dd has words of its own: if=, of=.
  dd: acts(['output']),
  find: acts(['listing'], { words: true }),
  ...each(
    'fd fdfind',
    lists({
      operands: ['text', 'list'],
      takes: '-e -t -d -E -c -S',
      options: { '-x -X --exec --exec-batch': { value: 'code' } },
    }),
  ),

  tar: {
    effects: [],
    takes:
      '-b -C -N -T -X -V -H -K -L --directory --exclude --transform --owner --group --mode --mtime --strip-components --format --newer --sort',
    options: {
      '--checkpoint-action -I --use-compress-program --to-command --info-script --new-volume-script -F --rsh-command --rmt-command':
        {
          value: 'code',
          adds: ['code'],
        },
      '-x --extract --get': { adds: ['file-write'] },
      '-r -u -A --append --update --catenate --concatenate --delete': { adds: ['file-write'] },
      '--remove-files': { adds: ['file-delete'] },
      '-t --list': { adds: ['listing'] },
      '-P --absolute-names --unlink-first --recursive-unlink --overwrite': { adds: ['file-write'] },
      '-T --files-from -X --exclude-from': { value: 'read' },
      '-g --listed-incremental --volno-file --index-file': { value: 'write' },
    },
  },
  ...each('gzip bzip2 xz lzma zstd lz4 compress', {
    operands: ['write'],
    takes: '-S -T --suffix --threads --memlimit -b',
    options: { '-o': { value: 'write' } },
  }),
  ...each('gunzip bunzip2 unxz unlzma unzstd uncompress', { operands: ['write'], takes: '-S --suffix -o' }),
  zip: {
    operands: ['write', 'read'],
    takes: '-x -i -n -P -t -tt',
    options: {
      '-TT --unzip-command': { value: 'code' },
      '-T --test': { adds: ['code'] },
      '-m --move': { adds: ['file-delete'] },
    },
  },
  unzip: { effects: ['file-write'], operands: ['read', 'text'], takes: '-P -x', options: { '-d': { value: 'write' } } },
  zipinfo: reads(),
  ...each('7z 7za 7zr rar unrar', acts(['file-read', 'file-write'])),
  ar: acts(['file-write'], { operands: ['text', 'write', 'read'] }),
  cpio: acts(['file-read', 'file-write'], {
    options: { '--rsh-command': { value: 'code' }, '-F --file': { value: 'write' }, '--to-stdout': {} },
  }),
  pax: acts(['file-read', 'file-write']),
  logrotate: acts(['audit', 'code'], { operands: ['code'] }),
  logger: acts(['audit']),
  sync: acts(['output'], { inert: true }),
  patch: acts(['file-write', 'code'], {
    operands: ['write', 'read'],
    options: { '-e --ed': { adds: ['code'] }, '-o --output': { value: 'write' } },
  }),
  inotifywait: lists({
    takes: '-t -e',
    options: { '-o --outfile': { value: 'write' }, '-d --daemon': { adds: ['detached'] } },
  }),
  lsof: tells({ takes: '-p -u -i -c -d -g -s -S -r -F -x -T' }),
  fuser: tells({ takes: '-n --namespace', options: { '-k --kill': { adds: ['process'] } } }),
}
