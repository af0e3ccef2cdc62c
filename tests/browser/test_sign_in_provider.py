"""Signing in with an identity provider on a site of its own, on pages of ours."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import OwnStage, Reader, Watch
from tests.browser.stage import Stage
from tests.support.identity import add_provider, identity_provider

CALLBACK = "/auth/provider/example/callback"


def sign_in_there(page: Page, login: str) -> None:
    """At the provider."""
    page.get_by_label("Login").fill(login)
    page.get_by_role("button", name="Sign in").click()


def choose_a_name(page: Page, name: str) -> None:
    """Back here, for the first time."""
    field = page.get_by_label("Your name")
    expect(field).to_have_value(name)
    page.get_by_role("button", name="Begin").click()


def cookie_names(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def arrive(stage: Stage, reader: Reader, *, new: bool, **options: Any) -> Page:
    page = reader(stage, **options)
    page.goto(f"{stage.talk}/auth?next=/settings")
    page.get_by_role("link", name="Example").click()
    sign_in_there(page, "ada")
    if new:
        choose_a_name(page, "ada")
    expect(page.get_by_role("heading", name="You", exact=True)).to_be_visible()
    assert "aftershow-sid" in cookie_names(page)
    assert "aftershow-flow" not in cookie_names(page)
    return page


def test_a_new_person_signs_in_and_comes_back(own_stage: OwnStage, reader: Reader, watch: Watch) -> None:
    stage = own_stage()
    with identity_provider([f"{stage.talk}{CALLBACK}"]) as provider:
        stage.server.run(add_provider(stage.app.rt, provider.issuer))
        watch.origins.add(provider.issuer)
        arrive(stage, reader, new=True)
        page = arrive(stage, reader, new=False, java_script_enabled=False)
        page.goto(f"{stage.talk}/settings/sign-in")
        expect(page.locator(".connections li")).to_contain_text("Connected as ada")


def test_saying_no_there_leads_back(own_stage: OwnStage, reader: Reader, watch: Watch) -> None:
    watch.forgive("403")
    stage = own_stage()
    with identity_provider([f"{stage.talk}{CALLBACK}"]) as provider:
        stage.server.run(add_provider(stage.app.rt, provider.issuer))
        watch.origins.add(provider.issuer)
        page = reader(stage)
        page.goto(f"{stage.talk}/auth?next=/settings")
        page.get_by_role("link", name="Example").click()
        page.get_by_role("button", name="Refuse").click()
        expect(page.get_by_text("Example did not let you through")).to_be_visible()
        page.get_by_role("link", name="Try Example again").click()
        sign_in_there(page, "ada")
        expect(page.get_by_label("Your name")).to_have_value("ada")
