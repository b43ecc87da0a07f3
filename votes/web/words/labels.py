"""Chinese words, colours and shapes of states: the rules have values, users see these."""

from enum import Enum
from typing import Any, NamedTuple

from flask import Flask

from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, Mark, RereportState
from votes.rules.delivery.adjustments import AdjustmentCause, AdjustmentKind, AdjustmentState
from votes.rules.delivery.lights import Light
from votes.rules.delivery.trackings import CarryOver, TrackingState
from votes.rules.duties.duties import KIND_WORDS, DutyAttendanceState, DutyMeetingKind, DutyState
from votes.rules.lifecycle import open_actions
from votes.rules.meeting.rounds import COLOUR_WORDS, RoundState, SessionState
from votes.rules.people.accounts import AccountChangeKind
from votes.rules.people.organs import COUNTY, Organ
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState, KeyerRole, Role, TellerRole
from votes.rules.permissions import Permission, may
from votes.rules.projects.fields import CATEGORIES
from votes.rules.projects.projects import Decision, ProjectState
from votes.rules.suggestions.matters import MatterState, Outcome, TransferState
from votes.rules.suggestions.suggestions import AuthorKind, Channel, SuggestionState
from votes.rules.suggestions.terms import Term
from votes.rules.supervision.supervision import InspectionKind, InspectionState, RectificationState, Slip
from votes.rules.voting.screens import ScreenPicture
from votes.web.identity import me


class Label(NamedTuple):
    """Word, tone (a CSS class: ok, warn, bad, done, quiet, busy) and shape: colour is never the only sign."""

    word: str
    tone: str = "quiet"
    shape: str = ""


