#!/bin/sh
# Makes the secrets of docker-compose.yml where they are missing: deploy/secrets.sh var/secrets
# For a PostgreSQL elsewhere: deploy/secrets.sh DIRECTORY HOST:PORT
# The directory keeps others out; the files in it can be read by the containers, which run as a user of their own.
set -eu
if [ $# -gt 1 ]; then server=$2 tls=; else server=postgres tls='?sslmode=verify-full&sslrootcert=/run/certs/ca.crt'; fi
mkdir -p "$1"
chmod 700 "$1"
cd "$1"
make() {
    test -s "$1" || echo "$2" >"$1"
    chmod 444 "$1"
}
for name in key_encryption_key payee_token_key operator_token; do
    make "counterfoil_$name" "$(openssl rand -base64 32)"
done
make postgres_password "$(openssl rand -hex 24)"
for name in credentials sessions; do
    make "${name}_database_url" "postgresql://$name:$(openssl rand -hex 24)@$server/$name$tls"
done
