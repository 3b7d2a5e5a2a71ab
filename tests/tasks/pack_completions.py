"""Completions of HumanEvalPack prompts that models are known to write, made from the reference solutions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PROSE = "\n\nThis function doesn't stop early: it's {simple}.\n\nExplanation of the steps follows.\n"
SECOND = {
    "python": "\n\ndef other(x):\n    return x\n\nprint(other(1))\n",
    "js": "\nfunction other(x) {\n  return x;\n}\nconsole.log(other(1));\n",
    "java": "\n\nclass Other {\n    public static void main(String[] args) { }\n}\n",
    "go": "\nfunc other(x int) int {\n    return x\n}\n",
    "cpp": "\nint other(int x){\n    return x;\n}\nint main(){ return other(0); }\n",
    "rust": "\nfn other(x: i32) -> i32 {\n    x\n}\n",
}
BRACE_IN_STRING = {
    "python": '    note = """\nfar left }\n"""\n',
    "js": '  const note = "}" + `}${1}}`;\n',
    "java": "        String note = \"}}\" + '}';\n",
    "go": "    note := \"}\" + string('}') + `}`\n    _ = note\n",
    "cpp": "    string note = \"}\"; char sign = '}';\n",
    "rust": '    let _note = ("}", \'}\', r#"}"#);\n',
}
BRACE_IN_COMMENT = {
    "python": "# far left }\n",
    "js": "  // }\n",
    "java": "        // }}\n",
    "go": "// }\n",
    "cpp": "    /* } */\n",
    "rust": "    // }\n",
}
LOCAL_TYPE = {"go": "    type pair struct{ a, b int }\n    _ = pair{}\n"}


@dataclass(frozen=True)
class Completed:
    """A completion and, where it holds a whole solution, the body that should be found in it."""

    kind: str
    text: str
    body: str | None = None


def completions(row: dict[str, Any], language: str) -> Iterator[Completed]:
    body: str = row["canonical_solution"]
    buggy: str = row["buggy_solution"]
    whole = f"\n{body.rstrip()}"
    yield Completed("reference", f"\n{body}", body)
    yield Completed("buggy", f"\n{buggy}", buggy)
    yield Completed("prose behind", whole + PROSE, body)
    yield Completed("fence behind", f"{whole}\n```\n{PROSE}", body)
    yield Completed("second function", whole + SECOND[language], body)
    yield Completed("end of text", f"{whole}<|endoftext|>\n}}}} junk", body)
    yield Completed("brace in string", f"\n{BRACE_IN_STRING[language]}{body}", BRACE_IN_STRING[language] + body)
    yield Completed("brace in comment", f"\n{BRACE_IN_COMMENT[language]}{body}", BRACE_IN_COMMENT[language] + body)
    if local := LOCAL_TYPE.get(language):
        yield Completed("local type", f"\n{local}{body}", local + body)
    if language == "java":
        yield Completed("class left open", whole.rstrip("}").rstrip(), body)
    yield Completed("cut off", whole[: len(whole) // 2])
    yield Completed("never closed", whole.rstrip("}"))
    yield Completed("chat", f"\nHere is the code:\n\n```{language}\n{body}```\n{PROSE}")
