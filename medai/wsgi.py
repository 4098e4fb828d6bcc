"""The WSGI application, for hosts that speak nothing else: everything but live updates works."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")
os.environ.setdefault("DATABASE_POOL_SIZE", "10")

application = get_wsgi_application()
