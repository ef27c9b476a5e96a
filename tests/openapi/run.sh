#!/usr/bin/env bash
# Lets schemathesis, in a venv of its own, ask a gateway whatever the description of its API allows, and more: run.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 here=tests/openapi
if [ ! "$here/.venv/ready" -nt "$here/requirements.lock" ]; then
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$here/requirements.lock"
    touch "$here/.venv/ready"
fi
"$python" -m tests.openapi
