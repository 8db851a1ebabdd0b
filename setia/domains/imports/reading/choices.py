"""Words of files that mean one of a few things: yes and no, how somebody is addressed, where an order stands."""

import re

from setia.domains.imports.reading.reasons import BadValue, Reason, shown


def _words(text: str) -> dict[str, str]:
    return {
        word.strip(): code.strip()
        for line in text.strip().splitlines()
        for code, _, words in [line.partition(":")]
        for word in (code, *words.split("|"))
    }


WORDS: dict[str, dict[str, str]] = {
    "yes_no": _words(
        """
        yes: ya | y | true | 1 | benar | setuju | granted | opt in | opt-in | subscribed | iya | ok | v | x | given
        no: tidak | t | n | false | 0 | tdk | tolak | ditolak | menolak | refused | withdrawn | opt out | opt-out
        no: unsubscribed | tidak setuju | dicabut | denied | salah
        """
    ),
    "gender": _words(
        """
        male: m | l | laki-laki | laki laki | laki | pria | lelaki | cowok | man
        female: f | p | perempuan | wanita | w | cewek | woman
        """
    ),
    "salutation": _words(
        """
        bapak: bpk | pak | mr | mr. | tuan | sir
        ibu: bu | mrs | mrs. | nyonya | ny | madam
        kak: kakak | kk
        mas: bang | abang
        mbak: mba | miss | ms | ms. | nona
        """
    ),
    "language": _words(
        """
        id: indonesia | bahasa indonesia | indonesian | id-id | ind | bahasa
        en: english | inggris | bahasa inggris | en-us | en-gb | eng
        """
    ),
    "channel": _words(
        """
        any: semua | all | apa saja | -
        whatsapp: wa | whats app
        email: e-mail | surel | mail
        sms: text | teks
        phone: telepon | telpon | telp | call | tel | voice
        push: web push | notifikasi | notification
        post: pos | surat | letter
        """
    ),
    "purpose": _words(
        """
        marketing: promosi | pemasaran | promo | newsletter | penawaran | iklan
        service: layanan | transaksi | transactional | pelayanan
        profiling: profil | analisis | personalisasi | pembuatan profil
        sharing: berbagi | pihak ketiga | third party | pembagian data
        publishing: publikasi | ulasan | testimoni | review | tampil
        """
    ),
    "interaction_kind": _words(
        """
        call: telepon | panggilan | phone | telpon | telp | phone call
        visit: kunjungan | datang | berkunjung | walk-in | walk in
        chat: wa | whatsapp | pesan | dm | message | obrolan | live chat | sms
        email: e-mail | surel | mail
        meeting: rapat | pertemuan | meet | ketemu | zoom
        other: lain | lainnya | note | catatan
        """
    ),
    "direction": _words(
        """
        yes: inbound | in | masuk | dari pelanggan | incoming | true | 1 | ya | terima | diterima
        no: outbound | out | keluar | ke pelanggan | outgoing | false | 0 | tidak | kirim | dikirim
        """
    ),
    "status": _words(
        """
        paid: lunas | dibayar | terbayar | success | sukses | settlement | berhasil | processing | diproses | paid off
        open: belum dibayar | pending | unpaid | menunggu | baru | new | menunggu pembayaran | on hold | on-hold
        shipped: dikirim | sedang dikirim | dalam pengiriman | in transit | delivering | fulfilled
        done: selesai | completed | complete | delivered | diterima | terkirim | tiba | closed
        cancelled: canceled | batal | dibatalkan | void | refunded | failed | gagal | expired | kedaluwarsa
        """
    ),
}
_SEPARATORS = re.compile(r"[,;|\n]+")


def choose(words: str, field: str, text: str) -> str:
    """This will return the code a word stands for, "" for an empty cell; raises BadValue with `bad_word`."""
    key = " ".join(text.replace("_", " ").split()).casefold()
    if not key:
        return ""
    code = WORDS[words].get(key)
    if code is None:
        raise BadValue(Reason("bad_word", field, shown(text)))
    return code


def known_words(words: str) -> str:
    """This will return the codes that a cell may hold, for a message."""
    return ", ".join(dict.fromkeys(WORDS[words].values()))


def split_list(text: str) -> list[str]:
    """This will return the parts of a cell that holds several words, each once, in their order."""
    parts = (" ".join(part.split()) for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))
