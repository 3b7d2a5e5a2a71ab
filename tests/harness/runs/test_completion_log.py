from pathlib import Path

from harness.completion import Completion
from harness.runs.completion_log import CompletionLog


def answer(text: str, sample: int = 0, turn: int = 0, task_id: str = "own/0") -> Completion:
    return Completion(task_id, sample, turn, "", text, "stop", 1, 1, 0.0)


def filled(path: Path, *completions: Completion) -> CompletionLog:
    log = CompletionLog(path)
    log.open(writable=True)
    for completion in completions:
        log.append(completion)
    return log


def test_turns_of_a_sample_are_found_in_order_and_survive_reopening(tmp_path: Path):
    file = tmp_path / "completions.jsonl"
    log = filled(file, answer("a"), answer("b", sample=1), answer("c", turn=1))
    assert log.answers(("own/0", 0)) == ["a", "c"]
    log.close()
    again = CompletionLog(file)
    again.open(writable=False)
    assert [again.answers(key) for key in again.samples()] == [["a", "c"], ["b"]]
    assert again.answers(("own/0", 9)) == []


def test_of_two_lines_with_one_key_the_first_counts(tmp_path: Path):
    log = filled(tmp_path / "completions.jsonl", answer("first"), answer("second"))
    assert log.answers(("own/0", 0)) == ["first"]
    assert len(log) == 1


def test_a_turn_whose_predecessor_is_missing_waits_to_be_asked_again(tmp_path: Path):
    log = filled(tmp_path / "completions.jsonl", answer("late", turn=1), answer("early", turn=0))
    assert log.answers(("own/0", 0)) == ["early"]


def test_half_a_character_does_not_stop_the_run(tmp_path: Path):
    log = filled(tmp_path / "completions.jsonl", answer("x = '\ud83d'"))
    assert log.answers(("own/0", 0)) == ["x = '\ufffd'"]


def test_raw_text_is_kept_as_it_is(tmp_path: Path):
    text = "\n\n  \t```python\r\nx\x00 = 'ä😀'\n\n "
    assert filled(tmp_path / "completions.jsonl", answer(text)).answers(("own/0", 0)) == [text]
