"""The reference page of the settings, made from their declarations; a test keeps the file equal to it."""

from dataclasses import dataclass

from forum.settings.loading import CONFIG_NAME, FILE_SUFFIX, RULES, env_name

INTRODUCTION = f"""\
# Settings

Aftershow is configured by environment variables. An empty variable counts as not given. A misspelt name or a
value that is not allowed stops the start, with one sentence for each thing that is wrong.

A **secret** may be kept in a file: `AFTERSHOW_SECRET_KEY{FILE_SUFFIX}=/run/secrets/key` reads it from there.

`{CONFIG_NAME}` may name a TOML file with the same settings under their short names; the environment wins:

```toml
public_url = "https://talk.example.com"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
metrics = true
```

Names that begin with `AFTERSHOW_TEST_` belong to the test suite and are ignored.
"""


@dataclass(frozen=True, slots=True)
class SettingDoc:
    """What the reference page says about one setting; `name` is the environment variable."""

    name: str
    default: str
    allowed: str
    help: str
    secret: bool


def describe() -> list[SettingDoc]:
    """Return every setting in the order of its declaration."""
    return [
        SettingDoc(env_name(name), rule.default, rule.allowed, rule.help, rule.secret) for name, rule in RULES.items()
    ]


def markdown() -> str:
    """Return the whole reference page."""
    return INTRODUCTION + "".join(_section(item) for item in describe())


def _section(item: SettingDoc) -> str:
    default = f"`{item.default}`" if item.default else "none"
    secret = " (secret)" if item.secret else ""
    return f"\n## {item.name}{secret}\n\n{item.help}\n\n- Default: {default}\n- Allowed: {item.allowed}\n"
