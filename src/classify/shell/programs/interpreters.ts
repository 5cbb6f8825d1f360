import { acts, each, type Programs } from './row.ts'

/** Shells, interpreters, editors and pagers: programs in which, or out of which, anything can be run. */
export const INTERPRETERS: Programs = {
  // -c with a literal line is read again; everything else is code, or a shell. See interpreters.ts beside this folder.
  ...each('bash sh dash ash rbash zsh ksh mksh ksh93 posh yash fish csh tcsh elvish nu pwsh xonsh', acts(['shell'])),
  ...each(
    'python python2 python3 pypy pypy3 perl ruby irb pry node nodejs php php-cli lua luajit tclsh wish expect guile racket sbcl clisp ocaml ghci R Rscript julia octave groovy scala jshell java jython jruby erl elixir iex swift dotnet mono gjs qjs d8 jrunscript awka bc-code gnuplot m4 emacs-batch ed-code ipython jupyter bpython ptpython',
    acts(['code'], { operands: ['code'], readsCode: true }),
  ),
  ...each('bc dc', { effects: ['code'], readsCode: true }),

  ...each(
    'vi vim nvim view vimdiff ex gvim elvis vimtutor',
    acts(['shell', 'file-read', 'file-write'], { operands: ['write'] }),
  ),
  // Restricted forms run no programs, but :w writes any file the account may.
  ...each('rvim rview rgvim rgview', acts(['file-read', 'file-write'], { operands: ['write'] })),
  ...each(
    'emacs emacsclient jed joe jmacs jstar zile mg micro kak hx helix ne tilde pico',
    acts(['shell', 'file-read', 'file-write'], { operands: ['write'] }),
  ),
  nano: acts(['shell', 'file-read'], {
    operands: ['write'],
    takes: '-C -J -Q -T -X -Y -o -r -s --backupdir --speller --syntax --tabsize',
  }),
  rnano: acts(['file-read'], { operands: ['write'], takes: '-C -J -Q -T -X -Y -o -r -s' }),
  ...each('ed red', acts(['shell', 'file-read', 'file-write'], { operands: ['write'], readsCode: true })),
  ...each('sensible-editor editor select-editor visudo sudoedit', acts(['shell', 'file-write', 'privilege'])),

  less: acts(['file-read'], {
    operands: ['read'],
    takes: '-b -h -j -p -P -t -T -x -y -z -#',
    options: {
      '-o -O --log-file --LOG-FILE': { value: 'write' },
      '-k --lesskey-file --lesskey-src --lesskey-content': { value: 'code' },
    },
    pager: 'less',
  }),
  zless: acts(['file-read'], { operands: ['read'], pager: 'less' }),
  ...each('more pg most bzless bzmore xzless xzmore zmore', acts(['shell', 'file-read'], { operands: ['read'] })),
  ...each('pager sensible-pager', acts(['shell', 'file-read'], { operands: ['read'] })),
  ...each('dialog whiptail fzf sk gum', acts(['shell', 'code'])),
  ...each(
    'latex pdflatex tex xelatex lualatex pandoc groff troff nroff gs ghostscript convert magick ffmpeg',
    acts(['code', 'file-read', 'file-write']),
  ),
  ...each('openssl', {
    effects: ['key', 'file-read', 'file-write', 'network'],
    words: true,
    options: {
      '-engine --engine -provider --provider -provider-path --provider-path -config --config': {
        value: 'code',
        adds: ['code'],
      },
    },
    verbs: {
      'version, list, ciphers, help, dgst, md5, sha1, sha256, sha512, rand, prime, speed, errstr, asn1parse': {
        effects: ['output'],
        operands: ['read'],
        takes: '-inform -md',
        options: {
          '-out --out -writerand --writerand': { value: 'write' },
          '-engine --engine -provider --provider -provider-path --provider-path -config --config': { value: 'code' },
          '-in --in -inkey --inkey': { value: 'read' },
          '-sign --sign -verify --verify -prverify --prverify -hmac --hmac -mac --mac -macopt --macopt': {
            value: 'read',
            adds: ['key'],
          },
        },
      },
      x509: {
        effects: ['output'],
        options: {
          '-in --in': { value: 'read' },
          '-out --out -CAserial --CAserial': { value: 'write' },
          '-signkey --signkey -CAkey --CAkey -key --key': { value: 'read', adds: ['key'] },
          '-engine --engine -provider --provider -extfile --extfile -config --config': { value: 'code' },
        },
        takes: '-inform -outform -days -dateopt -nameopt -certopt',
      },
      verify: {
        effects: ['output'],
        operands: ['read'],
        options: {
          '-CAfile --CAfile -CApath --CApath -untrusted --untrusted -trusted --trusted -crl_check --crl_check': {
            value: 'read',
          },
          '-engine --engine -provider --provider': { value: 'code' },
        },
      },
    },
  }),
  ...each('busybox toybox', { effects: [], wraps: { alone: ['output'] } }),
}