_WORDS: tuple[tuple[Enum, Label], ...] = (
    (AccountChangeKind.OPENED, Label("设立账号")),
    (AccountChangeKind.PASSWORD_RESET, Label("重置密码")),
    (AccountChangeKind.FACTOR_RESET, Label("重置两步验证")),
    (AccountChangeKind.ENABLED, Label("启用已停用的账号")),
    (AccountChangeKind.ROLES, Label("增加角色")),
    (BodyKind.COUNTY, Label("县级人大")),
    (BodyKind.TOWNSHIP, Label("乡镇人大")),
    (BodyKind.COMMITTEE, Label("人大常委会")),
    (BodyKind.STREET, Label("街道议事代表会")),
    (Role.SYSADMIN, Label("系统管理员")),
    (Role.OFFICE, Label("人大办")),
    (Role.GOVERNMENT, Label("政府办")),
    (Role.DEPARTMENT, Label("责任单位")),
    (Role.LEADER, Label("领导")),
    (Role.DEPUTY, Label("代表")),
    (DeputyState.ACTIVE, Label("在任", "ok", "●")),
    (DeputyState.SUSPENDED, Label("暂停", "warn", "▲")),
    (DeputyState.ENDED, Label("终止", "quiet", "■")),
    (TellerRole.CHIEF, Label("总监票人")),
    (TellerRole.TELLER, Label("监票人")),
    (KeyerRole.COUNTER, Label("计票人")),
    (KeyerRole.CLERK, Label("录入员")),
    (AttendanceState.PRESENT, Label("已签到", "ok", "●")),
    (AttendanceState.LEAVE, Label("请假", "warn", "▲")),
    (AttendanceState.LEFT, Label("早退", "quiet", "—")),
    (ScreenPicture.BLANK, Label("空白")),
    (ScreenPicture.WAITING, Label("签到", "busy", "●")),
    (ScreenPicture.READY, Label("等待开启投票", "quiet", "○")),
    (ScreenPicture.VOTING, Label("投票进度", "busy", "●")),
    (ScreenPicture.CLOSED, Label("票箱已关闭", "quiet", "■")),
    (ScreenPicture.COUNTED, Label("等待签字确认", "warn", "▲")),
    (ScreenPicture.RESULT, Label("结果", "done", "✔")),
    (ScreenPicture.VOID, Label("作废", "bad", "■")),
    (Channel.WEB, Label("网页")),
    (Channel.STATION, Label("联络站扫码")),
    (Channel.DEPUTY, Label("代表主页")),
    (Channel.VISIT, Label("走访座谈")),
    (Channel.HOTLINE, Label("来电热线")),
    (Channel.LETTER, Label("来信来函")),
    (Channel.OTHER, Label("其他")),
    (SuggestionState.RECEIVED, Label("待归并", "busy", "◐")),
    (SuggestionState.FILED, Label("已归并", "ok", "●")),
    (SuggestionState.REFUSED, Label("不予受理", "quiet", "×")),
    (MatterState.OPEN, Label("待办理", "busy", "◐")),
    (MatterState.TRANSFERRED, Label("已交办", "busy", "➤")),
    (MatterState.REPORTED, Label("已反馈，待定", "warn", "▲")),
    (MatterState.DECIDED, Label("已办结", "done", "✔")),
    (Outcome.CANDIDATE, Label("纳入候选", "done", "✔")),
    (Outcome.RESERVE, Label("转储备库", "ok", "●")),
    (Outcome.DEPUTY_PROPOSAL, Label("转代表建议", "ok", "●")),
    (Outcome.DECLINED, Label("不采纳", "quiet", "—")),
    (Outcome.OUT_OF_SCOPE, Label("不属范围", "quiet", "—")),
    (TransferState.SENT, Label("办理中", "busy", "◐")),
    (TransferState.RETURNED, Label("已退回", "warn", "▲")),
    (TransferState.ANSWERED, Label("已反馈", "done", "✔")),
    (TransferState.RECALLED, Label("已撤回", "quiet", "×")),
    (Term.IN_TIME, Label("正常", "ok", "●")),
    (Term.SOON, Label("临期", "warn", "▲")),
    (Term.OVER, Label("逾期", "bad", "■")),
    (AuthorKind.CITIZEN, Label("群众")),
    (AuthorKind.DEPUTY, Label("代表")),
    (AuthorKind.UNIT, Label("单位")),
    (ProjectState.DRAFT, Label("草稿", "quiet", "○")),
    (ProjectState.REVIEWING, Label("审议中", "busy", "◐")),
    (ProjectState.APPROVED, Label("审议通过", "ok", "●")),
    (ProjectState.LISTED, Label("列入票决", "done", "◆")),
    (ProjectState.SELECTED, Label("票决选定", "done", "✔")),
    (ProjectState.NOT_SELECTED, Label("未选定", "quiet", "—")),
    (ProjectState.WITHDRAWN, Label("已撤回", "quiet", "×")),
    (Decision.PASS, Label("通过", "ok", "●")),
    (Decision.RETURN, Label("退回修改", "warn", "▲")),
    (Decision.WITHDRAW, Label("撤回", "quiet", "×")),
    (Decision.LIST, Label("列入票决", "done", "◆")),
    (Decision.UNLIST, Label("移出票决名单", "warn", "▲")),
    (SessionState.PLANNED, Label("筹备中", "quiet", "○")),
    (SessionState.RUNNING, Label("会议进行中", "busy", "◐")),
    (SessionState.ENDED, Label("已闭会", "done", "✔")),
    (RoundState.DRAFT, Label("准备中", "quiet", "○")),
    (RoundState.OPENED, Label("投票中", "busy", "◐")),
    (RoundState.CLOSED, Label("已关闭", "warn", "■")),
    (RoundState.COUNTED, Label("已计票，待签字", "warn", "▲")),
    (RoundState.CERTIFIED, Label("已确认", "ok", "●")),
    (RoundState.ANNOUNCED, Label("已公告", "done", "✔")),
    (RoundState.VOID, Label("作废", "bad", "×")),
    (RoundState.CANCELLED, Label("已取消", "quiet", "×")),
    (Light.GREEN, Label("正常", "ok", "●")),
    (Light.YELLOW, Label("滞后", "warn", "▲")),
    (Light.ORANGE, Label("较重滞后", "grave", "◆")),
    (Light.RED, Label("严重滞后", "bad", "■")),
    (Light.BLUE, Label("已完成", "done", "✔")),
    (Light.GREY, Label("不亮灯", "quiet", "—")),
    (TrackingState.RUNNING, Label("实施中", "busy", "◐")),
    (TrackingState.DONE, Label("完成", "done", "✔")),
    (TrackingState.BASICALLY, Label("基本完成", "warn", "▲")),
    (TrackingState.UNFINISHED, Label("未完成", "bad", "■")),
    (TrackingState.SUSPENDED, Label("暂缓", "warn", "▲")),
    (TrackingState.TERMINATED, Label("终止", "quiet", "×")),
    (CarryOver.POSTPONED, Label("顺延", "busy", "→")),
    (CarryOver.MULTI_YEAR, Label("跨年度", "busy", "→")),
    (AdjustmentKind.MAJOR, Label("重大调整")),
    (AdjustmentKind.SUSPEND, Label("暂缓实施")),
    (AdjustmentKind.TERMINATE, Label("终止实施")),
    (AdjustmentKind.RESUME, Label("恢复实施")),
    (AdjustmentKind.MINOR, Label("一般调整")),
    (AdjustmentCause.FORCE_MAJEURE, Label("不可抗力")),
    (AdjustmentCause.POLICY, Label("政策变化")),
    (AdjustmentCause.OTHER, Label("其他原因")),
    (AdjustmentState.APPLIED, Label("待决定", "busy", "◐")),
    (AdjustmentState.APPROVED, Label("同意", "ok", "●")),
    (AdjustmentState.REFUSED, Label("不同意", "bad", "■")),
    (AdjustmentState.WITHDRAWN, Label("已撤回", "quiet", "×")),
    (AcceptanceKind.WORKS, Label("竣工验收")),
    (AcceptanceKind.DEPUTIES, Label("人大验收")),
    (Conclusion.PASSED, Label("通过", "done", "✔")),
    (Conclusion.CONDITIONAL, Label("整改后通过", "warn", "▲")),
    (Conclusion.FAILED, Label("不通过", "bad", "■")),
    (Mark.MET, Label("达到", "ok", "●")),
    (Mark.PARTLY, Label("基本达到", "warn", "▲")),
    (Mark.UNMET, Label("未达到", "bad", "■")),
    (RereportState.DEMANDED, Label("待报告", "warn", "▲")),
    (RereportState.SUBMITTED, Label("已提交，待审议", "busy", "◐")),
    (RereportState.ACCEPTED, Label("审议通过", "done", "✔")),
    (InspectionKind.VISIT, Label("视察")),
    (InspectionKind.RESEARCH, Label("调研")),
    (InspectionKind.UNANNOUNCED, Label("暗访")),
    (InspectionKind.RECHECK, Label("复查")),
    (InspectionState.PLANNED, Label("已安排", "busy", "○")),
    (InspectionState.HELD, Label("已开展", "done", "✔")),
    (InspectionState.CANCELLED, Label("已取消", "quiet", "×")),
    (RectificationState.ISSUED, Label("整改中", "busy", "◐")),
    (RectificationState.ANSWERED, Label("已反馈，待复查", "warn", "▲")),
    (RectificationState.CLOSED, Label("已销号", "done", "✔")),
    (RectificationState.CANCELLED, Label("已撤销", "quiet", "×")),
    (Slip.CLEAR, Label("期限内", "ok", "●")),
    (Slip.BLUE, Label("蓝色提醒", "done", "○")),
    (Slip.YELLOW, Label("黄色提示", "warn", "▲")),
    (Slip.ORANGE, Label("橙色警告", "warn", "◆")),
    (Slip.RED, Label("红色督办", "bad", "■")),
    (DutyMeetingKind.COMMITTEE, Label("常委会会议")),
    (DutyMeetingKind.SPECIAL, Label("专门委员会会议")),
    (DutyMeetingKind.OTHER, Label("其他会议")),
    (DutyAttendanceState.PRESENT, Label("出席", "ok", "●")),
    (DutyAttendanceState.LEAVE, Label("请假", "warn", "▲")),
    (DutyAttendanceState.ABSENT, Label("缺席", "bad", "■")),
    *((kind, Label(word)) for kind, word in KIND_WORDS.items()),
    (DutyState.ENTERED, Label("待确认", "busy", "◐")),
    (DutyState.CONFIRMED, Label("已确认", "ok", "●")),
    (DutyState.REFUSED, Label("未予确认", "warn", "▲")),
)

