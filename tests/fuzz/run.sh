#!/usr/bin/env bash
# Fuzzes the readers of what strangers send, for so many seconds in all: run.sh PYTHON SECONDS
# First it has to find bugs that were planted for it.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 seconds=$2 here=tests/fuzz
if [ "$here/requirements.lock" -nt "$here/.venv/ready" ]; then
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        --requirement "$here/requirements.lock"
    touch "$here/.venv/ready"
fi
PYTHONPATH=$("$here/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export PYTHONPATH
grown=$here/grown

# An input may take 5 seconds and the process 1 GB, of which the libraries take a quarter.
fuzz() {
    local target=$1
    shift
    "$python" -m tests.fuzz "$target" "$@" -timeout=5 -rss_limit_mb=1024
}

planted=$("$python" -c 'from tests.fuzz.mutants import MUTANTS
for name, (target, _) in MUTANTS.items(): print(target, name)')
while read -r target mutant; do
    # libFuzzer keeps what it learns in the first folder, which is to know nothing of earlier runs.
    rm -rf "$grown/planted"
    mkdir -p "$grown/planted"
    if fuzz "$target" --mutant "$mutant" -seed=1 -max_total_time=60 -artifact_prefix="$grown/" \
        "$grown/planted" "$here/corpus/$target" >/dev/null 2>&1 </dev/null; then
        echo "the fuzzer does not find the planted bug \"$mutant\" in $target"
        exit 1
    fi
    echo "found: the planted bug \"$mutant\" in $target"
done <<<"$planted"

targets=$("$python" -c 'from tests.fuzz.targets import TARGETS
print(*TARGETS)')
share=$((seconds / $(wc -w <<<"$targets")))
for target in $targets; do
    mkdir -p "$grown/$target"
    if ! fuzz "$target" -max_total_time="$share" -artifact_prefix="$here/corpus/$target/" \
        "$grown/$target" "$here/corpus/$target" >"$grown/$target.log" 2>&1; then
        grep -v '^INFO\|^#' "$grown/$target.log"
        echo "a finding in $target: mend it, and keep its file in $here/corpus/$target, which \`make test\` reads too"
        exit 1
    fi
    echo "no finding in $target: $(grep '^Done' "$grown/$target.log")"
done
