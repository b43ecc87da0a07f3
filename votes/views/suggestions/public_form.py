"""我来提: the citizen's side of 征集, on a phone and without an account."""

import secrets

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from votes.clock import local, now, today
from votes.forms.suggestions.public_form import SatisfactionForm, SuggestForm
from votes.models import Body, Deputy, Matter, Station, Suggestion
from votes.rules.codes import code_of, grouped
from votes.rules.errors import RuleBroken
from votes.rules.people.actor import PUBLIC
from votes.rules.permissions import Permission as P
from votes.rules.suggestions import suggestions as rules
from votes.rules.suggestions.matters import MatterState
from votes.rules.suggestions.suggestions import Channel, SuggestionState
from votes.services.people import bodies, stations, villages
from votes.services.publication import public_projects
from votes.services.suggestions import authors, intake, matters, seasons, stories, suggestions
from votes.services.suggestions.intake import Sender
from votes.web import phones
from votes.web.access import allow
from votes.web.facts import Layout, Pages, Refusals
from votes.web.transaction import reading
from votes.web.uploads import before_the_lock
from votes.web.words.labels import label

bp = Pages("suggest", __name__, Layout.PHONE, citizens=True, refusals=Refusals.UNLOGGED)

#: For so long the receipt can be opened again in the same browser.
RECEIPT_SECONDS = 30 * 60


# --- the form ------------------------------------------------------------------------------------------------