#: By type and value: members of different enums may have the same value (draft, running …).
LABELS = {(type(member), member.value): words for member, words in _WORDS}

RULE_WORDS: dict[str, dict[str, str]] = {
    "method": {
        "choose": "选 N 项（多中选定）",
        "threeway": "逐项表决（赞成、反对、弃权）",
        "confirm": "等额逐项表决",
        "rating": "满意度测评",
    },
    "majority": {
        "roster": "全体代表过半数",
        "present": "到会代表过半数",
        "valid": "有效票过半数",
        "none": "相对多数",
    },
    "overvote": {"void_ballot": "整张选票无效", "allow": "不限赞成项数"},
    "tie": {"rerun": "就并列项目再次票决", "presidium": "由主席团决定"},
    "shortfall": {"vacant": "从缺", "further": "另行票决"},
    "disclosure": {"codes": "公布回执码", "ballots": "公布回执码与选票内容", "none": "不公布"},
    "publish": {"names": "只公布项目名称", "names+votes": "公布项目名称和票数"},
    "checkin": {
        "desk_or_hall_code": "服务台或凭会场码自行签到",
        "desk": "只在服务台签到",
        "open": "可不到会场签到",
    },
    "half": {
        "satisfied": "恰好半数计为满意",
        "both": "恰好半数计为满意、基本满意",
        "neither": "恰好半数不足",
    },
    "paper": {
        "none": "不使用纸质票",
        "keyed": "使用纸质票，两人分别录入",
        "totals": "使用纸质票，人工计票后录入各票箱合计",
    },
}

