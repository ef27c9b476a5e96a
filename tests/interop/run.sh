#!/usr/bin/env bash
# Installs other people's implementations beside these tests, and runs the tests against them: run.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 here=tests/interop
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo 'The tests against other implementations were left out: they need Node 20 or newer, with npm.'
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
fi
if [ "$here/package-lock.json" -nt "$here/node_modules/.package-lock.json" ]; then
    npm ci --prefix "$here" --ignore-scripts --no-audit --no-fund --loglevel=error
fi
if [ "$here/requirements.lock" -nt "$here/.venv/ready" ]; then
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements.lock"
    touch "$here/.venv/ready"
fi
"$python" -m pytest "$here" -n auto --dist loadfile
