"""All routes and their guards, in one list: a new one is a decision that shows."""

import pytest
from jinja2 import meta, nodes

from tmr import create_app
from tmr.web.session.guards import UnguardedRouteError, check_every_route

ROUTES = """
GET / public
GET /.well-known/change-password public
GET /<kind:kind> signed in
POST /<kind:kind> signed in
GET /<kind:kind>/<uuid:record_id> signed in
POST /<kind:kind>/<uuid:record_id> signed in
POST /<kind:kind>/<uuid:record_id>/delete signed in
GET /<kind:kind>/<uuid:record_id>/history signed in
POST /<kind:kind>/<uuid:record_id>/history signed in
POST /<kind:kind>/<uuid:record_id>/undo signed in
POST /<kind:kind>/bulk signed in
POST /<kind:kind>/cells signed in
GET /<kind:kind>/columns signed in
GET /<kind:kind>/columns/<column> signed in
POST /<kind:kind>/columns/<column> signed in
POST /<kind:kind>/paste signed in
GET /<kind:kind>/replace signed in
POST /<kind:kind>/replace signed in
POST /<kind:kind>/screen signed in
GET /<kind:kind>/totals signed in
POST /<kind:kind>/view signed in
POST /<kind:kind>/views signed in
POST /<kind:kind>/views/<uuid:view_id> signed in
POST /<kind:kind>/views/<uuid:view_id>/delete signed in
GET /activity signed in
GET /api/v1/<kind:kind> access token, read
POST /api/v1/<kind:kind> access token, add
GET /api/v1/export access token, read
GET /applications/<uuid:record_id>/draft signed in
POST /applications/<uuid:record_id>/draft signed in
POST /applications/<uuid:record_id>/duplicate signed in
POST /applications/<uuid:record_id>/links signed in
POST /applications/<uuid:record_id>/sent signed in
POST /auth/google public
GET /auth/google/callback public
GET /board signed in
GET /calendar signed in
GET /calendar/feed/<token>.ics public
GET /calendar/new signed in
POST /calendar/new signed in
POST /calendar/move signed in
POST /calendar/undo signed in
GET /coach/<token> public
GET /companies signed in
GET /companies/<uuid:record_id> signed in
POST /coach/<token> public
GET /coach/<token>/<uuid:record_id> public
GET /capture signed in
POST /capture signed in
POST /capture/earlier signed in
POST /capture/mail signed in
POST /capture/read signed in
GET /documents/<uuid:record_id>/file signed in
GET /events/<uuid:record_id>/files/<int:number> signed in
GET /export/<kind:kind>.csv signed in, confirmed
GET /favicon.ico public
GET /forgot public
POST /forgot public
GET /healthz public
GET /import signed in
POST /import signed in
GET /import/<uuid:import_id> signed in
POST /import/<uuid:import_id> signed in
POST /import/<uuid:import_id>/run signed in
POST /import/<uuid:import_id>/undo signed in
POST /import/<uuid:import_id>/retry signed in
GET /import/<uuid:import_id>/left/<int:position> signed in
GET /insights signed in
POST /interviews/<uuid:record_id>/tick signed in
GET /login public
POST /login public
GET /login/2fa public
POST /login/2fa public
POST /login/2fa/resend public
POST /login/passkey public
POST /login/passkey/options public
POST /lock signed in
POST /lock/idle signed in
POST /logout signed in
GET /manifest.webmanifest public
GET /metrics public
GET /offers/compare signed in
GET /more signed in
GET /offline public
GET /questions signed in
POST /questions signed in
GET /readyz public
GET /reauthenticate signed in
POST /reauthenticate signed in
POST /reauthenticate/passkey signed in
GET /report signed in
POST /report signed in
GET /reset/<token> public
POST /reset/<token> public
GET /robots.txt public
GET /search signed in
GET /service-worker.js public
GET /sessions/end/<token> public
POST /sessions/end/<token> public
GET /settings signed in
GET /settings/calendar signed in
POST /settings/calendar signed in, confirmed
POST /settings/calendar/<uuid:feed_id>/revoke signed in
GET /settings/coach signed in
POST /settings/coach signed in, confirmed
POST /settings/coach/<uuid:link_id>/revoke signed in
GET /settings/fields signed in
POST /settings/fields signed in
POST /settings/fields/<uuid:field_id> signed in
POST /settings/fields/<uuid:field_id>/delete signed in
POST /settings/fields/<uuid:field_id>/delete-for-good signed in, confirmed
POST /settings/fields/<uuid:field_id>/restore signed in
GET /settings/mails signed in
POST /settings/mails signed in
GET /settings/pipeline signed in
POST /settings/pipeline signed in
POST /settings/pipeline/<stage>/restore signed in
POST /settings/pipeline/<stage>/retire signed in
POST /settings/pipeline/names signed in
POST /settings/pipeline/stages signed in
GET /settings/privacy signed in
POST /settings/privacy/erase-data signed in, confirmed
POST /settings/privacy/export signed in, confirmed
GET /settings/privacy/lock signed in
POST /settings/privacy/lock signed in, confirmed
POST /settings/privacy/lock/begin-again signed in, confirmed
POST /settings/privacy/lock/confirm signed in, confirmed
POST /settings/privacy/lock/key signed in, confirmed
POST /settings/privacy/lock/next signed in
POST /settings/privacy/lock/passkeys/<uuid:passkey_id> signed in, confirmed
POST /settings/privacy/lock/passkeys/<uuid:passkey_id>/end signed in, confirmed
POST /settings/privacy/lock/passkeys/<uuid:passkey_id>/options signed in, confirmed
POST /settings/privacy/lock/passkeys/begin signed in, confirmed
POST /settings/privacy/lock/passkeys/options signed in, confirmed
POST /settings/privacy/lock/password signed in, confirmed
POST /settings/privacy/lock/recovery-code signed in, confirmed
POST /settings/privacy/lock/stop-beginning-again signed in
POST /settings/privacy/unlock-for-good signed in, confirmed
POST /settings/profile signed in
POST /settings/profile/keep-address signed in, confirmed
GET /settings/privacy/exports signed in
POST /settings/privacy/exports/<uuid:export_id>/retry signed in
POST /settings/privacy/exports/<uuid:export_id>/run signed in
GET /settings/privacy/exports/<uuid:export_id>.zip signed in, confirmed
GET /settings/privacy/support-grants signed in
POST /settings/privacy/support-grants signed in, confirmed
POST /settings/privacy/support-grants/<uuid:grant_id>/revoke signed in
POST /settings/privacy/erase-account signed in, confirmed
GET /support support
POST /support support, confirmed
GET /support/<uuid:grant_id> support
GET /support/<uuid:grant_id>/<kind:kind> support
GET /support/<uuid:grant_id>/<kind:kind>/<uuid:record_id> support
GET /privacy public
GET /security/report public
POST /security/report public
GET /.well-known/security.txt public
GET /settings/security signed in
POST /settings/security/identities/<uuid:identity_id>/unlink signed in, confirmed
GET /settings/security/log signed in
GET /settings/security/log.csv signed in
GET /settings/security/passkeys signed in
POST /settings/security/passkeys signed in, confirmed
POST /settings/security/passkeys/<uuid:passkey_id>/remove signed in, confirmed
POST /settings/security/passkeys/<uuid:passkey_id>/rename signed in
POST /settings/security/passkeys/options signed in, confirmed
POST /settings/security/password signed in, confirmed
POST /settings/security/recovery-codes signed in, confirmed
GET /settings/security/totp signed in, confirmed
POST /settings/security/totp signed in, confirmed
POST /settings/security/totp/disable signed in, confirmed
GET /settings/sessions signed in
POST /settings/sessions/<uuid:session_id>/revoke signed in
POST /settings/sessions/revoke-others signed in
GET /settings/tokens signed in
POST /settings/tokens signed in, confirmed
POST /settings/tokens/<uuid:token_id>/revoke signed in
POST /settings/zone signed in
GET /signup public
POST /signup public
GET /today signed in
POST /today/bulk signed in
POST /today/done signed in
POST /today/restore signed in
POST /today/samples signed in
POST /today/samples/remove signed in
POST /today/snooze signed in
GET /trash signed in
POST /trash/<kind:kind>/<uuid:record_id>/delete signed in
POST /trash/<kind:kind>/<uuid:record_id>/restore signed in
POST /trash/empty signed in, confirmed
GET /understood signed in
GET /undo signed in
POST /undo signed in
GET /unlock signed in
POST /unlock signed in
POST /unlock/passkey-options signed in
POST /redo signed in
GET /verify/<token> public
POST /verify/<token> public
"""


def test_the_routes_are_those_that_were_decided(app) -> None:
    actual = sorted(
        f"{verb} {rule.rule} {app.view_functions[rule.endpoint].access}"
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    )

    assert actual == sorted(ROUTES.strip().splitlines())


def test_c2_a_route_without_a_marker_stops_the_start(services) -> None:
    app = create_app(services)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")

    with pytest.raises(UnguardedRouteError, match="/forgotten"):
        check_every_route(app)


def test_every_template_compiles(app) -> None:
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def test_every_template_names_filters_and_templates_that_are_there(app) -> None:
    """Jinja notices a filter or a template that is not there only once a page comes to it, which may be a rare one."""
    environment = app.jinja_env
    known, unknown = set(environment.list_templates()), []
    for name in known:
        tree = environment.parse(environment.loader.get_source(environment, name)[0])
        used = {node.name for node in tree.find_all(nodes.Filter)} - environment.filters.keys()
        used |= {node.name for node in tree.find_all(nodes.Test)} - environment.tests.keys()
        used |= set(meta.find_referenced_templates(tree)) - known - {None}
        unknown += [(name, word) for word in used]

    assert unknown == []
