#!/bin/sh
# Installs what the other npm scripts need. `setup.sh` alone: the npm packages. `setup.sh test|bench`: also the servers and clients.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x node_modules/.bin/node ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
fi
