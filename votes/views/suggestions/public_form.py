"""我来提: the public form of 征集, and following a suggestion by code; without an account."""

from typing import Any

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from votes.clock import local, now, today
from votes.forms.suggestions.public_form import SatisfactionForm, SuggestForm
from votes.models import Body, Matter, Suggestion
from votes.rules.codes import code_of, grouped
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC
from votes.rules.permissions import Permission as P
from votes.rules.suggestions.matters import MatterState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.people import bodies, stations, villages
from votes.services.publication import public_projects
from votes.services.suggestions import authors, intake, matters, seasons, stories, suggestions
from votes.web import phones
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals
from votes.web.pages import form_page
from votes.web.transaction import reading
from votes.web.uploads import prepared
from votes.web.words.labels import label

bp = Pages("suggest", __name__, Layout.PHONE, citizens=True, refusals=Refusals.UNLOGGED)

#: The receipt can be opened again in the same browser within this time.
RECEIPT_SECONDS = 30 * 60


# --- the form ------------------------------------------------------------------------------------------------


@bp.route("/p/<body>/suggest", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def form(body: Body) -> ResponseReturnValue:
    if key := request.args.get("d"):
        return redirect(url_for("suggest.by_deputy", body=body.code, page_key=key))
    return _page(body)


@bp.route("/p/<body>/suggest/s/<station_key>", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def at_station(body: Body, station_key: str) -> ResponseReturnValue:
    station = stations.by_key(station_key) or abort(404)
    return _page(body, Channel.STATION, station.name, station_id=station.id)


@bp.route("/p/<body>/suggest/d/<page_key>", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def by_deputy(body: Body, page_key: str) -> ResponseReturnValue:
    deputy = suggestions.deputy_by_key(page_key) or abort(404)
    return _page(body, Channel.DEPUTY, deputy.name, deputy_id=deputy.id)


def _page(body: Body, channel: Channel = Channel.WEB, name: str = "", **ids: int) -> ResponseReturnValue:
    """Show the form of a channel while a season is open; ``name`` and ``ids``: of the station or the deputy."""
    season = seasons.current(today())
    if season is None:
        return _closed(body)
    form = SuggestForm(villages.all_villages())
    if form.accepts(lambda: _send(body, form, channel=channel, **ids)):
        session["suggested"] = [form.outcome.code, int(now().timestamp())]
        return redirect(url_for("suggest.received", body=body.code), 303)
    form.renew_key(now())
    shown = {"body": body, "season": season, "channel": channel, "name": name}
    neighbours = public_projects.neighbours(body) if channel == Channel.WEB else []
    return form_page("suggestions/public_form/form.html", form, **shown, neighbours=neighbours)


def _closed(body: Body) -> ResponseReturnValue:
    season = seasons.nearest(today())
    page = render_template("suggestions/public_form/closed.html", body=body, season=season, today=today())
    return page, 409 if request.method == "POST" else 200


def _send(body: Body, form: SuggestForm, **source: Any) -> Suggestion:
    """Refuse what no person sends, redraw the photos before the lock is taken, receive the suggestion."""
    form.check_human(now())
    sender = intake.Sender(phones.phone("suggest"), phones.network("suggest"))
    intake.check_sender(sender, now())
    content = form.values() | {"author": form.author(), "code": _code(body, form)}
    photos = prepared(intake.prepare_photos, form.photos) if form.photos else []
    return intake.receive(**source, **content, photos=photos, sender=sender, by=PUBLIC, now=now())


def _code(body: Body, form: SuggestForm) -> str:
    """Return the 查询码 that belongs to what is sent: the same form sent again has the same code."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    files = [str(photo.filename) for photo in form.photos]
    parts = ["suggestion", body.code, form.key.data or "", *map(str, form.values().values()), *files]
    return code_of(secret, "\n".join(parts))


@bp.get("/p/<body>/suggest/received")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def received(body: Body) -> ResponseReturnValue:
    code, at = session.get("suggested") or ("", 0)
    suggestion = authors.find(code) if code and now().timestamp() - at < RECEIPT_SECONDS else None
    if suggestion is None or suggestion.body_id != body.id:
        return redirect(url_for("suggest.form", body=body.code))
    shown = {"body": body, "suggestion": suggestion, "grouped": grouped(suggestion.code)}
    return render_template("suggestions/public_form/received.html", **shown)


# --- following a suggestion ------------------------------------------------------------------------------------


@bp.route("/p/<body>/suggest/track", methods=["GET", "POST"])
@reading  # the code is posted, because it must not stand in a URL
@allow(P.PUBLIC_READ, body=bodies.by_code)
def track(body: Body) -> ResponseReturnValue:
    typed = request.form.get("code", "")
    suggestion, refusal, status = _find(typed) if request.method == "POST" else (None, "", 200)
    return _tracked(body, suggestion, typed, refusal=refusal), status


def _find(typed: str) -> tuple[Suggestion | None, str, int]:
    """Return the suggestion with a typed code, else the reason why there is none, and the status of the answer."""
    try:
        suggestion = authors.find(typed)
    except RuleBroken as broken:
        return None, broken.message, broken.status
    if suggestion is None:
        return None, "没有这个查询码的建议。请对照您记下的查询码，核对后再输入一次。", 404
    return suggestion, "", 200


@bp.post("/p/<body>/suggest/satisfied")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def satisfied(body: Body) -> ResponseReturnValue:
    """Record how satisfied the owner of a code is with the answer; sending the form again changes nothing."""
    form = SatisfactionForm()
    code = str(form.code.data or "")
    suggestion, refusal, status = _find(code)
    if suggestion is None or suggestion.body_id != body.id:
        return _tracked(body, suggestion, code, refusal=refusal), status if refusal else 404
    rated = form.accepts(lambda: authors.satisfy(suggestion, form.satisfaction.data, now=now()))
    words = "" if rated else form.refusal or "请选择满意、基本满意或不满意，再点“提交评价”。"
    return _tracked(body, authors.find(code), code, refusal=words, thanks=rated), form.status


def _tracked(
    body: Body, suggestion: Suggestion | None, typed: str, *, refusal: str = "", thanks: bool = False
) -> str:
    """Show what became of a suggestion; of a suggestion to another body only the way there."""
    own = suggestion is not None and suggestion.body_id == body.id
    return render_template(
        "suggestions/public_form/track.html",
        body=body,
        suggestion=suggestion,
        made_to=bodies.get_body(suggestion.body_id) if suggestion else body,
        typed=typed[:40],
        refusal=refusal,
        thanks=thanks,
        **_progress(suggestion) if suggestion and own else {},
    )


def _progress(suggestion: Suggestion) -> dict[str, Any]:
    """Return where a suggestion stands, its history, the project that came of it, and the form for its author's rating."""
    matter = matters.get(suggestion.matter_id) if suggestion.matter_id else None
    project = matter.project if matter and matter.project and matter.project.tracking else None
    return {
        "standing": "已选定为民生实事项目" if project else _standing(suggestion),
        "story": _story(suggestion, matter),
        "project": project,
        "answered": authors.answered(suggestion),
        "satisfaction": SatisfactionForm(formdata=None, satisfaction=suggestion.satisfaction),
    }


_STANDING = {
    MatterState.OPEN: "正在整理",
    MatterState.TRANSFERRED: "正在交有关单位研究",
    MatterState.REPORTED: "有关单位已提出意见，正在研究确定",
}


def _standing(suggestion: Suggestion) -> str:
    """Return in a few words where a suggestion stands."""
    if suggestion.state == SuggestionState.REFUSED:
        return label(suggestion.state).word
    if suggestion.matter is None:
        return "已收到，待整理"
    if suggestion.matter.outcome is not None:
        return stories.OUTCOME_WORDS[suggestion.matter.outcome]
    return _STANDING[suggestion.matter.state]


def _story(suggestion: Suggestion, matter: Matter | None) -> list[stories.StoryEvent]:
    """Return the history of a suggestion, the oldest event first; its matter may be older than the suggestion."""
    season = suggestion.season.title if suggestion.season else ""
    receipt = stories.StoryEvent(local(suggestion.received_at).date(), "收到建议", season)
    return sorted([receipt, *(stories.story(matter) if matter else [])], key=lambda moment: moment.on)
