"""Renders the Helm chart with Helm's own code and lays its documents down as a file: render.py OUT.yaml"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import helm_python as helm  # type: ignore[import-not-found, unused-ignore]  # Only in the environment of `check.sh`.
import yaml

CHART = Path(__file__).resolve().parents[2] / "deploy" / "helm"


def main(out: Path) -> None:
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema({})
        rendered = chart.render({"fetch": True, "environment": {"COUNTERFOIL_FETCH": "true"}}, name="a", namespace="b")
        gives_databases(chart)
        makes_certificates(chart)
        refuses(chart, {"replicas": {"minimum": 3}})
        refuses(chart, {"image": {"pullPolicy": "Sometimes"}})
    out.write_text("\n".join(rendered.values()))


def documents(chart: helm.Chart, values: dict[str, object]) -> list[dict[str, Any]]:
    rendered = chart.render(values, name="a", namespace="b")
    return [each for text in rendered.values() for each in yaml.safe_load_all(text) if each]


def gives_databases(chart: helm.Chart) -> None:
    """Two services each find the URL of a database of their own as a file, and no environment has one."""
    mounted: set[str] = set()
    for each in documents(chart, {}):
        if each["kind"] == "Deployment":
            pod = each["spec"]["template"]["spec"]
            secrets = [volume["secret"] for volume in pod["volumes"] if volume["name"] == "secrets"]
            keys = {item["key"] for secret in secrets for item in secret["items"]}
            mounted |= {secret["secretName"] for secret in secrets if "counterfoil_database_url" in keys}
            if "DATABASE" in str(pod["containers"][0]["env"]):
                raise SystemExit(f"{each['metadata']['name']} has a database in its environment")
    if mounted != {"counterfoil-credentials", "counterfoil-sessions"}:
        raise SystemExit(f"these have a database: {sorted(mounted)}")


def makes_certificates(chart: helm.Chart) -> None:
    """No schema for these is at hand: they are cert-manager's."""
    made = documents(chart, {"certManager": {"issuer": "inside"}})
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
