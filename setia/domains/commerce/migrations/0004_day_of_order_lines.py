"""Lines repeat the business day of their order, so that what a product sold when is told without the orders."""

from django.db import migrations, models

FILL = """
UPDATE commerce_orderline
   SET shop_day = (SELECT o.shop_day FROM commerce_order o WHERE o.id = commerce_orderline.order_id)
 WHERE shop_day IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0003_work_on_orders")]

    operations = [
        migrations.AddField(model_name="orderline", name="shop_day", field=models.DateField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
