"""What a Celery worker does around its tasks: the connection to the database stays from one to the next."""

from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup

if TYPE_CHECKING:
    from celery import Task

# After this many seconds a connection is replaced, so that a worker follows when PostgreSQL moves.
KEPT = 300


class WorkerFixup(DjangoWorkerFixup):
    """Celery's own closes every connection after each task, whose opening costs more than most tasks.

    What is kept is as a new one: a transaction that a task left open is not, nor a connection that had an error and
    no longer answers, and an identity never outlives its transaction (`medai.common.postgres`).
    """

    def install(self) -> "WorkerFixup":
        self._keep()
        super().install()
        return self

    def _keep(self) -> None:
        for config in self._settings.DATABASES.values():
            # A pool keeps connections by itself.
            if not config.get("OPTIONS", {}).get("pool"):
                config["CONN_MAX_AGE"] = KEPT

    def on_task_prerun(self, sender: "Task", **kwargs: Any) -> None:
        self._leave_usable(sender)

    def on_task_postrun(self, sender: "Task", **kwargs: Any) -> None:
        self._leave_usable(sender)
        if not getattr(sender.request, "is_eager", False):
            self.close_cache()

    def _leave_usable(self, sender: "Task") -> None:
        if not getattr(sender.request, "is_eager", False):
            for connection in self._db.connections.all(initialized_only=True):
                connection.close_if_unusable_or_obsolete()


class Fixup(DjangoFixup):
    _is_prepared = False

    def on_worker_init(self, **kwargs: Any) -> None:
        self._prepare()
        super().on_worker_init(**kwargs)

    def on_import_modules(self, **kwargs: Any) -> None:
        self._prepare()
        super().on_import_modules(**kwargs)

    def _prepare(self) -> None:
        # Not sooner, as it reads the app's configuration.
        if not self._is_prepared:
            self.worker_fixup = WorkerFixup(self.app)
            self._is_prepared = True


def fixup(app: Celery) -> DjangoFixup:
    """For Celery's `fixups`. `medai.celery` names the settings module, so this is a Django project."""
    return Fixup(app).install()
