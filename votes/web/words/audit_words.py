"""The audit log in words: what changed, and in which role, in the terms of the pages."""

from datetime import date
from enum import Enum
from typing import Any

from votes.models import AuditEntry, metadata
from votes.rules.delivery.acceptances import Conclusion
from votes.rules.duties.duties import PUBLIC_FIELDS, DutyKind, DutyMeetingKind, DutyState
from votes.rules.people.roles import Role, TellerRole
from votes.rules.people.roster import COLUMNS
from votes.rules.projects import fields
from votes.rules.suggestions.matters import Outcome
from votes.rules.suggestions.suggestions import Channel
from votes.web.words.filters import day
from votes.web.words.labels import GRADES, RULE_WORDS, VIEWS, label

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
    "opens_on": "开始日期", "closes_on": "结束日期",
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
    "finding": "发现问题", "numbers": "代表证号", "form": "打印方式", "photos": "照片（张）", "photos_published": "公开照片", "settled": "处理情况", "problem": "问题",
    "demand": "整改要求", "person": "责任人", "measures": "整改措施", "result": "整改结果",
}  # fmt: skip

#: Fields that are no columns, or not in every table → the enum of their values. Other columns are asked for theirs.
_ENUMS: dict[str, type[Enum]] = {
    "outcome": Outcome,
    "proposal": Outcome,
    "conclusion": Conclusion,
    "channel": Channel,
    "duty_state": DutyState,
    "duty_kind": DutyKind,
    "meeting_kind": DutyMeetingKind,
}
_ROLES = {r.value: label(r).word for r in (*Role, *TellerRole)} | {"card": "凭票决凭证"}
#: field → value → word
_VALUES: dict[str, dict[str, str]] = {
    "role": _ROLES,
    "form": {"pdf": "PDF 文件", "page": "网页"},
    "roles": _ROLES,
    "view": VIEWS,
    "satisfaction": {value: grade.word for value, grade in GRADES.items()},
    "fields": PUBLIC_FIELDS,
    **RULE_WORDS,
}


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
    enum = _enum_of(kind or "", key)
    if enum:
        return _enum_word(enum, text)
    if key in _VALUES:
        return _VALUES[key].get(text, text)
    if key.endswith("_on") or key == "on":
        return _day(text)
    return text


def _enum_of(kind: str, key: str) -> type[Enum] | None:
    """Return the enum of a field's values: that of the column in the table ``kind``, if there is one."""
    table = metadata.tables.get(kind)
    column = None if table is None else table.columns.get(key)
    return _ENUMS.get(key) if column is None else getattr(column.type, "enum_class", None)


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
