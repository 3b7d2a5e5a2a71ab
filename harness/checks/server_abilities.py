"""What a server that answers can do: one check each, with what to do about it. Each raises Refused."""

from collections.abc import Mapping
from typing import Any

from harness.checks.probed_server import LONGEST, QUESTION, ProbedServer, Refused
from harness.models.api.request import NEUTRAL, NEUTRAL_EXTRAS
from sandbox.walls.check_result import CheckResult

LONG_WORDS = 3_000
"""Longer than a problem with its examples, shorter than any context that is worth a run."""
PREFILL = "```python\ndef add("
OWN_DECODING_SHOWS: Mapping[str, Mapping[str, Any]] = {
    "temperature 0": {},
    "temperature 1 and a seed": {"temperature": 1.0, "seed": 11},
    # A model that is sure of its answer gives it whatever the penalties; this heat spreads it. Some servers refuse it.
    "temperature 2 and a seed": {"temperature": 2.0, "seed": 11},
}
STOPS = ["\ndef ", "\nclass ", "\nif ", "\nprint", "\n#", "\n@", "\nimport ", "\nassert "]
"""As many as tasks send."""


def check_template(server: ProbedServer) -> CheckResult:
    """A template leaves its mark in the count of prompt tokens."""
    if not server.is_chat:
        return CheckResult("chat template", ok=False, needed=False, detail="no chat prompts", remedy="--style complete")
    # The cheapest question: only the count of its prompt matters.
    one = server.ask(max_tokens=1).answer.prompt_tokens
    try:
        plain = server.text(QUESTION, max_tokens=1).answer.prompt_tokens
    except Refused:
        plain = 0
    two = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "x"}]
    longer = server.chat([*two, {"role": "user", "content": QUESTION}], max_tokens=1).answer.prompt_tokens
    if not one:
        return CheckResult(
            "chat template", ok=False, needed=False, detail="it counts no tokens", remedy="compare by hand"
        )
    added = f"{one - plain} tokens around a message of {plain}" if plain else f"{one} tokens for a short message"
    ok = longer > one and (not plain or one > plain)
    remedy = "start the server with the model's chat template (vLLM: --chat-template)"
    return CheckResult("chat template", ok, needed=False, detail=added if ok else "none is applied", remedy=remedy)


def check_tokens(server: ProbedServer) -> CheckResult:
    """The token limit is kept, and the end by it is told from the model's own."""
    answer = server.ask(max_tokens=8).answer
    ok = 0 < answer.completion_tokens <= 8 and answer.finish_reason == "length"
    detail = f"asked for 8, counted {answer.completion_tokens}, ended by {answer.finish_reason!r}"
    return CheckResult("token limit and count", ok, False, detail, "costs and truncated answers cannot be told apart")


def check_greedy(server: ProbedServer) -> CheckResult:
    """Temperature 0 gives one text."""
    texts = {server.ask().words for _ in range(3)}
    detail = "three times the same text" if len(texts) == 1 else f"{len(texts)} texts to one question"
    return CheckResult(
        "temperature 0", len(texts) == 1, False, detail, "take several samples and compare with intervals"
    )


def check_seed(server: ProbedServer) -> CheckResult:
    """A seed gives one text, and another seed another one."""
    first, again = (server.ask(temperature=1.0, seed=11).words for _ in range(2))
    others = {server.ask(temperature=1.0, seed=seed).words for seed in (12, 13, 14)}
    if len({first, *others}) == 1:
        detail, remedy = "temperature 1 gives one text for all seeds", "every sample of a problem would be the same"
        return CheckResult("seed", ok=False, needed=False, detail=detail, remedy=remedy)
    detail = "one seed, one text" if first == again else "one seed gives several texts"
    return CheckResult("seed", first == again, False, detail, "samples cannot be made again; keep the run folder")


