"""Indexes by which orders and products are listed under filters."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0004_day_of_order_lines")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=[
                    *("-placed_at", "-id", "shop_day", "status", "outlet", "channel", "net"),
                    *("paid_total", "refunded_total", "returned_total"),
                ],
                name="order_listed",
            ),
        ),
        migrations.RemoveIndex(model_name="order", name="order_by_time"),
        migrations.AlterField(
            model_name="orderline",
            name="product",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commerce.product"
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["product", "shop_day"], name="line_of_product"),
        ),
        migrations.AddIndex(
            model_name="shipment", index=models.Index(fields=["courier"], name="shipment_by_courier")
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", True)),
                fields=["estimated_date"],
                name="shipment_on_its_way",
            ),
        ),
    ]
