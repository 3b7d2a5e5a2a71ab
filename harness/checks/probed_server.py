"""One model on an OpenAI-compatible server, asked one thing at a time."""

import os
from dataclasses import dataclass
from typing import Any

from harness.models.api.reply import ApiAnswer, UnreadableReplyError, read_body, read_reply
from harness.models.api.request import refuse_no_address, without_login

QUESTION = "Write a Python function that adds two numbers."
TEXT = "def add(a, b):\n"
LONGEST = 48
"""Tokens of the longest answer that is asked for."""
PATIENCE_SECONDS = 120.0


class Refused(Exception):  # noqa: N818 - a result, not a fault of ours
    """The server did not do what was asked; its text is the server's reason."""

    is_silence = False
    """Whether nobody answered at all, or only to ask for a key."""


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """One reply, and what it holds beside the answer."""

    answer: ApiAnswer
    choices: int
    has_logprobs: bool

    @property
    def words(self) -> str:
        """All that was generated: within a few tokens a model that thinks has no answer yet."""
        return self.answer.reasoning + self.answer.text


class ProbedServer:
    """One model on one server, asked one thing at a time."""

    def __init__(self, base_url: str, key_variable: str) -> None:
        from openai import OpenAI

        refuse_no_address(base_url)
        key = os.environ.get(key_variable, "")
        self.shown_url = without_login(base_url)
        self.key_variable = key_variable
        self.model = ""
        self.is_chat = True
        self.roots: dict[str, str] = {}
        """By listed model, the folder or hub id that it was loaded from, where the server says."""
        self.contexts: dict[str, int] = {}
        """By listed model, the most tokens of prompt and answer together, where the server says."""
        self._key = key
        # One more try and no more: what fails here is to be seen, not waited for.
        self._client = OpenAI(api_key=key or "none", base_url=base_url, timeout=PATIENCE_SECONDS, max_retries=1)

    def models(self) -> list[str]:
        """The names it lists. Raises Refused."""
        import openai

        try:
            listed = list(self._client.models.list())
        except (openai.OpenAIError, ValueError) as error:
            raise self._refused(error) from error
        for model in listed:  # what vLLM says of each beyond its name
            root, context = getattr(model, "root", None), getattr(model, "max_model_len", None)
            self.roots |= {model.id: root} if isinstance(root, str) and root != model.id else {}
            self.contexts |= {model.id: context} if isinstance(context, int) else {}
        return [model.id for model in listed]

    def ask(self, **fields: Any) -> ProbeReply:
        """The question of the kind that works, greedy unless `fields` say otherwise. Raises Refused."""
        return (
            self.chat([{"role": "user", "content": QUESTION}], **fields) if self.is_chat else self.text(TEXT, **fields)
        )

    def chat(self, messages: list[dict[str, str]], **fields: Any) -> ProbeReply:
        return self._reply("/chat/completions", {"messages": messages}, fields)

    def text(self, prompt: str, **fields: Any) -> ProbeReply:
        return self._reply("/completions", {"prompt": prompt}, fields)

    def _reply(self, path: str, prompt: dict[str, Any], fields: dict[str, Any]) -> ProbeReply:
        import openai

        body = {"model": self.model, "temperature": 0.0, "max_tokens": LONGEST, **prompt, **fields}
        try:
            reply = read_body(self._client.post(path, cast_to=bytes, body=body))
            answer = read_reply(reply)
            return ProbeReply(answer, len(reply["choices"]), bool(reply["choices"][0].get("logprobs")))
        except UnreadableReplyError as error:
            raise Refused(str(error)) from error
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> Refused:
        """Its reason in a few words, without the key that a server may quote."""
        import openai

        words = " ".join(str(error).split())[:160]
        refusal = Refused(words.replace(self._key, "***") if self._key else words)
        silences = openai.APIConnectionError | openai.AuthenticationError | openai.PermissionDeniedError
        refusal.is_silence = isinstance(error, silences)
        return refusal
