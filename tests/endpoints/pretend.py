"""A model that is none: replies that follow a request's schema, always the same to the same request."""

import hashlib
import json

import numpy as np

LATIN = """card money please lost account when arrive transfer help phone charge rate fee limit order parcel return broken
light battery screen great poor quick slow quiet noise price worth week today never again blue red large small happy
angry reset password login error open close start stop change address name number"""
WORDS = {
    "Latn": LATIN.split(),
    "Thai": [
        "บัตร",
        "เงิน",
        "หาย",
        "ช่วย",
        "บัญชี",
        "เมื่อไร",
        "โอน",
        "ราคา",
        "ค่าธรรมเนียม",
        "โทรศัพท์",
        "วันนี้",
        "ทำไม",
        "เปลี่ยน",
        "ที่อยู่",
    ],
    "Khmr": ["កាត", "លុយ", "បាត់", "ជួយ", "គណនី", "ពេលណា", "ផ្ទេរ", "តម្លៃ", "ថ្ងៃនេះ", "ហេតុអ្វី", "ប្តូរ", "អាសយដ្ឋាន"],
    "Arab": ["بطاقة", "مال", "ضاع", "ساعد", "حساب", "متى", "تحويل", "سعر", "رسوم", "هاتف", "اليوم", "لماذا", "تغيير"],
    "Deva": ["कार्ड", "पैसा", "खो", "मदद", "खाता", "कब", "भेजना", "कीमत", "शुल्क", "फोन", "आज", "क्यों", "बदलना"],
    "Jpan": [
        "カード",
        "お金",
        "なくした",
        "助けて",
        "口座",
        "いつ",
        "送金",
        "値段",
        "手数料",
        "電話",
        "今日",
        "なぜ",
        "変更",
    ],
}
SPOKEN = {"Thai": "Thai", "Khmer": "Khmr", "Arabic": "Arab", "Hindi": "Deva", "Japanese": "Jpan"}


def content(body: dict, sample: int = 0) -> str | None:
    """Write what the request's schema asks for, of its words; None where it refuses (about one request in fifty)."""
    spelled = json.dumps(body, sort_keys=True) + str(sample)
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(spelled.encode()).digest()[:8], "big"))
    if rng.random() < 0.02:
        return None
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    asked = body["messages"][-1]["content"]
    script = next((code for name, code in SPOKEN.items() if name in asked), "Latn")
    fields = {name: field(each, script, asked, rng) for name, each in schema.get("properties", {}).items()}
    return json.dumps(fields, ensure_ascii=False) if fields else text(script, asked, rng)


def field(schema: dict, script: str, asked: str, rng: np.random.Generator):
    if "enum" in schema:
        return str(rng.choice(schema["enum"]))
    if schema["type"] == "integer":
        return int(rng.integers(schema.get("minimum", 0), schema.get("maximum", 5) + 1))
    return text(script, asked, rng)


def text(script: str, asked: str, rng: np.random.Generator) -> str:
    """Say ten words or so, behind the numbers, slots and addresses of a text that was quoted."""
    quoted = asked.partition("<<<")[2].partition(">>>")[0]
    kept = [word for word in quoted.split() if any(mark.isdigit() or mark in "{@" for mark in word)]
    words = [*kept, *rng.choice(WORDS[script], int(rng.integers(8, 13)))]
    return ("" if script in {"Thai", "Khmr", "Jpan"} and not kept else " ").join(words)
