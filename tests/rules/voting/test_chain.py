import hashlib

from hypothesis import given, strategies as st

from votes.rules.voting.chain import START, Link, link, verify

# quotes, escapes, a sign beyond the first plane and one that could be composed: what encoders stumble over
text = st.text('a0\u0301 "\\\n\u007f汉𬍛', max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
payloads = st.lists(st.dictionaries(text, scalars, min_size=1, max_size=2), min_size=1, max_size=5)


def test_a_link_hashes_predecessor_and_payload():
    expected = hashlib.sha256('{"payload":{"act":"开启"},"previous":"ab"}'.encode()).hexdigest()
    assert link("sha256", "ab", {"act": "开启"}) == expected


def forge(acts, algorithm="sha256"):
    events, previous = [], START
    for payload in acts:
        events.append(Link(payload, previous, link(algorithm, previous, payload)))
        previous = events[-1].hash
    return events


@given(payloads, st.sampled_from(["sha256", "sm3"]))
def test_an_untouched_chain_is_whole(acts, algorithm):
    events = forge(acts, algorithm)
    assert verify(algorithm, events) is None
    assert verify(algorithm, events, head=events[-1].hash) is None


def test_the_empty_chain_is_whole():
    assert verify("sha256", []) is None
    assert verify("sha256", [], head=START) is None


@given(payloads, st.data())
def test_a_changed_payload_breaks_the_chain_where_it_is(acts, data):
    events = forge(acts)
    at = data.draw(st.integers(0, len(events) - 1))
    changed = dict(events[at].payload) | {"由谁": "别人"}
    events[at] = Link(changed, events[at].previous, events[at].hash)
    assert verify("sha256", events).position == at + 1


@given(payloads, st.data())
def test_a_payload_changed_and_hashed_anew_breaks_the_next_link_or_the_head(acts, data):
    events = forge(acts)
    head = events[-1].hash
    at = data.draw(st.integers(0, len(events) - 1))
    changed = dict(events[at].payload) | {"由谁": "别人"}
    events[at] = Link(changed, events[at].previous, link("sha256", events[at].previous, changed))
    assert verify("sha256", events, head=head).position == at + 2


@given(payloads, st.data())
def test_a_missing_event_breaks_the_chain(acts, data):
    events = forge(acts)
    head = events[-1].hash
    at = data.draw(st.integers(0, len(events) - 1))
    del events[at]
    assert verify("sha256", events, head=head).position == at + 1


@given(payloads, st.data())
def test_an_inserted_event_breaks_the_chain(acts, data):
    events = forge(acts)
    at = data.draw(st.integers(0, len(events) - 1))
    previous = events[at].previous
    extra = {"补": "一条"} | {"位": at}
    events.insert(at, Link(extra, previous, link("sha256", previous, extra)))
    assert verify("sha256", events).position == at + 2


@given(st.integers(2, 6), st.data())
def test_two_events_that_change_places_break_the_chain(size, data):
    events = forge([{"第": place} for place in range(size)])
    at = data.draw(st.integers(0, size - 2))
    events[at], events[at + 1] = events[at + 1], events[at]
    assert verify("sha256", events).position == at + 1


def test_a_break_says_in_words_what_it_is():
    first, second = forge([{"act": "开启"}, {"act": "关闭"}])
    assert verify("sha256", [second]).message == "第 1 条记录与前一条不相接：中间有记录被删除、插入或调换。"
    forged = Link({"act": "作废"}, second.previous, second.hash)
    assert verify("sha256", [first, forged]).message == "第 2 条记录的内容与其摘要不符：内容被改动。"
    cut = verify("sha256", [first], head=second.hash)
    assert (cut.position, cut.message) == (
        2,
        "链条在第 1 条之后中断：末尾的摘要与已知的不符，末尾有记录缺失或多出。",
    )
