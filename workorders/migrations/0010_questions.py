import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A question to the reporter, while whose answer is awaited the handling stands still."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workorders", "0009_counts_for_boards"),
    ]
    operations = [
        migrations.AddField(
            "workorder",
            "asked_until",
            models.DateTimeField(
                "answer awaited until", null=True, blank=True, help_text="While a question to the reporter is open"
            ),
        ),
        migrations.CreateModel(
            "Inquiry",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.TextField("question", max_length=500)),
                ("asked_at", models.DateTimeField("asked at")),
                ("answer_by", models.DateTimeField("answer by")),
                ("answer", models.TextField("answer", blank=True)),
                (
                    "outcome",
                    models.CharField(
                        "outcome",
                        max_length=10,
                        choices=[
                            ("waiting", "Waiting for the answer"),
                            ("answered", "Answered"),
                            ("unanswered", "Not answered in time"),
                            ("overtaken", "Not needed any more"),
                        ],
                        default="waiting",
                    ),
                ),
                ("ended_at", models.DateTimeField("ended at", null=True)),
                (
                    "by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.PROTECT,
                        related_name="+",
                        db_index=False,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        "workorders.workorder",
                        django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "question to the reporter",
                "verbose_name_plural": "questions to the reporter",
                "ordering": ["order", "asked_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "waiting")),
                        fields=("order",),
                        name="one_waiting_inquiry_per_order",
                        violation_error_message="A question is already waiting for the reporter's answer.",
                    )
                ],
            },
        ),
    ]
