"""Settings of the processes of a fault run: a machine's own, yet answering as a deployment does, not for debugging."""

from medai.settings import environment, local

globals().update({name: value for name, value in vars(local).items() if name.isupper()})

DEBUG = False
TRUSTED_PROXIES = environment.integer("TRUSTED_PROXIES", 0)
STORAGES = {
    **local.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
