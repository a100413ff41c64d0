"""What the pictures show people judging: messages in three scripts, answers to compare, rows of a table."""

PRAISE, COMPLAINT, QUESTION, REPAIR = LABELS = ("praise", "complaint", "question", "repair")

MESSAGES = (
    ("The new benches by the river are lovely. Thank you!", PRAISE),
    ("The bus on line 4 came twenty minutes late again, third time this week.", COMPLAINT),
    ("Until when is the library open on Saturdays?", QUESTION),
    ("A street lamp on Mill Lane has been dark since Monday.", REPAIR),
    ("Well done, two hours in the queue for one stamp.", COMPLAINT),
    ("The crossing at the school has a hole as wide as a wheel.", REPAIR),
    ("May I bring my dog to the market hall?", QUESTION),
    ("Your colleague at the counter was kind and quick.", PRAISE),
    ("Why was the playground closed without a word to anybody?", COMPLAINT),
    ("Water runs out of the wall of the underpass.", REPAIR),
    ("How do I get a permit for a street party?", QUESTION),
    ("The concert in the park was the best evening of the summer.", PRAISE),
    ("The bins at the station have not been emptied for a week.", COMPLAINT),
    ("Is the swimming pool heated in October?", QUESTION),
    ("The railing of the footbridge is loose on the left side.", REPAIR),
    ("So much noise from the works at night that nobody sleeps.", COMPLAINT),
    ("Where can I hand in old paint?", QUESTION),
    ("Thank you for clearing the snow before seven.", PRAISE),
    ("The lift at platform 2 is out of order. Again.", REPAIR),
    ("Could the crossing get a longer green light? My mother cannot make it.", QUESTION),
    ("The form asks for a fax number. It is 2026.", COMPLAINT),
    ("Somebody painted over the sign of the hospital.", REPAIR),
    ("The reading hour for children is a gift.", PRAISE),
    ("Do I need an appointment for a passport?", QUESTION),
    ("Parking costs twice as much now, and there is no space either.", COMPLAINT),
    ("A tree leans over the path behind the theatre.", REPAIR),
    ("My application was answered in two days. I am impressed.", PRAISE),
    ("Which day is the glass collected in North Street?", QUESTION),
    ("The new timetable is clear at last, but why does the last bus leave at nine?", COMPLAINT),
    ("The fountain on the square drips into the shop next door.", REPAIR),
    ("Are there swimming lessons for grown-ups?", QUESTION),
    ("Flowers on every bridge: what a welcome.", PRAISE),
    ("The clock at the town hall is ten minutes fast.", REPAIR),
    ("Nobody picks up the telephone in the mornings.", COMPLAINT),
    ("Can I borrow a cargo bicycle for a day?", QUESTION),
    ("The night bus saved my evening. Thank you to the driver.", PRAISE),
)
KNOWN = (
    ("The gate of the cemetery will not close any more.", REPAIR),
    ("When does the ice rink open?", QUESTION),
    ("What a helpful page, thank you.", PRAISE),
    ("I wrote three times and got no answer.", COMPLAINT),
    ("A manhole cover rattles in front of number 12.", REPAIR),
    ("Which office issues birth certificates?", QUESTION),
)
THAI = (
    "ไฟถนนหน้าโรงเรียนวัดใหม่ดับมาสามวันแล้ว ช่วยมาซ่อมให้ด้วยค่ะ",
    "ขอบคุณเจ้าหน้าที่ที่ตอบคำถามอย่างใจดีและรวดเร็ว",
    "ตลาดริมน้ำเปิดกี่โมงในวันอาทิตย์คะ",
    "รถเมล์สายสี่มาช้าอีกแล้ว รอเกือบครึ่งชั่วโมง",
)
KHMER = (
    "ភ្លើងបំភ្លឺផ្លូវនៅមុខសាលារៀនរលត់បីថ្ងៃហើយ សូមជួយមកជួសជុលផង។",
    "សូមអរគុណដល់មន្ត្រីដែលបានឆ្លើយសំណួររបស់ខ្ញុំយ៉ាងរួសរាយ។",
    "តើផ្សារមាត់ទឹកបើកម៉ោងប៉ុន្មាននៅថ្ងៃអាទិត្យ?",
)
ARABIC = (
    "انطفأ مصباح الشارع أمام مدرسة النور في شارع النيل منذ يوم الاثنين.",
    "متى تفتح مكتبة البلدية في حي الزهور أبوابها يوم السبت؟",
)
PLACES_THAI = "รถเมล์จากสถานีหัวลำโพงไปตลาดน้ำตลิ่งชันออกทุกวันเสาร์ตอนแปดโมงเช้า ป้าแดงขายขนมอยู่หน้าวัดพระแก้ว"

