"""Events of tests, and the endpoints that are told of them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0027_test_contacts"),
        ("partners", "0003_quality_degraded"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnerevent",
            name="is_test",
            field=models.BooleanField(db_default=False, default=False, verbose_name="test"),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Told of calls that test keys start, and of no others.",
                verbose_name="test",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerevent",
            index=models.Index(
                condition=models.Q(("is_test", True)),
                fields=["partner", "-created_at", "id"],
                name="partner_event_test_list",
            ),
        ),
    ]
