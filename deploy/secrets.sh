#!/bin/sh
# Makes the secrets of docker-compose.yml where they are missing: deploy/secrets.sh var/secrets
# The directory keeps others out; the files in it can be read by the containers, which run as a user of their own.
set -eu
mkdir -p "$1"
chmod 700 "$1"
for name in key_encryption_key payee_token_key operator_token; do
    file="$1/counterfoil_$name"
    test -s "$file" || openssl rand -base64 32 >"$file"
    chmod 444 "$file"
done