NAMES = {
    PRAISE: {"en": "Praise", "th": "คำชม", "km": "ការសរសើរ"},
    COMPLAINT: {"en": "Complaint", "th": "ร้องเรียน", "km": "ការតវ៉ា"},
    QUESTION: {"en": "Question", "th": "คำถาม", "km": "សំណួរ"},
    REPAIR: {"en": "To be repaired", "th": "แจ้งซ่อม", "km": "ត្រូវជួសជុល"},
}
ABOUT = {
    PRAISE: {
        "en": "The writer is content.",
        "th": "ผู้เขียนพอใจ",
        "km": "អ្នកសរសេរពេញចិត្ត។",
    },
    COMPLAINT: {
        "en": "The writer is not content, and nothing is broken.",
        "th": "ผู้เขียนไม่พอใจ แต่ไม่มีสิ่งใดชำรุด",
        "km": "អ្នកសរសេរមិនពេញចិត្ត តែគ្មានអ្វីខូចទេ។",
    },
    QUESTION: {
        "en": "The writer wants to know something.",
        "th": "ผู้เขียนอยากทราบเรื่องใดเรื่องหนึ่ง",
        "km": "អ្នកសរសេរចង់ដឹងអ្វីមួយ។",
    },
    REPAIR: {
        "en": "A thing of the city's is broken or dangerous.",
        "th": "สิ่งของของเทศบาลชำรุดหรือเป็นอันตราย",
        "km": "របស់របស់ក្រុងខូច ឬមានគ្រោះថ្នាក់។",
    },
}
GUIDE = {
    "en": """# What people tell the city

Judge what the writer **wants**, not how they say it.

- Irony counts as what it means: *Well done, two hours in the queue* is a complaint.
- A question that only complains is a complaint.

1. Read the whole message.
2. Choose one label. If two fit, take the one the city must act on first.
""",
    "th": """# สิ่งที่ประชาชนบอกเทศบาล

ดูว่าผู้เขียน**ต้องการอะไร** ไม่ใช่ว่าเขียนอย่างไร

- คำประชดนับตามความหมายจริง
- คำถามที่เป็นเพียงการบ่นนับเป็นร้องเรียน

1. อ่านข้อความให้จบ
2. เลือกหนึ่งป้าย ถ้าเข้าได้สองป้าย ให้เลือกป้ายที่เทศบาลต้องลงมือก่อน
""",
    "km": """# អ្វីដែលប្រជាជនប្រាប់ក្រុង

សូមមើលថាអ្នកសរសេរ**ចង់បានអ្វី** មិនមែនរបៀបដែលគេសរសេរទេ។

- ពាក្យឌឺដងគិតតាមអត្ថន័យពិត។
- សំណួរដែលគ្រាន់តែរអ៊ូរទាំ គឺជាការតវ៉ា។

1. អានសារទាំងមូល។
2. ជ្រើសស្លាកមួយ។
""",
}
ADDED = "- A thank-you with a wish is praise, unless something is broken.\n"
EXAMPLE = ("Well done, two hours in the queue for one stamp.", COMPLAINT, "Irony means its contrary.")
TOPICS = ("transport", "waste", "parks", "schools", "noise", "safety", "offices", "culture")

PROMPT = "A neighbour writes: “The street lamp in front of my house has been dark since Monday. What can I do?”"
REPLIES = (
    "Thank you for telling us. A crew checks Mill Lane on Thursday; until then, please take the lit path along the canal. You will get a message when the lamp works again.",
    "Lamps are looked after by the works department. Please use the form on our pages.",
    "We are sorry about that. The lamp is on our list, and most are mended within five working days.",
)
BOOKING = {
    "room": "Town hall, small hall",
    "booked": "2026-03-14 18:00",
    "hours": 4,
    "guests": 120,
    "seats": 80,
    "purpose": "Choir rehearsal, open to listeners",
    "deposit paid": False,
}
ROWS_TOLD = ("fits", "too many guests", "unclear")
