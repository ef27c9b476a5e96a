#!/usr/bin/env bash
# Installs a browser and what drives it beside these tests, and runs pytest in PYTHON's environment: run.sh PYTHON ARGUMENTS
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 here=tests/web
shift
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo 'Installing Chromium (once)...'
    { apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 || true
fi
if ! command -v chromium >/dev/null; then
    echo 'The tests of the pages in a browser were left out: they need Chromium; on Debian: apt install chromium fonts-dejavu-core'
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
fi
if [ "$here/requirements.lock" -nt "$here/.venv/ready" ]; then
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements.lock"
    touch "$here/.venv/ready"
fi
packages=$("$here/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
PYTHONPATH="$packages" "$python" -m pytest -p no:xdist -p no:cacheprovider "$@"
