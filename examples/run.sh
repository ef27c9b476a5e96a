#!/usr/bin/env bash
# Plays every example against a server that it starts on a free port, and compares what they print: run.sh BIN
# BIN is the directory of the project's tools. An example whose own tools are not on the machine is left out, and said so.
set -euo pipefail
PATH=$(realpath "$1"):$PATH
export PATH
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

# What each needs, and how it is played.
examples=(python grpcurl buf node go java)
declare -A needs=([python]="" [grpcurl]=jq [buf]=jq [node]="node npm" [go]=go [java]="java mvn")

play_python() { python python/main.py; }
play_grpcurl() { shell/play.sh grpcurl; }
play_buf() { shell/play.sh buf; }
play_node() {
    cd node
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    npm run --silent generate
    node main.js
}
play_go() {
    cd go
    buf generate ../../protos
    go run .
}
play_java() {
    cd java
    # Maven resets the colours of a terminal even where there is none.
    mvn --quiet --batch-mode --no-transfer-progress compile exec:java | sed $'s/\e\\[0m//g; /^$/d'
}

start_server() {
    # It is looked into before a busy machine has started the server.
    touch "$work/server"
    COUNTERFOIL_DATA_DIR=$work/var COUNTERFOIL_GATEWAY_LISTEN=127.0.0.1:0 COUNTERFOIL_HTTP_LISTEN=off \
        COUNTERFOIL_LOG_LEVEL=error counterfoil serve >"$work/server" 2>&1 &
    server=$!
    for _ in {1..300}; do
        COUNTERFOIL_SERVER=$(sed -n 's/^Counterfoil listens on \([^ ]*\).*/\1/p' "$work/server")
        if [ -n "$COUNTERFOIL_SERVER" ]; then
            export COUNTERFOIL_SERVER
            return
        fi
        sleep 0.1
    done
    cat "$work/server" >&2
    exit 1
}

missing() {
    for tool in ${needs[$1]}; do
        type -P "$tool" >/dev/null || echo "$tool"
    done
}

start_server
SECONDS=0
playing=()
for each in "${examples[@]}"; do
    if lacking=$(missing "$each") && [ -n "$lacking" ]; then
        echo "$each was left out: it needs" $lacking
        continue
    fi
    # Side by side, since most of it is waiting for a registry.
    (
        "play_$each" >"$work/$each.out" 2>"$work/$each.err"
        echo $SECONDS >"$work/$each.seconds"
    ) &
    playing[$!]=$each
done
passed=0 failed=0
for job in "${!playing[@]}"; do
    each=${playing[$job]}
    if wait "$job" && sed 's/ CF1[0-9A-Z]*$/ CF1.../' "$work/$each.out" | diff expected.txt - >&2; then
        echo "$each plays from request to receipt ($(<"$work/$each.seconds") s)"
        passed=$((passed + 1))
    else
        echo "$each fails:" >&2
        cat "$work/$each.out" "$work/$each.err" >&2
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
((failed == 0))
