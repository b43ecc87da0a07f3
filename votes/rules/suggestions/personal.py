"""Personal data in citizens' texts that may be published: numbers, names, titles, homes.

Patterns find telephone and identity numbers with certainty. They cannot find every name, because Chinese writes names like any other
word. The program therefore removes what is certain, points out what may be personal, and a member of staff confirms the wording.
"""

import re
from collections.abc import Iterable

#: A mobile or fixed number, with or without blanks and hyphens; an identity number of 18 characters; an e-mail address.
_NUMBER = re.compile(
    r"(?<!\d)(?:(?:\+?86[\s-]?)?1[3-9](?:[\s-]?\d){9}|0\d{2,3}[\s-]?\d{7,8}|\d{17}[\dXx])(?!\d)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
NO_NUMBER, NO_NAME = "（号码略）", "（姓名略）"

#: The commonest surnames, except those that often end another word (地方, 提高, 平时, 公安 …). Double surnames stand first.
_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|东方|慕容|[王李张刘陈杨赵黄周吴徐孙朱胡郭何林罗郑梁宋谢唐韩曹许邓萧冯程蔡彭潘袁董余苏叶吕魏蒋杜丁沈姜"
    "范江傅钟卢汪戴崔陆廖姚谭邹熊孟秦阎薛侯雷龙段郝孔邵史毛贺顾赖龚万覃武钱尹黎莫樊聂])"
)
_TITLE = (
    "(?:先生|女士|小姐|书记|支书|主任|村长|镇长|乡长|县长|局长|科长|队长|组长|校长|院长|园长|所长|经理|老板|师傅|医生|大夫|护士|老师|教授"
    "|警官|法官|律师|大爷|大伯|大叔|大妈|大娘|大姐|大哥|大嫂|阿姨|叔叔|奶奶|爷爷|婆婆|老汉|同志|同学)"
)
#: 张书记, 李医生: a surname before a title. 王小明老师 too, where no Chinese character stands directly before the name.
_TITLED = re.compile(
    rf"{_SURNAME}(?P<called>{_TITLE})|(?<![\u4e00-\u9fff]){_SURNAME}[\u4e00-\u9fff]{{1,2}}(?={_TITLE})"
)
#: 我叫张三, 本人李四, 联系人：王五.
_INTRODUCED = re.compile(
    rf"(我叫|我名叫|我是|本人|姓名[：:是]?|联系人[：:是]?|户主[：:是]?|投诉人[：:是]?|反映人[：:是]?)({_SURNAME}[\u4e00-\u9fff]{{1,2}})"
    r"(?=$|[^\u4e00-\u9fff]|[，。是在家住的])"
)
#: 3 栋 2 单元 501 室; 12 组 8 号: where somebody lives.
_HOME = re.compile(
    r"\d+\s*(?:栋|幢|座|号楼)\s*(?:\d+\s*单元)?\s*\d{2,4}\s*[室号]?|\d+\s*单元\s*\d{2,4}\s*[室号]?"
)
#: Words that begin with a surname and are no names.
_NO_NAME = (
    "(?!谢[谢意绝]|何[时处况必种地人]|周[边围末到年期一二三四五六日转]|黄[色土泥沙昏金线灯]|雷[雨电击]|毛[病坯线]|杜绝|江[边水堤面]|钟[点头]|孔洞|马[路上桶力达]"
    "|范围|程[度序]|陈[旧年列]|万[一元人亩吨]|叶[子片]|段落|林[地木业区带场下]|武[装术]|龙[头舟]|顾[虑客问]|史[料上]|余[下地]|胡[乱同]|许[多久可愿]|钱[款物的]"
    "|孙[子女辈]|李[子树]|张[贴口望]|杨[树梅]|丁字|黎明|罗列|董事|苏打|莫[名非])"
)
#: 张三家, 村民李四: a guess at a name within a sentence. 王家村 and 李家沟 are places and do not match.
_GUESS = re.compile(
    rf"(?:(?<![\u4e00-\u9fff\d])(?<!\d )|(?<=村民|居民|邻居|户主|老人|群众|住户)){_NO_NAME}{_SURNAME}"
    r"[^\W\d_a-zA-Z村沟组湾坪岭山河江镇乡路街桥庄屯寨坝店区里地家县市园场厂的]{1,2}?(?=家|的|[，。；、：！？\s]|$)"
    rf"|[老小]{_SURNAME}家"
)


def has_numbers(text: str) -> bool:
    """Return whether ``text`` has a telephone or identity number or an e-mail address. Such a text is not published."""
    return _NUMBER.search(text) is not None


def without_numbers(text: str) -> str:
    """Return ``text`` with a placeholder for each telephone or identity number and e-mail address."""
    return _NUMBER.sub(NO_NUMBER, text)


def without_persons(text: str, names: Iterable[str] = ()) -> str:
    """Return ``text`` without numbers, ``names`` and certain mentions of a person.

    张书记 becomes 某书记, 我叫张三 becomes 我叫（姓名略）.

    Args:
        text: what citizens wrote.
        names: the names that the authors gave of themselves.
    """
    text = without_numbers(text)
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, NO_NAME)
    text = _INTRODUCED.sub(lambda match: f"{match[1]}{NO_NAME}", text)
    return _TITLED.sub(lambda match: f"某{match['called'] or ''}", text)


def pointed_out(text: str) -> list[str]:
    """Return the passages of ``text`` that may identify a person, each once, in their order; some are guesses."""
    passages: dict[int, str] = {}
    for pattern in (_NUMBER, _INTRODUCED, _TITLED, _HOME, _GUESS):
        for match in pattern.finditer(text):
            passages.setdefault(match.start(), match[0].strip())
    return list(dict.fromkeys(passages[start] for start in sorted(passages)))
