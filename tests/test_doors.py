"""Every page × every person × their own and another body.

Who may do what is written here a second time, by hand. The tests compare it with what the pages answer, and so with the
permission map.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

import votes
from tests.pages import Page
from tests.world import PEOPLE, WHICH, Year, access, contents, filled, pages
from votes import views
from votes.models import User
from votes.rules.permissions import Permission as P
from votes.web import errors
from votes.web.facts import serves_files
from votes.web.identity import me

pytestmark = [pytest.mark.usefixtures("undrawn"), pytest.mark.sqlite]

ALL = " ".join(PEOPLE)
STAFF = "office government department leader visitor"
DEPUTIES = "deputy chief voter teller"

#: Who may use a permission on a row of their own body (of their own unit, where rows belong to units).
MAY: dict[P, str] = {
    P.PUBLIC_READ: ALL,
    P.SIGN_IN: ALL,
    P.SCREEN_READ: ALL,
    P.SIGNED_IN: ALL.replace("public ", ""),
    P.BODY_MANAGE: "root root_in",
    P.BODY_SETTINGS: "office",
    P.USER_MANAGE: "root root_in office",
    P.AUDIT_READ: "root root_in office leader visitor",
    P.ROSTER_READ: "office leader visitor",
    P.ROSTER_EDIT: "office",
    P.DEPARTMENT_MANAGE: "office government",
    P.OFFICE_READ: f"root root_in department2 {STAFF}",
    P.PROJECT_READ: STAFF,
    P.PROJECT_CREATE: "government department",
    P.PROJECT_IMPORT: "government",
    P.PROJECT_EDIT: "government department",
    P.PROJECT_SUBMIT: "government department",
    P.PROJECT_REVIEW: "government office",
    P.PROJECT_LIST: "office",
    P.SESSION_READ: "office leader visitor",
    P.SESSION_MANAGE: "office",
    P.CARD_ISSUE: "office",
    P.CHECKIN_DESK: "office",
    P.CHECKIN_SELF: DEPUTIES,
    P.ROUND_READ: "office leader visitor",
    P.ROUND_MANAGE: "office",
    P.ROUND_ZERO_CHECK: "chief teller",
    P.ROUND_SIGN: "chief teller",
    P.CONSENT_GIVE: "chief teller",
    P.TELLER_READ: "chief teller",
    P.PAPER_READ: "office leader visitor chief teller",
    P.PAPER_KEY: "office chief teller",
    P.PAPER_DECIDE: "chief",
    P.ARCHIVE_READ: "chief",
    P.BALLOT_CAST: DEPUTIES,
    P.RESULT_READ: "office leader visitor chief teller",
    P.RESULT_ANNOUNCE: "office",
    P.PROGRESS_READ: STAFF,
    P.PROGRESS_PLAN: "government department",
    P.PROGRESS_REPORT: "government department",
    P.PROGRESS_FINISH: "government",
    P.SEASON_MANAGE: "office government",
    P.SUGGESTION_READ: "office government leader visitor",
    P.SUGGESTION_ENTER: "office government",
    P.SUGGESTION_AUTHOR: "office government",
    P.MATTER_READ: "office government leader visitor",
    P.MATTER_HANDLE: "office government",
    P.TRANSFER_READ: STAFF,
    P.TRANSFER_ANSWER: "government department",
    P.DUTY_READ: "office leader visitor",
    P.DUTY_MANAGE: "office",
    P.DUTY_OWN: "deputy chief",  # a card opens the vote and nothing else
    P.ADJUSTMENT_APPLY: "government",
    P.ADJUSTMENT_DECIDE: "office",
    P.ACCEPTANCE_RECORD: "office government",
    P.REREPORT_MANAGE: "office",
    P.REREPORT_SUBMIT: "government department",
    P.CITIZEN_RATING_READ: "office government leader visitor",
    P.CITIZEN_RATING_REPLY: "office government",
    P.SUPERVISION_READ: STAFF,
    P.SUPERVISION_MANAGE: "office",
    P.SUPERVISION_ANSWER: "government department",
    P.INSPECTION_NOTE: "deputy chief",
    P.INSPECTION_READ: "office leader visitor",
    P.OVERVIEW_READ: "office government leader visitor",
}
#: Who else may open a page that is about no single row: it lists (or creates) only their own rows.
LISTS: dict[P, str] = {
    P.PROJECT_READ: "department2",
    P.PROJECT_CREATE: "department2",
    P.PROGRESS_READ: "department2",
    P.TRANSFER_READ: "department2",
    P.SUPERVISION_READ: "department2",
}
#: Who may not open a page because of the state of the row that tests/world.py uses for it.
BUT: dict[str, str] = {
    "inspections.show": "deputy",  # what another deputy wrote
    "inspections.photo": "deputy",
    "projects.withdraw": "department",  # under review it is no longer the unit's to change
}
#: URL arguments that name a row of any body.
WORLDWIDE = {"body_id", "body", "key", "token"}
#: The fields that a page needs to find its row.
POSTED = {"bodies.view_body": ("body_id",)}


def permission_of(year: Year, rule: Rule) -> P:
    permission: P = year.app.view_functions[rule.endpoint].__permission__  # type: ignore[attr-defined]
    return permission


def rows_named(rule: Rule) -> set[str]:
    """Return the URL arguments that name a row of a body."""
    return {
        name for name in rule.arguments if name not in {*WORLDWIDE, "kind", "act", "action", "name", "form"}
    }


def may(rule: Rule, permission: P, who: str) -> bool:
    listed = "" if rule.arguments else LISTS.get(permission, "")
    return who in f"{MAY[permission]} {listed}".split() and who not in BUT.get(rule.endpoint, "").split()


def is_public(permission: P) -> bool:
    return MAY[permission] == ALL


def expected(rule: Rule, permission: P, who: str, *, own: bool) -> str:
    """Return what `MAY` says of ``who`` on a page about an own row, or about one of another body."""
    # a card ends with its session
    if who in ("public", "former") and not is_public(permission):
        return "sign in"
    # the administrator belongs to no body, so no body is another one; public pages are for everybody
    here = own or (who == "root" and not is_public(permission))
    if not here:
        return "missing"
    return "open" if may(rule, permission, who) else "refused"


def request_page(year: Year, method: str, rule: Rule, who: str, body: str) -> Page:
    browser = year.browser(who)
    url = year.url(rule, body, code=year.ids["county"]["body"])
    if method == "POST":
        return browser.post(url, {name: year.ids[body][name] for name in POSTED.get(rule.endpoint, ())})
    return browser.get(url)


def attempts(year: Year, rule: Rule, people: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (person, body of the row, whether it is their own) for a page."""
    permission = permission_of(year, rule)
    for who in people.split():
        yield who, year.at_home(who), True
        # rows of another body do not exist for anybody: asked by all who have the permission, and some who have not
        if rows_named(rule) and (
            may(rule, permission, who) or who in ("public", "root", "root_in", "deputy")
        ):
            yield who, "other", False


