"""One more kind of event: that somebody's network was poor for a while."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0024_call_qualities"),
        ("partners", "0002_webhooks"),
    ]

    # Whoever writes what fitted before can go on.
    widens = ("partner_event_type_known",)

    operations = [
        migrations.RemoveConstraint(
            model_name="partnerevent",
            name="partner_event_type_known",
        ),
        migrations.AddConstraint(
            model_name="partnerevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "contact.created",
                            "contact.queued",
                            "contact.connected",
                            "contact.ended",
                            "contact.failed",
                            "participant.joined",
                            "participant.left",
                            "invitation.created",
                            "invitation.used",
                            "invitation.revoked",
                            "callback.requested",
                            "survey.submitted",
                            "quality.degraded",
                            "webhook.test",
                        ],
                    )
                ),
                name="partner_event_type_known",
            ),
        ),
    ]
