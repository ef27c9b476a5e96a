#!/bin/sh
# Makes an authority for development and a certificate of it for every service: deploy/certs.sh DIRECTORY [NAME...]
# What is there is made anew, but for the authority.
set -eu
mkdir -p "$1"
chmod 700 "$1"
cd "$1"
shift
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
if [ ! -s ca.key ]; then
    new_key ca.key
    openssl req -x509 -new -key ca.key -subj '/CN=Counterfoil development' -days 3650 -out ca.pem
fi
for name in ${*:-codec credentials sessions gateway}; do
    new_key "$name.key"
    names=$(mktemp)
    echo "subjectAltName=DNS:$name,DNS:localhost,IP:127.0.0.1" >"$names"
    openssl req -new -key "$name.key" -subj "/CN=$name" |
        openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile "$names" -out "$name.pem" 2>/dev/null
    rm "$names"
done