#: Who is tried on pages that are open to everybody.
FEW = "public root office department2 voter former"
ROLES = {
    "root": "sysadmin", "root_in": "sysadmin", "visitor": "leader", "department2": "department", "chief": "deputy",
    "voter": "deputy", "teller": "deputy", "former": "deputy",
}  # fmt: skip


@pytest.fixture(scope="module")
def rendered():
    """Collect the error pages that have been rendered: (title, layout, name of the actor)."""
    return set()


@pytest.fixture
def plain_refusals(monkeypatch, rendered):
    """Render each of the six thousand error pages once per person; afterwards write its title only."""
    render = errors.render_template

    def render_once(name, *, title, layout, **more):
        one = (title, layout, me().name)
        if one in rendered:
            return f"<title>{title} · 示例</title>"
        rendered.add(one)
        return render(name, title=title, layout=layout, **more)

    monkeypatch.setattr(errors, "render_template", render_once)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("permission", P, ids=str)
def test_page_opens_to_those_of_the_table_only(year, permission, method):
    """Answer 404 for rows of other bodies; log each refusal (not those of ballots: they would say when); change nothing."""
    here = [rule for rule in pages(year.app, method) if permission_of(year, rule) == permission]
    if not here:
        return
    wrong = []
    before = contents(year.database)
    people = FEW if is_public(permission) else ALL
    for rule in here:
        line, refused = year.last_line(), []
        for who, body, own in attempts(year, rule, people):
            answer = access(request_page(year, method, rule, who, body))
            right = expected(rule, permission, who, own=own)
            if answer != right:
                wrong.append(
                    f"{who} at {rule.endpoint} {'at home' if own else 'elsewhere'}: {answer}, not {right}"
                )
            if answer == "refused" and not rule.endpoint.startswith("ballots."):
                refused.append((rule.endpoint, ROLES.get(who, who)))
        if year.refusals(line) != refused:
            wrong.append(f"{rule.endpoint}: refused {refused}, in the log {year.refusals(line)}")
    assert wrong == []
    assert contents(year.database) == before


