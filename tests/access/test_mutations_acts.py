"""What services do beside other people's rows goes wrong, and is seen to, when one of their conditions is lost."""

import pytest

from tests.access.acts.stage import ACTS, Act, Stage, what_comes_of
from tests.access.asking import Asker
from tests.access.world import World
from tests.forgetting import forgetting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_row_security")]


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_a_condition_that_is_lost_is_noticed(
    world: World, asker: Asker, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    stage = Stage(world, asker)
    before = what_comes_of(act, stage)
    assert what_comes_of(act, stage) == before
    with forgetting(monkeypatch, [act.function], [act.condition]) as forgotten:
        after = what_comes_of(act, stage, (Exception,))
    assert forgotten, f"this condition is not asked for there any more: {before}"
    assert after != before
