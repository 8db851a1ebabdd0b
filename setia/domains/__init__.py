"""The business, one folder per noun; lowest first: shop, staff, customers, commerce, timeline, imports."""
