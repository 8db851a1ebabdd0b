"""How much somebody is in touch, 0-100 (blueprint B14), from what is recorded today.

| part     | value                                                            | known where                    |
| -------- | ---------------------------------------------------------------- | ------------------------------ |
| visits   | days with a purchase in the last 90 days                         | always                         |
| app      | events of the website or the app in the last 90 days             | one in a hundred people has one |
| contacts | contacts that began with him in the last 182 days                | one in a hundred people has one |
| carts    | carts in the last 90 days                                        | one in a hundred people has one |
| consent  | 1 where he agreed to messages, 0 where he took it back           | he was asked                   |
| opens    | share of messages he opened                                      | not measured yet               |

Purchases alone are no engagement: where nothing else is known of a shop, nobody has a score.
"""

from setia.domains.analytics.rules.weighing import Floats, Part, weighed

PARTS = (
    Part("visits", 30, ((0.0, 0.0), (1.0, 0.3), (3.0, 0.6), (6.0, 0.9), (12.0, 1.0))),
    Part("app", 15, ((0.0, 0.0), (1.0, 0.4), (10.0, 1.0))),
    Part("contacts", 15, ((0.0, 0.0), (1.0, 0.5), (3.0, 1.0))),
    Part("carts", 10, ((0.0, 0.0), (1.0, 0.5), (3.0, 1.0))),
    Part("consent", 10, ((0.0, 0.0), (1.0, 1.0))),
    Part("opens", 20),
)


def engagement(values: dict[str, Floats]) -> Floats:
    """Return scores of 0-100, shape (n,), from the values of the table above that are known at all.

    NaN for all where only visits are.
    """
    unknown = values["visits"] + float("nan")
    if set(values) == {"visits"}:
        return unknown
    return weighed(PARTS, [part.share(values[part.name]) if part.name in values else unknown for part in PARTS])
