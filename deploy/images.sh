#!/bin/sh
# Builds the image of every service: deploy/images.sh [TARGET...]
# Where pip needs a configuration or authorities of this machine's, the build is lent them; no image keeps them.
set -eu
cd "$(dirname "$0")/.."
export DOCKER_BUILDKIT=1
lent=
test ! -f /etc/pip.conf || lent="--secret id=pip_conf,src=/etc/pip.conf"
bundle=/etc/ssl/certs/ca-certificates.crt
test ! -f $bundle || lent="$lent --secret id=ca_bundle,src=$bundle"
for target in ${*:-codec credentials sessions gateway counterfoil}; do
    # shellcheck disable=SC2086 # Several words, none of them with a space.
    docker build $lent --target "$target" --tag "counterfoil-$target" .
done
