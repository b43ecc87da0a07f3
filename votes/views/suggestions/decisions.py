"""建议办理: what the office does with a matter: transfer it, decide it, answer the authors, reopen it, take it up."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from votes.clock import now, today
from votes.forms.suggestions.matters import OutcomeForm, ReplyForm, TransferForm
from votes.models import Matter
from votes.rules.lifecycle import open_actions
from votes.rules.permissions import Permission as P
from votes.rules.suggestions.personal import pointed_out
from votes.services.people import departments
from votes.services.suggestions import decisions, matters, settings, transfers
from votes.views.suggestions.matters import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.pages import done, form_page
from votes.web.words.labels import label


def _is_closed_to(matter: Matter, action: str) -> bool:
    """Return whether a GET asks for a form that the matter's state does not allow; its page shows what comes next."""
    return request.method == "GET" and action not in open_actions(matter.state)


@bp.route("/<int:matter_id>/transfer", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "transfer.send", matter=matters.get)
def transfer(matter: Matter) -> ResponseReturnValue:
    if _is_closed_to(matter, "transfer"):
        return redirect(url_for("matters.show", matter_id=matter.id))
    form = TransferForm(departments.all_departments(), settings.here(), today())
    if form.accepts(lambda: transfers.send(matter, **form.values(), by=me(), now=now())):
        return done(f"已交{form.outcome.department.name}办理", "matters.show", matter_id=matter.id)
    return form_page("suggestions/matters/transfer.html", form, matter=matter)


@bp.post("/<int:matter_id>/recall")
@allow(P.MATTER_HANDLE, matter=matters.get)
def recall(matter: Matter) -> ResponseReturnValue:
    recalled = transfers.recall(matter, by=me(), now=now())
    return done(f"已撤回对{recalled.department.name}的交办", "matters.show", matter_id=matter.id)


@bp.route("/<int:matter_id>/decide", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "matter.decide", matter=matters.get)
def decide(matter: Matter) -> ResponseReturnValue:
    if _is_closed_to(matter, "decide"):
        return redirect(url_for("matters.show", matter_id=matter.id))
    answered = [each for each in matter.transfers if each.proposal]
    form = OutcomeForm(matter, decisions.linkable(matter), answered[-1].proposal if answered else None)
    if form.accepts(lambda: decisions.decide(matter, **form.values(), by=me(), now=now())):
        return done(f"处理结果：{label(matter.outcome).word}", "matters.show", matter_id=matter.id)
    pointed = pointed_out(f"{matter.title}\n{matter.summary}")
    shown = {"matter": matter, "answered": answered[-1:], "pointed": pointed}
    return form_page("suggestions/matters/decide.html", form, **shown)


@bp.route("/<int:matter_id>/reply", methods=["GET", "POST"])
@allow(P.MATTER_HANDLE, "matter.answer", matter=matters.get)
def reply(matter: Matter) -> ResponseReturnValue:
    if request.method == "GET" and matter.outcome is None:
        return redirect(url_for("matters.show", matter_id=matter.id))
    form = ReplyForm(obj=matter)
    if form.accepts(lambda: decisions.reply(matter, form.answer.data or "", by=me(), now=now())):
        return done("答复已保存，建议人凭查询码可以看到", "matters.show", matter_id=matter.id)
    return form_page("suggestions/matters/reply.html", form, matter=matter)


@bp.post("/<int:matter_id>/reopen")
@allow(P.MATTER_HANDLE, matter=matters.get)
def reopen(matter: Matter) -> ResponseReturnValue:
    decisions.reopen(matter, by=me(), now=now())
    return done("已恢复为待办理，原来的处理结果保留在记录中", "matters.show", matter_id=matter.id)


@bp.post("/<int:matter_id>/take-up")
@allow(P.MATTER_HANDLE, "matter.take_up", matter=matters.get)
def take_up(matter: Matter) -> ResponseReturnValue:
    decisions.take_up(matter, max(matters.working_year(today()), matter.year), by=me(), now=now())
    return done(f"已取出，列为{matter.year}年第 {matter.number} 号事项", "matters.show", matter_id=matter.id)
