"""Questions about commerce."""

from setia.domains.commerce.queries.figures import HomeFigures, daily_sales, home_figures
from setia.domains.commerce.queries.listing import (
    SORTS,
    STAGES,
    CustomerRow,
    customer_count,
    customer_page,
    search_customers,
)
from setia.domains.commerce.queries.orders import (
    access_order,
    access_product,
    buyers_of,
    counters_of,
    order_page,
    orders_of,
    outlet_ids_in_use,
    product_page,
    returns_of,
    shop_has_sales,
    top_products,
    totals_of_import,
)

__all__ = [
    "SORTS",
    "STAGES",
    "CustomerRow",
    "HomeFigures",
    "access_order",
    "access_product",
    "buyers_of",
    "counters_of",
    "customer_count",
    "customer_page",
    "daily_sales",
    "home_figures",
    "order_page",
    "orders_of",
    "outlet_ids_in_use",
    "product_page",
    "returns_of",
    "search_customers",
    "shop_has_sales",
    "top_products",
    "totals_of_import",
]
