import json
import random
import re
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from scripted_server import Reply, serve

from datagen.config import DatagenConfig, parse_datagen
from datagen.rows.example import Example, Opinion, TaskType
from datagen.rows.raw_function import Origin, RawFunction, function_id
from datagen.teachers.example_database import ExampleDatabase
from datagen.teachers.seed_examples import seed_examples
from datagen.teachers.teach import teach
from harness.model import ModelError


def ignore_progress(_rows: int) -> None:
    pass


SEEDS = {
    each.example_id for opinion in (Opinion.GOOD, Opinion.BAD) for each in seed_examples(TaskType.GENERATION, opinion)
}
NAMES = ("good", "bad", "malformed", "slow", "refused", "vague", "cut", "contrary", "fine")


def functions() -> list[RawFunction]:
    raw: list[RawFunction] = []
    for name in NAMES:
        code = f"def {name}(a):\n    result = a + 1\n    return result"
        raw.append(
            RawFunction(function_id("python", code), "python", name, code, f"def {name}(a):", "Adds.", Origin("t", "p"))
        )
    return raw


def subject(user: str) -> str:
    """Name of the function that a prompt is about: the last one it holds."""
    return re.findall(rf"def ({'|'.join(NAMES)})\(a\)", user.split("aw input (")[-1].split("Input (")[-1])[0]


def row(name: str) -> str:
    solution = f"def {name}(a):\n    return a + 1"
    written = {"task_name": "generation", "instruction": f"Write a Python function {name} that adds one."}
    return json.dumps({**written, "information": "<noinput>", "solution": solution, "tests": f"assert {name}(1) == 2"})


def verdict(user: str, good: bool) -> str:
    rules = len(re.findall(r"^\d+\. \(step", user, re.MULTILINE))
    checks = [{"rule": n, "answer": "yes", "reason": "it is"} for n in range(1, rules + 1)]
    if not good:
        checks[-1] |= {"answer": "no", "reason": "it adds something foreign"}
    return json.dumps({"checks": checks, "overall": "yes" if good else "no", "reasons": "GOOD" if good else "FOREIGN"})


def script(system: str, user: str) -> Reply:
    name = subject(user)
    if "examine" in system:
        match name:
            case "vague":
                return Reply("I think it is fine, no doubt.")
            case "contrary":
                return Reply(verdict(user, good=False).replace('"overall": "no"', '"overall": "yes"'))
            case _:
                return Reply(verdict(user, good=name != "bad"))
    match name:
        case "malformed":
            return Reply("Sure! Here is your row: " + row(name)[:-20])
        case "slow":
            return Reply(row(name), seconds=0.5)
        case "refused":
            return Reply("", finish="content_filter")
        case "cut":
            return Reply(row(name)[:40], finish="length")
        case _:
            return Reply(row(name))


def config(address: str, **loop: int) -> DatagenConfig:
    role = {"model": "api:scripted", "base_url": address, "concurrency": 4, "retry_seconds": 3.0, "max_tokens": 200}
    teacher = {"kind": "llm", "generator": role, "discriminator": {**role, "temperature": 0.0}, "loop": loop}
    return parse_datagen(
        {"sources": [{"name": "t", "path": "."}], "teacher": teacher, "mixture": {"generation": 100}}, "test"
    )


def run(address: str, cache: Path, counts: Counter[str], **loop: int) -> list[Example]:
    return list(teach(config(address, **loop), functions(), cache, counts, ignore_progress))


def test_good_bad_malformed_slow_and_refused_each_get_what_they_are(tmp_path: Path):
    counts: Counter[str] = Counter()
    with serve(script) as (address, log):
        rows = {each.function_name: each for each in run(address, tmp_path, counts, round_rows=4)}
    assert list(rows) == list(NAMES)
    opinions = {name: each.review.opinion for name, each in rows.items()}
    assert {name for name, opinion in opinions.items() if opinion is Opinion.GOOD} == {"good", "slow", "fine"}
    assert {name for name, opinion in opinions.items() if opinion is Opinion.BAD} == {"bad"}
    assert "contradicts" in rows["contrary"].review.reasons
    assert rows["refused"].output == ""
    assert counts["generator: malformed, asked again"] == 1
    assert counts["generator: refused"] == 1
    assert counts["generator: cut off"] == 1
    assert counts["discriminator: unparseable"] == 2
    for each in rows.values():
        assert each.call is not None
        assert each.call.messages[1].content
        assert each.call.seed
    assert counts["tokens: generator prompt"] == 12 * 11, "tokens of malformed answers count too"
    assert len(log.prompts) == 20  # 9 rows + 3 tried again, 6 verdicts + 2 tried again


def test_verdicts_feed_the_examples_of_later_rounds_whole(tmp_path: Path):
    with serve(script) as (address, log):
        rows = run(address, tmp_path, Counter(), round_rows=3)
    first, later = rows[:4], rows[4:]  # a row sees what lies three rows and more before it
    known = {each.example_id for each in first}
    for each in later:
        assert each.call is not None
        assert each.call.shown
    assert set(later[0].call.shown) <= known  # pyright: ignore[reportOptionalMemberAccess]
    assert {name for each in rows[:3] for name in each.call.shown} <= SEEDS, "nothing was filed yet"  # pyright: ignore[reportOptionalMemberAccess]
    generator, discriminator = (
        [user for system, user in log.prompts if ("examine" in system) is judging and subject(user) == "fine"]
        for judging in (False, True)
    )
    for prompt in (generator[0], discriminator[0]):
        assert "def bad(a):\\n    return a + 1" in prompt, "the whole bad row is shown, not a character of it"
        assert "FOREIGN" in prompt
        assert "GOOD" in prompt


