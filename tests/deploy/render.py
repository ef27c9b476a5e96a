"""Renders the Helm chart with Helm's own code and lays its documents down as a file: render.py OUT.yaml"""

from __future__ import annotations

import sys
from pathlib import Path

import helm_python as helm  # type: ignore[import-not-found, unused-ignore]  # Only in the environment of `check.sh`.
import yaml

CHART = Path(__file__).resolve().parents[2] / "deploy" / "helm"


def main(out: Path) -> None:
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema({})
        rendered = chart.render({"fetch": True, "environment": {"COUNTERFOIL_FETCH": "true"}}, name="a", namespace="b")
        makes_certificates(chart)
        refuses(chart, {"replicas": {"minimum": 3}})
        refuses(chart, {"image": {"pullPolicy": "Sometimes"}})
    out.write_text("\n".join(rendered.values()))


def makes_certificates(chart: helm.Chart) -> None:
    """No schema for these is at hand: they are cert-manager's."""
    rendered = chart.render({"certManager": {"issuer": "inside"}}, name="a", namespace="b")
    made = [each for text in rendered.values() for each in yaml.safe_load_all(text) if each]
    certificates = [each["spec"] for each in made if each["kind"] == "Certificate"]
    mounted = [
        volume["secret"]["secretName"]
        for each in made
        if each["kind"] == "Deployment"
        for volume in each["spec"]["template"]["spec"]["volumes"]
        if volume["name"] == "certificate"
    ]
    if [each["secretName"] for each in certificates] != mounted or len(mounted) != 4:
        raise SystemExit(f"the chart mounts {mounted}, and makes {certificates}")


def refuses(chart: helm.Chart, values: dict[str, object]) -> None:
    """A mistyped value stops an installation."""
    try:
        chart.validate_schema(values)
    except helm.HelmError:
        return
    raise SystemExit(f"the chart takes {values}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
