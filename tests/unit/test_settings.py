"""Settings: what is read from where, and that everything wrong is said at once, with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from streams.errors import ConfigurationError, Problem
from streams.messages import Severity
from streams.routes import Route, Subject, receivers_for
from streams.settings import MailReceiver, Secrets, SlackReceiver, find_config, load, missing_secrets
from tests.support.configuration import MAIL, Load, problems

pytestmark = pytest.mark.usefixtures("clean_environment")


def test_an_empty_file_is_all_defaults(config: Load, tmp_path: Path) -> None:
    """Nothing has to be said; the embedded engines keep their data beside the file."""
    found = config("")
    assert found.engines.data == tmp_path / "data"
    assert found.broker_url == f"sqlite:///{tmp_path}/data/log.db"
    assert found.route_tree == ()


def test_a_key_with_nothing_after_it_is_its_default(config: Load, tmp_path: Path) -> None:
    """Commenting out a whole list leaves its key behind, which is no mistake."""
    found = config("sources:\nroutes:\nengines:\n  kafka:\n  data:\nfetch:\n  timeout:\n")
    assert found == config("")
    assert found.engines.data == tmp_path / "data"


def test_an_unknown_key_with_nothing_after_it_is_a_problem(config: Load) -> None:
    """A misspelt key is never taken for an empty one."""
    assert problems(config, "engines:\n  brokr:\nsorces:\n") == [
        (2, "unknown key 'engines.brokr'"),
        (3, "unknown key 'sorces'"),
    ]


def test_every_path_is_relative_to_the_file(config: Load, tmp_path: Path) -> None:
    """Wherever a command is run from, the same files are meant."""
    found = config(
        "rules: rules\n"
        "engines: {data: d, kafka: {ca_file: ca.pem}}\n"
        "sources: [{name: a, files: [a.txt, /b.txt]}]\n"
        f"receivers: [{{name: desk, {MAIL}, ca_file: mail.pem}}}}]\n"
    )
    way = found.receivers[0].way
    assert isinstance(way, MailReceiver)
    assert [found.rules, found.engines.data, found.engines.kafka.ca_file, way.ca_file, *found.sources[0].files] == [
        tmp_path / "rules",
        tmp_path / "d",
        tmp_path / "ca.pem",
        tmp_path / "mail.pem",
        tmp_path / "a.txt",
        Path("/b.txt"),
    ]


def test_a_home_that_nobody_has_is_left_as_it_stands(config: Load, tmp_path: Path) -> None:
    """`~nobody/x` does not end in a traceback."""
    assert config("rules: ~no-such-user/rules\n").rules == tmp_path / "~no-such-user/rules"


def test_what_an_item_has_none_or_two_of_is_said_beside_its_other_faults(config: Load) -> None:
    """Not only in the run after the others are mended; where it is the only fault it is said once."""
    text = (
        "sources:\n  - {name: a, every: 10}\n  - {name: b, feed: http://x.example/, files: [y]}\n"
        "receivers:\n  - {name: r, slak: {}}\n  - {name: s, slack: {channel: c}, slack_webhook: {}, colour: red}\n"
    )
    found = problems(config, text)
    assert [line for line, message in found if "exactly one of slack" in message] == [5, 6]
    assert [line for line, message in found if "has either `feed" in message] == [2, 3]
    assert len(found) == 7


def test_every_problem_is_said_at_once(config: Load) -> None:
    """Several mistakes in a file are listed in one run, each at its line, in words for the file's author."""
    text = (
        "engines:\n  broker: mysql://x\n  redis: redis://user:secret@host/0\n"
        "sources:\n  - name: a\n    every: 10\n    feed: ftp://x/y\n"
        "receivers:\n  - name: r\n    slack: {channel: c, token: xoxb-123}\n"
        "fetch:\n  max_bytes: 10 XB\n"
    )
    found = problems(config, text)
    assert [line for line, _ in found] == [2, 3, 6, 10, 12]
    assert found[0][1].startswith("engines.broker: 'mysql://x': write embedded, kafka://")
    assert found[2][1].startswith("sources.0.every: 10 has no unit")


