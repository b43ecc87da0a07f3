"""How long a sign-in lasts, and the words for the device it was made on."""

from datetime import datetime, timedelta

from votes.rules.people.actor import Actor
from votes.rules.people.roles import Role

#: Staff who do nothing for so long are signed out, and at the latest after `LONGEST`.
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
#: Deputies with an account sign in on their own phones.
LONGEST_OF_DEPUTIES = timedelta(days=7)
#: The cookie says when it was last used; it is renewed no more often than this.
RENEWED = timedelta(minutes=5)


def is_staff(actor: Actor) -> bool:
    """Tell whether the account has a role other than that of a deputy."""
    return bool(actor.roles - {Role.DEPUTY})


def is_over(actor: Actor, since: datetime, used: datetime, now: datetime) -> bool:
    """Tell whether a sign-in of ``since``, last used at ``used``, is over by the clock.

    A clock that was set back makes both times lie ahead; that ends nothing.
    """
    if not is_staff(actor):
        return now - since >= LONGEST_OF_DEPUTIES
    return now - used >= IDLE or now - since >= LONGEST


def is_to_be_renewed(used: datetime, now: datetime) -> bool:
    """Tell whether the cookie is to say anew when it was last used, also after the clock was set back."""
    return abs(now - used) >= RENEWED


#: Parts of the header User-Agent → words; the first that is found counts. Browsers also name those they descend from.
_SYSTEMS = {
    "HarmonyOS": "鸿蒙手机",
    "OpenHarmony": "鸿蒙手机",
    "iPhone": "苹果手机",
    "iPad": "苹果平板",
    "Android": "安卓手机",
    "Windows": "Windows 电脑",
    "Macintosh": "苹果电脑",
    "Linux": "Linux 电脑",
}
_BROWSERS = {
    "MicroMessenger": "微信",
    "DingTalk": "钉钉",
    "QQBrowser": "QQ 浏览器",
    "360SE": "360 浏览器",
    "360EE": "360 浏览器",
    "HuaweiBrowser": "华为浏览器",
    "MiuiBrowser": "小米浏览器",
    "VivoBrowser": "vivo 浏览器",
    "HeyTapBrowser": "OPPO 浏览器",
    "UCBrowser": "UC 浏览器",
    "Edg": "Edge 浏览器",
    "Firefox": "火狐浏览器",
    "Chrome": "Chrome 浏览器",
    "Safari": "Safari 浏览器",
}


def device_of(user_agent: str) -> str:
    """Return the device in words, such as 安卓手机，微信; no version and nothing that tells two phones of a kind apart."""
    found = [
        next((words for part, words in names.items() if part in user_agent), "")
        for names in (_SYSTEMS, _BROWSERS)
    ]
    return "，".join(words for words in found if words) or "其他设备"
