#!/bin/sh
# Compares the contracts with every earlier version of them since this check exists. $1 is buf.
set -eu
buf=$(realpath "$1")
cd "$(dirname "$0")/.."
now=$(git rev-parse --verify --quiet HEAD:protos/counterfoil || true)
seen=" "
compared=0
for commit in $(git log --format=%H -- protos/counterfoil protos/breaking.sh); do
    git cat-file -e "$commit:protos/breaking.sh" 2>/dev/null || continue
    tree=$(git rev-parse "$commit:protos/counterfoil")
    case "$seen" in *" $tree "*) continue ;; esac
    seen="$seen$tree "
    [ "$tree" = "$now" ] && git diff --quiet HEAD -- protos/counterfoil && continue
    "$buf" breaking protos --against ".git#ref=$commit,subdir=protos"
    compared=$((compared + 1))
done
echo "buf breaking: compatible with $compared earlier versions"
