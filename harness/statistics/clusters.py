"""Which problems are evidence together."""

from tasks.facts import family


def cluster_of(task: str, task_id: str) -> str:
    """Names what a problem is evidence together with.

    Number 7 of HumanEval and its six languages in HumanEvalPack are variants of one problem, not seven independent
    ones. Which tasks share their problems is a property of the task, `Task.family`; where there is none, each problem
    stands alone.
    """
    known = family(task)
    return (known.variant_of(task_id) if known else "") or f"{task}/{task_id}"
