"""Indexes by which staff find calls: those of their entry points in order, and those of a signed identity."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0020_tags_of_partners"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["entry_point", "requested_at", "id"], name="contact_of_entry_point"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("identity_subject", ""), _negated=True),
                fields=["identity_subject"],
                name="contact_of_identity",
            ),
        ),
        migrations.AlterField(  # the first index above does for it
            model_name="contact",
            name="entry_point",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="contacts.entrypoint",
                verbose_name="entry point",
            ),
        ),
    ]
