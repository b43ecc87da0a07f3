"""Deputies' own public pages (代表法 2025 art. 58): which the office opens and what they show, and as citizens see them."""

from collections.abc import Callable
from itertools import groupby

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.exports.duties import deputy_cards
from votes.forms.duties import FieldsForm, read_year
from votes.models import Body, Deputy
from votes.rules.duties.duties import public_fields
from votes.rules.errors import RuleBroken
from votes.rules.permissions import Permission as P
from votes.services.duties import figures, public_pages
from votes.services.people import bodies, roster
from votes.services.publication import public_projects
from votes.services.suggestions import suggestions
from votes.views.duties.duties import body_in_view, bp as office
from votes.web.access import allow
from votes.web.facts import Layout, Pages
from votes.web.identity import me
from votes.web.menu import organ
from votes.web.pages import PDF, done, download, form_page, public_url

bp = Pages("deputies", __name__, Layout.PUBLIC, audit="duties")

# --- in the office ---------------------------------------------------------------------------------------


@office.route("/pages", methods=["GET", "POST"])
@allow(P.DUTY_MANAGE)
def pages() -> ResponseReturnValue:
    body = body_in_view()
    form = FieldsForm(data={"fields": public_fields(body.settings)})
    if form.accepts(lambda: public_pages.choose_fields(body, form.fields.data or [], by=me(), now=now())):
        return done("公开内容已保存", "duties.pages")
    return form_page("duties/duties/pages.html", form, deputies=public_pages.paged(), body=body)


@office.post("/pages/open")
@allow(P.DUTY_MANAGE)
def open_pages() -> ResponseReturnValue:
    new = public_pages.open_for(request.form.getlist("deputy", type=int), by=me(), now=now())
    return done(f"已开通 {new} 位{organ().member}的公开页", "duties.pages")


#: The buttons of a deputy's row: what each does, and the words that confirm it.
_ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "open": (lambda deputy, **context: public_pages.open_for([deputy.id], **context), "公开页已开通"),
    "renew": (public_pages.renew, "公开页地址已更换，原二维码不再有效"),
    "close": (public_pages.close, "公开页已关闭"),
}


@office.post("/<int:deputy_id>/page")
@allow(P.DUTY_MANAGE, deputy=roster.get)
def page(deputy: Deputy) -> ResponseReturnValue:
    if (choice := request.form.get("act")) not in _ACTS:
        raise RuleBroken("没有这种办理，没有改动。请从页面上的按钮办理。", status=422)
    act, words = _ACTS[choice]
    act(deputy, by=me(), now=now())
    return done(f"{deputy.name}：{words}", "duties.pages")


def _card(deputy: Deputy, body: Body) -> deputy_cards.DeputyCard:
    url = public_url("deputies.show", body=body.code, page_key=deputy.page_key)
    member, delegation = organ(body).member, deputy.delegation.name
    return deputy_cards.DeputyCard(body.name, member, deputy.name, delegation, url)


@office.get("/<int:deputy_id>/card.pdf")
@allow(P.DUTY_READ, deputy=roster.get)
def card(deputy: Deputy) -> ResponseReturnValue:
    """Return one card on A6."""
    if not public_pages.is_open(deputy):
        raise RuleBroken(organ().speak("这位代表没有公开页。请先开通，再打印二维码。"))
    data = deputy_cards.sheets([_card(deputy, body_in_view())], "a6")
    return download(data, f"{deputy.name}{organ().member}二维码.pdf", PDF)


@office.get("/cards.pdf")
@allow(P.DUTY_READ)
def cards() -> ResponseReturnValue:
    """Return all cards, four to a sheet of A4."""
    body, shown = body_in_view(), public_pages.published()
    if not shown:
        raise RuleBroken(organ().speak("还没有代表开通公开页。请先开通，再打印二维码。"))
    data = deputy_cards.sheets([_card(deputy, body) for deputy in shown])
    return download(data, f"{body.place}{organ(body).member}二维码.pdf", PDF)


# --- for citizens ----------------------------------------------------------------------------------------


@bp.get("/p/<body>/deputies")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def index(body: Body) -> ResponseReturnValue:
    by_delegation = groupby(public_pages.published(), key=lambda deputy: deputy.delegation)
    return render_template(
        "duties/public_pages/index.html",
        body=body,
        groups={delegation: list(members) for delegation, members in by_delegation},
        fields=public_fields(body.settings),
        neighbours=public_projects.neighbours(body),
    )


@bp.get("/p/<body>/d/<page_key>")
@allow(P.PUBLIC_READ, body=bodies.by_code)
def show(body: Body, page_key: str) -> ResponseReturnValue:
    deputy = suggestions.deputy_by_key(page_key) or abort(404)
    years, year = read_year()
    return render_template(
        "duties/public_pages/show.html",
        body=body,
        deputy=deputy,
        fields=public_fields(body.settings),
        years=years,
        year=year,
        figures=figures.own_figures(deputy, year),
    )
