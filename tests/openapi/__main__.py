"""Starts a gateway and has schemathesis ask it, for a bounded time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.processes import Program

SECONDS = 60
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)
TOKEN = "a token for the operator of this test"

COMMAND = (
    Path(__file__).parent / ".venv/bin/schemathesis",
    "run",
    f"--checks={','.join(CHECKS)}",
    f"--max-time={SECONDS}",
    f"--header=Authorization: Bearer {TOKEN}",
    "--exclude-path=/session/{session_id}/events",  # It never ends.
    "--generation-database=none",
    "--no-color",
)


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as directory,
        Program.start("gateway", Path(directory), operator_token=TOKEN) as program,
    ):
        found = subprocess.run([*COMMAND, f"{program.url}/openapi.json", *sys.argv[1:]], check=False).returncode
        faults = [line for line in program.log.splitlines() if " fault " in line]
    sys.stdout.write("\n".join(faults))
    return found or len(faults)


if __name__ == "__main__":
    raise SystemExit(main())
