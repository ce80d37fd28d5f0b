"""The second factor of staff: switched on and off by themselves, asked for at every login, and no way around it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from contacts import one_time_codes, second_factors
from contacts.call_references import new_reference
from contacts.models import AuditEntry, Contact, RecoveryCode, SecondFactor
from contacts.second_factors import SecondFactorRefused, TooManyCodes
from portal.asgi import application
from tests.api.staff import member_of, user_of

PASSWORD = "quite-long-enough-7"
PAGE = "/admin/second-factor/"
CODE_PAGE = "/admin/login/code/"
STAFF_ADDRESSES = (
    *("/admin/", "/admin/jsi18n/", "/admin/password_change/", "/admin/contacts/contact/"),
    *("/admin/contacts/contact/export/", "/admin/contacts/auditentry/", "/admin/autocomplete/"),
)


@pytest.fixture
def ana(db: None) -> User:
    """An owner who has a password."""
    user = user_of("Owner")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def secret(ana: User) -> str:
    """What the owner's app shares with the portal."""
    secret = one_time_codes.new_secret()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    code = code_at(secret, an_hour_ago)
    second_factors.switch_second_factor_on(user=ana, secret=secret, code=code, at=an_hour_ago)
    return secret


def code_at(secret: str, at: datetime) -> str:
    """Return what an app shows."""
    return one_time_codes._codes_of(secret).generate(at.timestamp()).decode()


def wrong_code(secret: str, at: datetime) -> str:
    """Return six digits that no app with the secret shows around then."""
    near = {code_at(secret, at + timedelta(seconds=30 * steps)) for steps in range(-3, 4)}
    return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)


def log_in(client: Client, user: User, next_address: str = "/admin/") -> Any:
    """Take the first step."""
    form = {"username": user.username, "password": PASSWORD}
    return client.post(f"/admin/login/?next={next_address}", form)


def offered_secret(page: Any) -> str:
    """Return the key that the page offers to an app."""
    found = re.search(r"<code data-secret>(.*?)</code>", page.content.decode())
    assert found is not None
    return found[1].replace(" ", "")


def shown_codes(page: Any) -> list[str]:
    """Return the recovery codes of a page."""
    return re.findall(r"<li><code>(.*?)</code>", page.content.decode())


async def socket_of(client: Client) -> WebsocketCommunicator:
    """Open the socket of staff with a browser's cookies."""
    cookies = "; ".join(f"{key}={one.value}" for key, one in client.cookies.items())
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    headers.append((b"cookie", cookies.encode()))
    communicator = WebsocketCommunicator(application, "/ws/admin/contacts/", headers)
    await communicator.connect(timeout=10)
    return communicator


