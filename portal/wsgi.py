"""The portal as a WSGI application: pages, API and admin, for sites that serve HTTP apart from the sockets."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()  # first: it sets Django up, which what follows needs

from contacts import connect_client  # noqa: E402
from portal.serving import garbage  # noqa: E402
from portal.startup import report_configuration  # noqa: E402

report_configuration()
connect_client.prepare()
garbage.leave_out_what_is_loaded()
