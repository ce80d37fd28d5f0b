"""What lists, pages and searches cost when there are a thousand contacts and when there are a million.

Two databases of one PostgreSQL, filled by SQL, asked in turns by the same process: the ratio is the time with many over
that with few, in the same round. Of whole answers of the portal's own views, in this process and without a network, the CPU
time of the process and of its database is taken: on a busy machine the time of the clock says nothing.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks._figures import Figure, report
from benchmarks._processes import cpu_s
from devtools.services import postgresql_and_redis
from tests.servers import Portal

FEW = 1_000
MANY = int(os.environ.get("BENCH_CONTACTS", "1000000"))
ROUNDS = 6
"""The first two warm up and do not count."""
REPEATS = 3
"""Of each page in a round."""
DEEP = 2
"""A deep page begins where a half of the contacts has been passed."""

FILL = """
INSERT INTO contacts_contact ({columns})
SELECT {values} FROM contacts_contact AS first, generate_series(1, {count}) AS number
WHERE first.reference = 'FIRST'
"""
AGENTS = """
INSERT INTO contacts_participant ({columns})
SELECT {values} FROM contacts_participant AS first, contacts_contact AS contact
WHERE first.connect_id = 'arn:agent/first' AND contact.reference <> 'FIRST'
"""
OF_CONTACT = {
    "id": "gen_random_uuid()",
    "client_token": "gen_random_uuid()",
    "connect_contact_id": "gen_random_uuid()::text",
    "reference": "lpad(number::text, 9, '0')",
    "name": "chr(65 + number % 26) || 'na ' || number",
    "identity_subject": "'crm-' || number",
    "requested_at": "first.requested_at - number * interval '2 minutes'",
}
OF_AGENT = {"id": "gen_random_uuid()", "contact_id": "contact.id"}


class Filled:
    """A database with so many contacts, and who asks for them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.name = f"growth_{count}"
        self.ms: dict[str, list[float]] = {}
        self.queries: dict[str, int] = {}

    def make(self) -> None:
        """Make the database, with all its tables and rows."""
        from django.core.management import call_command
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}"')
        self.use()
        call_command("migrate", verbosity=0)
        self._fill()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.pages = self._pages()

    def use(self) -> None:
        """Ask this database from now on."""
        from django.core.cache import cache
        from django.db import connection

        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = self.name
        cache.clear()
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")  # one process to look at
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = int(cursor.fetchone()[0])

    def ask(self, *, counts: bool) -> None:
        """Ask for each page once."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        for name, page in self.pages.items():
            if counts:
                began = self._cpu_s()
                for _ in range(REPEATS):
                    page()
                self.ms.setdefault(name, []).append(1000 * (self._cpu_s() - began) / REPEATS)
                continue
            page()
            with CaptureQueriesContext(connection) as queries:
                page()
            self.queries[name] = len(queries)

    def _cpu_s(self) -> float:
        return time.process_time() + cpu_s(self.backend)

    def _fill(self) -> None:
        from django.db import connection
        from django.utils import timezone

        from contacts.models import Contact, EntryPoint, Participant, Partner

        now = timezone.now()
        partner = Partner.objects.create(name="Partner")
        entry_point = EntryPoint.objects.create(slug="one", name="One", company="Company")
        # One in ten calls is of a second entry point, which its own staff see.
        other = EntryPoint.objects.create(slug="two", name="Two", company="Company")
        first = Contact.objects.create(
            entry_point=entry_point,
            partner=partner,
            reference="FIRST",
            state="ended",
            end_reason="agent_ended",
            customer_key_hash="0" * 64,
            connect_contact_id="first",
            requested_at=now,
            initiated_at=now,
            connected_at=now,
            ended_at=now,
        )
        Participant.objects.create(
            contact=first, role="agent", connect_id="arn:agent/first", created_at=now
        )
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no look at foreign keys
            cursor.execute(_filling(FILL, Contact, OF_CONTACT, self.count))
            cursor.execute(
                "UPDATE contacts_contact SET entry_point_id = %s WHERE hashtext(reference) %% 10 = 0",
                [other.pk],
            )
            cursor.execute(_filling(AGENTS, Participant, OF_AGENT, self.count))
            cursor.execute("SET session_replication_role = DEFAULT")

    def _pages(self) -> dict[str, Callable[[], Any]]:
        from django.contrib.auth.models import User
        from django.test import Client

        from contacts.admin.contact_pages import OLDER_THAN
        from contacts.models import Contact, EntryPoint, EntryPointGrant, Partner
        from tests.api.staff import user_of
        from tests.partners_world import Program, make_key

        admin = _browser_of(User.objects.create_superuser("admin"))
        member = user_of("Supervisor")
        EntryPointGrant.objects.create(entry_point=EntryPoint.objects.get(slug="two"), user=member)
        scoped = _browser_of(member)
        program = Program(make_key(Partner.objects.get()).made_key)
        newest = Contact.objects.order_by("-requested_at", "-pk")
        middle = newest[self.count // DEEP]
        listing, place = (
            "/admin/contacts/contact/",
            f"{middle.requested_at.isoformat()}_{middle.pk}",
        )
        cursor = _cursor_at(program, middle)

        def page(client: Client, address: str, **query: str) -> Callable[[], Any]:
            return lambda: _answered(client.get(address, query))

        return {
            "api-list": lambda: _answered(program.get("contacts/?limit=50")),
            "api-deep-page": lambda: _answered(program.get(f"contacts/?limit=50&cursor={cursor}")),
            "api-detail": lambda: _answered(program.get(f"contacts/{middle.pk}/")),
            "admin-list": page(admin, listing),
            "admin-list-of-one-entry-point": page(scoped, listing),
            "admin-deep-page": page(admin, listing, **{OLDER_THAN: place}),
            "admin-search-reference": page(admin, listing, q=middle.reference),
            "admin-search-name": page(admin, listing, q=middle.name),
            "admin-search-nothing": page(admin, listing, q="Zzyzx"),
            "admin-contact": page(admin, f"{listing}{middle.pk}/change/"),
            "admin-first-page": page(admin, "/admin/"),
        }


def main() -> None:
    """Measure, print, and remember."""
    with postgresql_and_redis() as addresses, _django(addresses):
        sizes = [Filled(count) for count in (FEW, MANY)]
        for size in sizes:
            size.make()
        for number in range(ROUNDS):
            for size in sizes if number % 2 else sizes[::-1]:
                size.use()
                size.ask(counts=False) if number < 2 else size.ask(counts=True)
    few, many = sizes
    figures = []
    for name, values in many.ms.items():
        ratio = median(a / b for a, b in zip(values, few.ms[name], strict=True))
        figures.append(Figure(f"{name}-of-{MANY}", median(values), "ms", ratio))
        more = many.queries[name] - few.queries[name]
        figures.append(Figure(f"{name}-more-queries", more, ""))
    samples = {f"{one.count}-{name}": ms for one in sizes for name, ms in one.ms.items()}
    report("growth", figures, samples=samples)


def _filling(statement: str, model: Any, own: dict[str, str], count: int) -> str:
    """Write a statement that repeats the first row, but for what is each row's own."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = [own.get(column, f'first."{column}"') for column in columns]
    quoted = ", ".join(f'"{column}"' for column in columns)
    return statement.format(columns=quoted, values=", ".join(values), count=count)


def _browser_of(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def _cursor_at(program: Any, contact: Any) -> str:
    """Return the cursor with which the API goes on after a contact."""
    before = contact.requested_at.isoformat().replace("+00:00", "Z")
    page = _answered(program.get(f"contacts/?limit=1&requested_at[lt]={before}")).json()
    return str(page["next_cursor"])


def _answered(answer: Any) -> Any:
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")
    return answer


@contextlib.contextmanager
def _django(addresses: dict[str, str]) -> Iterator[None]:
    """Make this process one of the portal's."""
    portal = Portal(
        connect_url="http://127.0.0.1:9",
        database_url=addresses["DATABASE_URL"],
        extra_env={"DEBUG": "false", "SECURE_COOKIES": "false", "LOG_LEVEL": "ERROR"},
    )
    os.environ.update(portal.environment() | {"DJANGO_SETTINGS_MODULE": "portal.settings"})
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    try:
        yield
    finally:
        from django.db import connection

        connection.close()
        portal.close()


if __name__ == "__main__":
    main()