def test_table_has_every_permission():
    assert set(MAY) == set(P)


def test_every_argument_of_every_url_has_a_value(year):
    """Demand a value in tests/world.py for each new URL argument, so that its page is tried too."""
    missing = []
    for rule in year.app.url_map.iter_rules():
        if not serves_files(rule.endpoint):
            for body in ("county", "other", "township"):
                try:
                    year.url(rule, body)
                except KeyError as error:
                    missing.append(f"{rule.endpoint}: {error}")
    assert missing == []
    unknown = {
        name for name in WHICH if name not in year.app.view_functions and name not in year.app.blueprints
    }
    assert unknown == set()


# --- what the matrix does not show -----------------------------------------------------------------------


#: (person, URL, fields, status with an own row); {0}: the values of the body whose row is sent. Where the page has a form,
#: its other fields are sent as they are. 409 and 422: attendance and tellers are fixed while a round is open.
BY_FORM = [
    ("office", "/office/sessions/{own[session_id]}/desk/{0[deputy_id]}/present", {}, 303),
    ("office", "/office/sessions/{own[session_id]}/desk/{0[deputy_id]}/leave", {"reason": "出差"}, 409),
    ("office", "/office/sessions/{own[session_id]}/tellers/{0[teller_id]}/remove", {}, 409),
    (
        "office",
        "/office/sessions/{own[session_id]}/tellers",
        {"deputy_id": "{0[deputy_id]}", "role": "teller"},
        422,
    ),
    (
        "office",
        "/office/sessions/{own[session_id]}/rounds/new",
        {"projects": ["{own[listed][1]}", "{own[listed][2]}", "{0[project_id:listed]}"], "seats": "2"},
        303,
    ),
    (
        "government",
        "/office/projects/new",
        {"name": "示例新项目", "category": "教育", "department_id": "{0[department_id]}"},
        303,
    ),
    ("government", "/office/projects/{own[project_id]}/edit", {"department_id": "{0[department_id]}"}, 303),
    (
        "government",
        "/office/projects/{own[project_id]}/attachments/remove",
        {"attachment_id": "{0[attachment_id]}"},
        303,
    ),
    (
        "government",
        "/office/projects/review",
        {"projects": "{0[project_id:reviewing]}", "decided_on": "2027-06-08"},
        303,
    ),
    ("government", "/office/progress/{own[tracking_id]}/plan", {"department_id": "{0[department_id]}"}, 303),
    (
        "government",
        "/office/progress/{own[tracking_id]}/plan",
        {"milestones-0-id": "{0[milestone_id]}", "milestones-0-note": "示例说明"},
        303,
    ),
    (
        "office",
        "/office/users/new",
        {"username": "shili", "name": "示例", "roles": "department", "department_id": "{0[department_id]}"},
        200,
    ),
    ("office", "/office/roster/delegations", {"name-{0[delegation_id]}": "示例代表团"}, 303),
    ("leader", "/office/bodies/view", {"body_id": "{0[body_id]}"}, 303),
]


