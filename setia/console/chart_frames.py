"""The texts around the charts of the index, which are the same on each of its pages."""

from django.utils.translation import gettext as _

from setia.console.charts import Frame


def chart_frame(chart_id: str, title: str, description: str) -> Frame:
    """Return the frame of a chart in the reader's language; `chart_id` is unique on its page."""
    return Frame(
        id=chart_id,
        title=title,
        description=description,
        show_numbers=_("Show the figures"),
        empty=_("Not enough data yet"),
        unknown=_("not yet known"),
        save_picture=_("Save the picture (PNG)"),
        save_drawing=_("Save the picture (SVG)"),
        save_numbers=_("Save the figures (CSV)"),
    )