def test_codes_are_those_of_the_standard() -> None:
    """Should show what RFC 6238 shows in appendix B, of which six digits are the end."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())
        assert one_time_codes.step_of(secret, code, at=at) == seconds // 30


def test_who_has_none_logs_in_by_password(ana: User) -> None:
    """Should change nothing for who did not switch it on."""
    client = Client()
    assert log_in(client, ana).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_is_switched_on_with_the_code_of_an_app(ana: User) -> None:
    """Should draw the key, keep it sealed once a code confirms it, and show recovery codes in that answer alone."""
    client = Client()
    log_in(client, ana)
    page = client.get(PAGE)
    secret = offered_secret(page)
    assert "<path d=" in page.content.decode()
    assert offered_secret(client.get(PAGE)) == secret
    refused = client.post(PAGE, {"code": wrong_code(secret, timezone.now())})
    assert "This code is wrong" in refused.content.decode()
    assert not SecondFactor.objects.exists()

    done = client.post(PAGE, {"code": code_at(secret, timezone.now())})

    codes = shown_codes(done)
    assert len(set(codes)) == 10
    assert "no-store" in done["Cache-Control"]
    factor = SecondFactor.objects.get(user=ana)
    assert secret not in factor.sealed_secret
    assert RecoveryCode.objects.count() == 10
    assert not any(code in str(list(RecoveryCode.objects.values())) for code in codes)
    assert client.get("/admin/").status_code == 200
    assert not shown_codes(client.get(PAGE))
    entry = AuditEntry.objects.get(kind="contacts.secondfactor")
    assert (entry.actor, entry.action, entry.after) == (ana.username, "added", {})


def test_other_sessions_end_when_it_is_switched_on(ana: User) -> None:
    """Should let nobody stay who came by password alone."""
    elsewhere, here = Client(), Client()
    log_in(elsewhere, ana)
    log_in(here, ana)
    secret = offered_secret(here.get(PAGE))
    here.post(PAGE, {"code": code_at(secret, timezone.now())})
    assert elsewhere.get("/admin/").status_code == 302
    assert here.get("/admin/").status_code == 200


@pytest.mark.parametrize("address", STAFF_ADDRESSES)
def test_password_alone_opens_nothing(address: str, ana: User, secret: str) -> None:
    """Should be nobody until the code was right, whatever is asked for."""
    client = Client()
    assert log_in(client, ana, address).url == CODE_PAGE
    answer = client.get(address)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/admin/login/")
    assert "_auth_user_id" not in client.session
    answer = client.post(CODE_PAGE, {"code": code_at(secret, timezone.now())})
    assert answer.url == address
    assert client.get(address).status_code != 302


def test_waiting_session_cannot_set_up_another_factor(ana: User, secret: str) -> None:
    """Should ask for the factor there is, and show no key."""
    client = Client()
    log_in(client, ana)
    assert client.get(PAGE).url == CODE_PAGE
    assert client.post(PAGE, {"code": "000000", "off": "1"}).url == CODE_PAGE
    assert SecondFactor.objects.get().user == ana


def test_code_is_taken_once(ana: User, secret: str) -> None:
    """Should refuse the code that somebody saw being typed, and the one before it."""
    now = timezone.now()
    code = code_at(secret, now)
    assert second_factors.use_second_factor(user=ana, code=code, at=now).user == ana
    for used in (code, code_at(secret, now - timedelta(seconds=30))):
        with pytest.raises(SecondFactorRefused):
            second_factors.use_second_factor(user=ana, code=used, at=now)
    later = now + timedelta(seconds=30)
    second_factors.use_second_factor(user=ana, code=code_at(secret, later), at=later)


def test_code_of_long_ago_is_refused(ana: User, secret: str) -> None:
    """Should take a code a half-minute late, and none older."""
    now = timezone.now()
    for minutes in (-2, 2):
        code = code_at(secret, now + timedelta(minutes=minutes))
        with pytest.raises(SecondFactorRefused):
            second_factors.use_second_factor(user=ana, code=code, at=now)
    late = code_at(secret, now - timedelta(seconds=30))
    second_factors.use_second_factor(user=ana, code=f" {late[:3]} {late[3:]} ", at=now)


def test_recovery_code_is_taken_once(ana: User) -> None:
    """Should stand in for the app, however it is typed, and then be gone."""
    now = timezone.now()
    secret = one_time_codes.new_secret()
    given = {"user": ana, "at": now}
    codes = second_factors.switch_second_factor_on(
        **given, secret=secret, code=code_at(secret, now)
    )
    for code in (codes[0].upper().replace("-", " "), codes[1]):
        second_factors.use_second_factor(**given, code=code)
        with pytest.raises(SecondFactorRefused):
            second_factors.use_second_factor(**given, code=code)
    assert RecoveryCode.objects.count() == 8


def test_wrong_codes_make_it_wait(ana: User, secret: str) -> None:
    """Should look at no sixth code within five minutes, from wherever it comes, and then at one more."""
    now = timezone.now()
    for _ in range(5):
        page = logged_in_half(ana).post(CODE_PAGE, {"code": wrong_code(secret, now)})
        assert "This code is wrong" in page.content.decode()
    client = logged_in_half(ana)
    page = client.post(CODE_PAGE, {"code": code_at(secret, timezone.now())})
    assert "Too many wrong codes" in page.content.decode()
    assert client.get("/admin/").status_code == 302

    later = timezone.now() + timedelta(minutes=5, seconds=1)
    with pytest.raises(SecondFactorRefused):
        second_factors.use_second_factor(user=ana, code=wrong_code(secret, later), at=later)
    assert SecondFactor.objects.get().wrong_tries == 6
    with pytest.raises(TooManyCodes):
        second_factors.use_second_factor(user=ana, code=code_at(secret, later), at=later)
    later += timedelta(minutes=5)
    second_factors.use_second_factor(user=ana, code=code_at(secret, later), at=later)
    assert SecondFactor.objects.get().wrong_tries == 0


def logged_in_half(user: User) -> Client:
    """Return a browser that took the first step."""
    client = Client()
    log_in(client, user)
    return client


def test_first_step_is_forgotten(ana: User, secret: str) -> None:
    """Should ask for the password again after ten minutes, and when it was changed meanwhile."""
    late, changed = logged_in_half(ana), logged_in_half(ana)
    session = late.session
    session["second_factor_awaited"] |= {"at": timezone.now().timestamp() - 601}
    session.save()
    assert late.get(CODE_PAGE).url == "/admin/login/"
    ana.set_password("another-long-one-8")
    ana.save()
    code = code_at(secret, timezone.now())
    assert changed.post(CODE_PAGE, {"code": code}).url == "/admin/login/"
    assert Client().post(CODE_PAGE, {"code": code}).url == "/admin/login/"


def test_is_switched_off_with_a_code(ana: User, secret: str) -> None:
    """Should need a code for new recovery codes and for the end, and log nobody out who gave one."""
    client = logged_in_half(ana)
    now = timezone.now()
    client.post(CODE_PAGE, {"code": code_at(secret, now - timedelta(seconds=30))})
    refused = client.post(PAGE, {"code": wrong_code(secret, now), "off": "1"})
    assert "This code is wrong" in refused.content.decode()
    assert SecondFactor.objects.exists()
    codes = shown_codes(client.post(PAGE, {"code": code_at(secret, now), "renew": "1"}))
    assert len(codes) == 10
    assert client.post(PAGE, {"code": codes[3], "off": "1"}).status_code == 302
    assert not SecondFactor.objects.exists()
    assert client.get("/admin/").status_code == 200
    actions = AuditEntry.objects.filter(kind="contacts.secondfactor").order_by("id")
    assert list(actions.values_list("action", flat=True)) == ["added", "changed", "deleted"]


def test_owner_resets_it_with_a_trace(ana: User, secret: str) -> None:
    """Should be for owners alone, of others than themselves, and end the sessions that it let in."""
    factor = SecondFactor.objects.get()
    address = f"/admin/contacts/secondfactor/{factor.pk}/delete/"
    own = logged_in_half(ana)
    own.post(CODE_PAGE, {"code": code_at(secret, timezone.now())})
    assert own.get("/admin/").status_code == 200
    assert own.post(address, {"post": "yes"}).status_code == 302
    assert member_of("Supervisor").post(address, {"post": "yes"}).status_code == 403
    assert SecondFactor.objects.exists()
    listed = member_of("Owner").get("/admin/contacts/secondfactor/").content.decode()
    assert ana.username in listed
    owner = member_of("Owner")
    assert owner.post(address, {"post": "yes"}).status_code == 302
    assert not SecondFactor.objects.exists()
    assert own.get("/admin/").status_code == 302
    entry = AuditEntry.objects.get(action="deleted")
    assert (entry.kind, entry.object_name) == ("contacts.secondfactor", ana.username)
    assert entry.actor != ana.username


def test_owner_resets_no_superuser(ana: User, secret: str) -> None:
    """Should take no step towards an account that may do more."""
    User.objects.filter(pk=ana.pk).update(is_superuser=True)
    address = f"/admin/contacts/secondfactor/{SecondFactor.objects.get().pk}/delete/"
    member_of("Owner").post(address, {"post": "yes"})
    assert SecondFactor.objects.exists()


@pytest.fixture
def required(settings: Settings) -> None:
    """Require a second factor of everybody."""
    settings.STAFF_TWO_FACTOR = "required"


@pytest.mark.parametrize("address", STAFF_ADDRESSES)
def test_required_leads_to_setting_it_up_first(address: str, ana: User, required: None) -> None:
    """Should open nothing before, and lead on to where one wanted to go."""
    client = Client()
    assert log_in(client, ana, address).url == PAGE
    assert client.get(address).url.partition("?")[0] == "/admin/login/"
    page = client.get(PAGE)
    done = client.post(PAGE, {"code": code_at(offered_secret(page), timezone.now())})
    assert f'href="{address}"' in done.content.decode()
    assert client.get(address).status_code != 302


@pytest.mark.django_db(transaction=True)
async def test_session_of_before_opens_nothing_once_required(
    contact: Contact, settings: Settings
) -> None:
    """Should log out who has none: from pages, the help page and the socket of staff."""
    client = await sync_to_async(member_of)("Owner")
    reference = new_reference()
    await Contact.objects.filter(pk=contact.pk).aupdate(reference=reference)
    help_page = f"/help/call/{reference}/"

    async def opened() -> tuple[int, int, bool]:
        page = await sync_to_async(client.get)("/admin/contacts/contact/")
        helping = await sync_to_async(client.get)(help_page)
        communicator = await socket_of(client)
        output = await communicator.receive_output(timeout=10)
        await communicator.disconnect()
        return page.status_code, helping.status_code, output["type"] == "websocket.send"

    assert await opened() == (200, 200, True)
    settings.STAFF_TWO_FACTOR = "required"
    assert await opened() == (302, 404, False)
    assert await sync_to_async(lambda: client.session["_auth_user_id"])()


@pytest.mark.django_db(transaction=True)
async def test_socket_is_closed_to_who_took_the_first_step_alone(
    contact: Contact, entry_point: Any
) -> None:
    """Should answer as it answers strangers."""

    def half() -> Client:
        user = user_of("Owner")
        user.set_password(PASSWORD)
        user.save()
        at = timezone.now()
        secret = one_time_codes.new_secret()
        second_factors.switch_second_factor_on(
            user=user, secret=secret, code=code_at(secret, at), at=at
        )
        return logged_in_half(user)

    communicator = await socket_of(await sync_to_async(half)())
    assert (await communicator.receive_output(timeout=10))["code"] == 4404
    await communicator.disconnect()


def test_off_asks_nobody(ana: User, secret: str, settings: Settings) -> None:
    """Should be the way in when something is wrong with it."""
    settings.STAFF_TWO_FACTOR = "off"
    client = Client()
    assert log_in(client, ana).url == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get(PAGE).url == "/admin/"
    assert "Second factor</a>" not in client.get("/admin/").content.decode()
