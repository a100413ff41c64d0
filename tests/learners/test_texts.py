"""Texts of any script: where words are not spaced, characters are what is counted."""

import numpy as np
import pyarrow as pa
import pytest

from bimetal.learners._features import fit_encoder
from bimetal.learners._scripts import mostly_spaceless
from bimetal.learners.linear import Linear

LOST = {
    "Thai": ["บัตรหายเมื่อวาน", "ทำบัตรหายครับ", "ฉันทำบัตรหาย", "บัตรของฉันหายไป", "ผมหาบัตรไม่เจอ"],
    "Chinese": ["我的卡丢了", "银行卡丢失怎么办", "我把卡弄丢了", "卡找不到了", "昨天丢了一张卡"],
    "Burmese": ["ကတ်ပျောက်သွားတယ်", "ကျွန်တော့်ကတ်ပျောက်", "ကတ်ပျောက်လို့ပါ", "မနေ့ကကတ်ပျောက်တယ်", "ကတ်ရှာမတွေ့ဘူး"],
}
PAID = {
    "Thai": ["โอนเงินไม่เข้า", "เงินโอนยังไม่ถึง", "ทำไมโอนเงินช้า", "โอนเงินแล้วไม่ได้รับ", "ยอดโอนไม่ถูกต้อง"],
    "Chinese": ["转账失败了", "为什么转账这么慢", "转账还没到账", "我的转账被拒绝", "转账金额不对"],
    "Burmese": ["ငွေလွှဲမရဘူး", "ငွေလွှဲတာကြာတယ်", "လွှဲငွေမရောက်သေးဘူး", "ငွေလွှဲပျက်သွားတယ်", "ငွေလွှဲပမာဏမှားတယ်"],
}


def cards(script):
    texts, labels = LOST[script] + PAID[script], ["lost"] * 5 + ["paid"] * 5
    return pa.table({"text": texts, "label": labels, "language": [script.lower()] * 10})


@pytest.mark.parametrize("script", LOST)
def test_characters_tell_classes_apart_where_words_cannot(script):
    table = cards(script)
    rows = np.arange(10)
    right = []
    for row in rows:  # leave one out: whole phrases never come again, so only their parts can help
        model = Linear()(table.take(rows[rows != row]), np.ones(9), None, np.random.default_rng(0))
        best = model.classes[model.predict_proba(table.slice(row, 1)).argmax()]
        right.append(best == table["label"][row].as_py())
    assert sum(right) >= 9


def test_a_language_column_is_let_pass(cards):
    tongues = cards.append_column("language", pa.array(["en"] * 12))
    first, second = (
        Linear()(each, np.ones(12), None, np.random.default_rng(0)).predict_proba(cards) for each in (cards, tongues)
    )
    np.testing.assert_array_equal(first, second)


def test_spaced_texts_keep_their_words(cards):
    names = fit_encoder(cards).fitted.get_feature_names_out()
    assert "words__my card" in names
    assert any(name.startswith("letters__") for name in names)
    mixed = pa.table({"text": ["我的 card is lost today", "a transfer to 老王 is late"]})
    assert fit_encoder(mixed)(mixed).shape[0] == 2


@pytest.mark.parametrize(
    ("texts", "spaceless"),
    [
        (["ສະບາຍດີ"], True),
        (["ជំរាបសួរ"], True),
        (["こんにちは、元気ですか"], True),
        (["안녕하세요 여러분"], False),
        (["xin chào các bạn"], False),
        (["नमस्ते दुनिया"], False),
        (["", "12 34"], False),
    ],
)
def test_scripts_are_told_apart(texts, spaceless):
    assert mostly_spaceless(texts) is spaceless
