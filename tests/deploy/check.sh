#!/usr/bin/env bash
# Looks at the Dockerfile and the compose file with tools of their own: check.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/deploy
if [ "$here/requirements.lock" -nt "$here/.venv/ready" ]; then
    "$1" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements.lock"
    touch "$here/.venv/ready"
fi
"$here/.venv/bin/hadolint" Dockerfile
"$here/.venv/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
