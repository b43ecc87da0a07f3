"""The audit log in words: what an action is called, what changed, in the terms of the pages.

An action is "noun.verb"; of a refusal it is the endpoint of the page, "nouns.page". What has no words here is shown
as it stands.
"""

from datetime import date
from enum import Enum, StrEnum
from typing import Any

from flask import current_app

from votes.models import AuditEntry
from votes.rules.delivery.acceptances import AcceptanceKind, Conclusion, RereportState
from votes.rules.delivery.adjustments import AdjustmentKind, AdjustmentState
from votes.rules.delivery.trackings import TrackingState
from votes.rules.duties.duties import PUBLIC_FIELDS, DutyKind, DutyMeetingKind, DutyState
from votes.rules.meeting.rounds import RoundState, SessionState
from votes.rules.people.roles import AttendanceState, BodyKind, DeputyState, Role, TellerRole
from votes.rules.people.roster import COLUMNS
from votes.rules.projects import fields
from votes.rules.projects.projects import ProjectState
from votes.rules.suggestions.matters import MatterState, Outcome, TransferState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.rules.supervision.supervision import InspectionKind, InspectionState, RectificationState
from votes.web.facts import Pages
from votes.web.words.filters import day
from votes.web.words.labels import GRADES, RULE_WORDS, VIEWS, label

#: key → (word, nouns of the acts): what the log can be narrowed to. The refusals of a page are in the group that its
#: blueprint declares.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sign_in": ("登录与密码", ()),
    "users": ("账号", ("user",)),
    "bodies": ("机构与设置", ("body",)),
    "roster": ("代表名册", ("deputy", "roster", "delegation")),
    "departments": ("责任单位", ("department",)),
    "projects": ("候选项目", ("project", "attachment")),
    "sessions": ("会议与签到", ("session", "checkin", "hall", "teller", "motion")),
    "cards": ("票决凭证", ("card", "pairing")),
    "rounds": ("票决", ("round", "screen", "paper")),
    "suggestions": ("建议征集", ("suggestion", "season", "station", "village")),
    "matters": ("建议事项与交办", ("matter", "transfer")),
    "duties": ("代表履职", ("duty_meeting", "duty_entry", "deputy_page")),
    "progress": ("进度跟踪", ("tracking", "report", "reminder")),
    "supervision": ("监督", ("group", "inspection", "note", "rectification")),
    "outcomes": ("调整、验收与评价", ("adjustment", "acceptance", "citizen_rating", "rereport")),
}

