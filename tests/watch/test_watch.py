"""Do the alerts and the dashboard ask for what the metrics really tell?"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, Engine, insert

from tests.promtool import checked
from worker.bells import LOST
from worker.http.measuring import STREAM, Measures
from worker.http.parts import TURNED_AWAY
from worker.store.engine import REPEATED, in_transaction
from worker.store.tables import handoffs, pauses, throttles, workers
from worker.store.tallies import Tally, count, observe

ROOT = Path(__file__).parents[2]
WATCH = ROOT / "config" / "watch"
RULES = [
    rule
    for group in yaml.safe_load((WATCH / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
BOARDS = [json.loads(path.read_text()) for path in sorted((WATCH / "dashboards").glob("*.json"))]
QUERIES = [
    (panel["title"], target["expr"])
    for board in BOARDS
    for panel in board["panels"]
    for target in panel["targets"]
]
ASKED = [*((rule["alert"], rule["expr"]) for rule in RULES), *QUERIES]
SELECTOR = re.compile(r"(outreach_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture
def told(engine: Engine) -> dict[str, set[str]]:
    """Every series' name, and its labels, where there is something of each."""
    in_transaction(engine, _fill)
    found: dict[str, set[str]] = {name: set() for name in STREAM}
    for family in Measures(engine, None).collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    for one in (LOST, TURNED_AWAY, REPEATED):
        found[f"{one._name}_total"] = set(one._labelnames)
    return found


def _fill(connection: Connection) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for one in Tally:
        labels = dict.fromkeys(one.value.labels, "x")
        (observe if one.value.buckets else count)(connection, one, 1, **labels)
    call = {"customer_id": "c", "why": "w", "text": "", "updated_at": now, "created_at": now}
    rows: list[tuple[Any, dict[str, Any]]] = [
        (handoffs, {"id": "h", "queue": "q", "state": "open", "due": now, **call}),
        (pauses, {"scope": "*", "by": "dana", "at": now}),
        (throttles, {"name": "sender:s", "broken_until": now, "breaks": 1}),
        (workers, {"id": "w", "role": "outreach.send", "seen_at": datetime.now(UTC)}),
    ]
    for table, row in rows:
        connection.execute(insert(table).values(row))


@pytest.mark.parametrize(("who", "query"), ASKED, ids=[who for who, _ in ASKED])
def test_what_is_asked_for_is_told(who: str, query: str, told: dict[str, set[str]]) -> None:
    selectors = SELECTOR.findall(query)
    assert selectors
    for name, matchers in selectors:
        assert name in told
        wanted = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert wanted <= told[name]
    grouped = {one.strip() for some in GROUPED.findall(query) for one in some.split(",")}
    assert grouped <= set().union(*(told[name] for name, _ in selectors))


def test_prometheus_understands_the_rules_the_scraping_and_every_panel(tmp_path: Path) -> None:
    panels = [{"record": f"panel:{n}", "expr": query} for n, (_, query) in enumerate(QUERIES)]
    made = tmp_path / "panels.yml"
    made.write_text(json.dumps({"groups": [{"name": "panels", "rules": panels}]}))

    assert checked("check", "rules", str(WATCH / "alerts.yml"), str(made)) == ""
    assert checked("check", "config", "--syntax-only", str(WATCH / "prometheus.yml")) == ""


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    assert checked("test", "rules", str(Path(__file__).with_name("alerts_test.yml"))) == ""


def test_of_every_alert_it_is_tried_that_it_fires_and_that_it_does_not() -> None:
    stories = yaml.safe_load(Path(__file__).with_name("alerts_test.yml").read_text())["tests"]
    tried = [one for story in stories for one in story["alert_rule_test"]]

    names = {rule["alert"] for rule in RULES}
    assert {one["alertname"] for one in tried if one["exp_alerts"]} == names
    assert {one["alertname"] for one in tried if not one["exp_alerts"]} == names


def test_every_alert_says_what_to_do() -> None:
    document = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert [rule["alert"] for rule in RULES if f"| `{rule['alert']}` |" not in document] == []
    assert all(rule["annotations"]["summary"] for rule in RULES)
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "ticket"}


def test_grafana_finds_its_dashboard_and_its_source() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounted = dict(one.split(":")[:2] for one in services["grafana"]["volumes"])
    provided = yaml.safe_load((WATCH / "dashboards.yml").read_text())["providers"]
    [source] = yaml.safe_load((WATCH / "datasources.yml").read_text())["datasources"]

    assert mounted["./config/watch/dashboards"] == provided[0]["options"]["path"]
    assert "./config/watch/dashboards.yml" in mounted
    for board in BOARDS:
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {source["uid"]}
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_prometheus_reads_the_rules_and_has_a_key_for_the_api() -> None:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["prometheus"]
    scraping = yaml.safe_load((WATCH / "prometheus.yml").read_text())
    [job] = scraping["scrape_configs"]

    mounted = {Path(one.split(":")[1]).name for one in service["volumes"]}
    assert set(scraping["rule_files"]) <= mounted
    assert job["authorization"]["credentials_file"] in service["command"][0]
    assert "METRICS_KEY" in service["environment"]
