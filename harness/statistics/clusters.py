"""Which problems are evidence together."""

HUMANEVAL_FAMILY = "humaneval"


def cluster_of(task: str, task_id: str) -> str:
    """Names what a problem is evidence together with.

    Number 7 of HumanEval, its EvalPlus twin and its six HumanEvalPack languages are one problem in eight coats, not
    eight independent ones. Tasks of other packages have each problem apart.
    """
    number = task_id.rpartition("/")[2]
    if task.startswith("humaneval"):
        return f"{HUMANEVAL_FAMILY}/{number}"
    if task.startswith("mbpp"):
        return f"mbpp/{number}"
    return f"{task}/{task_id}"