def test_a_wrong_name_is_said_beside_a_wrong_value(config: Load) -> None:
    """Nobody mends the one only to be told of the other; what has no sound shape at all is said once."""
    text = (
        "sources:\n  - name: a\n    feed: http://x/1\n    everry: 10m\n"
        "receivers: [{name: r, slack: {channel: c}}, 7]\n"
        "routes:\n  '*': [nobody]\n  x: 7\noperators: no-one\nalerts: {max_age: 48 parsecs}\n"
    )
    found = problems(config, text)
    assert [line for line, _ in found] == [4, 5, 7, 8, 9, 10]
    assert [message for line, message in found if line in {7, 9}] == [
        "no receiver is called 'nobody'",
        "no receiver is called 'no-one'",
    ]


def test_spans_that_would_stop_everything_are_refused(config: Load) -> None:
    """No fetch is done in no time, and a topic that keeps nothing loses everything."""
    found = problems(config, "engines:\n  retention: 0s\nfetch:\n  timeout: 0s\n")
    assert [line for line, _ in found] == [2, 4]


def test_a_secret_in_the_file_is_not_repeated(config: Load) -> None:
    """A token that stands where a variable's name belongs is refused without being printed."""
    with pytest.raises(ConfigurationError) as caught:
        config("receivers:\n  - name: r\n    slack: {channel: c, token: xoxb-123}\n")
    assert "xoxb" not in str(caught.value)


@pytest.mark.parametrize("timeout", ["21s", "999ms"])
def test_an_attempt_to_deliver_has_bounds(config: Load, timeout: str) -> None:
    """A longer one would outlast the time a worker has to stop, a shorter one would give up on sound receivers."""
    ((_, message),) = problems(config, f"notify: {{timeout: {timeout}}}\n")
    assert "than or equal to" in message


def test_names_that_dangle_or_stand_twice_are_problems(config: Load) -> None:
    """A route to nobody would lose alerts in silence."""
    text = (
        "sources:\n  - {name: a, feed: http://x/1}\n  - {name: a, feed: http://x/2}\n"
        "receivers:\n  - {name: r, slack: {channel: c}}\n"
        "routes:\n  '*': [r, nobody]\noperators: no-one\n"
    )
    assert problems(config, text) == [
        (3, "the name 'a' stands twice"),
        (7, "no receiver is called 'nobody'"),
        (8, "no receiver is called 'no-one'"),
    ]


def test_a_rule_without_a_route_goes_where_the_star_says(config: Load) -> None:
    """A rule's own route replaces the general one."""
    found = config(
        "receivers: [{name: a, slack: {channel: c}}, {name: b, slack: {channel: d}}]\n"
        "routes: {'*': [a], special: [b], silent: []}\n"
    )
    alerts = [Subject(rule, Severity.HIGH) for rule in ("other", "special", "silent")]
    assert [receivers_for(found.route_tree, alert) for alert in alerts] == [("a",), ("b",), ()]


def test_a_fault_in_a_tree_of_routes_is_told_at_its_place(config: Load) -> None:
    """An unknown receiver, key or severity deep in the tree, and a match that asks nothing."""
    found = problems(
        config,
        "routes:\n"
        "  - match: {severity: huge}\n"
        "    receivers: [a]\n"
        "    routes:\n"
        "      - match: {}\n"
        "      - recievers: [b]\n"
        "route_examples:\n"
        "  - {alert: {rule: r}, receivers: [c]}\n",
    )
    assert found == [
        (2, "routes.0.match.severity: Input should be 'low', 'medium', 'high' or 'critical'"),
        (3, "no receiver is called 'a'"),
        (5, "routes.0.routes.0.match: asks nothing: leave `match` out for a route that takes every alert"),
        (6, "unknown key 'routes.0.routes.1.recievers'"),
        (8, "no receiver is called 'c'"),
    ]


