"""Invented people: names from many Indonesian backgrounds, and addresses that reach nobody.

Given and family names are common ones, put together at random, so that a match with a living person is chance.
Telephone numbers are valid in form but begin with prefixes no Indonesian operator holds (checked against the carrier
table of `phonenumbers` 9): a demo wired to a real WhatsApp sender by mistake still rings at nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Background:
    """Names of one region; `single` and `double` are shares of one-word names and of names with two given names.

    `feminine` are last names that only women bear; most Indonesians have no family name in the European sense.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    family: tuple[str, ...]
    single: float
    double: float
    feminine: tuple[str, ...] = ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in text.split())


SUNDANESE: Final = Background(
    women=_names(
        "Euis Neneng Cucu Iis Imas Lilis Teti Yeni Rini Nining Entin Ai_Siti Neng_Rina Ratna Tita Wati Dedeh Elin "
        "Ela Nia Dini Rosita Mira Santi Yuyun Anih Nurlela Ida Eti Oneng Anisa Novi Resti Gina Selvi Widya Lina "
        "Rismawati Citra Intan Nopi Rahmi Ghina Salma Zahra Kania Nadia Tiara Ayu Sarah"
    ),
    men=_names(
        "Asep Dadang Cecep Ujang Agus Dedi Iwan Yayan Tatang Endang Jajang Maman Aceng Encep Deden Dudung Rahmat "
        "Ade Wawan Nandang Yana Hendra Rudi Ridwan Gilang Rizki Fajar Irfan Taufik Hilman Usep Opik Iman Rian Yogi "
        "Dani Galih Rangga Aditya Ilham Reza Fikri Alif Kemal Indra Eko Cepi Abdul Yusuf Naufal"
    ),
    family=_names(
        "Sunandar Hidayat Rohimat Kusnadi Suhendar Permana Gunawan Sopian Mulyana Sutisna Kurniawan Suryana "
        "Ruhiyat Nugraha Koswara Wiguna Sukmana Herdiana Setiawan Ramdani Maulana Supriatna Juanda Darmawan "
        "Hermawan Solihin Wijayakusuma Kartasasmita Natadireja Somantri Atmaja Suherman Rustandi Rukmana "
        "Firmansyah Ma'mun Nurjaman Jamaludin Ependi Sobari Sumarna Hamdani Rosadi Saepudin Nurzaman Mulyadi "
        "Hendarsyah Kosasih Rachmat Syarifudin"
    ),
    feminine=_names(
        "Nurhayati Lestari Wulandari Apriliani Sa'adah Cahyati Rohaeti Komariah Sumiati Kurniasih Nurjanah Maryati "
        "Fitriani Herlina Rahmawati Sukmawati Yulianti Hodijah Mulyani Agustin"
    ),
    single=0.09,
    double=0.26,
)
JAVANESE: Final = Background(
    women=_names(
        "Suharti Sri Endah Wahyuni Sulastri Tri Dwi Retno Wiwik Titik Siti Lestari Puji Ningsih Rini Tutik "
        "Sumiyati Eni Yuni Ratih Dyah Kartika Niken Laras Sekar Putri Ayuningtyas Indah Dewi Fitri Nur Anik "
        "Sutinah Murni Winarsih Rahayu Utami Astuti Galuh Kinanti Hesti Mega Vita Nanik Arum Wulan Pratiwi Esti "
        "Tyas Maya"
    ),
    men=_names(
        "Slamet Bambang Joko Agus Sugeng Wahyu Tri Dwi Eko Budi Sutrisno Suyanto Hari Heru Yanto Tono Sigit Teguh "
        "Bayu Dimas Arif Adi Bagus Satrio Widodo Purnomo Sukarno Paijo Ngadimin Suroso Gatot Priyo Anto Danang "
        "Galang Ardi Yudi Nugroho Rahmad Fajar Guntur Pandu Prasetyo Anang Supri Triyono Edi Rudi Yoga Panji"
    ),
    family=_names(
        "Susanto Santoso Wibowo Prasetyo Nugroho Setiawan Hartono Handoko Purwanto Raharjo Wicaksono Kusumo "
        "Pranoto Saputro Widiyanto Mulyono Suprapto Haryanto Utomo Subagyo Wijayanto Kuncoro Sasongko Hadiningrat "
        "Sudarsono Wardoyo Basuki Saptono Rahardian Nurcahyo Pamungkas Iswanto Yulianto Sulistyo Suryanto Siswanto "
        "Hermanto Budiarto Kristanto Wiratmo Sudibyo Harjono Suharno"
    ),
    feminine=_names(
        "Wahyuningsih Kusumaningrum Puspitasari Anggraini Setyowati Handayani Rahmawati Purnamasari Widyastuti "
        "Sulistyowati Nurhidayah Hapsari Maharani Kurniawati Setyaningrum Prihatini Lestari Rahayu Susanti Palupi"
    ),
    single=0.17,
    double=0.3,
)
NATIONAL: Final = Background(
    women=_names(
        "Nur'aini Nurul Aisyah Zahra Khadijah Nabila Salsabila Alya Kayla Naura Syifa Hanifah Amelia Bunga Cinta "
        "Dinda Fatimah Fitria Indri Jihan Karina Laila Melati Nadya Oktavia Rania Safira Tasya Ulfa Vania Yasmin "
        "Zulfa Anggita Bella Clara Della Elsa Febri Gita Hana Intan Julia Chloé Renée Mutiara Puspa Rara Shinta "
        "Vira Wina"
    ),
    men=_names(
        "Muhammad Ahmad Rizky Rafi Farhan Aldi Bima Daffa Fauzan Haikal Ibnu Kevin Luthfi Nanda Omar Putra Raka "
        "Syahrul Umar Wildan Yusril Zaki Akbar Bagas Candra Dicky Erlangga Ferdi Gibran Hafiz Ihsan Jefri Khairul "
        "Lukman Mirza Nizar Rama Surya Tegar Vino Wisnu Yahya Zidan Ma'ruf Syafi'i Arya Bintang Dwiki Fathur André"
    ),
    family=_names(
        "Pratama Putra Saputra Ramadhan Hakim Kurnia Hidayatullah Firdaus Alfarizi Maulana Nugraha Perdana Wijaya "
        "Anugrah Fadhil Ramadhani Aulia Mulia Mahendra Aditama Prakoso Anwar Syahputra Fauzi Rahman Basri "
        "Zulkarnain Al-Fatih Mubarok Permata Kirana Ardiansyah Bahri Habibi Nasrullah Arifin Hakiki Adriansyah "
        "Yudhistira"
    ),
    feminine=_names(
        "Maulida Fadhilah Amalia Oktaviani Septiani Febrianti Khairunnisa Azzahra Nur'azizah Jannah Rizqiana "
        "Safitri Cahyani Hasanah Novitasari Yulianti Khoirunnisa' Ramadhanti Aprilia Anjani Salsabila Damayanti"
    ),
    single=0.06,
    double=0.4,
)
MINANG: Final = Background(
    women=_names(
        "Upik Yusnidar Rosmaini Gusmayanti Fitriani Desmawati Yulia Murniati Elvira Reni Silvia Yenni Rahmi Mutia "
        "Suci Zelda Nelfi Ermawati Wirda Hasnah Puti Sari Ranti Rosna Nova Melda Aisyah Wilda Roza Ainul"
    ),
    men=_names(
        "Buyung Afrizal Syafrudin Zulkifli Irwan Yusrizal Hendri Rinaldi Fauzan Arief Taufiq Rahmat Jamaris Masri "
        "Amril Erizal Novrizal Doni Febrian Gusti Hamdan Ikhsan Khairil Rafdi Wahyudi Yondri Edwar Feri Rizal "
        "Anton"
    ),
    family=_names(
        "Chaniago Piliang Tanjung Koto Sikumbang Jambak Guci Melayu Caniago Malik Rasyid Syarif Yunus Idrus Djamil "
        "Nasrul Bakhtiar Marzuki Zainuddin Asril Darwis Effendi Latief Nurdin Sutan Mandeh Rajo Bagindo Amran "
        "Fachri"
    ),
    single=0.14,
    double=0.22,
)
BATAK: Final = Background(
    women=_names(
        "Romauli Tiurma Rotua Lamria Duma Riris Hotmauli Sondang Nursaida Marlina Ester Debora Christina Maria "
        "Rosalina Theresia Ruth Lasma Mawar Friska Yohana Natalia Grace Juliana Veronika Sarma Dame Tio Elfrida "
        "Monika"
    ),
    men=_names(
        "Tigor Ucok Parlindungan Hotman Poltak Binsar Saut Maruli Togar Jonggi Daniel Samuel Yosua Andreas Ronald "
        "Sahat Mangasi Ferdinand Rudolf Hasiholan Edward Gomgom Johannes Lamhot Martua Pardamean Robert Sabar "
        "Tumpal Benget"
    ),
    family=_names(
        "Sihombing Simanjuntak Siregar Nasution Lubis Harahap Hutapea Hutabarat Manurung Panjaitan Silalahi Sinaga "
        "Situmorang Tambunan Tampubolon Tobing Pasaribu Nainggolan Purba Saragih Ginting Sembiring Tarigan Sitepu "
        "Karo-Karo Barus Napitupulu Sitorus Marpaung Pardede Gultom Butarbutar Lumbantobing Rajagukguk Aritonang"
    ),
    single=0.01,
    double=0.25,
)
CHINESE: Final = Background(
    women=_names(
        "Mei_Ling Lina Vivian Felicia Jessica Stefanie Yenny Fenny Cindy Michelle Angela Olivia Caroline Shirley "
        "Lily Evelyn Monica Silvia Yuliana Fransiska Irene Melissa Natasha Tiffany Valencia Winnie Hwa Sianny "
        "Joyce Amelia"
    ),
    men=_names(
        "Kevin Steven Hendra Budi Rudy Andi William Michael Jimmy Ferry Hadi Yohanes Antonius Albert Felix "
        "Nicholas Christian Edwin Vincent Alvin Darren Jonathan Richard Teddy Willy Harris Liong Hansen Leonardo "
        "Bryan"
    ),
    family=_names(
        "Wijaya Halim Tanuwijaya Gunawan Kusuma Hartanto Lim Tan Salim Setiadi Susilo Sutanto Tjandra Liem Oey "
        "Thio Chandra Widjaja Santosa Lesmana Tandiono Budiman Kurniadi Suryadi Hermanto Yap Kwee Ang Sugiarto "
        "Irawan Darmadi Harsono Tedja Sanjaya Wibisono"
    ),
    single=0.03,
    double=0.25,
)
BUGIS: Final = Background(
    women=_names(
        "Andi_Tenri Besse Hasnawati Rosdiana Nurhayati Sitti_Aminah Marwah Indo Jumriani Nuraeni Kartini Rahmatia "
        "Sukmawati Andi_Fatimah Musdalifah Hadijah Nurjannah Suriani Irmawati Mardiana Daeng_Bau Herlina Wahidah "
        "Asriani"
    ),
    men=_names(
        "Andi_Baso Daeng_Rani Syamsuddin Baharuddin Muh_Ilyas Amiruddin Kaharuddin Ambo La_Ode Sudirman Hamzah "
        "Basri Jusuf Arsyad Rusdi Andi_Rizal Saharuddin Tajuddin Anwar Muh_Akbar Haeruddin Syahrir Patta Makmur"
    ),
    family=_names(
        "Mappanyukki Mattalatta Pawelloi Makkasau Tenriajeng Palaguna Daeng_Ngalle Daeng_Matutu Yasin Hasan "
        "Mangkona Parenrengi Petta Amin Latif Saleh Dg_Sikki Mansyur Rauf Tahir Tolla Syam Paturusi Nawir Karim"
    ),
    single=0.2,
    double=0.05,
)
EASTERN: Final = Background(
    women=_names(
        "Ni_Luh Ni_Made Ni_Komang Ni_Ketut Maria Yosefina Marlen Fientje Agustina Selvina Dorkas Yuliana Novita "
        "Anace Sesilia Katrina Meike Deity Jeane Ida_Ayu"
    ),
    men=_names(
        "I_Wayan I_Made I_Nyoman I_Ketut I_Gede I_Putu Yohanis Frans Markus Petrus Obet Stevi Jemmy Melky Ruben "
        "Yakob Denny Alex Noldy Ignasius"
    ),
    family=_names(
        "Sudarma Suardana Wirawan Arimbawa Mahardika Puspita Sukerta Wenda Kogoya Pattinasarany Tuhumury "
        "Latuconsina Manuhutu Wowor Rumengan Lengkong Mandagi Tumbel Da_Silva Fernandez Bria Nahak Lobo Seran "
        "Wanggai Rumbiak Yarangga D'Rozari Sanjiwani Saraswati"
    ),
    single=0.01,
    double=0.2,
)
BETAWI_ARAB_ACEH: Final = Background(
    women=_names(
        "Mpok_Ipah Rohana Saodah Syarifah Fatma Cut_Nurul Cut_Meutia Rabiatul Zubaidah Salamah Hindun Ruqayyah "
        "Maimunah Rodiah Nafisah Hamidah Farida Juleha Romlah Aminah"
    ),
    men=_names(
        "Mamat Rojali Sabeni Mansur Hasan Husein Ali Teuku_Iskandar Teuku_Rizal Said Salim Abdullah Idris Jaelani "
        "Nasir Zaenal Muchtar Sanusi Madin Ibrahim"
    ),
    family=_names(
        "Alatas Assegaf Al-Habsyi Bafadal Shahab Bin_Sanip Marzuki Naipin Muhidin Nawawi Abubakar Usman Daud "
        "Hanafiah Polem Syah Ismail Yacob Badjuber Bawazier Ghozali Sa'dun Mukhlis Sofyan Tohir"
    ),
    single=0.1,
    double=0.1,
)