@pytest.mark.parametrize(("who", "url", "data", "status"), BY_FORM)
@pytest.mark.parametrize("whose", ["county", "other"])
def test_form_with_a_row_of_another_body_changes_nothing(year, who, url, data, status, whose):
    """Accept the same form with an own row."""
    own, row, browser = year.ids["county"], year.ids[whose], year.browser(who)
    before = contents(year.database)
    url = url.format(row, own=own)
    page = browser.get(url)
    given = filled(page) if page.status == 200 else {}
    for key, value in data.items():
        values = value if isinstance(value, list) else [value]
        given[key.format(row, own=own)] = [each.format(row, own=own) for each in values]
    with year.writing(whose == "other"):
        page = browser.post(url, given)
    if whose == "county":
        assert page.status == status, page.words
    elif "delegations" not in url:  # there, a field that nothing knows is passed over
        assert page.status in (400, 403, 404, 409, 422)
    assert contents(year.database) == before


@pytest.mark.parametrize(
    ("who", "url"),
    [
        ("office", "/office/roster/import/{0[draft_id]}"),
        ("government", "/office/projects/import/{0[draft_id:roster]}"),
        ("office", "/office/users/{0[chief_user]}0"),
        ("public", "/p/{0[body]}/projects/{0[project_id:listed]}"),
        ("public", "/p/{0[body]}/projects/{0[project_id:not_selected]}"),
        ("public", "/p/{0[body]}/photos/{0[attachment_id]}"),
        ("public", "/screen/{0[key]}"),
        ("public", "/h/{0[key:screen]}"),
    ],
)
def test_id_of_another_kind_of_row_is_not_found(year, who, url):
    """Try an upload of the roster as one of projects, projects and photos that are not published, keys of other pages."""
    assert access(year.browser(who).get(url.format(year.ids["county"]))) == "missing"


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("draft", "government department"),
        ("reviewing", "government"),
        ("approved", "government"),
        ("listed", ""),
        ("selected", ""),
        ("not_selected", ""),
        ("withdrawn", ""),
    ],
)
def test_project_is_edited_by_whom_its_state_allows(year, state, who):
    found = {
        each
        for each in ("office", "government", "department", "department2", "leader")
        if access(
            year.browser(each).get(f"/office/projects/{year.ids['county'][f'project_id:{state}']}/edit")
        )
        == "open"
    }
    assert found == set(who.split())


@pytest.mark.parametrize("paper", ["sheet.docx", "announcement.docx", "results.xlsx", "record.json"])
@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("draft", ""),
        ("opened", ""),
        ("counted", ""),
        ("certified", "office leader chief teller"),
        ("announced", "office leader chief teller"),
    ],
)
def test_result_is_downloaded_only_after_the_signatures(year, paper, state, who):
    """The chief is a teller of both sessions; each of the two cards is a teller's in its own session only."""
    expected = set(who.split()) - ({"teller"} if state == "announced" else set())
    found = {
        each
        for each in ("office", "government", "leader", "chief", "teller", "former", "voter", "deputy")
        if access(year.browser(each).get(f"/office/rounds/{year.ids['county'][f'round_id:{state}']}/{paper}"))
        == "open"
    }
    assert found == expected


@pytest.mark.parametrize("url", ["/vote/{0[round_id:opened]}", "/teller/rounds/{0[round_id:certified]}"])
def test_card_of_an_ended_session_is_asked_to_scan_again(year, url):
    assert access(year.browser("former").get(url.format(year.ids["county"]))) == "sign in"


def test_deactivated_account_is_signed_out_at_once(year):
    user_id = year.world.user("office")
    browser = year.browser("office")
    assert browser.get("/office/sessions/").status == 200
    with year.writing(), year.world.work() as session:
        session.get(User, user_id).active = False
    found = access(browser.get("/office/sessions/"))
    with year.writing(), year.world.work() as session:
        session.get(User, user_id).active = True
    assert found == "sign in"


def test_page_without_a_permission_stops_the_boot(monkeypatch, tmp_path):
    register = views.register

    def with_a_bare_page(app: Flask) -> None:
        register(app)
        app.add_url_rule("/bare", "bare.page", lambda: "open to everybody")

    monkeypatch.setattr(views, "register", with_a_bare_page)
    with pytest.raises(RuntimeError, match=r"without a declared permission: bare\.page"):
        votes.create_app({"INSTANCE_PATH": str(tmp_path), "SECRET_KEY": "x"})
