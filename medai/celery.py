"""The Celery application: queues, routing and the beat schedule live in settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")

app = Celery("medai", task_cls="medai.common.tasks:SystemTask", fixups=["medai.common.worker:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