ACTIONS = {
    "user.sign_in": "登录",
    "user.password": "修改密码",
    "user.reset_password": "重置密码",
    "user.create": "新增账号",
    "user.edit": "修改账号",
    "user.active": "停用或启用账号",
    "user.open_deputies": "批量开通代表账号",
    "body.create": "设立人大机构",
    "body.edit": "修改人大机构",
    "body.settings": "修改本级设置",
    "department.create": "新增责任单位",
    "department.edit": "修改责任单位",
    "deputy.create": "新增代表",
    "deputy.edit": "修改代表信息",
    "deputy.state": "变更代表资格",
    "roster.import": "导入代表名册",
    "roster.discard": "放弃导入名册",
    "delegation.create": "新增代表团",
    "delegation.edit": "修改代表团",
    "delegation.remove": "删除代表团",
    "project.create": "新增项目",
    "project.edit": "修改项目",
    "project.villages": "选定涉及村（社区）",
    "project.submit": "提交审议",
    "project.review": "记录审议结果",
    "project.pass": "审议通过一道环节",
    "project.approve": "审议全部通过",
    "project.return": "退回修改",
    "project.withdraw": "撤回项目",
    "project.restore": "恢复项目",
    "project.list": "列入票决",
    "project.unlist": "移出票决名单",
    "project.number": "调整编号",
    "project.select": "票决选定",
    "project.not_select": "票决未选定",
    "project.import": "导入项目",
    "project.import_preview": "上传项目表",
    "project.import_discard": "放弃导入项目",
    "attachment.add": "上传附件",
    "attachment.remove": "删除附件",
    "session.create": "新增会议",
    "session.edit": "修改会议",
    "session.start": "会议开始",
    "session.end": "会议结束",
    "session.state": "变更会议状态",
    "checkin.present": "签到",
    "checkin.leave": "登记请假",
    "checkin.left": "登记早退",
    "checkin.undo": "撤销签到",
    "checkin.remove": "撤销签到",
    "checkin.late": "补签",
    "teller.name": "指定监票人",
    "teller.remove": "取消监票人",
    "teller.approve": "登记监票人名单通过",
    "session.end_rehearsal": "清除演练签到",
    "screen.create": "添加会场屏幕",
    "screen.rename": "屏幕改名",
    "screen.remove": "移除会场屏幕",
    "screen.put": "切换屏幕画面",
    "hall.create": "设立会场",
    "hall.edit": "会场改名",
    "hall.remove": "撤销会场",
    "hall.place": "安排代表团的会场",
    "motion.record": "登记举手表决结果",
    "motion.correct": "更正举手表决结果",
    "card.issue": "制发票决凭证",
    "card.reissue": "补发票决凭证",
    "card.void": "作废票决凭证",
    "pairing.confirm": "确认手机配对",
    "round.create": "设立轮次",
    "round.edit": "修改票决办法",
    "round.zero_check": "确认票箱为空",
    "round.open": "打开票箱",
    "round.close": "关闭票箱",
    "round.count": "计票",
    "round.sign": "监票人签名",
    "round.refuse": "监票人不予签字",
    "round.random": "演练代表随机投票",
    "round.certify": "确认结果",
    "round.announce": "发布公告",
    "round.void": "轮次作废",
    "round.cancel": "取消轮次",
    "round.further": "设立后续轮次",
    "round.restore": "恢复已取消的轮次",
    "round.presidium": "登记并列项目的决定",
    "paper.register": "登记纸质票领取名单",
    "paper.print": "印制纸质票",
    "paper.count_back": "清点剩余空白票",
    "paper.box": "清点票箱",
    "paper.decide": "核定纸质票",
    "paper.totals": "录入票箱合计",
    "paper.confirm_totals": "核对票箱合计",
    "paper.reopen": "重新录入票箱",
    "paper.pour": "纸质票并入票箱",
    "tracking.start": "转入进度跟踪",
    "tracking.plan": "修改实施计划",
    "reminder.configure": "修改提醒发送设置",
    "reminder.send": "发送到期提醒",
    "reminder.fail": "到期提醒没有送达",
    "tracking.adjust": "按决定调整项目",
    "tracking.finish": "登记完成情况",
    "tracking.reopen": "恢复实施",
    "report.create": "报送月度进度",
    "report.correct": "更正月度进度",
    "season.create": "设立征集期",
    "season.edit": "修改征集期",
    "station.create": "设立联络站",
    "station.edit": "修改联络站",
    "station.renew": "更换联络站二维码",
    "village.create": "新增村（社区）",
    "village.edit": "修改村（社区）",
    "village.import": "导入村（社区）名单",
    "duty_meeting.import_discard": "放弃导入出席情况",
    "village.import_discard": "放弃导入村（社区）名单",
    "suggestion.receive": "收到建议",
    "suggestion.refuse": "建议不予受理",
    "suggestion.restore": "恢复受理建议",
    "suggestion.classify": "建议归类",
    "suggestion.reveal": "查看建议人姓名和电话",
    "suggestion.erase_authors": "清除建议人信息",
    "suggestion.satisfaction": "提出人评价答复",
    "suggestion.import_preview": "上传建议表",
    "suggestion.import": "导入建议",
    "suggestion.import_discard": "放弃导入建议",
    "duty_meeting.create": "登记会议",
    "duty_meeting.edit": "修改会议",
    "duty_meeting.mark": "登记会议出席情况",
    "duty_meeting.remove": "删除会议",
    "duty_entry.create": "登记履职记录",
    "duty_entry.withdraw": "撤回履职记录",
    "duty_entry.confirm": "确认履职记录",
    "duty_entry.refuse": "不予确认履职记录",
    "deputy_page.open": "开通代表公开页",
    "deputy_page.renew": "更换代表公开页地址",
    "deputy_page.close": "关闭代表公开页",
    "adjustment.apply": "申请调整",
    "adjustment.withdraw": "撤回调整申请",
    "adjustment.approve": "登记同意调整",
    "adjustment.refuse": "登记不同意调整",
    "adjustment.announce": "发布调整公告",
    "adjustment.correct_notice": "更正调整公告",
    "acceptance.record": "登记验收",
    "acceptance.correct": "更正验收",
    "citizen_rating.handle": "处理群众意见",
    "citizen_rating.export": "导出群众意见",
    "rereport.demand": "要求再次报告",
    "rereport.submit": "提交再次报告",
    "rereport.accept": "登记再次报告审议通过",
    "rereport.return": "登记再次报告退回",
    "group.set": "确定监督小组",
    "inspection.create": "安排视察",
    "inspection.edit": "修改视察安排",
    "inspection.hold": "登记视察情况",
    "inspection.correct": "更正视察情况",
    "inspection.cancel": "取消视察",
    "inspection.restore": "恢复视察",
    "note.create": "填写监督记录",
    "note.publish": "公开或撤下监督记录",
    "note.settle": "处理监督记录",
    "rectification.issue": "交办督办件",
    "rectification.edit": "修改督办件",
    "rectification.publish": "公开或撤下督办件",
    "rectification.answer": "反馈整改情况",
    "rectification.pass": "复查通过，销号",
    "rectification.fail": "复查未通过，再次交办",
    "rectification.reopen": "重新交办",
    "rectification.cancel": "撤销督办件",
    "matter.open": "建议立为事项",
    "matter.merge": "建议归入事项",
    "matter.split": "从事项中拆出建议",
    "matter.join": "两个事项合并",
    "matter.edit": "修改事项",
    "matter.decide": "确定处理结果",
    "matter.answer": "答复建议人",
    "matter.reopen": "重新办理事项",
    "matter.take_up": "从储备库取出",
    "transfer.send": "交办责任单位",
    "transfer.recall": "撤回交办",
    "transfer.answer": "反馈办理意见",
    "transfer.return": "退回交办件",
}
_GROUP_OF = {noun: key for key, (_, acts) in GROUPS.items() for noun in acts}
_VERBS = {
    "index": "查看",
    "show": "查看",
    "new": "新增",
    "create": "新增",
    "edit": "修改",
    "remove": "删除",
    "export": "导出",
    "upload": "上传",
    "preview": "预览导入",
    "apply": "导入",
}

