import traceback
import pytest
from django.core.signals import got_request_exception
pytestmark = pytest.mark.django_db
def test_probe(world, asker):
    got_request_exception.connect(lambda **k: print(traceback.format_exc()[-800:]), weak=False)
    print(asker.ask("dA","GET","/doctor/practice/documents/").outcome)
