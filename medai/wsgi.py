"""The WSGI application, for hosts that speak nothing else: everything but live updates works."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")

application = get_wsgi_application()
