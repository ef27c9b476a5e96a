#!/bin/sh
# Makes an authority for development, and of it certificates for the services and PostgreSQL: certs.sh DIRECTORY [NAME...]
# What is there is made anew, but for the authority. A service's own directory under it has all that the service needs.
# The outer one keeps others out; the files can be read by containers, which run as a user of their own.
set -eu
mkdir -p "$1"
chmod 700 "$1"
cd "$1"
shift
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
if [ ! -s ca.key ] || [ ! -s ca.crt ]; then
    new_key ca.key
    openssl req -x509 -new -key ca.key -subj '/CN=Counterfoil development' -days 3650 \
        -addext keyUsage=critical,keyCertSign,cRLSign -out ca.crt
fi
for name in ${*:-codec credentials sessions gateway postgres}; do
    mkdir -p "$name"
    cp ca.crt "$name"
    new_key "$name/tls.key"
    extensions=$(mktemp)
    # Python 3.13 asks for the other two.
    printf '%s\n' "subjectAltName=DNS:$name,DNS:localhost,IP:127.0.0.1" authorityKeyIdentifier=keyid \
        subjectKeyIdentifier=hash >"$extensions"
    openssl req -new -key "$name/tls.key" -subj "/CN=$name" |
        openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile "$extensions" \
            -out "$name/tls.crt" 2>/dev/null
    rm "$extensions"
    chmod 755 "$name"
    chmod 644 "$name"/*
done
