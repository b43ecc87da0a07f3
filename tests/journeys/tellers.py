"""Tellers with their phones: setting a signing secret, confirming another's code, and the keys of the tests' tellers."""

from base64 import urlsafe_b64encode

from tests.factories import World
from tests.journeys.people import Person
from tests.signing import key_of
from votes.services.meeting import sessions

PHRASE = "今年的雪下得比往年早"
_KEEP = """([slot, jwk, pub]) => crypto.subtle.importKey('jwk', jwk, {name: 'ECDSA', namedCurve: 'P-256'}, false, ['sign'])
.then(key => new Promise((yes, no) => { const r = indexedDB.open('minsheng-teller', 1);
r.onupgradeneeded = () => r.result.createObjectStore('keys'); r.onerror = no;
r.onsuccess = () => { const t = r.result.transaction('keys', 'readwrite');
t.objectStore('keys').put({key: key, pub: pub}, slot); t.oncomplete = yes; t.onerror = no } }))"""


def set_secret(phone: Person, session_id: int, *, passphrase: str = "") -> str:
    """Set the teller's secret on the own phone: a key, or this passphrase; return the short code that it shows."""
    phone.open(f"/teller/sessions/{session_id}/secret")
    if passphrase:
        assert not phone.page.locator("#key").is_visible(), "without HTTPS the browser makes no key"
        phone.fill(passphrase=passphrase, again=passphrase)
        assert phone.press("设定签字口令") == 200
    else:
        assert not phone.page.locator("#phrase").is_visible()
        assert phone.press("在这部手机上生成密钥") == 200
    phone.reads("等待核对")
    assert not phone.page.locator("#other").is_visible(), "the phone computes the same code"
    return " ".join(phone.page.locator("#code").inner_text().split())  # as `Person.words` reads it


def confirm_code(phone: Person, session_id: int, name: str, code: str, *, passphrase: str = "") -> int:
    """Confirm the code that the phone of the teller called ``name`` shows; return the status of the answer."""
    phone.open(f"/teller/sessions/{session_id}/secret")
    card = f".card:has-text('{name}'):has(form)"
    phone.page.locator(f"{card} [name=code]").fill(code)
    if passphrase:
        phone.page.locator(f"{card} [name=passphrase]").fill(passphrase)
    return phone.press("短码一致，核对", within=card)


def hand_key(phone: Person, world: World, session_id: int, deputy_id: int) -> None:
    """Put the key of one of the tests' tellers into the phone's store, as if the phone had made it."""
    with world.work():
        session = sessions.get(session_id)
        assert session is not None
        teller = next((each for each in session.tellers if each.deputy_id == deputy_id), None)
        if teller is None:
            return
        key, slot = key_of(teller), f"{session_id}-{teller.id}"
    numbers = key.private.private_numbers()
    points = (numbers.private_value, numbers.public_numbers.x, numbers.public_numbers.y)
    jwk = {"kty": "EC", "crv": "P-256", **dict(zip("dxy", map(_base64, points), strict=True))}
    phone.page.evaluate(_KEEP, [slot, jwk, key.public])


def _base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
