#!/bin/sh
# Builds the image of every service: deploy/images.sh [TARGET...]
# What the builder says is shown when it fails. Where pip needs a configuration or authorities of this machine's, the build is lent them; no image keeps them.
set -eu
cd "$(dirname "$0")/.."
export DOCKER_BUILDKIT=1
lent=
test ! -f /etc/pip.conf || lent="--secret id=pip_conf,src=/etc/pip.conf"
bundle=/etc/ssl/certs/ca-certificates.crt
test ! -f $bundle || lent="$lent --secret id=ca_bundle,src=$bundle"
said=$(mktemp)
trap 'rm "$said"' EXIT
for target in ${*:-codec credentials sessions gateway counterfoil}; do
    echo "Building counterfoil-$target..."
    # shellcheck disable=SC2086 # Several words, none of them with a space.
    docker build $lent --target "$target" --tag "counterfoil-$target" . >"$said" 2>&1 || { cat "$said" >&2; exit 1; }
done