#: Words of the fields that neither the projects' `FIELDS` nor the roster's `COLUMNS` name, or name differently.
FIELDS = {
    "name": "名称", "title": "标题", "username": "用户名", "roles": "角色", "role": "角色", "department": "责任单位",
    "department_id": "责任单位", "active": "使用中", "code": "代码", "place": "行政区域", "kind": "类别", "head": "负责人",
    "contact": "联系方式", "number": "编号", "pinyin": "拼音", "initials": "拼音首字母", "position": "次序", "added": "新增",
    "changed": "变更", "ended": "离任", "unchanged": "不变", "new_deputies": "新增的代表", "count": "数量", "usernames": "用户名",
    "gates": "审议环节", "lights": "预警界线", "behind": "滞后", "severe": "严重滞后", "report_due_day": "月报截止日", "rule": "票决办法",
    "method": "票决方法", "quorum": "法定人数", "quorum_more": "须超过法定比例", "majority": "通过标准", "overvote": "多选的票",
    "tie": "票数相等", "shortfall": "不足名额", "disclosure": "票决记录", "publish": "公告", "checkin": "签到方式", "half": "恰好半数",
    "small_body": "小规模会议界线", "seats": "应选名额", "secret": "无记名", "marks": "填写符号", "year": "年度",
    "villages": "涉及村（社区）", "period": "报送周期", "weights": "子项目权重", "parts": "子项目进度", "percent_reason": "另行认定的理由",
    "background": "背景", "feasibility": "可行性", "funding": "资金来源", "subprojects": "子项目", "gate": "审议环节",
    "gates_passed": "已通过环节", "decision": "结果", "decided_on": "日期", "document_number": "文号", "opinion": "意见", "reason": "原因",
    "session": "会议", "starts_on": "开始日期", "ends_on": "结束日期", "venue": "地点", "cards": "凭证", "how": "方式",
    "candidates": "候选项目", "rehearsal": "演练", "roster": "应到", "present": "实到", "issued": "发出", "returned": "收回",
    "valid": "有效", "invalid": "无效", "on": "日期", "month": "月份", "percent": "形象进度（%）", "planned": "计划",
    "in_place": "到位资金（万元）", "paid": "已支付（万元）", "narrative": "进展", "problems": "存在问题", "next_step": "下一步",
    "finished_on": "完成日期", "filename": "文件", "caption": "说明", "milestones": "节点", "closes_at": "预定关闭时间", "selected": "选定",
    "late_by": "补签人", "votes_for": "赞成", "votes_against": "反对", "abstentions": "弃权", "passed": "是否通过", "delegations": "代表团",
    "view": "画面", "round": "票决", "removed": "清除", "nominated_by": "提名的代表团", "holders": "领取纸质票的代表", "stack": "票叠",
    "sheets": "张数", "left_over": "剩余", "box": "票箱", "papers": "纸质票张数", "paper": "纸质票", "which": "范围",
    "suggestions": "建议编号", "rewritten": "文字已修改", "outcome": "处理结果", "proposal": "建议的处理结果", "project": "项目",
    "complex": "复杂事项", "answer": "答复", "matters": "建议办理", "holidays": "节假日", "workdays": "调休上班日",
    "months": "办理期限（月）", "months_complex": "复杂事项办理期限（月）", "return_days": "退回期限（工作日）",
    "soon_days": "临期提醒（天）", "likeness": "疑似重复界线（%）", "held_on": "日期", "called": "应到", "leave": "请假", "spoke": "发言",
    "duty_state": "状态", "duty_kind": "类别", "meeting_kind": "类别", "deputy_page": "代表公开页", "fields": "公开内容",
    "channel": "来源渠道", "township": "乡镇（街道）", "village_id": "村（社区）", "satisfaction": "评价", "notice": "征集公告",
    "organ": "决定机关", "announced_on": "公告日期", "conclusion": "结论", "held_by": "组织验收", "items": "验收内容", "replied": "已答复",
    "published": "公开", "noted_on": "转责任单位日期", "text": "报告内容", "acceptance_dimensions": "验收内容", "lead": "领衔",
    "committee": "对口工委", "note": "备注", "members": "代表", "theme": "主题", "summary": "小结", "planned_on": "计划日期",
    "finding": "发现问题", "photos": "照片（张）", "photos_published": "公开照片", "settled": "处理情况", "problem": "问题",
    "demand": "整改要求", "person": "责任人", "measures": "整改措施", "result": "整改结果",
}  # fmt: skip