def check_stop(server: ProbedServer) -> CheckResult:
    """A stop string from the middle of an answer that is known, so that it has to come."""
    whole = server.ask().answer.text
    # Not from the beginning, which many texts share.
    place = len(whole) // 2
    stop = whole[place : place + 3]
    if len(stop) < 3:
        return CheckResult("stop strings", ok=False, needed=False, detail="its answer is too short to tell", remedy="")
    kept = whole[: whole.index(stop)]
    answer = server.ask(stop=[stop]).answer
    if answer.text == kept and answer.finish_reason == "stop":
        return CheckResult("stop strings", ok=True, needed=False, detail=f"ends before {stop!r}")
    if answer.text.startswith(kept + stop):
        is_ignored = len(answer.text) >= len(whole)
        detail = f"goes on behind {stop!r}" if is_ignored else f"keeps {stop!r}, ends by {answer.finish_reason!r}"
        remedy = "answers are longer than needed; tasks cut them themselves"
        return CheckResult("stop strings", not is_ignored, needed=False, detail=detail, remedy=remedy)
    return CheckResult("stop strings", ok=False, needed=False, detail="another text with a stop string", remedy="")


def check_many_stops(server: ProbedServer) -> CheckResult:
    """Tasks have up to a dozen; what is not sent costs tokens, not correctness."""
    name, count = "many stop strings", len(STOPS)
    try:
        server.ask(stop=STOPS, max_tokens=4)
    except Refused as refusal:
        server.ask(stop=STOPS[:4], max_tokens=4)
        remedy = "none needed: four are sent (more, after VLLM_MAX_STOP_STRINGS=16 for vLLM: --set most_stops=16)"
        return CheckResult(name, ok=False, needed=False, detail=f"{count} are refused: {refusal}", remedy=remedy)
    return CheckResult(
        name, ok=True, needed=False, detail=f"takes {count}: --set most_stops=16 sends all that a task has"
    )


def check_prefill(server: ProbedServer) -> CheckResult:
    """An answer that goes on with given words does not begin again, and costs no tokens of another turn."""
    remedy = "use a style without a prefill"
    if not server.is_chat:
        return CheckResult("prefill", ok=False, needed=False, detail="no chat prompts", remedy=remedy)
    messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": PREFILL}]
    extra = {"continue_final_message": True, "add_generation_prompt": False}
    try:
        continued = server.chat(messages, **extra).answer
        closed = server.chat(messages).answer
    except Refused as refusal:
        return CheckResult("prefill", ok=False, needed=False, detail=f"refused: {refusal}", remedy=remedy)
    ok = 0 < continued.prompt_tokens < closed.prompt_tokens
    detail = "goes on with given words" if ok else "begins a new turn instead of going on"
    return CheckResult("prefill", ok, False, detail, remedy)


def check_choices(server: ProbedServer) -> CheckResult:
    """Several choices at once; wavebench needs none."""
    choices = server.ask(n=2, temperature=1.0, max_tokens=4).choices
    detail = f"n = 2 gives {choices}; wavebench asks for one at a time, each with its own seed"
    return CheckResult("several choices", choices == 2, False, detail, "none needed")


def check_logprobs(server: ProbedServer) -> CheckResult:
    """Log probabilities of tokens; scores need none."""
    fields: dict[str, Any] = {"logprobs": True, "top_logprobs": 1} if server.is_chat else {"logprobs": 1}
    has = server.ask(max_tokens=4, **fields).has_logprobs
    detail = "given" if has else "not given"
    return CheckResult("logprobs", has, False, detail, "scores need none; how near a tie was cannot be seen")


def check_served_model(server: ProbedServer) -> CheckResult:
    """Who answers, by the reply's own word: behind an old name may stand another model."""
    served = server.ask(max_tokens=1).answer.served
    # A provider's alias names its dated snapshot in the reply, and vLLM its --served-model-name.
    ok = not served or served.startswith(server.model) or server.model.endswith(served)
    detail = f"it says that {served!r} answers" if served else "the reply names no model"
    roots = f"; the list says it was loaded from {server.roots[server.model]!r}" if server.model in server.roots else ""
    remedy = f"{served!r} is not {server.model!r}: find out which model was started, and name that"
    return CheckResult("served model", ok, needed=False, detail=detail + roots, remedy=remedy)


