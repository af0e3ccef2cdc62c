"""Settings: what is read from where, what is refused and how it is said, the kept secret key, the reference page."""

import stat
from pathlib import Path
from typing import Final

import pytest

from forum.settings import LogFormat, Settings, SettingsError, WorkerMode, describe, load_settings
from forum.settings.document import markdown

REPOSITORY: Final = Path(__file__).resolve().parents[2]
KEY: Final = "k" * 32


def load(**given: str) -> Settings:
    return load_settings({"AFTERSHOW_SECRET_KEY": KEY} | {f"AFTERSHOW_{name}": text for name, text in given.items()})


def problems(**given: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**given)
    return caught.value.problems


def test_defaults_are_for_one_embedded_server_on_this_machine() -> None:
    settings = load()
    assert settings.is_sqlite
    assert settings.sqlite_path == Path("aftershow.db")
    assert settings.public_origin == "http://localhost:8000"
    assert not settings.secure_cookies
    assert settings.worker is WorkerMode.INLINE
    assert settings.rate_limits is True
    assert settings.egress_ports == {80, 443}
    assert settings.database_read_url is None


def test_every_kind_of_value_is_parsed() -> None:
    settings = load(
        DATABASE_URL="postgresql://a:b@db.example/forum",
        DATABASE_READ_URL="postgresql://a:b@replica.example/forum",
        PUBLIC_URL="https://Talk.Example.com:443/",
        TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7",
        LOG_FORMAT="json",
        METRICS="on",
        EDIT_WINDOW_MINUTES="0",
        EGRESS_PORTS="8080",
    )
    assert not settings.is_sqlite
    assert settings.public_origin == "https://talk.example.com"
    assert settings.secure_cookies
    assert settings.log_format is LogFormat.JSON
    assert settings.metrics is True
    assert settings.edit_window_minutes == 0
    assert settings.egress_ports == {8080}
    assert settings.trusts_proxy("10.1.2.3")
    assert settings.trusts_proxy("192.0.2.7")
    assert not settings.trusts_proxy("192.0.2.8")
    assert not settings.trusts_proxy("unix")


def test_an_absolute_path_has_four_slashes() -> None:
    assert load(DATABASE_URL="sqlite:////srv/forum.db").sqlite_path == Path("/srv/forum.db")


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load(PORT="").port == 8000


