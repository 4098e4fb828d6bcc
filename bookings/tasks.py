"""Work that time brings: run by beat, safe to run twice or late."""

from celery import shared_task

from bookings import projections, services


@shared_task
def expire_holds() -> int:
    return services.expire_holds()


@shared_task
def cancel_unconfirmed() -> int:
    return services.cancel_unconfirmed()


@shared_task
def refresh_availability() -> int:
    return projections.refresh_stale()
