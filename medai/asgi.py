"""The ASGI application: Django for HTTP, Channels for WebSockets that come from our own pages."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")
# Only a web process keeps connections by default: a command opens one, a forked worker cannot use its parent's.
os.environ.setdefault("DATABASE_POOL_SIZE", "10")

# WhiteNoise's files are read at once, which their size allows.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

# Models must be loaded before the modules below that import them.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack

from medai.common.sockets import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
