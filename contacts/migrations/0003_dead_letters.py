"""Keep what cannot be read as a contact event, and find events that have been parked for too long."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_reference_keys_fit_an_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("sealed_body", models.TextField(blank=True, editable=False)),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                (
                    "route",
                    models.CharField(
                        choices=[("http", "HTTP"), ("queue", "Queue")],
                        max_length=16,
                        verbose_name="came by",
                    ),
                ),
                ("reason", models.CharField(max_length=1000, verbose_name="reason")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="times")),
                ("first_received_at", models.DateTimeField(verbose_name="first received at")),
                (
                    "last_received_at",
                    models.DateTimeField(db_index=True, verbose_name="last received at"),
                ),
                (
                    "redriven_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last redriven at"),
                ),
            ],
            options={
                "verbose_name": "dead letter",
                "verbose_name_plural": "dead letters",
                "ordering": ["-last_received_at", "-id"],
                "permissions": [("redrive_deadletter", "Can redrive a dead letter")],
            },
        ),
        migrations.AddIndex(
            model_name="contactevent",
            index=models.Index(
                condition=models.Q(("contact__isnull", True)),
                fields=["received_at"],
                name="event_parked_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadletter",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["http", "queue"])),
                name="dead_letter_route_known",
            ),
        ),
    ]
