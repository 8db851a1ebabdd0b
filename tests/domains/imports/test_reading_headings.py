"""Columns find their fields under the headings that real tills write."""

# ruff: noqa: DTZ001 - tills write local times, and Excel has no others

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.imports.reading import FIELDS, Cell, guess_mapping
from setia.domains.imports.reading.synonyms import is_known_heading

HEADINGS = {
    "customer": "CustomerID, Customer ID, customer_code, Kode Pelanggan, ID Pelanggan, No. Pelanggan, Kode Member, "
    "NO ANGGOTA, Member No, ID Member, KodeCustomer, Cust. Code, Username (Pembeli)",
    "customer_name": "Customer Name, Nama Pelanggan, NAMA CUSTOMER, nama_pembeli, Nama Member, Billing Name, "
    "Nama Lengkap, Nama Penerima, Recipient Name, Nama Konsumen",
    "phone": "Phone, No. HP, No HP Pelanggan, Nomor Telepon, Telp., No. Telp Pembeli, Customer Phone, WhatsApp, No WA, "
    "Nomor WhatsApp, Handphone, Phone (Billing), Billing Phone, Mobile Number, No. Telepon Penerima",
    "email": "Email, E-mail, Alamat Email, Email (Billing), Customer Email, Surel",
    "city": "Kota, City, Billing City, Kota/Kabupaten, Shipping City",
    "country": "Country, Negara, Billing Country, Country Code (Billing)",
    "invoice": "InvoiceNo, Invoice, Invoice Number, No. Invoice, Nomor Invoice, No Faktur, No. Nota, No Struk, "
    "ID Struk, Receipt Number, No. Transaksi, Kode Transaksi, Transaction ID, Order No, Order ID, Order Number, "
    "No. Pesanan, Bill No, Sales No, Trx ID, Nomor Penjualan",
    "placed_at": "InvoiceDate, Invoice Date, Tanggal, Tgl, Tanggal Transaksi, Tgl. Transaksi, Transaction Date, "
    "Order Date, Created at, Tanggal Pembayaran, Waktu Pesanan Dibuat, Date, Date & Time, Tanggal & Waktu, "
    "Sales Date, Waktu Transaksi, Tanggal Order, Timestamp, Tanggal Penjualan, Paid at",
    "product": "Description, Product, Product Name, Nama Produk, NAMA BARANG, Item, Items, Item Name, Lineitem name, "
    "Nama Item, Menu, Nama Menu, Produk, Item Description, Deskripsi, Uraian",
    "sku": "StockCode, Stock Code, SKU, Kode Barang, Kode Produk, Kode SKU, Item Code, Lineitem sku, Nomor SKU, "
    "Barcode, PLU, SKU Induk, Nomor Referensi SKU, Product Code",
    "category": "Category, Kategori, Kategori Produk, Product Category, Nama Kategori, Departemen",
    "quantity": "Quantity, Qty, QTY., Jumlah Produk Dibeli, Lineitem quantity, Jumlah Barang, Kuantitas, Qty Terjual, "
    "Banyaknya, Jumlah Item, Quantity (- Refund), Jml Barang",
    "unit_price": "UnitPrice, Unit Price, Price, Harga, Harga Satuan, Harga Jual (IDR), Harga Jual, Lineitem price, "
    "Selling Price, Harga (Rp), Harga/Unit, Harga Produk, Item Cost, Harga Setelah Diskon",
    "line_total": "Line Total, Subtotal, Sub Total, Total, Total Harga, Amount, Net Sales, Penjualan Bersih, "
    "Total (Rp), Total Harga Produk, Nominal, Gross Sales, Grand Total, Omzet",
    "discount": "Discount, Diskon, Discounts, Potongan, Diskon Produk (IDR), Discount Amount, Total Diskon, "
    "Cart Discount Amount, Disc., Potongan Harga",
    "tax": "Tax, Taxes, Pajak, PPN, PPN 11%, PB1, Tax Amount, Total Pajak",
    "outlet": "Outlet, Nama Outlet, Cabang, Branch, Store, Store Name, Toko, Nama Toko, Lokasi, Location, Gerai",
    "channel": "Sales Channel, Channel, Kanal Penjualan, Sales Type, Tipe Penjualan, Jenis Order, Order Type, Source",
    "tender": "Payment Method, Metode Pembayaran, Cara Bayar, Tipe Pembayaran, Payment Type, Payment Mode, Pembayaran, "
    "Payment Method Title, Jenis Pembayaran",
    "currency": "Currency, Mata Uang, Order Currency",
    "status": "Status, Order Status, Status Pesanan, Status Terakhir, Financial Status, Status Transaksi",
}
PAIRS = [(heading.strip(), field) for field, headings in HEADINGS.items() for heading in headings.split(",")]


