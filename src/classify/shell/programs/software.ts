import { acts, each, reads, tells, type Programs } from './row.ts'

/** Package managers, compilers and builds, version control. */
export const SOFTWARE: Programs = {
  ...each('apt apt-get aptitude', {
    effects: ['package', 'code'],
    takes: '-t --target-release',
    flags: '-q -qq -y -a --all-versions --installed --upgradable --no-pager --quiet --yes',
    options: { '-o --option -c --config-file': { value: 'code' } },
    verbs: { 'list, show, search, policy, depends, rdepends': tells({ pager: 'less' }) },
  }),
  ...each(
    'apt-cache apt-rdepends apt-show-versions',
    tells({ options: { '-o --option -c --config-file': { value: 'code' } } }),
  ),
  ...each('apt-key apt-mark apt-config add-apt-repository', acts(['package', 'key'])),
  dpkg: {
    effects: ['package', 'code'],
    options: {},
  },
  ...each('dpkg-query', tells({ takes: '-f --showformat', pager: 'less' })),
  ...each(
    'dpkg-reconfigure dpkg-divert dpkg-statoverride dpkg-deb dpkg-source alternatives update-alternatives',
    acts(['package', 'code']),
  ),
  rpm: { effects: ['package', 'code'], options: { '-E --eval --pipe --define -D': { value: 'code' } } },
  ...each('yum dnf microdnf tdnf zypper', {
    flags: '-q -y -v -C --quiet --assumeyes --cacheonly --no-refresh',
    effects: ['package', 'code'],
    verbs: { 'list, info, search, repolist, provides, history list, check-update, repoquery, se, if': tells() },
    options: { '-c --config --setopt --plugin': { value: 'code' } },
  }),
  ...each(
    'apk pacman emerge xbps-install pkg pkg_add brew snap flatpak nix nix-env nix-shell guix opkg swupd eopkg slackpkg',
    acts(['package', 'code']),
  ),
  ...each('pip pip3 pipx uv poetry conda mamba easy_install', {
    effects: ['package', 'code', 'download'],
    options: {
      '--python': { value: 'code', adds: ['code'] },
      '--log --cache-dir': { value: 'write' },
      '-i --index-url --extra-index-url --proxy -f --find-links -o --outdated -u --uptodate': { adds: ['network'] },
    },
    verbs: { 'list, show, freeze, check': tells() },
  }),
  ...each('npm npx yarn pnpm bun bunx deno corepack', acts(['package', 'code', 'download'])),
  ...each(
    'gem bundle bundler composer cargo rustup cpan cpanm luarocks go mvn gradle sbt lein mix hex cabal stack opam',
    acts(['package', 'code', 'download']),
  ),
  ...each(
    'make gmake cmake ninja meson ant rake scons bazel just task nmake automake autoconf configure',
    acts(['code', 'file-write']),
  ),
  ...each(
    'gcc g++ cc c++ clang clang++ tcc ld as rustc javac kotlinc ghc nasm cpp c89 c99',
    acts(['code', 'file-write']),
  ),
  ...each('ldd', acts(['code', 'system-read'])),
  ...each('nm objdump readelf size', reads({ options: { '--plugin': { value: 'code', adds: ['code'] } } })),
  ...each('objcopy strip elfedit patchelf ranlib', acts(['file-write'])),

  // What its own configuration adds (aliases, hooks, file-system monitors, pagers) is on the host, where nothing here can see it.
  git: {
    flags:
      '-p -P --paginate --no-pager --bare --no-optional-locks --literal-pathspecs --no-replace-objects -v --version -h --help',
    effects: ['code', 'file-write'],
    takes:
      '--git-dir --work-tree --namespace --super-prefix --max-count --author --since --until --grep --format --pretty --date --skip --committer --before --after -n -L -S -G -U',
    options: {
      '-c --config-env --exec-path --upload-pack --receive-pack -u --exec --ext-diff --textconv --extcmd -x --tool -t --open-files-in-pager -O --edit-description --gpg-sign':
        {
          value: 'text',
          glued: true,
        },
      '--output': { value: 'write' },
      '-C': { value: 'list' },
    },
    verbs: {
      'status, rev-parse, rev-list, ls-files, ls-tree, describe, name-rev, merge-base, cat-file, show-ref, for-each-ref, shortlog, count-objects, version, whatchanged, cherry, check-ignore, reflog, reflog show, --version':
        reads({ operands: ['text'], effects: ['file-read'], pager: 'less' }),
      'diff, blame, grep, annotate': reads({ effects: ['file-read'], pager: 'less', deep: '*' }),
      'log, show, branch, tag, remote, stash list, stash show, config': reads({
        operands: ['text'],
        effects: ['file-read'],
        pager: 'less',
      }),
      'add, commit, checkout, switch, restore, reset, merge, rebase, cherry-pick, revert, stash, stash pop, stash drop, mv, rm, clean, init, apply, am, gc, prune, worktree, bisect, notes, filter-branch, update-index, update-ref, symbolic-ref, hash-object, sparse-checkout, replace, fsck, repack':
        acts(['file-write', 'code']),
      'clone, fetch, pull, submodule, remote update, ls-remote': acts(['network', 'download', 'file-write', 'code']),
      'push, send-pack, send-email, request-pull, archive': acts(['network', 'upload']),
      'difftool, mergetool, daemon, shell, instaweb, gui, citool, p4, svn, http-backend': acts(['shell', 'code']),
      'remote add, remote remove, remote rename, remote set-url, remote rm': acts(['file-write', 'code']),
      'credential, credential-store, credential-cache': acts(['key']),
    },
  },
  ...each('svn hg cvs bzr fossil', acts(['code', 'file-write', 'network'])),
  ...each('gh glab hub tea', acts(['remote', 'network', 'upload', 'download'])),
}
