"""Reading settings from the environment, secret files and a TOML file; every problem reported at once."""

import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from forum.settings.declared import Settings
from forum.settings.rules import Rule, sqlite_file

PREFIX: Final = "AFTERSHOW_"
CONFIG_NAME: Final = "AFTERSHOW_CONFIG"
FILE_SUFFIX: Final = "_FILE"
TEST_PREFIX: Final = "AFTERSHOW_TEST_"  # the test suite's own; a server that it starts inherits them
SECRET_KEY_BYTES: Final = 32
RULES: Final[dict[str, Rule]] = {item.name: item.metadata["rule"] for item in fields(Settings)}


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def env_name(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def load_settings(environ: Mapping[str, str], toml_path: Path | None = None) -> Settings:
    """Read, check and complete the settings.

    `environ` is the whole environment; `toml_path` stands for AFTERSHOW_CONFIG when given. A missing secret
    key is made and stored (mode 0600) beside an embedded database. Raises `SettingsError` with all problems.
    """
    problems: list[str] = []
    texts = _from_toml(environ, toml_path, problems) | _from_environ(environ, problems)
    values: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            values[name] = RULES[name].parse(text)
        except (ValueError, KeyError):
            problems.append(_bad_value(name, text))
    if not problems:
        problems += _conflicts(values)
    if not problems and "secret_key" not in values:
        values["secret_key"] = _embedded_secret_key(Path(_database_file(values)), problems)
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def _database_file(values: dict[str, Any]) -> str:
    return sqlite_file(values.get("database_url", RULES["database_url"].default))


def _bad_value(name: str, text: str) -> str:
    shown = "a value that is not shown here" if RULES[name].secret else f"{text!r}"
    return f"{env_name(name)} is {shown}; allowed: {RULES[name].allowed.replace('`', '')}."


def _conflicts(values: dict[str, Any]) -> list[str]:
    """Name the settings that are right one by one and wrong together."""
    postgresql = values.get("database_url", "").startswith("postgresql:")
    problems = []
    if postgresql and "secret_key" not in values:
        problems.append(
            "AFTERSHOW_SECRET_KEY is required with PostgreSQL: every process must use the same one. "
            "Make it once, for example with: openssl rand -base64 32."
        )
    if "database_read_url" in values and not postgresql:
        problems.append("AFTERSHOW_DATABASE_READ_URL needs a postgresql:// AFTERSHOW_DATABASE_URL.")
    return problems


def _from_environ(environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Return the text of each setting given by the environment; an empty variable counts as not given."""
    texts: dict[str, str] = {}
    for variable, text in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable == CONFIG_NAME or variable.startswith(TEST_PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        in_file = variable.endswith(FILE_SUFFIX)
        if in_file:
            name = name.removesuffix(FILE_SUFFIX.lower())
        if name not in RULES or variable != env_name(name) + FILE_SUFFIX * in_file:
            problems.append(_unknown(variable))
        elif in_file and not RULES[name].secret:
            problems.append(f"{variable} is not read: {env_name(name)} is no secret, give it directly.")
        elif in_file and text and environ.get(env_name(name)):
            problems.append(f"{variable} and {env_name(name)} are both given: keep one.")
        elif text:
            texts[name] = _read_secret(variable, Path(text), problems) if in_file else text
    return {name: text for name, text in texts.items() if text}


def _unknown(given: str) -> str:
    """Say that a variable or a TOML key is no setting, and which one it resembles."""
    name = given.removeprefix(PREFIX)
    nearest = get_close_matches(name.lower(), RULES, n=1)
    if not nearest:
        return f"{given} is no setting of Aftershow."
    return f"{given} is no setting of Aftershow. Did you mean {nearest[0] if name == given else env_name(nearest[0])}?"


def _read_secret(variable: str, path: Path, problems: list[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{variable} names {path}, which cannot be read: {_reason(error)}.")
        return ""
    if not text:
        problems.append(f"{variable} names {path}, which is empty.")
    return text


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"


def _from_toml(environ: Mapping[str, str], toml_path: Path | None, problems: list[str]) -> dict[str, str]:
    """Return the text of each setting in the TOML file; lists and switches as the environment has them."""
    given = environ.get(CONFIG_NAME)
    path = toml_path or (Path(given) if given else None)
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{CONFIG_NAME}: {path} is not TOML: {error}.")
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{CONFIG_NAME}: {path} cannot be read: {_reason(error)}.")
        return {}
    problems += [f"{path}: {_unknown(name)}" for name in table if name not in RULES]
    return {name: _toml_text(value) for name, value in table.items() if name in RULES}


def _toml_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def _embedded_secret_key(database: Path, problems: list[str]) -> str:
    """Return the key kept in `<database>.secret`, made on first use; only its owner may read the file."""
    path = database.with_name(database.name + ".secret")
    try:
        if not path.exists():
            _make_secret_key(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            problems.append(f"{path} holds the secret key and others may read it: chmod 600 it.")
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        problems.append(f"The secret key cannot be kept in {path}: {reason}. Set AFTERSHOW_SECRET_KEY or mend that.")
        return ""
    if len(key) < SECRET_KEY_BYTES:
        problems.append(f"{path} does not hold a whole secret key: delete it and a new one is made.")
    return key


def _make_secret_key(path: Path) -> None:
    """Write a new key so that, of two processes starting at once, both end up with the same whole one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SECRET_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the one
    finally:
        draft.unlink()
