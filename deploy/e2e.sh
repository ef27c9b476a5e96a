#!/usr/bin/env bash
# Brings the compose file up under a name and ports of its own, plays against it, and takes it down: e2e.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
free_port() { "$python" -c 'from tests.processes import a_lasting_address; print(a_lasting_address().rpartition(":")[2])'; }
GATEWAY_PORT=$(free_port)
HTTP_PORT=$(free_port)
export GATEWAY_PORT HTTP_PORT COMPOSE_PROJECT_NAME=counterfoil-e2e
if docker compose version >/dev/null 2>&1; then compose='docker compose'; else compose=docker-compose; fi
trap '$compose down --volumes --timeout 20' EXIT

deploy/secrets.sh var/secrets
deploy/certs.sh var/certs
$compose up -d || { $compose logs; exit 1; }
E2E_GATEWAY=localhost:$GATEWAY_PORT E2E_HTTP=http://localhost:$HTTP_PORT E2E_COMPOSE=$compose \
    "$python" -m pytest tests/deploy/test_journey.py tests/deploy/test_containers.py
