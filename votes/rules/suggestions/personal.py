"""What tells who somebody is, in the words of citizens that may come to stand in public.

Telephone, identity and account numbers can be found with certainty, names cannot: Chinese writes them like any other word. So what
is certain is taken out, what looks like somebody is pointed out, and a person says that the wording may be public.
"""

import re
from collections.abc import Iterable

#: A mobile or fixed number, blanks and hyphens within it or not; an identity card's eighteen signs; an address of e-mail.
_NUMBER = re.compile(
    r"(?<!\d)(?:(?:\+?86[\s-]?)?1[3-9](?:[\s-]?\d){9}|0\d{2,3}[\s-]?\d{7,8}|\d{17}[\dXx])(?!\d)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
NO_NUMBER, NO_NAME = "（号码略）", "（姓名略）"

#: The commonest surnames but for those that often end another word (地方, 提高, 平时, 公安 …); then the double ones.
_SURNAME = (
    "(?:欧阳|上官|司马|诸葛|司徒|东方|慕容|[王李张刘陈杨赵黄周吴徐孙朱胡郭何林罗郑梁宋谢唐韩曹许邓萧冯程蔡彭潘袁董余苏叶吕魏蒋杜丁沈姜"
    "范江傅钟卢汪戴崔陆廖姚谭邹熊孟秦阎薛侯雷龙段郝孔邵史毛贺顾赖龚万覃武钱尹黎莫樊聂])"
)
_TITLE = (
    "(?:先生|女士|小姐|书记|支书|主任|村长|镇长|乡长|县长|局长|科长|队长|组长|校长|院长|园长|所长|经理|老板|师傅|医生|大夫|护士|老师|教授"
    "|警官|法官|律师|大爷|大伯|大叔|大妈|大娘|大姐|大哥|大嫂|阿姨|叔叔|奶奶|爷爷|婆婆|老汉|同志|同学)"
)
#: 张书记, 李医生: a surname right before what somebody is called. 王小明老师 too, where nothing runs into it from the left.
_TITLED = re.compile(
    rf"{_SURNAME}(?P<called>{_TITLE})|(?<![\u4e00-\u9fff]){_SURNAME}[\u4e00-\u9fff]{{1,2}}(?={_TITLE})"
)
#: 我叫张三, 本人李四, 联系人：王五.
_SAID = re.compile(
    rf"(我叫|我名叫|我是|本人|姓名[：:是]?|联系人[：:是]?|户主[：:是]?|投诉人[：:是]?|反映人[：:是]?)({_SURNAME}[\u4e00-\u9fff]{{1,2}})"
    r"(?=$|[^\u4e00-\u9fff]|[，。是在家住的])"
)
#: 3 栋 2 单元 501 室; 12 组 8 号: where somebody lives.
_HOME = re.compile(
    r"\d+\s*(?:栋|幢|座|号楼)\s*(?:\d+\s*单元)?\s*\d{2,4}\s*[室号]?|\d+\s*单元\s*\d{2,4}\s*[室号]?"
)
#: Words that begin like a name.
_NO_NAME = (
    "(?!谢[谢意绝]|何[时处况必种地人]|周[边围末到年期一二三四五六日转]|黄[色土泥沙昏金线灯]|雷[雨电击]|毛[病坯线]|杜绝|江[边水堤面]|钟[点头]|孔洞|马[路上桶力达]"
    "|范围|程[度序]|陈[旧年列]|万[一元人亩吨]|叶[子片]|段落|林[地木业区带场下]|武[装术]|龙[头舟]|顾[虑客问]|史[料上]|余[下地]|胡[乱同]|许[多久可愿]|钱[款物的]"
    "|孙[子女辈]|李[子树]|张[贴口望]|杨[树梅]|丁字|黎明|罗列|董事|苏打|莫[名非])"
)
#: 张三家, 村民李四: a name in the middle of a sentence, as far as it can be guessed; no 王家村 and no 李家沟.
_GUESS = re.compile(
    rf"(?:(?<![\u4e00-\u9fff\d])(?<!\d )|(?<=村民|居民|邻居|户主|老人|群众|住户)){_NO_NAME}{_SURNAME}"
    r"[^\W\d_a-zA-Z村沟组湾坪岭山河江镇乡路街桥庄屯寨坝店区里地家县市园场厂的]{1,2}?(?=家|的|[，。；、：！？\s]|$)"
    rf"|[老小]{_SURNAME}家"
)


def has_numbers(text: str) -> bool:
    """Is there a telephone or identity number or an e-mail address in it? What holds one is not published."""
    return _NUMBER.search(text) is not None


def without_numbers(text: str) -> str:
    """``text`` without telephone and identity numbers and e-mail addresses."""
    return _NUMBER.sub(NO_NUMBER, text)


def without_persons(text: str, names: Iterable[str] = ()) -> str:
    """``text`` without numbers, without ``names`` (those that its authors gave of themselves), and without what certainly names
    somebody: 张书记 becomes 某书记, 我叫张三 我叫（姓名略）."""
    text = without_numbers(text)
    for name in sorted(set(names), key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, NO_NAME)
    text = _SAID.sub(lambda found: f"{found[1]}{NO_NAME}", text)
    return _TITLED.sub(lambda found: f"某{found['called'] or ''}", text)


def pointed_out(text: str) -> list[str]:
    """What in ``text`` may tell who somebody is, each once, as it stands there; guesses among it."""
    found: dict[int, str] = {}
    for pattern in (_NUMBER, _SAID, _TITLED, _HOME, _GUESS):
        for each in pattern.finditer(text):
            found.setdefault(each.start(), each[0].strip())
    return list(dict.fromkeys(found[place] for place in sorted(found)))
