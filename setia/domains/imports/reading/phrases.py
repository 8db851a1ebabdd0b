"""What stands above the columns of files that hold no sales lines; see `synonyms` for how phrases are matched."""

# Words are those of `synonyms._SAME` where it knows them: "Nomor Kartu" is "kartu no".
OTHER_FILES = """
card: card | card no | kartu | kartu no | member card | card member | member card no | barcode member | kartu member
market: market | marketplace id | marketplace account | account marketplace | shopee id | tokopedia id
market: akun marketplace
social: social | instagram | social media | akun social | media sosial | akun sosial
person_name: name | customer name | full name | member name | buyer name | display name
person_code: customer code | customer id | customer no | code | member id | member code | member no | external id
person_phone: phone | phone no | customer phone | member phone | customer phone no | contact no | contact
person_email: email | email address | customer email | member email
salutation: salutation | sapaan | panggilan | gelar | title
gender: gender | kelamin type | type kelamin | kelamin | sex | l p
birth_date: birth date | birthday | birth | lahir date | lahir | ultah | ulang tahun | ulang tahun date | dob
address: address | customer address | lengkap address | full address | alamat rumah | address line
person_city: city | customer city
person_country: country | customer country
language: language | bahasa | locale
tags: tag | tags | label | labels | penanda | tanda
source: acquisition source | source | kenal dari | how did you hear | asal | channel acquisition | asal customer
acquisition_cost: acquisition cost | cac | cost akuisisi | biaya akuisisi | customer acquisition cost
preferred_channel: preferred channel | channel favorit | channel preferred | hubungi lewat | preferensi kontak
preferred_channel: preferensi channel | channel pilihan
interests: interest | interests | minat | hobi | hobby | hobbies | kesukaan
joined_at: joined at | join date | member since | bergabung | date bergabung | joined | date join | date daftar
joined_at: registered at | register date | registration date | created at | sejak
list_name: product name | product | item name | item | product title | name | item product | product item
list_name: menu name | description product | description
list_price: price | unit price | sale price | price jual | product price | regular price | price normal | list price
order_total: total | grand total | order total | total amount | total payment | net | transaction total | total belanja
order_total: total price | invoice total | jumlah total | jumlah payment
shipping: shipping | shipping cost | ongkir | ongkos kirim | biaya kirim | shipping fee | delivery fee
shipping: order shipping amount
interaction_kind: interaction kind | interaction type | type interaksi | interaksi | kind | type | activity type
interaction_kind: contact type | aktivitas type | activity
happened_at: happened at | happened | date | date time | interaction date | interaksi date | contact date | call date
happened_at: activity date | created at | timestamp
direction: direction | is inbound | inbound | arah | masuk keluar
outcome: outcome | result | hasil | status
duration: duration | duration seconds | durasi | lama
words: note | notes | catatan | body | isi | message | pesan | subject | ringkasan | summary | comment | remarks
reference: reference | ref | reference no | interaction id | call id | activity id | id
purpose: purpose | tujuan | keperluan | consent purpose | tujuan persetujuan
consent_channel: consent channel | channel | persetujuan channel
is_granted: is granted | granted | given | consent | persetujuan | setuju | opt in | diberikan | answer | jawaban
is_granted: consent status | status
given_at: given at | date | consent date | persetujuan date | opt in date | date setuju | timestamp | consent time
wording: wording version | wording | version | versi | versi kalimat | versi teks | text version
evidence: evidence | bukti | evidence text | proof | note | notes | catatan | keterangan
is_guardian: is guardian | guardian | wali | oleh wali | parent
"""
