"""Makes the one row of the shop, so that every reader finds it."""

from django.db import migrations


def make_shop(apps, schema_editor):
    apps.get_model("shop", "Shop").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_first_tables")]
    operations = [migrations.RunPython(make_shop, migrations.RunPython.noop, elidable=False)]