#: (table, field) → the enum of its values; "" for the fields of that name in every table.
_ENUMS: dict[tuple[str, str], type[StrEnum]] = {
    ("deputies", "state"): DeputyState,
    ("projects", "state"): ProjectState,
    ("sessions", "state"): SessionState,
    ("rounds", "state"): RoundState,
    ("trackings", "state"): TrackingState,
    ("matters", "state"): MatterState,
    ("matters", "outcome"): Outcome,
    ("matters", "proposal"): Outcome,
    ("transfers", "state"): TransferState,
    ("transfers", "outcome"): Outcome,
    ("transfers", "proposal"): Outcome,
    ("attendance", "state"): AttendanceState,
    ("adjustments", "state"): AdjustmentState,
    ("adjustments", "kind"): AdjustmentKind,
    ("acceptances", "kind"): AcceptanceKind,
    ("rereports", "state"): RereportState,
    ("suggestions", "state"): SuggestionState,
    ("inspections", "state"): InspectionState,
    ("inspections", "kind"): InspectionKind,
    ("rectifications", "state"): RectificationState,
    ("bodies", "kind"): BodyKind,
    ("", "conclusion"): Conclusion,
    ("", "channel"): Channel,
    ("", "duty_state"): DutyState,
    ("", "duty_kind"): DutyKind,
    ("", "meeting_kind"): DutyMeetingKind,
}
_ROLES = {r.value: label(r).word for r in (*Role, *TellerRole)} | {"card": "凭票决凭证"}
#: field → value → word
_VALUES: dict[str, dict[str, str]] = {
    "role": _ROLES,
    "roles": _ROLES,
    "view": VIEWS,
    "satisfaction": {value: grade.word for value, grade in GRADES.items()},
    "fields": PUBLIC_FIELDS,
    **RULE_WORDS,
}


