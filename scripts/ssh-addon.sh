#!/bin/sh
# Builds the add-on of ssh2: its cryptography in C++, which SSH does without more slowly. `ssh-addon.sh` builds it for the Node of this checkout, else for the one in PATH, and
# fails where that cannot be; `ssh-addon.sh try` says nothing where the tools are missing, and never fails. Needs a C++ compiler, make, Python 3 and npm.
#
# ssh2 would build it itself while npm installs it, but for whatever Node runs npm, which need not be the one that runs this.
set -eu
cd "$(dirname "$0")/.."
mode=${1:-}
here=$PWD

give_up() {
  [ "$mode" = try ] || { echo "ssh-addon: $1" >&2; exit 1; }
  [ "${2:-}" = quiet ] || echo "ssh-addon: $1; SSH works without, more slowly" >&2
  exit 0
}

node=$here/node_modules/.bin/node
[ -x "$node" ] || node=$(command -v node) || give_up 'there is no node' quiet
for tool in c++ make python3 npm; do command -v "$tool" >/dev/null 2>&1 || give_up "there is no $tool" quiet; done
# Wherever npm put it: beside this package's other modules, or beside this package.
library=$("$node" -p 'path.dirname(require.resolve("ssh2/package.json"))' 2>/dev/null) || give_up 'there is no ssh2' quiet
gyp=${npm_config_node_gyp:-$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js}
[ -e "$gyp" ] || give_up 'npm came without node-gyp' quiet

in_use() { [ "$("$node" -p "require('$library/lib/protocol/crypto.js').bindingAvailable" 2>/dev/null)" = true ]; }
if in_use; then
  [ "$mode" = try ] || echo 'ssh-addon: already in use' >&2
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$library/lib/protocol/crypto/binding.gyp" "$library/lib/protocol/crypto/src" "$work"

# The headers of exactly this Node: most ways to install it bring them, else npm's package of it does.
headers=$("$node" -p 'path.resolve(fs.realpathSync(process.execPath), "../..")')
version=$("$node" -p 'const [major, minor, patch] = process.versions.node.split("."); `#define NODE_MAJOR_VERSION ${major} #define NODE_MINOR_VERSION ${minor} #define NODE_PATCH_VERSION ${patch} `')
if [ "$(grep -E 'define NODE_(MAJOR|MINOR|PATCH)_VERSION' "$headers/include/node/node_version.h" 2>/dev/null | tr '\n' ' ')" != "$version" ]; then
  package=$("$node" -p '`node-${process.platform}-${process.arch}@${process.versions.node}`')
  (cd "$work" && npm pack --silent --prefer-offline "$package" && tar xzf ./node-*.tgz package/include) >"$work/log" 2>&1 ||
    give_up "the headers of $package are not to be had"
  headers=$work/package
fi

# From 24 on, Node's own base class of wrapped objects takes a hook back when one is collected. Where that happens between two turns no context is entered, and the whole process is
# aborted. Without hooks, as before 24, what is not collected by the end goes with the process.
mkdir "$work/headers"
cp -R "$headers/include" "$work/headers"
headers=$work/headers
wrap=$headers/include/node/node_object_wrap.h
grep -v 'EnvironmentCleanupHook(v8::Isolate::GetCurrent(), CleanupHook, this);' "$wrap" >"$work/wrap.h" && cp "$work/wrap.h" "$wrap"
if grep -q EnvironmentCleanupHook "$wrap"; then give_up "the headers of this Node are other than expected"; fi

# npm hands its own settings on in the environment, and node-gyp puts those above what stands on its command line: a `nodedir` in somebody's .npmrc would build for another Node.
# So it gets an environment of its own.
if (cd "$work" && env -i PATH="$PATH" HOME="${HOME:-$work}" TMPDIR="$work" NODE_PATH="$library/node_modules:$library/.." ${CC:+CC="$CC"} ${CXX:+CXX="$CXX"} \
  "$node" "$gyp" rebuild "--nodedir=$headers" "--real_openssl_major=$("$node" -p 'parseInt(process.versions.openssl)')") >"$work/log" 2>&1 &&
  "$node" -e "require('$work/build/Release/sshcrypto.node')" >>"$work/log" 2>&1; then
  place=$library/lib/protocol/crypto/build/Release
  # In one step: what runs beside this finds all of it or nothing.
  { mkdir -p "$place" && cp "$work/build/Release/sshcrypto.node" "$place/new" && mv "$place/new" "$place/sshcrypto.node"; } 2>/dev/null ||
    give_up "$library cannot be written"
  in_use || give_up 'ssh2 does not take what was built'
  echo 'ssh-addon: built' >&2
else
  [ "$mode" = try ] || tail -n 20 "$work/log" >&2
  give_up 'it could not be built'
fi
