"""The index by which deliveries given up today are counted."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0004_test_endpoints"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "failed")),
                fields=["finished_at"],
                name="webhook_delivery_failed",
            ),
        ),
    ]
