"""The rates of requests to Amazon Connect, shared by all processes."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_ended_by_portal"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestBucket",
            fields=[
                ("operation", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("full_at", models.FloatField(default=0)),
            ],
        ),
    ]
