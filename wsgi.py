"""WSGI entry for any server: ``wsgi:application``. Run ``tmr migrate`` first."""

from tmr import create_app
from tmr.config import load_settings
from tmr.wiring.services import build, open_database

settings = load_settings()
application = create_app(build(settings, open_database(settings).app_url))
