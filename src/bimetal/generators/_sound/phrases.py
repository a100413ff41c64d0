"""Words to be spoken, language by language: the digits, and a few commands as devices know them."""

from __future__ import annotations

DIGITS = tuple("0123456789")
COMMANDS = ("yes", "no", "stop", "go", "up", "down", "left", "right")

WORDS = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun | ja nein stopp los hoch runter links rechts",
    "en": "zero one two three four five six seven eight nine | yes no stop go up down left right",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve | sí no para vamos arriba abajo izquierda derecha",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf | oui non arrête avance monte descends gauche droite",
    "id": "nol satu dua tiga empat lima enam tujuh delapan sembilan | ya tidak berhenti jalan naik turun kiri kanan",
    "it": "zero uno due tre quattro cinque sei sette otto nove | sì no ferma vai su giù sinistra destra",
    "my": "သုည တစ် နှစ် သုံး လေး ငါး ခြောက် ခုနစ် ရှစ် ကိုး | ဟုတ်ကဲ့ မဟုတ်ဘူး ရပ် သွား အပေါ် အောက် ဘယ် ညာ",
    "pt": "zero um dois três quatro cinco seis sete oito nove | sim não para vai cima baixo esquerda direita",
    "ru": "ноль один два три четыре пять шесть семь восемь девять | да нет стоп вперёд вверх вниз влево вправо",
    "th": "ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า | ใช่ ไม่ หยุด ไป ขึ้น ลง ซ้าย ขวา",
    "vi": "không một hai ba bốn năm sáu bảy tám chín | có không_phải dừng đi lên xuống trái phải",
}


def phrases(language: str) -> tuple[tuple[str, str, str], ...]:
    """Return what a language says, each as (language, label, words); labels are the same in every language.

    >>> phrases("de")[1], phrases("vi")[-1]
    (('de', '1', 'eins'), ('vi', 'right', 'phải'))
    """
    numbers, orders = WORDS[language].split(" | ")
    spoken = [*numbers.split(), *(each.replace("_", " ") for each in orders.split())]
    return tuple((language, label, words) for label, words in zip((*DIGITS, *COMMANDS), spoken, strict=True))
