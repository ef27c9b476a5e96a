"""Renders the Helm chart with Helm's own code and lays its documents down as a file: render.py OUT.yaml"""

from __future__ import annotations

import sys
from pathlib import Path

import helm_python as helm  # type: ignore[import-not-found, unused-ignore]  # Only in the environment of `check.sh`.

CHART = Path(__file__).resolve().parents[2] / "deploy" / "helm"


def main(out: Path) -> None:
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema({})
        rendered = chart.render({"fetch": True, "environment": {"COUNTERFOIL_FETCH": "true"}}, name="a", namespace="b")
        refuses(chart, {"replicas": {"minimum": 3}})
        refuses(chart, {"image": {"pullPolicy": "Sometimes"}})
    out.write_text("\n".join(rendered.values()))


def refuses(chart: helm.Chart, values: dict[str, object]) -> None:
    """A mistyped value stops an installation."""
    try:
        chart.validate_schema(values)
    except helm.HelmError:
        return
    raise SystemExit(f"the chart takes {values}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
