"""What an installation stands on: settings, files, disk, the SQLite library. Nothing here opens the database."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path
from urllib.parse import urlsplit

from forum.doctor.mail import look_at_mail
from forum.doctor.model import Finding, good, note, wrong
from forum.settings import Settings
from forum.settings.rules import is_loopback_host

MEBIBYTE = 1024 * 1024
TOO_LITTLE_DISK = 100 * MEBIBYTE
LITTLE_DISK = 1024 * MEBIBYTE
# Versions with a rare fault: several connections that write and checkpoint one WAL at once can damage the file.
WAL_FAULT = ((3, 7, 0), (3, 51, 2))


def look_around(settings: Settings) -> list[Finding]:
    """Everything that can be said without a database connection."""
    found = [_public_url(settings)]
    if settings.is_sqlite:
        found += [_sqlite_library(sqlite3.sqlite_version_info), _files(settings), _disk(settings)]
    return [*found, look_at_mail(settings)]


def _public_url(settings: Settings) -> Finding:
    name = "Public address"
    if is_loopback_host(urlsplit(settings.public_url).hostname or ""):
        advice = "For readers elsewhere, AFTERSHOW_PUBLIC_URL is the https:// address they use."
        return note(name, f"{settings.public_url}: only this machine reaches it", advice)
    return good(name, settings.public_url)


def _sqlite_library(version: tuple[int, ...]) -> Finding:
    name, shown = "SQLite library", ".".join(map(str, version))
    if not WAL_FAULT[0] <= version[:3] <= WAL_FAULT[1]:
        return good(name, shown)
    return note(
        name,
        f"{shown} has a rare write-ahead log fault (3.7.0 to 3.51.2)",
        "Harmless while one process serves: one connection writes and checkpoints. Back up with sqlite3's .backup.",
    )


def _files(settings: Settings) -> Finding:
    name, path = "Files", settings.sqlite_path
    secret = path.with_name(f"{path.name}.secret")
    for needed in (path.parent, path):
        if needed.exists() and not os.access(needed, os.W_OK):
            return wrong(name, f"{needed} is not writable", "Give it to the user that runs Aftershow.")
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return wrong(name, f"{secret} can be read by others", f"chmod 600 {secret}")
    return good(name, f"{path.resolve()} and its folder are writable")


def _disk(settings: Settings) -> Finding:
    name, folder = "Disk", settings.sqlite_path.resolve().parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return _room(name, folder, shutil.disk_usage(folder).free)


def _room(name: str, folder: Path, free: int) -> Finding:
    shown = f"{free // MEBIBYTE:,} MiB free at {folder}"
    if free < TOO_LITTLE_DISK:
        return wrong(name, shown, "Make room soon: a full disk stops all writing.")
    return note(name, shown, "Make room before it runs out.") if free < LITTLE_DISK else good(name, shown)
