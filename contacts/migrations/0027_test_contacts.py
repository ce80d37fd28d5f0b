"""Contacts that test keys started."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0026_hours_overrides"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Started with a test key: an embedded contact centre has it, and no real one.",
                verbose_name="test",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("is_test", True)),
                fields=["partner", "-requested_at", "id"],
                name="contact_test_of_partner",
            ),
        ),
    ]
