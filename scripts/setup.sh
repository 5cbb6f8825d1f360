#!/bin/sh
# Installs what the other npm scripts need, and only what is missing. `setup.sh` alone: the npm packages. `setup.sh test` and `setup.sh bench`: also the
# servers and clients that tests and benchmarks meet; from Debian's packages where we are root there, elsewhere it prints what is missing.
set -eu
cd "$(dirname "$0")/.."

if [ ! -x node_modules/.bin/node ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
fi

missing=''

# need PACKAGE TEST...: the package is missing unless the test succeeds.
need() {
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has() { command -v "$1"; }
# Debian's own Python: packages of apt land there, whatever `python3` the PATH finds first.
has_python() { /usr/bin/python3 -c "import $1"; }
# Its Debian packages put these beside PATH.
has_server() { [ -x "/usr/lib/postgresql/15/bin/$1" ]; }
has_jdbc() { [ -e /usr/share/java/postgresql.jar ] || [ -e /usr/share/java/postgresql-jdbc4.jar ]; }
has_daemon() { PATH="$PATH:/usr/sbin" command -v "$1"; }

case "${1:-}" in
  '') ;;
  test)
    need openssl has openssl
    need chromium has chromium
    need postgresql-client has psql
    need postgresql-15 has_server postgres
    need python3-psycopg2 has_python psycopg2
    need python3-psycopg has_python psycopg
    need python3-asyncpg has_python asyncpg
    need python3-sqlalchemy has_python sqlalchemy
    need pgcli has pgcli
    need libpostgresql-jdbc-java has_jdbc
    need default-jdk-headless has javac
    need openssh-client has ssh
    need openssh-server has_daemon sshd
    need rsync has rsync
    need git has git
    need python3-paramiko has_python paramiko
    need python3-asyncssh has_python asyncssh
    need ansible-core has ansible
    ;;
  bench)
    need postgresql-client has psql
    need postgresql-15 has_server pgbench
    need pgbouncer has_daemon pgbouncer
    need haproxy has_daemon haproxy
    need openssh-client has ssh
    need openssh-server has_daemon sshd
    sh scripts/ssh-addon.sh try
    ;;
  *)
    echo "usage: setup.sh [test|bench]" >&2
    exit 2
    ;;
esac

[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: missing, in the names of Debian 12:$missing" >&2
  echo "setup: what needs them is skipped, or fails where CI is set" >&2
  exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Debian's own words only when it fails: everything above is quiet on purpose.
quietly() {
  DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 && return 0
  echo "setup: failed: $*" >&2
  tail -n 20 "$log" >&2
  return 1
}
echo "setup: installing$missing" >&2
quietly apt-get update -o DPkg::Lock::Timeout=600
# shellcheck disable=SC2086 # one word a package
quietly apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 $missing
