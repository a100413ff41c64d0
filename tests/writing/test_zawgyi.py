import unicodedata

import pytest

from bimetal.writing import is_zawgyi, normalised

# The first line of each pair in the Zawgyi-One encoding, the second in Unicode; the words are common knowledge.
PAIRS = [
    ("ျမန္မာ", "မြန်မာ"),
    ("ေက်ာ္", "ကျော်"),
    ("ေက်ာင္းသား", "ကျောင်းသား"),
    ("အဂၤလိပ္", "အင်္ဂလိပ်"),
    ("သို႔", "သို့"),
    ("ႏိုင္ငံ", "နိုင်ငံ"),
    ("ေယာက္်ား", "ယောက်ျား"),
    ("ကၽြန္ုပ္", "ကျွန်ုပ်"),
    ("ပစၥည္း", "ပစ္စည်း"),
    ("ဥာဏ္", "ဥာဏ်"),
    ("၀န္ထမ္း", "ဝန်ထမ်း"),
    ("၁၀၀ ျပည့္", "၁၀၀ ပြည့်"),
    ("ၿပီး", "ပြီး"),
    ("ေရႊ", "ရွှေ"),
    ("ျဖဴ", "ဖြူ"),
    ("က႑", "ကဏ္ဍ"),
]
OTHERS = {
    "shn": "ၽႃႇသႃႇတႆး လႄႈ ၵၢၼ်ၶၢဝ်းမိူင်းတႆး",
    "mnw": "ဘာသာမန် ဗော်ဝ် ကဵု ၜိုတ် တ္ၚဲ ၚ် ဒၟံၚ်",
    "ksw": "ကညီကျိာ် ပှၤကညီ အတၢ်အိၣ် ၀ဲလၢ ကီၢ်",
    "blk": "ပအိုဝ်ႏဘာႏသာႏငဝ်းငွါ အဝ်ႏ",
    "kjp": "ဖၠုံလိက် ဆ်ုဂ်ုၬ ဂၞင်",
}


@pytest.mark.parametrize(("zawgyi", "unicode"), PAIRS)
def test_zawgyi_is_spelled_in_unicode(zawgyi, unicode):
    read = normalised(zawgyi, "my")
    assert read.text == normalised(unicode, "my").text
    assert read.original == zawgyi


@pytest.mark.parametrize("unicode", [unicode for _, unicode in PAIRS])
def test_unicode_stays(unicode):
    assert not is_zawgyi(unicode, "my")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("named", [True, False])
def test_other_languages_of_the_script_stay(language, named):
    text = OTHERS[language]
    assert not is_zawgyi(text, language if named else "")
    assert normalised(text, language if named else "").text == unicodedata.normalize("NFC", text)


def test_a_span_of_a_converted_syllable_is_the_whole_syllable_given():
    given = "ေက်ာ္ ႏိုင္ငံ"
    read = normalised(given, "my")
    assert read.text == "ကျော် နိုင်ငံ"
    assert given[slice(*read.to_original(0, 5))] == "ေက်ာ္"
    assert given[slice(*read.to_original(6, 12))] == "ႏိုင္င"
