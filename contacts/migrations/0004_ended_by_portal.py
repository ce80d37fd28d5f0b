"""A contact may also be ended by the portal itself."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_dead_letters"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="end_requested_by",
            field=models.CharField(
                blank=True,
                choices=[("customer", "Customer"), ("staff", "Staff"), ("portal", "Portal")],
                max_length=16,
                verbose_name="end requested by",
            ),
        ),
    ]
