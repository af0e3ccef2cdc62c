"""The Firefox that browser tests drive: AFTERSHOW_TEST_FIREFOX, or the first one on PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.marionette import PATIENCE, Marionette, Place, until

NAMES: Final = ("firefox-esr", "firefox")
# No name leads anywhere but here, so nothing can leave the machine; the rest keeps the browser from trying.
PREFERENCES: Final[dict[str, object]] = {
    "network.dns.forceResolve": "127.0.0.1",
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.http.speculative-parallel-limit": 0,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "browser.safebrowsing.provider.google4.updateURL": "",
    "browser.search.update": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "geo.provider.network.url": "",
    "intl.accept_languages": "en-GB, en",
    "marionette.port": 0,
    "media.gmp-manager.updateEnabled": False,
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "data:,",
}
TRUST: Final = """
const certificates = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
certificates.addCertFromBase64(arguments[0], "C,,");
"""
COOKIES: Final = """
return Services.cookies.cookies.map(({ name, host, isPartitioned, isHttpOnly, isSecure, originAttributes }) =>
  ({ name, host, isPartitioned, isHttpOnly, isSecure, partition: originAttributes.partitionKey }));
"""
COMPLAINTS: Final = """
return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && ["content javascript", "CSP"].includes(one.category))
  .map((one) => `${one.category}: ${one.errorMessage} (${one.sourceName}:${one.lineNumber})`);
"""
CUT: Final = "Script terminated by timeout"  # what ran while its page was left


def path() -> str | None:
    """Return the program, if there is one that a test can use."""
    named = os.environ.get("AFTERSHOW_TEST_FIREFOX")
    return named or next((found for name in NAMES if (found := shutil.which(name)) and not _is_snap(Path(found))), None)


def _is_snap(program: Path) -> bool:
    """Is it a snap, or a script that starts one? That sees neither the profile nor the home of a test."""
    with program.open("rb") as file:
        return "/snap/" in f"{program.resolve()}/" or b"/snap/" in file.read(4096)


class Firefox:
    """A running browser."""

    def __init__(self, to: Marionette) -> None:
        self.to = to
        self._first: str = to.command("WebDriver:GetWindowHandle")

    def windows(self) -> list[str]:
        """The handles of all windows and tabs."""
        handles: list[str] = self.to.command("WebDriver:GetWindowHandles")
        return handles

    def open(self, address: str) -> Place:
        """A new tab with a page, beside the first one: a pop-up window takes no tabs."""
        self.to.command("WebDriver:SwitchToWindow", handle=self._first)
        tab = Place(self.to, self.to.command("WebDriver:NewWindow", type="tab")["handle"])
        tab.go(address)
        return tab

    def opened(self, act: Callable[[], object]) -> Place:
        """The window that something opens."""
        before = set(self.windows())
        act()
        return Place(self.to, until(lambda: next(iter(set(self.windows()) - before), None), "a new window"))

    def closed(self, window: Place) -> None:
        """Wait until a window is gone."""
        until(lambda: window.window not in self.windows(), "a window that closes")

    def ask(self, script: str, *arguments: object) -> Any:
        """Run a script with the rights of the browser itself and return what it returns."""
        self.to.command("Marionette:SetContext", value="chrome")
        try:
            return self.to.command("WebDriver:ExecuteScript", script=script, args=list(arguments))
        finally:
            self.to.command("Marionette:SetContext", value="content")

    def give_authenticator(self) -> None:
        """Plug in an authenticator that keeps passkeys and recognises its person."""
        self.to.command(
            "WebAuthn:AddVirtualAuthenticator",
            protocol="ctap2_1",
            transport="internal",
            hasResidentKey=True,
            hasUserVerification=True,
            isUserConsenting=True,
            isUserVerified=True,
        )

    def cookies(self) -> dict[str, dict[str, Any]]:
        """Every cookie of every site, by its name."""
        return {cookie["name"]: cookie for cookie in self.ask(COOKIES)}

    def complaints(self) -> list[str]:
        """What scripts and pages were told off for, in the browser's console."""
        said: list[str] = self.ask(COMPLAINTS)
        return [message for message in said if CUT not in message]


@contextmanager
def running(folder: Path, authority: Path, preferences: dict[str, object]) -> Iterator[Firefox]:
    """A Firefox with a fresh profile, which believes a certificate authority and talks to this machine alone."""
    program = path()
    assert program is not None, "no Firefox: `make firefox` installs it or says how"
    profile = folder / "firefox"
    profile.mkdir()
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in {**PREFERENCES, **preferences}.items()
    ]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    arguments = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
    # It refuses to run in somebody else's home, which a test machine's may be.
    surroundings = {**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], env=surroundings, stdout=log, stderr=log)
    try:
        with closing(Marionette(until(lambda: _port(profile), "Firefox"))) as to:
            patience = {"implicit": 1000, "script": 5000, "pageLoad": int(PATIENCE * 1000)}
            to.command("WebDriver:NewSession", timeouts=patience)
            fox = Firefox(to)
            pem = authority.read_text(encoding="ascii")
            fox.ask(TRUST, "".join(line for line in pem.splitlines() if not line.startswith("-")))
            yield fox
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(profile: Path) -> int | None:
    try:
        return int((profile / "MarionetteActivePort").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
