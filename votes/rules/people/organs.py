"""The organs that decide (票决的机关): their words, their quorum, who presides and who announces.

Congresses of counties and townships, a county's standing committee (昭平 2023 办法 art. 2 lets it decide), and the
deliberative assembly of a street, which has no congress of its own (浙江街道条例 art. 17). The kind of an organ gives the
defaults; the body's settings and each round's 票决办法 may depart from them.
"""

from dataclasses import dataclass
from typing import Any

from votes.rules.people.roles import BodyKind


@dataclass(frozen=True, kw_only=True)
class Organ:
    """One kind of organ.

    member      what one of those entitled is called: 代表
    number      what a member's number is called: 代表证号
    group       into what the members are divided: 代表团
    address     how one is spoken to by name: 王某某 代表
    members     all of them, as the statutes say: 全体代表
    meeting     what passes 票决办法: 大会
    presider    who presides, confirms the list, and decides a tie where the rule says so: 主席团
    announces   what follows the organ's name in the announcement's title: 主席团公告
    signs       what follows the session's name under it; "" where the organ signs by its own name
    quorum      least share of the members present by default, `quorum_more`: to be exceeded, not just reached
    statute     where the law states that quorum; "" where it is convention
    majority    the law on decisions; more than half of all members everywhere
    """

    kind: BodyKind
    member: str = "代表"
    number: str = "代表证号"
    group: str = "代表团"
    address: str = "代表"
    members: str = "全体代表"
    meeting: str = "大会"
    presider: str = "主席团"
    announces: str = "主席团公告"
    signs: str = "主席团"
    quorum: tuple[int, int] = (2, 3)
    quorum_more: bool = False
    statute: str = "地方组织法第十四条"
    majority: str = "地方组织法第二十五条"

    @property
    def defaults(self) -> dict[str, Any]:
        """Return the parameters of 票决办法 that the kind of organ sets."""
        return {"quorum": list(self.quorum), "quorum_more": self.quorum_more, "majority": "roster"}

    def speak(self, text: str) -> str:
        """Return a sentence written for a people's congress in this organ's words for 代表证号, 代表团 and 代表.

        For sentences of the product, before names are put into them: a name may contain those words.
        """
        for place, word in enumerate(("代表证号", "代表团", "代表")):
            text = text.replace(word, f"\0{place}")
        for place, word in enumerate((self.number, self.group, self.member)):
            text = text.replace(f"\0{place}", word)
        return text

    def short_of_statute(self, quorum: tuple[int, int], more: bool) -> bool:
        """Tell whether a quorum asks for fewer members than the law does; never where the law is silent."""
        if not self.statute:
            return False
        own, other = self.quorum[0] * quorum[1], quorum[0] * self.quorum[1]
        return other < own or (other == own and self.quorum_more and not more)


#: 地方组织法 (2022) art. 14: two thirds of all deputies; art. 25: more than half of all deputies decide.
COUNTY = Organ(kind=BodyKind.COUNTY)
TOWNSHIP = Organ(kind=BodyKind.TOWNSHIP)
#: 地方组织法 (2022) art. 51: more than half of the members make a meeting, more than half of them decide. It announces
#: in its own name, the council of chairmen (主任会议) prepares the meeting.
COMMITTEE = Organ(
    kind=BodyKind.COMMITTEE,
    member="组成人员",
    number="证号",
    group="分组",
    address="同志",
    members="常务委员会全体组成人员",
    meeting="常务委员会会议",
    presider="主任会议",
    announces="公告",
    signs="",
    quorum=(1, 2),
    quorum_more=True,
    statute="地方组织法第五十一条",
    majority="地方组织法第五十一条",
)
#: No statute sets its quorum; places convene it through the standing committee's street office (人大街道工委).
STREET = Organ(
    kind=BodyKind.STREET,
    member="议事代表",
    members="全体议事代表",
    meeting="议事代表会议",
    presider="人大街道工委",
    announces="公告",
    signs="",
    statute="",
    majority="",
)

ORGANS = {organ.kind: organ for organ in (COUNTY, TOWNSHIP, COMMITTEE, STREET)}


def of(kind: BodyKind | str) -> Organ:
    """Return the organ of a body's kind."""
    return ORGANS[BodyKind(kind)]
