"""The words that tills put above their columns, in Indonesian and English.

Words that mean the same become one word, and the order of words does not count: "Nama Pelanggan", "Customer Name" and
"NamaCustomer" are the same set. So each phrase below stands for dozens of headings.
"""

import re
import unicodedata
from functools import lru_cache

from setia.domains.imports.reading.phrases import OTHER_FILES

Words = frozenset[str]


def word_set(text: str) -> Words:
    """This will return the words of `text`."""
    return frozenset(text.split())


_SAME = """
customer: pelanggan konsumen kustomer cust customers client klien guest tamu
member: anggota members
buyer: pembeli
recipient: penerima
name: nama nm
no: nomor nomer number num nbr
code: kode kd
date: tanggal tgl
time: waktu jam pukul
transaction: transaksi trx trans txn transactions
sale: penjualan sales jual selling
sold: terjual
order: pesanan pemesanan orders
invoice: faktur inv invoices
receipt: nota bon struk kwitansi kuitansi bill receipts
product: produk barang products goods article artikel menu
item: items
price: harga hrg
unit: satuan each
quantity: qty kuantitas banyaknya banyak quantities
jumlah: jml jlh
total: ttl totals
amount: nominal nilai value
discount: diskon disc discounts potongan rabat
tax: pajak ppn vat taxes pb1 pbjt gst
outlet: cabang branch toko store gerai shop lokasi location kedai
channel: kanal saluran platform marketplace sumber source
type: tipe jenis
payment: pembayaran bayar
method: metode cara mode
category: kategori kelompok grup group departemen department
currency: valuta
email: surel
address: alamat
phone: telephone telepon telp tlp telpon tel hp handphone hape ponsel mobile cellphone wa whatsapp
contact: kontak
city: kota kabupaten kab
country: negara
description: deskripsi uraian
billing: penagihan
shipping: pengiriman
net: bersih nett netto
gross: kotor bruto
revenue: omzet omset
created: dibuat pembuatan
last: terakhir
full: lengkap
first: depan
"""
_JOINED = (
    (re.compile(r"\bsub total\b"), "subtotal"),
    (re.compile(r"\be mail\b"), "email"),
    (re.compile(r"\bwhats app\b"), "whatsapp"),
    (re.compile(r"\bmata uang\b"), "currency"),
    (re.compile(r"\bline item\b"), "lineitem"),
    (re.compile(r"\bbar code\b"), "barcode"),
    (re.compile(r"\bstockcode\b"), "stock code"),
)
_SILENT = word_set("rp idr the of per dari di wib wita wit pos dan and")

# Of one field, earlier phrases win over later ones when a file has columns for several.
_PHRASES = """
customer: customer id | customer code | customer no | member id | member code | member no | customer | member
customer: no card member | no kartu member | loyalty id | customer reference | username buyer | buyer username
customer: buyer id | buyer
customer_name: customer name | member name | buyer name | billing name | name billing | full name | recipient name
customer_name: shipping name | recipient | customer | member | buyer | name | first name billing | first name
phone: customer phone | customer phone no | member phone | member phone no | buyer phone | no phone buyer | phone no
phone: phone | phone billing | no phone recipient | phone recipient | phone shipping | contact no | contact
phone: customer contact | contact phone
email: customer email | member email | buyer email | email | email address | email billing | customer email address
city: customer city | city | city billing | city shipping | city recipient | member city | city buyer | city town
country: country | customer country | country billing | country code billing | country shipping | country code
country: country name
invoice: invoice no | invoice id | invoice code | invoice | receipt no | receipt id | receipt code | receipt
invoice: transaction no | transaction id | transaction code | order no | order id | order code | order sn | order
invoice: sale no | sale id | sale code | order reference | reference no | no ref | ref no | bukti no | check no
invoice: document no | no dokumen | order name | sale receipt no | receipt invoice no | transaction
invoice: name
product: product name | product | item name | item | lineitem name | item description | product description
product: product title | product item | item product | nama layanan | layanan | nama jasa | jasa | service name
product: judul product | description
sku: sku | product sku | sku code | no sku | item sku | lineitem sku | stock code | product code | item code
sku: variant sku | seller sku | no sku referensi | sku referensi | sku induk | barcode | plu | product barcode
sku: product id | item id | upc | ean | product no | item no
category: product category | category | category name | item category | product category name | sub category
category: product type | type item
quantity: quantity | lineitem quantity | product quantity | item quantity | quantity sold | sold | order quantity
quantity: sale quantity | quantity order | jumlah product | jumlah item | jumlah sold | jumlah product dibeli
quantity: jumlah dibeli | quantity dibeli | jumlah order | total quantity | units sold | pcs | quantity refund
quantity: jumlah
unit_price: unit price | price | product price | item price | lineitem price | sale price | sale unit price
unit_price: price after discount | price setelah discount | price product unit | unit cost | item cost | base price
unit_price: price awal | price original | price normal | regular price
line_total: line total | lineitem total | line amount | subtotal | item subtotal | product subtotal | extended price
line_total: net sale | net total | net amount | price total | product price total | total | amount | jumlah price
line_total: total amount | sale total | sale amount | net revenue | net | gross sale | gross amount | gross total
line_total: gross | revenue | order total | grand total | total payment | transaction total | transaction amount
line_total: total belanja | total collected | order total amount | order subtotal | jumlah payment | jumlah amount
line_total: jumlah
discount: discount | discount amount | total discount | item discount | product discount | lineitem discount
discount: discount price | line discount | order discount | cart discount amount | cart discount | seller discount
discount: transaction discount | jumlah discount | voucher | promo
tax: tax | tax amount | total tax | item tax | order tax | order total tax amount | jumlah tax | tax restoran
tax: tax sale | product tax | line tax
outlet: outlet name | outlet | outlet code | outlet id | outlet sale | outlet transaction
channel: sale channel | channel | order channel | sale type | order type | service type | type layanan | channel name
channel: channel order | transaction channel | channel sale name | order via
tender: payment method | payment type | tender | tender type | payment method title | payment method name
tender: payment name | payment | payment gateway | payment channel | paid by
currency: currency | currency code | order currency
status: order status | transaction status | status | sale status | status last | order status last | payment status
status: financial status | invoice status | receipt status
"""
_MOMENT_PHRASES = """
placed at | date time | transaction date | transaction date time | order date | order date time | invoice date
invoice date time | sale date | sale date time | receipt date | created at | order created at | order created time
order created | created date | created time | order placed at | order created date | date | paid at | payment date
payment date time | time payment dilakukan | paid date | paid time | completed at | date order completed | purchase date
purchased at | timestamp | datetime | transaction timestamp | business date | transaction time | order time | sale time
payment time | invoice time | receipt time | time
"""
_TIME_PHRASES = """
time | transaction time | order time | sale time | invoice time | receipt time | payment time | hour | time created
"""

