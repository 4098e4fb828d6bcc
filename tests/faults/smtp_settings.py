"""Settings of a fault run's workers: mail goes to a server on the loopback, and beat does not dawdle."""

import os
from datetime import timedelta

from medai.settings import local

globals().update({name: value for name, value in vars(local).items() if name.isupper()})

EMAIL_BACKEND = "messaging.channels.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["SINK_PORT"])
EMAIL_TIMEOUT = 10
_often = {"schedule": timedelta(seconds=1), "options": {"queue": "messages", "expires": 5}}
CELERY_BEAT_SCHEDULE = {
    "send-due-notifications": {**local.CELERY_BEAT_SCHEDULE["send-due-notifications"], **_often},
}
