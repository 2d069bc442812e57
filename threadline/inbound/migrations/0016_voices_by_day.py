"""The list of voices by day had an index that PostgreSQL could not use: it kept blanks first."""

from django.db import migrations

from threadline.kernel.records import HighestFirst


class Migration(migrations.Migration):
    dependencies = [("inbound", "0015_baselines_of_products")]

    operations = [
        migrations.RemoveIndex(model_name="feedback", name="feedback_received"),
        migrations.AddIndex(
            model_name="feedback",
            index=HighestFirst(fields=["workspace", "received_on", "id"], name="feedback_received"),
        ),
    ]
