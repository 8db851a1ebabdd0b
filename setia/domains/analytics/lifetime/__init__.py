"""How often customers will buy again and what they will spend: buy-till-you-die models. Pure mathematics.

Times are numbers in one unit, the same everywhere (days or weeks). A customer is three numbers, as in Fader, Hardie and
Lee (2005): `x` repeat purchases (days with a purchase but the first), `t_x` the time from the first to the last of
them (0 where x is 0), `T` the time from the first to the moment of looking, 0 <= t_x <= T.
"""

from setia.domains.analytics.lifetime.counted import Counted
from setia.domains.analytics.lifetime.dropout import DropoutFit, fit_bgnbd, fit_mbgnbd
from setia.domains.analytics.lifetime.fitting import UnableToFit
from setia.domains.analytics.lifetime.pareto import ParetoFit, fit_pareto
from setia.domains.analytics.lifetime.spend import SpendFit, fit_spend

__all__ = [
    "Counted",
    "DropoutFit",
    "ParetoFit",
    "SpendFit",
    "UnableToFit",
    "fit_bgnbd",
    "fit_mbgnbd",
    "fit_pareto",
    "fit_spend",
]
