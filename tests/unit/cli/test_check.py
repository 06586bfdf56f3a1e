"""`marsad check` names what does not answer, one by one, and sends nothing."""

from __future__ import annotations

import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app
from tests.support.ports import free_port
from tests.unit.match.building import rule_data, write_rules


def _check(folder: Path, text: str) -> Result:
    (folder / "articles.txt").write_text("Troops leave.", encoding="utf-8")
    path = folder / "marsad.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["check", "--config", str(path)])


def test_what_is_well_is_said_beside_what_is_not(tmp_path: Path) -> None:
    """One server that does not answer is the one finding; the embedded engines need not have been used before."""
    port = free_port()
    unheard = "{to: [a@example.org], sender: m@example.org, host: 127.0.0.1, tls: none, port: " + str(port) + "}"
    text = "sources: [{name: files, files: [articles.txt]}]\n"
    result = _check(tmp_path, text + f"receivers: [{{name: desk, mail: {unheard}}}]\nroutes: {{'*': [desk]}}\n")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("ok")] == [
        "ok   secrets",
        "ok   rules",
        "ok   routes",
        "ok   broker",
        "ok   redis",
        "ok   source files",
    ]
    (finding,) = (line for line in lines if line.startswith("FAIL"))
    assert finding.startswith(f"FAIL receiver desk: 127.0.0.1:{port} cannot be reached")


def test_a_log_that_only_a_command_had_opened_was_said_to_lack_its_topics(tmp_path: Path) -> None:
    """`marsad status` before the first `marsad run`, which makes them: nothing is amiss."""
    path = tmp_path / "marsad.yaml"
    path.write_text("", encoding="utf-8")
    assert CliRunner().invoke(app, ["status", "--config", str(path)]).exit_code == 0
    result = _check(tmp_path, "")
    assert "ok   broker" in result.stdout.splitlines()


def test_a_source_with_a_log_in_was_checked_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And said to answer 401."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Authorization"] == "Bearer t0ken" else 401)
            self.end_headers()
            self.wfile.write(b"<rss><channel><title>News</title></channel></rss>")

        def log_message(self, *_: object) -> None:
            """Nothing is to be said."""

    monkeypatch.setenv("MARSAD_LOGIN", "t0ken")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.handle_request).start()
        feed = f"http://127.0.0.1:{server.server_address[1]}/"
        said = f"sources: [{{name: members, feed: '{feed}', credentials: MARSAD_LOGIN}}]\n"
        result = _check(tmp_path, said + "fetch: {allow_hosts: [127.0.0.1]}\n")
    assert "ok   source members" in result.stdout.splitlines()


def test_what_is_amiss_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret, a route to no rule, a rule that nobody hears, engines and a source that do not answer."""
    monkeypatch.delenv("MARSAD_SLACK_TOKEN", raising=False)
    dead = f"127.0.0.1:{free_port()}"
    result = _check(
        tmp_path,
        f"engines: {{broker: 'kafka://{dead}', redis: 'redis://{dead}/0'}}\n"
        f"sources: [{{name: gone, feed: 'http://{dead}/feed'}}]\n"
        "receivers: [{name: newsroom, slack: {channel: c}}]\n"
        "routes: {escalation-idlib: [newsroom], no-such-rule: [newsroom]}\n"
        "route_examples: [{alert: {rule: escalation-idlib}, receivers: []}]\n",
    )
    assert result.exit_code == 1
    found = [line.split(":")[0] for line in result.stdout.splitlines() if line.startswith("FAIL")]
    expected = ["secrets", "routes", "routes", "routes", "broker", "redis", "receiver newsroom", "source gone"]
    assert found == [f"FAIL {name}" for name in expected]
    assert result.stderr.splitlines()[-1] == "8 findings"


def test_names_that_no_rule_has_are_findings(tmp_path: Path) -> None:
    """In what routes ask, and in inhibitions, which would never quiet anything."""
    result = _check(
        tmp_path,
        "receivers: [{name: desk, file: {path: out.jsonl}}]\n"
        "routes: [{match: {slots: {wher: Idlib}}, receivers: desk}, {match: {tags: syira}, receivers: desk},"
        " {receivers: desk}]\n"
        "inhibitions: [{source: escalation-idlb, target: escalation-idlib, equal: [wehre]}]\n",
    )
    found = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert found == [
        "FAIL routes: routes.0: no rule has the slot 'wher'; did you mean 'where'?",
        "FAIL routes: routes.1: no rule has the tag 'syira'; did you mean 'syria'?",
        "FAIL routes: inhibitions.0: no rule is called 'escalation-idlb'; did you mean 'escalation-idlib'?",
        "FAIL routes: inhibitions.0: the rule 'escalation-idlib' has no slot 'wehre': it can share none (`equal`)",
    ]


def test_a_route_to_which_no_alert_comes_was_said_to_be_behind_another(tmp_path: Path) -> None:
    """It asks for what no rule has, as does one within it; of another one that was right. A language is no code."""
    result = _check(
        tmp_path,
        "receivers: [{name: desk, file: {path: out.jsonl}}]\n"
        "routes: [{match: {severity: critical, rules: ceasefire-syria}, receivers: desk, routes: [{}]},"
        " {match: {languages: Arabic}, receivers: desk}, {receivers: desk}, {receivers: desk}]\n",
    )
    none = "no alert of a live rule can come to it"
    assert [line for line in result.stdout.splitlines() if line.startswith("FAIL")] == [
        f"FAIL routes: routes.0: {none}: none has the tag, severity and name that is asked for",
        f"FAIL routes: routes.0.routes.0: {none}: none has the tag, severity and name that is asked for",
        "FAIL routes: routes.1: no article is in the language 'Arabic': write its code, as ar or en",
        f"FAIL routes: routes.3: {none}: an earlier route takes them all",
    ]


def test_a_route_of_a_source_that_is_none_was_no_finding(tmp_path: Path) -> None:
    """Nothing comes to it: all of that source's alerts go where the next route says."""
    result = _check(
        tmp_path,
        "receivers: [{name: desk, file: {path: out.jsonl}}]\n"
        "sources: [{name: Sana, feed: http://127.0.0.1:1/}]\n"
        "routes: [{match: {sources: [sana, sanna]}, receivers: desk}, {receivers: desk}]\n"
        "route_examples: [{alert: {rule: escalation-idlib, source: sanaa}, receivers: desk}]\n",
    )
    assert [line for line in result.stdout.splitlines() if line.startswith("FAIL routes")] == [
        "FAIL routes: routes.0: no source is called 'sanna'; did you mean 'Sana'?",
        "FAIL routes: route_examples.0: no source is called 'sanaa'; did you mean 'Sana'?",
    ]


