"""While the database is away people are told to come back, not that something is wrong with what they did."""

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from medai.common.database import is_lost
from tests.factories import bookings as make

pytestmark = pytest.mark.django_db(transaction=True)


def end_session() -> None:
    """End this process's database session as a crashing server does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process_id = cursor.fetchone()[0]
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**wanted, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 2000)", [process_id])


def test_api_answers_503_and_works_again() -> None:
    user = make.make_user()
    make.make_patient(user)
    client = make.sign_in(Client(), user)
    end_session()
    answer = client.get("/api/v1/patient/bookings/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["errors"][0]["code"] == "service_unavailable"
    connection.close()
    assert client.get("/api/v1/patient/bookings/").status_code == 200


def test_api_answers_503_where_a_view_loses_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from bookings.api.views import BookingsView

    original = BookingsView.page

    def page(self, request):  # type: ignore[no-untyped-def]
        end_session()
        return original(self, request)

    monkeypatch.setattr(BookingsView, "page", page)
    user = make.make_user()
    make.make_patient(user)
    client = make.sign_in(Client(), user)
    answer = client.get("/api/v1/patient/bookings/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "service_unavailable")
    connection.close()


def test_page_answers_503() -> None:
    client = make.sign_in(Client(), make.make_user())
    end_session()
    answer = client.get("/patient/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    connection.close()


def test_a_broken_rule_is_no_outage() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout TO '10ms'")
        with pytest.raises(OperationalError) as refusal:
            cursor.execute("SELECT pg_sleep(1)")
    assert not is_lost(refusal.value)
    connection.close()