#: Colours of ballots that are cast together, the same on phones and on paper (their shades: tokens.css).
COLOURS = COLOUR_WORDS

#: What the office may put on a screen (rules/voting/screens.py).
VIEWS = {
    "auto": "自动（跟随会议进程）",
    "blank": "空白（只显示会议名称）",
    "sign_in": "签到",
    "voting": "投票进度",
    "result": "结果",
}

OUTCOMES = {
    "selected": Label("入选", "done", "✔"),
    "not_selected": Label("未入选", "quiet", "—"),
    "undecided": Label("待定", "warn", "▲"),
    "no_majority": Label("未过半数", "quiet", "—"),
}

GRADES = {
    "satisfied": Label("满意", "done", "✔"),
    "basically": Label("基本满意", "warn", "▲"),
    "dissatisfied": Label("不满意", "bad", "■"),
}


def rule_words(name: str, organ: Organ = COUNTY) -> dict[str, str]:
    """Return value → words of a parameter of 票决办法, with the organ's names for members and presidium."""
    return {
        value: word.replace("代表", organ.member).replace("主席团", organ.presider)
        for value, word in RULE_WORDS[name].items()
    }


def label(value: Any) -> Label:
    """Return the label of an enum member; of any other value, the value as a word."""
    if isinstance(value, Enum):
        return LABELS.get((type(value), value.value), Label(str(value.value)))
    return Label("" if value is None else str(value))


def _may(permission: Permission, row: Any = None, action: str = "") -> bool:
    """Return whether the permission map lets the actor act on ``row`` and, where named, ``action`` is open in its state."""
    return may(me(), permission, row) and (not action or action in open_actions(row.state))


def init(app: Flask) -> None:
    """Give the labels, the permission map and the lifecycles to the templates."""
    app.jinja_env.filters["label"] = label
    app.jinja_env.globals.update(
        P=Permission,
        OUTCOMES=OUTCOMES,
        RULE_WORDS=RULE_WORDS,
        COLOURS=COLOURS,
        VIEWS=VIEWS,
        GRADES=GRADES,
        CATEGORIES=CATEGORIES,
        me=me,
        may=_may,
        actions=lambda row: open_actions(row.state),
    )