_BACKGROUNDS: Final = (
    SUNDANESE,
    JAVANESE,
    NATIONAL,
    MINANG,
    BATAK,
    CHINESE,
    BUGIS,
    EASTERN,
    BETAWI_ARAB_ACEH,
)
# Shares in percent, the order as above: Bandung's members are mostly Sundanese, Makassar's mostly Bugis-Makassar.
_BANDUNG: Final = tuple(b for b, n in zip(_BACKGROUNDS, (37, 20, 17, 5, 6, 8, 1, 2, 4), strict=True) for _ in range(n))
_MAKASSAR: Final = tuple(b for b, n in zip(_BACKGROUNDS, (2, 9, 16, 2, 2, 7, 54, 6, 2), strict=True) for _ in range(n))

_ASCII: Final = str.maketrans({"'": None, "-": None, " ": ".", "é": "e", "è": "e"})
_FREE_PREFIXES: Final = ("824", "825", "826", "827", "834", "835", "836", "837", "854", "872", "873", "874", "875")
_SUBSCRIBERS: Final = 100_000_000
_STRIDE: Final = 61_803_399  # odd and no multiple of five, so multiplying is a permutation of the eight-digit numbers


def full_name(dice: Random, *, makassar: bool) -> str:
    """Draw a name of one to four words."""
    throw = dice.random
    background = (_MAKASSAR if makassar else _BANDUNG)[int(throw() * 100)]
    woman = throw() < 0.56
    given = background.women if woman else background.men
    name = given[int(throw() * len(given))]
    form = throw()
    if form < background.single:
        return name
    if form < background.single + background.double:
        second = given[int(throw() * len(given))]
        # Two-word given names would make five words with a second one.
        if second != name and " " not in name + second:
            name = f"{name} {second}"
    families = background.feminine if woman and background.feminine and throw() < 0.6 else background.family
    family = families[int(throw() * len(families))]
    return name if family in name else f"{name} {family}"


def phone_of(number: int) -> str:
    """Return the E.164 number of person `number`, unique below one hundred million people.

    The eight digits are a permutation of `number`; a tenth of them lose their leading zero and a tenth gain a digit,
    both reversible, so lengths vary as in life (10 to 12 digits after +62) and no two people share a number.
    """
    value = (number * _STRIDE + 27_182_818) % _SUBSCRIBERS
    prefix = _FREE_PREFIXES[value % len(_FREE_PREFIXES)]
    if value < 10_000_000:
        return f"+62{prefix}{value:07d}"
    if value >= 90_000_000:
        return f"+62{prefix}{value}{value % 7}"
    return f"+62{prefix}{value}"


def email_of(name: str, number: int) -> str:
    """Return an address at contoh.id; the number in it keeps it unique among namesakes."""
    return f"{name.lower().translate(_ASCII)}.{number}@contoh.id"
