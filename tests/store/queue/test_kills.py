from tests.store.queue.killing import killed


def test_no_acknowledged_answer_is_lost_and_none_doubled_by_ten_kills(tmp_path):
    told = killed(tmp_path, kills=10, items=20_000, raters=4)
    assert told.acknowledged > 0
    assert (told.lost, told.doubled, told.over, told.miscounted) == (0, 0, 0, 0)
    assert told.entries >= told.acknowledged