def nouns(group: str) -> tuple[str, ...]:
    """Return what precedes the dot in the actions of a group: nouns of acts, and blueprints whose pages refused."""
    blueprints = current_app.blueprints.items()
    return (
        *GROUPS[group][1],
        *(name for name, pages in blueprints if isinstance(pages, Pages) and pages.facts.audit == group),
    )


def action_word(action: str) -> str:
    """Return 新增账号 for "user.create"; for the endpoint of a refused page, the act that it declares.

    Of another action those parts are put into words that are known.
    """
    if action in ACTIONS:
        return ACTIONS[action]
    if act := getattr(current_app.view_functions.get(action), "__act__", ""):
        return ACTIONS.get(act, act)
    noun, _, verb = action.partition(".")
    pages = current_app.blueprints.get(noun)
    group = _GROUP_OF.get(noun) or (pages.facts.audit if isinstance(pages, Pages) else "")
    return f"{GROUPS[group][0]}：{_VERBS.get(verb, verb)}" if group else action


def role_words(roles: str) -> str:
    """Return the words for the roles of an entry ("leader,office")."""
    return "、".join(_ROLES.get(role, role) for role in roles.split(",") if role)


def changes(entry: AuditEntry) -> list[tuple[str, str | None, str]]:
    """Return (field, before, after) in words; before is None where the entry has none."""
    before, after = entry.before or {}, entry.after or {}
    if all(value is None for value in before.values()):
        before = {}  # a new row: "empty" before each value would say nothing
    lines = []
    for key in dict.fromkeys([*after, *before]):
        old = _words(key, before[key], entry.about_kind) if key in before else None
        lines.append((_field(key, entry.about_kind), old, _words(key, after.get(key), entry.about_kind)))
    return lines


def _field(key: str, kind: str | None) -> str:
    if kind == "deputies" and key in COLUMNS:
        return COLUMNS[key]
    if (kind, key) == ("users", "name"):
        return "姓名"
    of_project = {field.name: field.heading for field in fields.FIELDS}
    return FIELDS.get(key) or of_project.get(key) or COLUMNS.get(key, key)


def changes_text(entry: AuditEntry) -> str:
    """Return the changes as the text of one cell."""
    return "；".join(
        f"{field}：{new}" if old is None else f"{field}：{old} → {new}" for field, old, new in changes(entry)
    )


def _words(key: str, value: Any, kind: str | None) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        if key == "rule" or "name" not in value:
            return "，".join(f"{_field(k, None)} {_words(k, v, kind)}" for k, v in value.items())
        return str(value["name"])
    if isinstance(value, list):
        if key == "quorum":
            return "/".join(map(str, value))
        return "、".join(_words(key, v, kind) for v in value)
    text = str(value)
    enum = _ENUMS.get((kind or "", key)) or _ENUMS.get(("", key))
    if enum:
        return _enum_word(enum, text)
    if key in _VALUES:
        return _VALUES[key].get(text, text)
    if key.endswith("_on") or key == "on":
        return _day(text)
    return text


def _enum_word(enum: type[Enum], value: str) -> str:
    try:
        return label(enum(value)).word
    except (ValueError, KeyError):
        return value


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