def test_an_example_of_an_alert_that_never_comes_held(tmp_path: Path) -> None:
    """Its rule was renamed, or has not the slot: what it shows is no more than how an unknown alert goes."""
    result = _check(
        tmp_path,
        "receivers: [{name: desk, file: {path: out.jsonl}}]\n"
        "routes: {'*': desk}\n"
        "route_examples:\n"
        "  - {alert: {rule: escalation-idlb}, receivers: desk}\n"
        "  - {alert: {rule: escalation-idlib, slots: {wher: Idlib}}, receivers: desk}\n",
    )
    assert [line for line in result.stdout.splitlines() if line.startswith("FAIL")] == [
        "FAIL routes: route_examples.0: no rule is called 'escalation-idlb'; did you mean 'escalation-idlib'?",
        "FAIL routes: route_examples.1: the rule 'escalation-idlib' has no slot 'wher'; did you mean 'where'?",
    ]


def test_an_inhibition_of_an_absence_quieted_nothing(tmp_path: Path) -> None:
    """It is told by the clock, where no alert of another rule is looked for."""
    absence = {"repeat_after": "1d", "absence": {"within": "1d"}}
    examples = {
        "fires": [{"lang": "en", "text": "war"}],
        "silent": [{"lang": "en", "text": "peace", "because": "no war"}],
    }
    rule = rule_data("war", id="quiet", alert=absence, examples=examples)
    write_rules(tmp_path / "rules", {"quiet.yaml": rule})
    settings = "rules: rules\nreceivers: [{name: desk, file: {path: out.jsonl}}]\nroutes: {'*': desk}\n"
    result = _check(tmp_path, settings + "inhibitions: [{source: outage, target: quiet, equal: []}]\n")
    assert "FAIL routes: inhibitions.0: the rule 'quiet' tells of absence, which no alert keeps quiet" in result.stdout


def test_a_route_to_a_place_took_only_articles_that_spelled_it_so(tmp_path: Path) -> None:
    """`ادلب` is often written, so is `إدلب`, and neither stands in an English article: its id does for all."""
    result = _check(
        tmp_path,
        "receivers: [{name: desk, file: {path: out.jsonl}}]\n"
        "routes: [{match: {slots: {where: [ادلب, Idlib, idlib, هنا]}}, receivers: desk}, {receivers: desk}]\n",
    )
    found = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert found == [
        "FAIL routes: routes.0: where: 'ادلب' is found only where an article spells it so; write 'idlib'",
    ]


PLAYED = "rules: rules\nreceivers: [{name: desk, file: {path: out.jsonl}}]\nroutes: {'*': desk}\n"


def _with_a_timeline(folder: Path, *, fires: str = "war") -> None:
    examples = {
        "fires": [{"lang": "en", "text": fires}],
        "silent": [{"lang": "en", "text": "peace", "because": "no war"}],
        "timelines": [{"title": "war", "articles": [{"at": "0m", "lang": "en", "text": "war"}], "alerts": []}],
    }
    write_rules(folder / "rules", {"a-rule.yaml": rule_data("war", examples=examples)})


def test_a_timeline_that_does_not_hold_was_no_finding(tmp_path: Path) -> None:
    """Only `marsad rules test` played it."""
    _with_a_timeline(tmp_path)
    result = _check(tmp_path, PLAYED)
    assert f"FAIL rules: {tmp_path}/rules/a-rule.yaml" in result.stdout
    assert "a-rule: at +0m it is told (first), and no alert is expected" in result.stdout


@pytest.mark.parametrize(("fires", "more"), [("war", 0), ("harvest", 2)])
def test_timelines_that_could_not_be_played_ended_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fires: str, more: int
) -> None:
    """It is a finding beside what does not hold; the rules are known all the same, and so are their routes."""
    _with_a_timeline(tmp_path, fires=fires)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    result = _check(tmp_path, PLAYED)
    lines = [line for line in result.stdout.splitlines() if "rules:" in line or "routes" in line]
    assert lines[-2].startswith("FAIL rules: timelines cannot be played: ")
    assert lines[-1] == "ok   routes"
    assert [line.rpartition(": ")[2] for line in lines[:-2]] == [
        "the rule does not fire",
        "running workers go on with the last good rules, and take up the folder when it is mended",
    ][:more]
