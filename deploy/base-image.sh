#!/usr/bin/env bash
# A stand-in for the image python:3.11-slim, made of the files of the Debian machine that it runs on, for where no image
# registry can be reached: base-image.sh OUT.tar PYTHON, then `docker import OUT.tar python:3.11-slim`.
# It proves our Dockerfile and the wiring around it, not that they work on the published image.
set -euo pipefail
out=$(realpath -m "$1")
prefix=$("$2" -c 'import sys; print(sys.base_prefix)')
# That of the distribution is spread over all of /usr.
[ "$prefix" != /usr ] || { echo "a stand-in needs a Python 3.11 with a directory of its own, not $2" >&2; exit 1; }
essential=$(dpkg-query -W -f='${Essential} ${Package}\n' | awk '$1=="yes"{print $2}')
extra="libc6 libgcc-s1 libstdc++6 libssl3 libsqlite3-0 libffi8 zlib1g libbz2-1.0 liblzma5 libreadline8 libtinfo6 libncursesw6
 libexpat1 libuuid1 libdb5.3 libgdbm6 libnsl2 libtirpc3 ca-certificates tzdata libcrypt1 libselinux1 libpcre2-8-0 libacl1 libattr1
 libgmp10 libpam0g libaudit1 libcap2 libcap-ng0 libmd0 libblkid1 libmount1 libsmartcols1 libsystemd0 libzstd1 liblz4-1 libgcrypt20
 libgpg-error0 libudev1 libkrb5-3 libk5crypto3 libkrb5support0 libgssapi-krb5-2 libcom-err2 libkeyutils1 libdebconfclient0 debconf
 base-passwd netbase"
list=$(mktemp); stage=$(mktemp -d); trap 'rm -rf "$stage" "$list"' EXIT
for p in $essential $extra; do dpkg -L "$p" 2>/dev/null || true; done |
  grep -vE '^/\.$|^/usr/share/(doc|man|locale|info)' | sort -u > "$list"
mkdir -p "$stage"/{tmp,root,proc,sys,dev,run,etc/ssl/certs,usr/local,usr/bin,usr/sbin,usr/lib,usr/lib64}
for d in bin sbin lib lib64; do ln -s "usr/$d" "$stage/$d"; done
chmod 1777 "$stage/tmp"
# Some listed files are absent or unreadable on a slimmed machine: tar names them and goes on.
{ tar -C / --no-recursion -c -T "$list" 2>/dev/null || true; } | { tar -C "$stage" -x --keep-directory-symlink || true; }
cp -a "$prefix"/. "$stage/usr/local/"
find "$stage/usr/local" -depth -type d \( -name test -o -name tests -o -name __pycache__ -o -name idlelib \) -exec rm -rf {} +
site=$(echo "$stage"/usr/local/lib/python3.*/site-packages)
find "$site" -mindepth 1 -maxdepth 1 ! -name 'pip*' ! -name 'setuptools*' ! -name 'pkg_resources' ! -name '_distutils_hack' ! -name 'distutils-precedence.pth' -exec rm -rf {} +
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n' > "$stage/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' > "$stage/etc/group"
for f in os-release debian_version nsswitch.conf; do cp -L "/etc/$f" "$stage/etc/" 2>/dev/null || true; done
for f in "$stage"/usr/local/bin/*; do
  [ -f "$f" ] && head -c 200 "$f" | grep -qaF "$prefix" && sed -i '1s,^#!.*,#!/usr/local/bin/python3,' "$f" || true
done
/sbin/ldconfig -r "$stage"
tar -C "$stage" -cf "$out" .
du -h "$out"