def test_a_second_start_asks_nothing_and_gives_the_same_rows(tmp_path: Path):
    with serve(script) as (address, log):
        once = run(address, tmp_path, Counter(), round_rows=4)
        asked = len(log.prompts)
        assert run(address, tmp_path, Counter(), round_rows=4) == once
        assert len(log.prompts) == asked


def test_a_server_down_half_way_is_one_sentence_and_loses_nothing(tmp_path: Path):
    down = {"is": False}

    def failing(system: str, user: str) -> Reply:
        if subject(user) == "refused":
            down["is"] = True
        return Reply(status=503) if down["is"] else script(system, user)

    with serve(failing) as (address, _), pytest.raises(ModelError) as failure:
        run(address, tmp_path, Counter(), round_rows=3)
    assert "\n" not in str(failure.value)
    with serve(script) as (address, log):
        resumed = run(address, tmp_path, Counter(), round_rows=3)
        assert "good" not in {subject(user) for _, user in log.prompts}, "what was answered is not asked again"
    with serve(script) as (address, _):
        assert run(address, tmp_path / "fresh", Counter(), round_rows=3) == resumed


def test_prompts_keep_their_line_breaks_and_the_token_limit_is_passed_on(tmp_path: Path):
    with serve(script) as (address, log):
        run(address, tmp_path, Counter(), round_rows=9)
    assert not any("\n\nRequirements" in user or "Requirements:\n\n" in user for _, user in log.prompts)
    assert {body["max_tokens"] for body in log.bodies} == {200}
    assert {body["temperature"] for body in log.bodies} == {0.0, 1.0, 0.3, 0.7}, "second tries draw otherwise"


def test_the_example_database_is_bounded_and_its_draw_is_seeded(tmp_path: Path):
    with serve(script) as (address, _):
        rows = [each for each in run(address, tmp_path, Counter()) if each.review.opinion is Opinion.GOOD]
    database = ExampleDatabase(capacity=2)
    for each in rows:
        database.file(each)
    assert len(database) == 2
    drawn = database.draw(TaskType.GENERATION, Opinion.GOOD, 5, random.Random(1))
    assert {each.example_id for each in drawn} == {each.example_id for each in rows[-2:]}
    assert database.draw(TaskType.GENERATION, Opinion.GOOD, 5, random.Random(1)) == drawn
    assert database.draw(TaskType.REPAIR, Opinion.GOOD, 5, random.Random(1)) == ()


def test_the_loop_stops_when_the_mixture_has_what_it_wants(tmp_path: Path):
    with serve(script) as (address, _):
        wanted = parse_datagen(
            {
                "sources": [{"name": "t", "path": "."}],
                "teacher": {
                    "kind": "llm",
                    "generator": {"model": "api:scripted", "base_url": address},
                    "loop": {"round_rows": 1},
                },
                "mixture": {"generation": 1},
            },
            "test",
        )
        rows = list(teach(wanted, functions(), tmp_path, Counter(), ignore_progress))
    assert [each.function_name for each in rows] == ["good"]
    assert rows[0].task is TaskType.GENERATION


def test_a_slow_row_holds_up_no_other_within_the_window(tmp_path: Path):
    judged: set[str] = set()
    all_others_judged = threading.Event()

    def held_up(system: str, user: str) -> Reply:
        name = subject(user)
        if name == "good" and "examine" not in system:
            assert all_others_judged.wait(60), "the others wait for the first row"
        if "examine" in system:
            judged.add(name)
            if len(judged) == 5:
                all_others_judged.set()
        return Reply(verdict(user, good=True) if "examine" in system else row(name))

    with serve(held_up) as (address, _):
        rows = run(address, tmp_path, Counter(), round_rows=6)
    assert [each.function_name for each in rows] == list(NAMES), "rows come in order all the same"


def test_whatever_arrives_first_the_rows_are_the_same(tmp_path: Path):
    found: list[list[Example]] = []
    for start in range(2):
        draw = random.Random(start)

        def shuffled(system: str, user: str, draw: random.Random = draw) -> Reply:
            return Reply(script(system, user).text, seconds=draw.random() / 20)

        with serve(shuffled) as (address, _):
            found.append(run(address, tmp_path / str(start), Counter(), round_rows=3))
    assert found[0] == found[1]


def test_both_roles_of_one_model_share_its_slots(tmp_path: Path):
    under_way, most, lock = [0], [0], threading.Lock()

    def counted(system: str, user: str) -> Reply:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        with lock:
            under_way[0] -= 1
        return script(system, user)

    with serve(counted) as (address, _):
        role = {"model": "api:scripted", "base_url": address, "concurrency": 2}
        wanted = {"sources": [{"name": "t", "path": "."}], "teacher": {"kind": "llm", "generator": role}}
        list(teach(parse_datagen(wanted, "test"), functions(), tmp_path, Counter(), ignore_progress))
    assert most[0] == 2
