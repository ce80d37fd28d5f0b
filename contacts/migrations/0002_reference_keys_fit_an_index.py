"""Keep reference keys short enough for an index of PostgreSQL."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reference",
            name="key",
            field=models.CharField(max_length=512, verbose_name="key"),
        ),
    ]
