#!/usr/bin/env bash
# A stand-in for the image postgres:15-bookworm, made of the PostgreSQL of the Debian machine that it runs on and of the
# stand-in for python:3.11-slim. It proves docker-compose.yml, not that it works with the published image.
set -euo pipefail
cd "$(dirname "$0")"
programs=$(ls -d /usr/lib/postgresql/*/bin | sort --version-sort | tail -1)
version=$(basename "$(dirname "$programs")")
image=$(sed -n 's/^ *image: \(postgres:.*\)/\1/p' ../../docker-compose.yml)
[[ $image == postgres:$version* ]] || { echo "docker-compose.yml names $image; here is version $version" >&2; exit 1; }

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp entry.sh "$context"
libraries=$(ldd "$programs"/{postgres,initdb,psql} "${programs%bin}"lib/{dict_snowball,plpgsql}.so |
    awk '$2 == "=>" {sub("^/lib/", "/usr/lib/", $3); print $3}' | sort -u)
# Without the compiler of statements, whose library is larger than all the rest. Names are made relative to quiet tar.
# shellcheck disable=SC2086 # Several paths.
tar --create --file "$context/postgres.tar" --directory / --dereference --exclude 'llvmjit*' --exclude bitcode \
    $(printf '%s\n' "${programs%/bin}" "/usr/share/postgresql/$version" $libraries | sed 's,^/,,')
docker build --quiet --tag "$image" --file - "$context" >/dev/null <<EOF
FROM python:3.11-slim
ADD postgres.tar /
RUN echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >>/etc/passwd && echo 'postgres:x:999:' >>/etc/group && \
    install --directory --owner 999 --group 999 --mode 3777 /var/lib/postgresql/data /var/run/postgresql && ldconfig
COPY entry.sh /usr/local/bin/docker-entrypoint.sh
ENV PGDATA=/var/lib/postgresql/data PATH=$programs:/usr/local/bin:/usr/bin:/bin
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
EOF