@pytest.mark.parametrize(("heading", "field"), PAIRS)
def test_heading(heading: str, field: str) -> None:
    assert guess_mapping([heading], []) == {field: 0}
    assert is_known_heading(heading)


OTHERS = (
    "Nama Kasir, Cashier, Collected By, Harga Modal, Harga Pokok, HPP, Tanggal Lahir, Jatuh Tempo, Tanggal Cetak, "
    "Refunds, Returned quantity, Ongkos Kirim, Shipping Cost, Variant, Merek, Kode Diskon, Discount Code, Alamat, "
    "Gratuity, Poin, Kode Pos, Shipping Address, No, Keterangan, Laporan Penjualan, Catatan Produk Pembeli, Stok, "
    "Kembalian, 12, …"
)


@pytest.mark.parametrize("heading", [heading.strip() for heading in OTHERS.split(",")])
def test_heading_that_means_something_else(heading: str) -> None:
    assert guess_mapping([heading], []) == {}
    assert not is_known_heading(heading)


TILLS = {
    "UCI": (
        "Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "product quantity placed_at unit_price customer country",
        ["WHITE HANGING HEART", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "United Kingdom"],
    ),
    "Moka": (
        "Outlet,Date,Time,Category,Brand,Items,Variant,SKU,Quantity,Gross Sales,Discounts,Refunds,Net Sales,"
        "Gratuity,Tax,Sales Type,Collected By,Customer,Payment Method,Receipt Number",
        "outlet date time category - product - sku quantity - discount - line_total - tax channel - "
        "customer_name tender invoice",
        ["Senja", "31/12/2025", "14:05", "Kopi", "", "Kopi Susu", "Es", "KS1", "2", "Rp 36.000", "Rp 0", "Rp 0",
         "Rp 36.000", "Rp 0", "Rp 3.600", "Dine In", "Budi", "Dewi", "QRIS", "A1B2"],
    ),
    "Pawoon": (
        "Tanggal,Waktu,ID Struk,Nama Outlet,Pelanggan,No. Telepon,Nama Produk,Kategori,Kode SKU,Jumlah,Harga,Diskon,"
        "Subtotal,Pajak,Metode Pembayaran,Tipe Penjualan,Status",
        "date time invoice outlet customer_name phone product category sku quantity unit_price discount line_total tax "
        "tender channel status",
        ["31-12-2025", "14.05", "S-1", "Senja", "Eko", "0812 3456 7890", "Teh", "Minum", "T1", "3", "5.000", "0",
         "15.000", "1.650", "Tunai", "Bawa pulang", "Lunas"],
    ),
    "Majoo": (
        "No. Transaksi,Waktu Order,Outlet,Nama Kasir,Nama Pelanggan,Produk,SKU,Qty,Harga Jual,Diskon Produk,"
        "Penjualan Bersih,Metode Pembayaran,Jenis Order",
        "invoice placed_at outlet - customer_name product sku quantity unit_price discount line_total tender channel",
        ["T1", "31/12/2025 14:05", "Senja", "Budi", "Dewi", "Kopi", "K1", "1", "18.000", "0", "18.000", "QRIS",
         "Dine in"],
    ),
    "Olsera": (
        "Order No,Order Date,Order Time,Store,Customer Name,Customer Phone,Product Name,Qty,Selling Price,Amount,"
        "Payment Mode,Status",
        "invoice date time outlet customer_name phone product quantity unit_price line_total tender status",
        ["1", "2025-12-31", "14:05", "Senja", "Dewi", "+6281234567890", "Kopi", "1", "18000", "18000", "Cash", "Paid"],
    ),
    "iReap": (
        "Sales No,Sales Date,Store Name,Customer Code,Item Code,Item Name,Qty,Uom,Unit Price,Discount,Tax,Total",
        "invoice placed_at outlet customer sku product quantity - unit_price discount tax line_total",
        ["S1", "31/12/2025 14:05", "Senja", "C001", "K1", "Kopi", "1", "pcs", "18000", "0", "0", "18000"],
    ),
    "Tokopedia": (
        "Nomor,Nomor Invoice,Tanggal Pembayaran,Status Terakhir,Nama Produk,Nomor SKU,Catatan Produk Pembeli,"
        "Jumlah Produk Dibeli,Harga Awal (IDR),Diskon Produk (IDR),Harga Jual (IDR),Nama Pembeli,No Telp Pembeli,"
        "Nama Penerima,Kota,Provinsi,Total Penjualan (IDR)",
        "- invoice placed_at status product sku - quantity - discount unit_price customer_name phone - "
        "city - line_total",
        ["1", "INV/2025/1", "31-12-2025 14:05:00", "Selesai", "Kopi", "K1", "", "2", "20000", "2000", "18000", "Dewi",
         "6281234567890", "Dewi", "Bandung", "Jawa Barat", "36000"],
    ),
    "Shopee": (
        "No. Pesanan,Status Pesanan,Waktu Pesanan Dibuat,Metode Pembayaran,SKU Induk,Nama Produk,Nomor Referensi SKU,"
        "Harga Awal,Harga Setelah Diskon,Jumlah,Returned quantity,Total Harga Produk,Total Diskon,Username (Pembeli),"
        "Nama Penerima,No. Telepon,Kota/Kabupaten",
        "invoice status placed_at tender - product sku - unit_price quantity - line_total discount customer "
        "customer_name - city",
        ["25123", "Selesai", "2025-12-31 14:05", "COD", "", "Kopi", "K1", "20.000", "18.000", "2", "0", "36.000",
         "4.000", "dewi_88", "Dewi", "******90", "KOTA BANDUNG"],
    ),
    "WooCommerce": (
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Email (Billing),"
        "Phone (Billing),City (Billing),Country Code (Billing),Payment Method Title,Cart Discount Amount,"
        "Order Total Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code",
        "invoice status placed_at - customer_name - email phone city country tender discount line_total sku - product "
        "quantity unit_price -",
        ["101", "completed", "2025-12-31 14:05", "", "Dewi", "Sari", "dewi@contoh.id", "081234567890", "Bandung", "ID",
         "Transfer", "0", "36000", "K1", "1", "Kopi", "2", "18000", ""],
    ),
    "Shopify": (
        "Name,Email,Financial Status,Created at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing City,Billing Country,"
        "Payment Method,Location,Source,Phone",
        "invoice email status placed_at currency line_total - tax - - discount quantity product unit_price sku "
        "customer_name city country tender outlet channel phone",
        ["#1001", "dewi@contoh.id", "paid", "2025-12-31 14:05:00 +0700", "IDR", "36000.00", "0.00", "0.00", "36000.00",
         "", "0.00", "2", "Kopi", "18000.00", "K1", "Dewi Sari", "Bandung", "ID", "manual", "Senja", "web",
         "081234567890"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("till", TILLS)
def test_till(till: str) -> None:
    headings, fields, row = TILLS[till]
    expected = {field: column for column, field in enumerate(fields.split()) if field != "-"}
    assert guess_mapping(headings.split(","), [list(row)] * 3) == expected


def mapped(headings: str, *rows: list[Cell]) -> dict[str, int]:
    return guess_mapping(headings.split(","), rows)


def test_a_date_with_times_is_the_moment() -> None:
    assert mapped("Tanggal,Jam", ["31/12/2025 14:05", "siang"]) == {"placed_at": 0}
    assert mapped("Tanggal", [datetime(2025, 12, 31, 14, 5)]) == {"placed_at": 0}


def test_a_date_and_a_time_of_day_stay_two() -> None:
    assert mapped("Tanggal,Jam") == {"date": 0, "time": 1}
    assert mapped("Waktu,Tanggal", ["14.05", "31/12/2025"]) == {"date": 1, "time": 0}
    assert mapped("Date,Time", [datetime(2025, 12, 31), time(14, 5)]) == {"date": 0, "time": 1}
    assert mapped("Tanggal,Jam", ["31/12/2025 00:00:00", "14:05"]) == {"date": 0, "time": 1}


def test_a_moment_under_time_wins_over_a_bare_date() -> None:
    assert mapped("Tanggal,Waktu", ["31/12/2025", "31/12/2025 14:05"]) == {"placed_at": 1}


def test_a_bare_date_is_the_moment_when_there_is_no_time() -> None:
    assert mapped("Tanggal,Total", ["31/12/2025", "5.000"]) == {"placed_at": 0, "line_total": 1}
    assert mapped("Tanggal", [45_657]) == {"placed_at": 0}


def test_a_customer_is_a_code_or_a_name() -> None:
    assert mapped("Pelanggan", ["C-001"], ["C-002"]) == {"customer": 0}
    assert mapped("Pelanggan", ["Dewi Sari"], ["Eko"]) == {"customer_name": 0}
    assert mapped("Customer,Customer Name", ["Dewi", "Dewi"]) == {"customer_name": 1, "customer": 0}


def test_a_count_or_an_amount_under_jumlah() -> None:
    assert mapped("Jumlah", ["2"], ["1"]) == {"quantity": 0}
    assert mapped("Jumlah", ["Rp 36.000"], ["18.000"]) == {"line_total": 0}
    assert mapped("Qty,Jumlah", ["2", "36.000"]) == {"quantity": 0, "line_total": 1}


def test_the_line_total_is_quantity_times_price() -> None:
    rows: list[list[Cell]] = [["2", "18.000", "90.000", "36.000"], ["3", "18.000", "90.000", "54.000"]]
    assert mapped("Qty,Harga,Subtotal,Total", *rows)["line_total"] == 3
    rows = [["2", "18.000", "36.000", "90.000"], ["3", "18.000", "54.000", "90.000"]]
    assert mapped("Qty,Harga,Subtotal,Total", *rows)["line_total"] == 2


def test_text_is_no_price_and_numbers_are_no_payment_method() -> None:
    assert mapped("Harga", ["grosir"], ["eceran"]) == {}
    assert "tender" not in mapped("Pembayaran", ["50.000"], ["20.000"])


def test_telephone_and_email_are_known_by_sight() -> None:
    rows: list[list[Cell]] = [["0812-3456-7890", "dewi@contoh.id"], ["+62 813 4567 8901", "eko@contoh.id"]]
    assert mapped("Kolom A,Column 2", *rows) == {"phone": 0, "email": 1}


any_heading = st.one_of(st.sampled_from([heading for heading, _ in PAIRS]), st.text(max_size=30))
any_cell = st.one_of(st.none(), st.text(max_size=20), st.floats(), st.integers(), st.datetimes())


@given(
    headings=st.lists(any_heading, max_size=25),
    samples=st.lists(st.lists(any_cell, max_size=26), max_size=4),
)
def test_each_column_is_used_once(headings: list[str], samples: list[list[Cell]]) -> None:
    mapping = guess_mapping(headings, samples)
    assert len(set(mapping.values())) == len(mapping)
    assert mapping.keys() <= {field.name for field in FIELDS}
    assert all(0 <= column < len(headings) for column in mapping.values())
