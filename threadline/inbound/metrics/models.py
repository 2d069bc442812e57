"""Metrics, as rows."""

from __future__ import annotations

from django.db import models

from threadline.kernel.records import Record


class Metric(Record):
    """A number that is measured again and again. ``current`` is its latest value; the log holds those before."""

    kind = "metric"
    prefix = "ME"

    class Formula(models.TextChoices):
        """How it comes of the metrics under it."""

        DRIVEN = "driven", "Moved by what is under it"
        SUM = "sum", "Sum of what is under it"
        PRODUCT = "product", "Product of what is under it"
        RATIO = "ratio", "First by second of what is under it"

    class Better(models.TextChoices):
        """Which way is good."""

        UP = "up", "More is better"
        DOWN = "down", "Less is better"

    body = models.TextField(blank=True)
    formula = models.CharField(max_length=10, choices=Formula.choices, default=Formula.DRIVEN)
    better = models.CharField(max_length=4, choices=Better.choices, default=Better.UP)
    unit = models.CharField(max_length=40, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    target = models.FloatField(null=True, blank=True)
    current = models.FloatField(null=True, blank=True)
    measured_on = models.DateField(null=True, blank=True)
    # How many days pass before a change in what drives it can be seen here.
    lag_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta(Record.Meta):
        abstract = False
        app_label = "inbound"
