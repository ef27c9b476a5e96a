#!/usr/bin/env bash
# Faults of every kind, while clients pay: run.sh PYTHON SECONDS [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 seconds=$2 seed=${3:-}
# What is mounted for the test is gone with it, even if it is killed.
apart=()
if unshare --mount true 2>/dev/null; then apart=(unshare --mount); fi
GRPC_ENABLE_FORK_SUPPORT=false "${apart[@]}" "$python" -m tests.chaos --seconds "$seconds" ${seed:+--seed "$seed"} ${CHAOS_BACK_SECONDS:+--back "$CHAOS_BACK_SECONDS"}
