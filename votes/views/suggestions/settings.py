"""办理设置: the terms, working days and likeness threshold of the place."""

from flask import abort
from flask.typing import ResponseReturnValue

from votes.clock import now
from votes.forms.suggestions.settings import MatterSettingsForm
from votes.rules.permissions import Permission as P
from votes.services.suggestions import settings
from votes.views.suggestions.matters import bp
from votes.web.access import allow
from votes.web.identity import me
from votes.web.menu import here
from votes.web.pages import done, form_page


@bp.route("/settings", methods=["GET", "POST"], endpoint="settings")
@allow(P.BODY_SETTINGS, "修改办理设置")
def edit() -> ResponseReturnValue:
    body = here() or abort(404)
    form = MatterSettingsForm(settings.here())
    if form.accepts(lambda: settings.change(body, **form.values(), by=me(), now=now())):
        return done("办理设置已保存", "matters.settings")
    return form_page("suggestions/matters/settings.html", form)