@bp.route("/p/<body>/suggest", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def form(body: Body) -> ResponseReturnValue:
    if key := request.args.get("d"):
        return redirect(url_for("suggest.by_deputy", body=body.code, page_key=key))
    return _page(body, Channel.WEB)


@bp.route("/p/<body>/suggest/s/<station_key>", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def at_station(body: Body, station_key: str) -> ResponseReturnValue:
    station = stations.by_key(station_key) or abort(404)
    return _page(body, Channel.STATION, station=station)


@bp.route("/p/<body>/suggest/d/<page_key>", methods=["GET", "POST"])
@allow(P.PUBLIC_READ, body=bodies.by_code)
def by_deputy(body: Body, page_key: str) -> ResponseReturnValue:
    deputy = suggestions.deputy_by_key(page_key) or abort(404)
    return _page(body, Channel.DEPUTY, deputy=deputy)


def _page(
    body: Body, channel: Channel, station: Station | None = None, deputy: Deputy | None = None
) -> ResponseReturnValue:
    """The form while the season is open, else when it was or will be."""
    season = seasons.current(today())
    if season is None:
        return render_template(
            "suggestions/public_form/closed.html", body=body, season=seasons.nearest(today()), today=today()
        ), 409 if request.method == "POST" else 200
    places = villages.all_villages()
    typed = SuggestForm(places)
    if typed.accepts(lambda: _send(body, typed, channel, station, deputy)):
        session["suggested"] = [typed.outcome.code, int(now().timestamp())]
        return redirect(url_for("suggest.received", body=body.code), 303)
    if not typed.key.data or _age(typed.key.data) is None:
        typed.key.data = _new_key()
    page = render_template(
        "suggestions/public_form/form.html",
        body=body,
        season=season,
        form=typed,
        station=station,
        deputy=deputy,
        places=villages.grouped(places),
        most=rules.MOST_PHOTOS,
        neighbours=public_projects.neighbours(body) if channel == Channel.WEB else [],
    )
    return page, typed.status_code


def _send(
    body: Body, typed: SuggestForm, channel: Channel, station: Station | None, deputy: Deputy | None
) -> Suggestion:
    """Hold back what no person sends, draw the photos while nobody waits, take it in."""
    key, who, values = typed.key.data or "", typed.who(), typed.values()
    if typed.website.data:
        raise RuleBroken(
            "没有提交成功：页面上一个应当空着的栏目被自动填写了。请关闭浏览器的自动填写后再提交。", status=422
        )
    age = _age(key)
    if age is None:
        raise RuleBroken(
            "页面打开得太久，没有提交成功。请再点一次“提交建议”，您填写的内容都还在。", status=422
        )
    if age < rules.LEAST_SECONDS:
        raise RuleBroken("提交得太快了。请核对一遍，过几秒钟再点“提交建议”，您填写的内容都还在。", status=429)
    sender = Sender(phones.phone("suggest"), phones.network("suggest"))
    intake.check_sender(sender, now())
    files = [str(photo.filename) for photo in typed.photos]
    secret = str(current_app.config["SECRET_KEY"]).encode()
    code = code_of(secret, "\n".join(["suggestion", body.code, key, *map(str, values.values()), *files]))
    station_id, deputy_id = station.id if station else None, deputy.id if deputy else None
    photos = before_the_lock(intake.prepare_photos, typed.photos) if typed.photos else []
    return intake.receive(
        channel=channel,
        **values,
        author=who,
        photos=photos,
        station=stations.get_station(station_id) if station_id else None,
        deputy_id=deputy_id,
        code=code,
        sender=sender,
        by=PUBLIC,
        now=now(),
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="suggestion")


def _new_key() -> str:
    """For the form's hidden field: random, and when the form was opened."""
    return str(_signer().dumps([secrets.token_urlsafe(9), int(now().timestamp())]))


def _age(key: str) -> float | None:
    """Seconds since the form with that key was opened; None for a key that is not ours or a day old."""
    try:
        _, opened = _signer().loads(key)
        age = now().timestamp() - opened
    except (BadSignature, ValueError, TypeError):
        return None
    return age if 0 <= age < 24 * 3600 else None


@bp.get("/p/<body>/suggest/received")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def received(body: Body) -> ResponseReturnValue:
    code, at = session.get("suggested") or ("", 0)
    found = authors.find(code) if code and now().timestamp() - at < RECEIPT_SECONDS else None
    if found is None or found.body_id != body.id:
        return redirect(url_for("suggest.form", body=body.code))
    return render_template(
        "suggestions/public_form/received.html", body=body, suggestion=found, grouped=grouped(found.code)
    )


# --- what became of it -----------------------------------------------------------------------------------------


@bp.route("/p/<body>/suggest/track", methods=["GET", "POST"])
@reading  # a code must not stand in an address
@allow(P.PUBLIC_READ, body=bodies.by_code)
def track(body: Body) -> ResponseReturnValue:
    typed = request.form.get("code", "")
    found, refusal, status = _found(typed) if request.method == "POST" else (None, "", 200)
    return _tracked(body, found, typed, refusal=refusal), status


def _found(typed: str) -> tuple[Suggestion | None, str, int]:
    """(the suggestion behind a typed code, else why there is none, status)."""
    try:
        found = authors.find(typed)
    except RuleBroken as broken:
        return None, broken.message, broken.status
    if found is None:
        return None, "没有这个查询码的建议。请对照您记下的查询码，核对后再输入一次。", 404
    return found, "", 200


@bp.post("/p/<body>/suggest/satisfied")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def satisfied(body: Body) -> ResponseReturnValue:
    """Who has the code says whether the answer satisfies; sent again it only says the same once more."""
    typed = SatisfactionForm()
    code = str(typed.code.data or "")
    found, refusal, status = _found(code)
    if found is None or found.body_id != body.id:
        return _tracked(body, found, code, refusal=refusal), status if refusal else 404
    rated = typed.accepts(
        lambda: authors.satisfy(authors.find(code) or found, typed.satisfaction.data, now=now())
    )
    words = "" if rated else typed.refusal or "请选择满意、基本满意或不满意，再点“提交评价”。"
    return _tracked(body, authors.find(code), code, refusal=words, thanks=rated), typed.status


def _tracked(
    body: Body, found: Suggestion | None, typed: str, *, refusal: str = "", thanks: bool = False
) -> str:
    here = found is not None and found.body_id == body.id
    matter = matters.get(found.matter_id) if found and here and found.matter_id else None
    project = matter.project if matter and matter.project and matter.project.tracking else None
    return render_template(
        "suggestions/public_form/track.html",
        body=body,
        suggestion=found,
        made_to=authors.body_of(found) if found else body,
        standing="已选定为民生实事项目" if project else _standing(found) if found else "",
        story=_story(found, matter) if found and here else [],
        project=project,
        typed=typed[:40],
        refusal=refusal,
        thanks=thanks,
        answered=bool(found and here and authors.answered(found)),
        satisfaction=SatisfactionForm(formdata=None, satisfaction=found.satisfaction if found else None),
    )


_STANDING = {
    MatterState.OPEN: "正在整理",
    MatterState.TRANSFERRED: "正在交有关单位研究",
    MatterState.REPORTED: "有关单位已提出意见，正在研究确定",
}


def _standing(suggestion: Suggestion) -> str:
    """Where it stands, in one line."""
    if suggestion.state == SuggestionState.REFUSED:
        return label(suggestion.state).word
    if suggestion.matter is None:
        return "已收到，待整理"
    if suggestion.matter.outcome is not None:
        return stories.OUTCOME_WORDS[suggestion.matter.outcome]
    return _STANDING[suggestion.matter.state]


def _story(suggestion: Suggestion, matter: Matter | None) -> list[stories.Moment]:
    """What has happened, the first first, as its author may read it; it may have come to a matter of an earlier year."""
    where = suggestion.season.title if suggestion.season else ""
    told = stories.Moment(local(suggestion.received_at).date(), "收到建议", where)
    return sorted([told, *(stories.story(matter) if matter else [])], key=lambda moment: moment.on)
