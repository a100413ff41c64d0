"""Printed captions and customs of each locale: its language, script, currency and how a date is written."""

from __future__ import annotations

from dataclasses import dataclass

KEYS = (  # noqa: SIM905 - a column of words is easier to compare with the captions below
    "identity_card surname given_names birth_date birth_place sex nationality number expires "
    "invoice date due bill_to item quantity price amount subtotal vat total "
    "bank_statement account period balance_before balance_after description proof_of_address customer electricity"
).split(" ")
CAPTIONS = {
    "en": "Identity card|Surname|Given names|Date of birth|Place of birth|Sex|Nationality|Number|Expires|Invoice|Date|"
    "Due|Bill to|Item|Quantity|Price|Amount|Subtotal|VAT|Total|Bank statement|Account|Period|Opening balance|"
    "Closing balance|Description|Proof of address|Customer|Electricity",
    "de": "Personalausweis|Name|Vornamen|Geburtsdatum|Geburtsort|Geschlecht|Staatsangehörigkeit|Nummer|Gültig bis|"
    "Rechnung|Datum|Fällig|Rechnung an|Artikel|Menge|Preis|Betrag|Zwischensumme|MwSt.|Gesamt|Kontoauszug|Konto|"
    "Zeitraum|Anfangssaldo|Endsaldo|Beschreibung|Adressnachweis|Kunde|Strom",
    "fr": "Carte d'identité|Nom|Prénoms|Date de naissance|Lieu de naissance|Sexe|Nationalité|Numéro|Expire le|Facture|"
    "Date|Échéance|Facturé à|Article|Quantité|Prix|Montant|Sous-total|TVA|Total|Relevé de compte|Compte|Période|"
    "Solde initial|Solde final|Description|Justificatif de domicile|Client|Électricité",
    "es": "Documento de identidad|Apellidos|Nombres|Fecha de nacimiento|Lugar de nacimiento|Sexo|Nacionalidad|Número|"
    "Válido hasta|Factura|Fecha|Vencimiento|Facturar a|Artículo|Cantidad|Precio|Importe|Subtotal|IVA|Total|"
    "Extracto bancario|Cuenta|Periodo|Saldo inicial|Saldo final|Descripción|Comprobante de domicilio|Cliente|"
    "Electricidad",
    "el": "Δελτίο ταυτότητας|Επώνυμο|Όνομα|Ημερομηνία γέννησης|Τόπος γέννησης|Φύλο|Ιθαγένεια|Αριθμός|Λήξη|Τιμολόγιο|"
    "Ημερομηνία|Προθεσμία|Προς|Είδος|Ποσότητα|Τιμή|Ποσό|Μερικό σύνολο|ΦΠΑ|Σύνολο|Κίνηση λογαριασμού|Λογαριασμός|"
    "Περίοδος|Αρχικό υπόλοιπο|Τελικό υπόλοιπο|Περιγραφή|Αποδεικτικό διεύθυνσης|Πελάτης|Ηλεκτρικό ρεύμα",
    "uk": "Посвідчення особи|Прізвище|Ім'я|Дата народження|Місце народження|Стать|Громадянство|Номер|Дійсне до|Рахунок|"
    "Дата|Термін|Платник|Товар|Кількість|Ціна|Сума|Проміжний підсумок|ПДВ|Разом|Банківська виписка|Рахунок|Період|"
    "Початковий залишок|Кінцевий залишок|Опис|Підтвердження адреси|Клієнт|Електроенергія",
    "vi": "Thẻ căn cước|Họ|Tên|Ngày sinh|Nơi sinh|Giới tính|Quốc tịch|Số|Có giá trị đến|Hóa đơn|Ngày|Hạn|Khách hàng|"
    "Mặt hàng|Số lượng|Đơn giá|Số tiền|Tạm tính|Thuế GTGT|Tổng cộng|Sao kê tài khoản|Tài khoản|Kỳ|Số dư đầu kỳ|"
    "Số dư cuối kỳ|Nội dung|Xác nhận địa chỉ|Khách hàng|Tiền điện",
}


@dataclass(frozen=True, slots=True)
class Locale:
    """How one place prints: Faker's name for it, language and script of the captions, currency, date format."""

    name: str
    language: str
    script: str
    currency: str
    dates: str

    def caption(self, key: str) -> str:
        """Say a caption in the locale's language.

        >>> LOCALES["de_DE"].caption("total")
        'Gesamt'
        """
        return CAPTIONS[self.language].split("|")[KEYS.index(key)]

    def money(self, cents: int) -> str:
        """Write an amount with its currency."""
        whole, rest = divmod(abs(cents), 100)
        sign = "-" if cents < 0 else ""
        if self.language == "en":
            return f"{sign}{self.currency}{whole:,}.{rest:02d}"
        return f"{sign}{whole:,}".replace(",", ".") + f",{rest:02d} {self.currency}"


LOCALES = {
    each.name: each
    for each in (
        Locale("en_US", "en", "Latin", "$", "%m/%d/%Y"),
        Locale("en_GB", "en", "Latin", "£", "%d/%m/%Y"),
        Locale("de_DE", "de", "Latin", "€", "%d.%m.%Y"),
        Locale("fr_FR", "fr", "Latin", "€", "%d/%m/%Y"),
        Locale("es_ES", "es", "Latin", "€", "%d/%m/%Y"),
        Locale("vi_VN", "vi", "Latin", "₫", "%d/%m/%Y"),
        Locale("el_GR", "el", "Greek", "€", "%d/%m/%Y"),
        Locale("uk_UA", "uk", "Cyrillic", "₴", "%d.%m.%Y"),
    )
}
