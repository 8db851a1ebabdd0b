"""The recovery key as people write it."""

import pytest

from setia.cli import Failure
from setia.cli.recovery import read_key
from setia.cli.sealing import RecoveryKey

KEY = "AGE-SECRET-KEY-1E7MQYUS5XX4D534AM6QA9LK9XQ5LQE6NPC2G8DZNJNG86RMQY6XQC70YLL"
LETTERS = KEY.removeprefix("AGE-SECRET-KEY-1")


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.lower(),
        LETTERS,
        f"  {KEY}\r\n",
        "AGE-SECRET-KEY-1\n  " + " ".join(LETTERS[n : n + 4] for n in range(0, 58, 4)) + "\n",
        "-".join(LETTERS[n : n + 4] for n in range(0, 58, 4)).lower(),
        f"# created: 2026-11-22\n# public key: age1abc\n{KEY}\n",
        KEY.replace("0", "O").replace("8", "B"),
        LETTERS.replace("L", "1"),
        LETTERS.replace("L", "i"),
        "age secret key l" + LETTERS,
    ],
)
def test_slips_of_the_pen_are_read_as_they_were_meant(written: str) -> None:
    assert read_key(written) == RecoveryKey(KEY)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "here are 0"),
        (KEY[:-1], "here are 57"),
        (KEY + "Q", "here are 59"),
        (KEY[:-1] + "Q", "compare it with your paper"),
        (KEY.replace("E7MQ", "E7QM"), "compare it with your paper"),
    ],
)
def test_a_wrong_key_is_told_without_repeating_it(written: str, told: str) -> None:
    with pytest.raises(Failure, match=told) as caught:
        read_key(written)
    assert LETTERS[10:20] not in caught.value.message