_SAME_WORD = {
    word: meaning
    for line in _SAME.strip().splitlines()
    for meaning, _, words in [line.partition(": ")]
    for word in words.split()
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_MAX_CHARACTERS = 120


@lru_cache(maxsize=4_096)
def words_of(heading: str) -> Words:
    """This will return the meaning of a heading as a set of words, empty for one without any."""
    text = unicodedata.normalize("NFKC", heading[:_MAX_CHARACTERS]).replace("#", " no ")
    text = " ".join(_WORD.findall(_CAMEL.sub(" ", text))).lower()
    for pattern, joined in _JOINED:
        text = pattern.sub(joined, text)
    words = [word for word in text.split() if word not in _SILENT]
    # "PPN 11%" and "Total (2)" are about tax and totals, whatever the number.
    words = [word for word in words if not word.isdigit()]
    return frozenset(_SAME_WORD.get(word, word) for word in words)


def ranked(lines: str) -> dict[Words, int]:
    """This will return phrases by their words, with the place where each stands in `lines` (parted by `|`)."""
    phrases = [phrase.strip() for line in lines.strip().splitlines() for phrase in line.split("|")]
    ranks: dict[Words, int] = {}
    for rank, phrase in enumerate(phrases):
        ranks.setdefault(words_of(phrase), rank)
    return ranks


def by_field(text: str) -> dict[str, dict[Words, int]]:
    """This will return the ranked phrases of each field of a table of `field: phrase | phrase` lines."""
    lines: dict[str, list[str]] = {}
    for line in text.strip().splitlines():
        field, _, phrases = line.partition(": ")
        lines.setdefault(field, []).append(phrases)
    return {field: ranked("\n".join(parts)) for field, parts in lines.items()}


PHRASES: dict[str, dict[Words, int]] = by_field(_PHRASES)
MOMENTS: dict[Words, int] = ranked(_MOMENT_PHRASES)
TIMES: dict[Words, int] = ranked(_TIME_PHRASES)

# A heading with one of these says something else than the phrase inside it: the cashier's name, the cost price.
OTHER_MEANINGS: Words = word_set(
    """
    kasir cashier staff karyawan pegawai employee server waiter pelayan operator served collected user supplier
    pemasok modal pokok hpp cost cogs beli birth lahir due tempo jatuh cetak print printed update updated modified
    ubah diubah refund refunded refunds returned retur void batal cancelled cancel ongkir ongkos kirim shipping fee
    biaya admin point poin points stok stock sisa note notes catatan kembalian change tip gratuity resi tracking
    weight berat variant varian brand merek percent persen address province provinsi zip pos target komisi
    commission rounding pembulatan service charge modifier company perusahaan compare code kode rate tarif deadline
    expired kedaluwarsa gender age usia expiry
    """
)

# The phrases of what is no sale: `reading.vocabulary` says which kind of file each belongs to.
OTHER_PHRASES: dict[str, dict[Words, int]] = by_field(OTHER_FILES)

_KNOWN = {words for ranks in (*PHRASES.values(), MOMENTS, TIMES) for words in ranks}


def is_known_heading(text: object) -> bool:
    """This will tell whether `text` is, as a whole, a heading that some till writes."""
    return isinstance(text, str) and len(text) <= _MAX_CHARACTERS and words_of(text) in _KNOWN