def test_other_programs_variables_and_the_test_suites_are_ignored() -> None:
    environ = {"AFTERSHOW_SECRET_KEY": KEY, "AFTERSHOW_TEST_CHROMIUM": "x", "PATH": "y", "aftershow_port": "z"}
    assert load_settings(environ).port == 8000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PUBLIC_URL", "http://talk.example.com"),
        ("PUBLIC_URL", "https://talk.example.com/forum"),
        ("PUBLIC_URL", "https://name@talk.example.com"),
        ("PUBLIC_URL", "https://talk.example.com:0"),
        ("PUBLIC_URL", "https://talk.example.com:99999"),
        ("PUBLIC_URL", "//talk.example.com"),
        ("PUBLIC_URL", "http://[::1"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://host"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("WORKER", "outside"),
        ("RATE_LIMITS", "yes"),
        ("RATE_LIMIT_STORAGE", "mongodb://host"),
        ("PORT", "65536"),
        ("PORT", "٨٠"),
        ("PORT", "-1"),
        ("MAX_COMMENT_LENGTH", "10001"),
        ("EGRESS_PORTS", "80,"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_bad_value_names_the_setting_and_what_is_allowed(name: str, text: str) -> None:
    (problem,) = problems(**{name: text})
    assert problem.startswith(f"AFTERSHOW_{name} is ")
    assert "allowed: " in problem


@pytest.mark.parametrize("host", ["localhost:8000", "shop.localhost", "127.0.0.1:81", "127.9.9.9", "[::1]:8000"])
def test_plain_http_is_for_loopback(host: str) -> None:
    assert load(PUBLIC_URL=f"http://{host}").public_origin == f"http://{host}"


def test_an_unknown_name_gets_the_nearest_one() -> None:
    assert problems(DATABSE_URL="x") == [
        "AFTERSHOW_DATABSE_URL is no setting of Aftershow. Did you mean AFTERSHOW_DATABASE_URL?"
    ]
    assert problems(QQQQ="x") == ["AFTERSHOW_QQQQ is no setting of Aftershow."]
    assert problems(Port="1") == ["AFTERSHOW_Port is no setting of Aftershow. Did you mean AFTERSHOW_PORT?"]


def test_all_problems_are_reported_together() -> None:
    assert len(problems(PORT="x", WORKER="y", NONSENSE="z")) == 3


def test_no_secret_is_shown() -> None:
    (problem,) = problems(DATABASE_URL="postgres://me:hunter2@host/name")
    assert "hunter2" not in problem
    assert KEY not in repr(load())
    assert "hunter2" not in repr(load(DATABASE_URL="postgresql://me:hunter2@host/name"))


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("f" * 40 + "\n")
    assert load_settings({"AFTERSHOW_SECRET_KEY_FILE": str(file)}).secret_key == "f" * 40
    assert problems(SECRET_KEY_FILE=str(file)) == [
        "AFTERSHOW_SECRET_KEY_FILE and AFTERSHOW_SECRET_KEY are both given: keep one."
    ]
    assert "cannot be read" in problems(DATABASE_URL_FILE=str(tmp_path / "missing"))[0]
    assert "is no secret" in problems(PORT_FILE=str(file))[0]
    file.write_text("\n")
    assert "is empty" in problems(DATABASE_URL_FILE=str(file))[0]


def test_a_toml_file_gives_what_the_environment_does_not(tmp_path: Path) -> None:
    file = tmp_path / "aftershow.toml"
    file.write_text('port = 9000\nmetrics = true\nhost = "192.0.2.1"\ntrusted_proxies = ["127.0.0.1", "::1"]\n')
    settings = load(CONFIG=str(file), PORT="9001")
    assert (settings.port, settings.metrics, settings.host) == (9001, True, "192.0.2.1")
    assert settings.trusts_proxy("::1")


def test_a_toml_file_is_read_as_strictly(tmp_path: Path) -> None:
    file = tmp_path / "aftershow.toml"
    file.write_text("prt = 1\nthread_depth = 99\n")
    assert problems(CONFIG=str(file)) == [
        f"{file}: prt is no setting of Aftershow. Did you mean port?",
        "AFTERSHOW_THREAD_DEPTH is '99'; allowed: a whole number from 1 to 12.",
    ]
    file.write_text("port = \n")
    assert "is not TOML" in problems(CONFIG=str(file))[0]
    assert "cannot be read" in problems(CONFIG=str(tmp_path / "missing"))[0]


def test_postgresql_needs_a_key_and_a_replica_needs_postgresql() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"AFTERSHOW_DATABASE_URL": "postgresql://host/name"})
    assert "AFTERSHOW_SECRET_KEY is required" in caught.value.problems[0]
    assert "DATABASE_READ_URL" in problems(DATABASE_READ_URL="postgresql://host/name")[0]


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    environ = {"AFTERSHOW_DATABASE_URL": f"sqlite:///{tmp_path}/forum.db"}
    first = load_settings(environ).secret_key
    kept = tmp_path / "forum.db.secret"
    assert load_settings(environ).secret_key == first
    assert len(first) >= 43  # 32 random bytes
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["forum.db.secret"]


def test_a_kept_key_that_others_may_read_or_that_is_cut_is_refused(tmp_path: Path) -> None:
    environ = {"AFTERSHOW_DATABASE_URL": f"sqlite:///{tmp_path}/forum.db"}
    load_settings(environ)
    kept = tmp_path / "forum.db.secret"
    kept.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(environ)
    kept.chmod(0o600)
    kept.write_text("x")
    with pytest.raises(SettingsError, match="whole secret key"):
        load_settings(environ)


def test_a_key_that_cannot_be_kept_says_where(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be kept in"):
        load_settings({"AFTERSHOW_DATABASE_URL": f"sqlite:///{tmp_path}/missing/forum.db"})


def test_nothing_is_made_when_something_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load_settings({"AFTERSHOW_DATABASE_URL": f"sqlite:///{tmp_path}/forum.db", "AFTERSHOW_PORT": "x"})
    assert list(tmp_path.iterdir()) == []


def test_every_setting_is_documented_and_its_default_is_allowed() -> None:
    assert (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8") == markdown(), (
        "renew it: python -m forum.settings > docs/settings.md"
    )
    defaults = {item.name: item.default for item in describe() if item.default}
    assert load_settings(defaults | {"AFTERSHOW_SECRET_KEY": KEY}) == load()
    assert all(item.help.endswith(".") and item.allowed for item in describe())