def check_decoding(server: ProbedServer) -> CheckResult:
    """A server may decode by the checkpoint's generation_config.json wherever a request leaves a field out."""
    extras, refused = dict(NEUTRAL_EXTRAS), ""
    try:
        server.ask(max_tokens=1, **NEUTRAL, **extras)
    except Refused as refusal:
        extras, refused = {}, f"it refuses {', '.join(NEUTRAL_EXTRAS)} ({str(refusal)[:80]})"
    changed: list[str] = []
    for name, fields in OWN_DECODING_SHOWS.items():
        if changed and fields.get("temperature") == 2.0:
            continue
        try:
            texts = [server.ask(**fields).words for _ in range(2)]
            if len(set(texts)) == 1 and server.ask(**fields, **NEUTRAL, **extras).words != texts[0]:
                changed.append(name)
        except Refused:
            if not fields:
                raise
    if changed:
        detail = f"with every sampling field named it answers otherwise at {' and at '.join(changed)}"
        remedy = (
            "runs name every field; for clients that do not, the server fills in a checkpoint's own: start vLLM with "
            "--generation-config vllm, so that nothing is left to it"
        )
        return CheckResult("own decoding", ok=False, needed=False, detail=detail, remedy=remedy)
    if refused:
        remedy = "its checkpoint's generation_config.json decides these: set top_k = 0 and no penalties there"
        return CheckResult("own decoding", ok=False, needed=False, detail=refused, remedy=remedy)
    return CheckResult("own decoding", ok=True, needed=False, detail="none: a request that names every field is alike")


def check_answers(server: ProbedServer) -> CheckResult:
    """Whether answers hold text at all, and how much of them is thought."""
    answer = server.ask(max_tokens=LONGEST).answer
    if answer.reasoning and not answer.text:
        detail = (
            f"after {LONGEST} tokens it has only thought ({len(answer.reasoning)} characters of reasoning, no text)"
        )
        remedy = "leave room for it (--max-tokens 16384), or ask for less (--set request.add.reasoning_effort=low)"
        return CheckResult("text of answers", ok=False, needed=False, detail=detail, remedy=remedy)
    if not answer.text:
        remedy = "see the server's log; a run would score 0 %"
        return CheckResult("text of answers", ok=False, needed=False, detail="the answer is empty", remedy=remedy)
    thought = ", with reasoning apart" if answer.reasoning else ""
    return CheckResult("text of answers", ok=True, needed=False, detail=f"{len(answer.text)} characters{thought}")


def check_context(server: ProbedServer) -> CheckResult:
    """Prompts of a few thousand tokens are read whole; some servers cut them off in silence."""
    name, words = "long prompts", "word " * LONG_WORDS
    remedy = "give it a longer context (vLLM: --max-model-len, llama.cpp: -c, Ollama: num_ctx)"
    listed = f"; it lists a context of {server.contexts[server.model]:,}" if server.model in server.contexts else ""
    message = [{"role": "user", "content": words + QUESTION}]
    try:
        answer = (server.chat(message, max_tokens=1) if server.is_chat else server.text(words, max_tokens=1)).answer
    except Refused as refusal:
        detail = f"{LONG_WORDS:,} words are refused: {refusal}"
        return CheckResult(name, ok=False, needed=False, detail=detail, remedy=remedy)
    ok = answer.prompt_tokens >= LONG_WORDS or not answer.counted
    what = (
        f"{LONG_WORDS:,} words are counted as {answer.prompt_tokens:,} tokens" if answer.counted else "it counts none"
    )
    return CheckResult(name, ok, needed=False, detail=what + listed, remedy=f"it cuts prompts off: {remedy}")


ABILITIES = (
    check_served_model,
    check_answers,
    check_template,
    check_tokens,
    check_context,
    check_greedy,
    check_decoding,
    check_seed,
    check_stop,
    check_many_stops,
    check_prefill,
    check_choices,
    check_logprobs,
)
"""In the order in which they are tried."""
