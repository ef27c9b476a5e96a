#!/usr/bin/env bash
# Runs a command with a container engine of its own, which is gone afterwards with all it held: engine.sh PYTHON COMMAND...
# The engine has stand-ins for the base image, with that Python, and for the image of PostgreSQL. Needs root on Debian; exit
# code 3 where no engine can be had.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
shift
none() { echo "no container engine can be had here: $1" >&2; exit 3; }

[ "$(id -u)" = 0 ] || none 'starting one takes root'
if ! command -v dockerd >/dev/null || ! command -v docker-compose >/dev/null; then
    command -v apt-get >/dev/null || none 'Docker is not installed, and there is no apt-get'
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends docker.io docker-compose; } >/dev/null ||
        none 'Debian has no docker.io to install'
fi

if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null ||
        none 'Debian has no postgresql to install'
fi

work=$(mktemp -d)
stop() {
    if [ -n "${engine:-}" ]; then
        kill "$engine" && wait "$engine" || true
    fi
    rm -rf "$work"
}
trap stop EXIT
# A newer client elsewhere on the PATH may lack what Debian's has: compose, and a builder.
mkdir "$work/bin"
ln -s /usr/bin/docker /usr/bin/docker-compose "$work/bin"
export PATH=$work/bin:$PATH
export DOCKER_HOST=unix://$work/docker.sock
# Some kernels allow no more open files than that.
dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" --host "$DOCKER_HOST" \
    --default-ulimit nofile=16384:16384 >"$work/dockerd.log" 2>&1 &
engine=$!
for _ in $(seq 150); do
    docker version >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.2
done
docker version >/dev/null 2>&1 || { tail -5 "$work/dockerd.log" >&2; none 'dockerd does not start'; }

deploy/base-image.sh "$work/base.tar" "$python"
docker import --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
    "$work/base.tar" python:3.11-slim >/dev/null
rm "$work/base.tar"
deploy/postgres/image.sh
"$@"
