"""Questions about commerce."""

from setia.domains.commerce.queries.figures import HomeFigures, daily_sales, home_figures
from setia.domains.commerce.queries.filters import NOBODY, CustomerFilters
from setia.domains.commerce.queries.listing import (
    SORTS,
    STAGES,
    CustomerRow,
    Listing,
    customer_count,
    customer_list,
    customer_page,
    is_anybody,
    matching_ids,
    search_customers,
)
from setia.domains.commerce.queries.months import month_sums, months_written_since
from setia.domains.commerce.queries.orders import (
    access_order,
    access_product,
    buyers_of,
    counters_of,
    counters_of_people,
    orders_of,
    outlet_ids_in_use,
    product_page,
    returns_of,
    shop_has_sales,
    top_products,
    totals_of_import,
)

__all__ = [
    "NOBODY",
    "SORTS",
    "STAGES",
    "CustomerFilters",
    "CustomerRow",
    "HomeFigures",
    "Listing",
    "access_order",
    "access_product",
    "buyers_of",
    "counters_of",
    "counters_of_people",
    "customer_count",
    "customer_list",
    "customer_page",
    "daily_sales",
    "home_figures",
    "is_anybody",
    "matching_ids",
    "month_sums",
    "months_written_since",
    "orders_of",
    "outlet_ids_in_use",
    "product_page",
    "returns_of",
    "search_customers",
    "shop_has_sales",
    "top_products",
    "totals_of_import",
]
