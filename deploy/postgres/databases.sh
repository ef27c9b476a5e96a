#!/bin/sh
# A role and a database for each service, which the others may not enter. The passwords are those in the URLs that the
# services are given. The image of PostgreSQL runs it once, when it has made its data; for another server give PGHOST,
# PGUSER and PGPASSWORD, and SECRETS_DIR as deploy/secrets.sh made it.
set -eu
cd "${SECRETS_DIR:-/run/secrets}"
for name in credentials sessions; do
    url=$(cat "${name}_database_url")
    password=${url#*"$name:"}
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${PGUSER:-postgres}" --dbname postgres <<SQL
CREATE ROLE $name LOGIN PASSWORD '${password%%@*}';
CREATE DATABASE $name OWNER $name;
REVOKE ALL ON DATABASE $name FROM PUBLIC;
SQL
done
