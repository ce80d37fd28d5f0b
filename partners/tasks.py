"""What the worker process does later for partners."""

from __future__ import annotations

from django.conf import settings
from django.core import mail

from django_tasks import task

from partners.models import WebhookEndpoint

TEXT = """\
{url}
of {partner} is sent no more webhooks: {because}. What it last did: {failure}.

What happens meanwhile is kept for {days:g} days, and can be read from /api/v1/events/.
Once it works again, resume it with PATCH /api/v1/webhook-endpoints/{id}/ and {{"enabled": true}}.
"""


@task()
def tell_of_pause(endpoint_id: str) -> None:
    """Mail the admins, and whom the partner named, that an endpoint was paused because it does not work."""
    endpoint = WebhookEndpoint.objects.select_related("partner").filter(pk=endpoint_id).first()
    if endpoint is None or endpoint.paused_at is None:
        return
    subject = f"Webhooks to {endpoint.partner} are paused"
    text = TEXT.format(
        url=endpoint.url.partition("?")[0],
        partner=endpoint.partner,
        because=endpoint.get_paused_because_display(),
        failure=endpoint.last_failure,
        days=settings.PARTNER_EVENTS_DAYS,
        id=endpoint.pk,
    )
    mail.mail_admins(subject, text)
    if endpoint.contact_email:
        mail.send_mail(subject, text, None, [endpoint.contact_email])
