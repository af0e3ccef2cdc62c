"""Every setting, declared once; read strictly from the environment, secret files and a TOML file."""

from forum.settings.declared import LogFormat, LogLevel, Settings, WorkerMode
from forum.settings.document import SettingDoc, describe
from forum.settings.loading import SettingsError, load_settings

__all__ = [
    "LogFormat",
    "LogLevel",
    "SettingDoc",
    "Settings",
    "SettingsError",
    "WorkerMode",
    "describe",
    "load_settings",
]
