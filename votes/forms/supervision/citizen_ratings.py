"""What a citizen says of a project, and what the office does with it."""

from wtforms import BooleanField, RadioField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from votes.forms.base import Form
from votes.rules.supervision.citizen_ratings import COMMENT_LENGTH
from votes.web.words.labels import GRADES


class RateForm(Form):
    """What a citizen says. `grade` and `comment` are checked by the rule, which has the words."""

    grade = RadioField(
        "您对这个项目满意吗？",
        [InputRequired("请选择“满意”“基本满意”或“不满意”")],
        choices=[(key, each.word) for key, each in GRADES.items()],
        default="",
    )
    comment = TextAreaField(
        "您的意见（可不填）",
        [Length(max=COMMENT_LENGTH, message=f"意见最多 {COMMENT_LENGTH} 个字，请精简后提交")],
        render_kw={"rows": 4},
    )


class HandleForm(Form):
    reply = TextAreaField(
        "答复",
        [Length(max=1000, message="答复不超过 1000 个字")],
        description="公开时与意见一起公布，请勿写入个人信息",
        render_kw={"rows": 3},
    )
    published = BooleanField("公开这条意见和答复", description="不勾选则只供内部掌握；任何意见都不会自动公开")
    checked = BooleanField(
        "已核对，没有指明具体的人或住处", description="意见或答复中有疑似姓名、住址的，核对后勾选才能公开"
    )
    note_to_unit = TextAreaField(
        "转责任单位",
        [Length(max=1000, message="不超过 1000 个字")],
        description="用您的话概括意见和要求，责任单位在项目页面上看到；清空即撤回",
        render_kw={"rows": 3},
    )
    submit = SubmitField("保存")