def test_routes_in_the_environment_are_either_form(config: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mapping by rule or a tree, as JSON."""
    receivers = "receivers: [{name: a, slack: {channel: c}}]\n"
    monkeypatch.setenv("MARSAD_ROUTES", '{"*": ["a"]}')
    assert config(receivers).route_tree == (Route(receivers=("a",)),)
    monkeypatch.setenv("MARSAD_ROUTES", '[{"receivers": "a", "continue": true}]')
    assert config(receivers).route_tree == (Route.model_validate({"receivers": ["a"], "continue": True}),)


def test_a_file_that_is_not_there_says_how_to_write_one(tmp_path: Path) -> None:
    """The commonest first mistake is answered with its remedy."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "marsad.yaml")
    assert caught.value.problems[0].hint == "write a starter with `marsad init`"


@pytest.mark.parametrize("text", ["- a\n", "just words\n", "12\n"])
def test_a_file_that_is_no_mapping_is_a_problem(config: Load, text: str) -> None:
    """A list or a word is not a configuration."""
    assert problems(config, text) == [(1, "is not a mapping of settings")]


def test_the_environment_wins_over_the_file(config: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """One nested key is overridden, its neighbours in the file stay."""
    monkeypatch.setenv("MARSAD_ENGINES__BROKER", "kafka://broker:9092")
    monkeypatch.setenv("MARSAD_FETCH__ALLOW_HOSTS", '["a.test", "b.test"]')
    monkeypatch.setenv("MARSAD_FETCH__TIMEOUT", "5s")
    found = config("engines: {broker: embedded, partitions: 3}\nfetch: {timeout: 1m, max_redirects: 2}\n")
    assert (found.engines.broker, found.engines.partitions) == ("kafka://broker:9092", 3)
    assert found.fetch.allow_hosts == ("a.test", "b.test")
    assert (found.fetch.timeout, found.fetch.max_redirects) == (timedelta(seconds=5), 2)


def test_a_wrong_value_in_the_environment_is_named_by_its_variable(
    config: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Problems of the environment name the variable, not a line of the file."""
    monkeypatch.setenv("MARSAD_ENGINES__PARTITIONS", "many")
    with pytest.raises(ConfigurationError) as caught:
        config("engines: {partitions: 3}\n")
    assert [problem.file for problem in caught.value.problems] == ["MARSAD_ENGINES__PARTITIONS"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MARSAD_FETCH__ALLOW_HOSTS", "a.test,b.test", "cannot be read"),
        ("MARSAD_SOURCES", "http://x/feed", "cannot be read"),
        ("MARSAD_ENGINE__BROKER", "embedded", "is not a setting"),
        ("MARSAD_ENGINES__BROKR", "embedded", "is not a setting"),
    ],
)
def test_a_variable_that_is_wrong_is_named(
    config: Load, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """A variable that cannot be read or does not exist is a problem under its own name, never a traceback."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        config("")
    assert [(problem.file, problem.message) for problem in caught.value.problems] == [(name, message)]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MARSAD_SOURCES", '[{"name": "x", "fed": "http://x/"}]', "unknown key 'sources.0.fed'"),
        ("MARSAD_SOURCES", '[{"feed": "http://x/"}]', "key 'sources.0.name' is missing"),
        ("MARSAD_HEALTH", '{"port": 99999}', "health.port: write 65535 or less here"),
        ("MARSAD_ROUTES", '{"*": ["x"]}', "no receiver is called 'x'"),
        ("MARSAD_OPERATORS", "x", "no receiver is called 'x'"),
    ],
)
def test_a_fault_within_the_json_of_a_variable_was_told_at_a_sound_line_of_the_file(
    config: Load, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """Whoever looked at that line of marsad.yaml found nothing wrong with it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        config("health: {host: 127.0.0.1}\nroutes: {}\nsources:\n  - {name: a, feed: http://a/}\n")
    told = {(problem.file, problem.line, problem.message) for problem in caught.value.problems}
    assert (name, 0, message) in told
    assert {file for file, _, _ in told} == {name}


def test_a_fault_of_the_file_beside_a_sound_variable_is_told_at_its_line(
    config: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable gives one key of the section, the file the wrong one."""
    monkeypatch.setenv("MARSAD_HEALTH", '{"port": 0}')
    assert problems(config, "\nhealth: {colour: red}\n") == [(2, "unknown key 'health.colour'")]


@pytest.mark.parametrize("name", ["MARSAD_ENGINES__BROKER", "MARSAD_ENGINES__KAFKA__USERNAME", "MARSAD_HEALTH__PORT"])
def test_a_setting_with_one_underscore_for_two_was_passed_over_in_silence(
    config: Load, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The worker ran on the embedded engines, and nobody was told."""
    monkeypatch.setenv(name.replace("__", "_"), "1")
    with pytest.raises(ConfigurationError) as caught:
        config("")
    expected = Problem(name.replace("__", "_"), 0, 0, "is not a setting", f"did you mean {name}?")
    assert list(caught.value.problems) == [expected]


def test_a_secret_may_have_a_name_like_that_of_a_setting(config: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file says that it is one."""
    name = "MARSAD_HEALTH_HEARTBEAT"
    monkeypatch.setenv(name, "https://watch.example/1")
    assert config(f"health: {{heartbeat: {name}}}\n").health.heartbeat == name


@pytest.mark.parametrize(
    ("engines", "message"),
    [
        ("redis: redis://host:6379/marsad", "engines.redis: the database behind the host is no number"),
        ("redis: redis://host:port/0", "engines.redis: the port is no number up to 65535"),
        ("redis: redis://host/0?password=hush", "engines.redis: keep the password out of the file"),
        ("broker: kafka://host:port", "engines.broker: 'kafka://host:port': write embedded"),
    ],
)
def test_an_address_of_an_engine_that_is_none_was_taken_for_another_or_for_one_that_is_away(
    config: Load, engines: str, message: str
) -> None:
    """A database that is no number was number 0, and a start waited a minute for a port that is no number."""
    ((line, found),) = problems(config, f"engines:\n  {engines}\n")
    assert (line, found.startswith(message), "hush" in found) == (2, True, False), found


@pytest.mark.parametrize(
    "engines",
    [
        *("redis: redis://host", "redis: redis://host/", "redis: rediss://user@[::1]:6379/3?ssl_ca_certs=ca.pem"),
        *("redis: unix:///run/redis.sock?db=1", "broker: kafka://a,b.test:9093", "broker: 'kafka://[::1]:9092,::1'"),
    ],
)
def test_an_address_of_an_engine_in_any_of_its_forms_is_taken(config: Load, engines: str) -> None:
    """Names, addresses, ports or none."""
    assert config(f"engines:\n  {engines}\n")


def test_secrets_come_plainly_or_from_a_file(tmp_path: Path) -> None:
    """A plain value wins over a file; the newline that editors add is not part of a secret."""
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    secrets = Secrets({"A": "plain", "A_FILE": "/nowhere", "B_FILE": str(tmp_path / "token"), "C": ""})
    found = [secrets.get(name) for name in "ABCD"]
    assert [value.get_secret_value() if value else None for value in found] == ["plain", "from-file", None, None]
    assert "plain" not in repr(found)


def test_a_secret_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """The variable is named, and the file."""
    with pytest.raises(ConfigurationError, match=r"A_FILE: .*/absent cannot be read"):
        Secrets({"A_FILE": str(tmp_path / "absent")}).get("A")


@pytest.mark.parametrize("content", ["xoxb-1\nsecond line\n", "xoxb-1\r\nX: y", "xoxb\x00-1"])
def test_a_secret_of_several_lines_is_refused_unsaid(tmp_path: Path, content: str) -> None:
    """Not sent: a token with a line break ends up as a refusal that speaks of an address, and alerts are given up."""
    (tmp_path / "token").write_bytes(content.encode())
    for environment in ({"A": content}, {"A_FILE": str(tmp_path / "token")}):
        with pytest.raises(ConfigurationError, match="holds several lines") as caught:
            Secrets(environment).get("A")
        assert "xoxb" not in str(caught.value)
    assert Secrets({"A": "xoxb-1\r\n"}).get("A") == SecretStr("xoxb-1")


def test_each_stage_needs_only_the_secrets_that_it_uses(config: Load) -> None:
    """Who polls a source needs its log-in, who delivers does not; a worker that matches needs neither."""
    found = config(
        "sources: [{name: a, feed: http://a.example/, credentials: MARSAD_LOGIN}]\n"
        "receivers: [{name: s, slack: {channel: c}}]\n"
    )
    needed = {
        stage: [problem.file for problem in missing_secrets(found, Secrets({}), [stage])]
        for stage in ("ingest", "match", "alert", "notify")
    }
    assert needed == {"ingest": ["MARSAD_LOGIN"], "match": [], "alert": [], "notify": ["MARSAD_SLACK_TOKEN"]}


def test_missing_secrets_are_named_with_who_needs_them(config: Load) -> None:
    """A mail receiver without a user needs no password; SASL needs one."""
    found = config(
        f"receivers: [{{name: s, slack: {{channel: c}}}}, {{name: m, {MAIL}}}}}]\n"
        "engines: {kafka: {security: SASL_SSL, username: u}}\n"
    )
    assert isinstance(found.receivers[0].way, SlackReceiver)
    assert missing_secrets(found, Secrets({})) == [
        Problem(
            "MARSAD_SLACK_TOKEN",
            0,
            0,
            "is not set, and receiver 's' needs it",
            "export MARSAD_SLACK_TOKEN or MARSAD_SLACK_TOKEN_FILE",
        ),
        Problem(
            "MARSAD_KAFKA_PASSWORD",
            0,
            0,
            "is not set, and the broker needs it",
            "export MARSAD_KAFKA_PASSWORD or MARSAD_KAFKA_PASSWORD_FILE",
        ),
    ]


def test_the_configuration_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As given, else as the environment says, else in the present folder, else none."""
    monkeypatch.chdir(tmp_path)
    assert find_config(None) is None
    (tmp_path / "marsad.yaml").touch()
    assert find_config(None) == Path("marsad.yaml")
    monkeypatch.setenv("MARSAD_CONFIG", "other.yaml")
    assert find_config(None) == Path("other.yaml")
    assert find_config(Path("given.yaml")) == Path("given.yaml")


WORDS = """
    engines sources receivers routes operators rules alerts fetch health broker redis data kafka name feed files every
    slack slack_webhook mail channel to sender host port tls timeout max_bytes allow_hosts max_age security *
"""
KEYS = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["10m", "10 MB", "embedded", "http://[", "redis://u:p@h", "~x/y", "kafka://a", "a@b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_file_only_problems_come_out(config: Load, data: dict[str, object]) -> None:
    """Any YAML is settings or a ConfigurationError, never another exception."""
    try:
        config(yaml.safe_dump(data, allow_unicode=True))
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017  # either outcome is right, another exception is not


NAMES = st.sampled_from(
    ["MARSAD_ENGINES", "MARSAD_ENGINES__DATA", "MARSAD_ROUTES", "MARSAD_HEALTH__PORT", "MARSAD_X__Y", "MARSAD_RULES"]
)


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=3))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_environment_only_problems_come_out(config: Load, variables: dict[str, str]) -> None:
    """Any environment is settings or a ConfigurationError, never another exception."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        try:
            config("")
        except ConfigurationError as error:
            assert error.problems  # noqa: PT017  # either outcome is right, another exception is not


def test_an_inhibition_longer_than_alerts_are_remembered_stopped_the_alert_stage(config: Load) -> None:
    """No date lies so far back that it could be looked for from there."""
    text = "inhibitions: [{source: a, target: b, within: 99999999d}]\n"
    ((line, found),) = problems(config, text)
    assert (line, "inhibitions.0.within: is 30d at most" in found) == (1, True), found
