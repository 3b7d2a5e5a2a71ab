"""Texts that parsers, patterns and loops of all kinds may take long over, or crash over."""

import random
from collections.abc import Iterator

REPEATED = (
    # comments, strings, templates and blocks that never close
    *(
        "/*",
        "/* ",
        "//*",
        "*/",
        "//",
        "#\n",
        "<!--",
        "-->",
        "'",
        '"',
        "`",
        "${",
        "`${",
        "'''",
        '"""',
        'r#"',
        'R"(',
        'R"a(',
    ),
    *("'\\", '"\\', '"\\\n', "b'", "f'{", 'f"{x!', "/[", "/a/"),
    # lines that go on
    *("\\", "\\\n", "#\\\n", "#define a \\\n", "\n", " \n", "\t", "\r", "\r\n", "\f", " "),
    # what nests
    *(
        "(",
        "[",
        "{",
        "{\n",
        "<",
        "{a:",
        "a(",
        "((\n",
        "[a",
        "a[",
        "a[b",
        "if(a)",
        "if(a){",
        "if a {",
        "if a:\n",
        "else ",
    ),
    *("a=>", "->", "=>", "<-", "a?", "a?b:", "!", "- ", "lambda:", "lambda x:", "not ", "x if ", "await ", "yield "),
    *(
        "template<",
        "a<",
        "a<b,",
        "<a",
        "<a>",
        "a::",
        "a!(",
        "a![",
        "(int)",
        "(a)(",
        "[](){",
        "match a {",
        "try{",
        "do ",
    ),
    *("f(a, ", "x=", "let a=", "const a=", "for(", "while(a)", "switch(a){", "case "),
    # definitions without end
    *("def f(\n", "def f():\n", "class A{", "int f(){", "fn f(a:", "function f(){", "func f(){", "fn main(){}\n"),
    *("public static ", "static final ", "int f(a (", "a a a ( ", "use a::{", "use a;\n", "import a\n", "import (\n"),
    *("#if 1\n", "#include <a>\n", "macro_rules! a{", "#[a]\n", "@a\n", "@a("),
    # what ends things
    *("}", "}\n", ")", "]", ";", "a;", "a\n"),
    # what our own rules look for
    *(
        "<think>",
        "</think>",
        "<think></think>",
        "x<think>",
        "```\n",
        "```a\n```\n",
        "```python\n",
        "~~~\n",
        "~",
        "````\n",
    ),
    # odd characters
    *("\0", "\ufeff", "é", "\U0001f600", "\ud800"),
)
PAIRED = (("(", ")"), ("[", "]"), ("{", "}"), ("f(a,", ")"), ("if(a){", "}"), ("{a:", "}"), ("<", ">"), ("`${", "}`"))


def hostile_texts(size: int) -> Iterator[tuple[str, str]]:
    """Name and text, each of that many characters or a few less."""
    for part in REPEATED:
        yield repr(part), (part * (size // len(part) + 1))[:size]
    for opening, closing in PAIRED:
        depth = size // len(opening + closing)
        yield f"{opening} ... {closing}", opening * depth + closing * depth
    yield "ever deeper lines", "\n".join(" " * depth + "a:" for depth in range(int((2 * size) ** 0.5)))
    chance = random.Random(0)
    for number in range(3):
        yield f"tokens {number}", "".join(chance.choices(REPEATED, k=size // 2))[:size]
        yield f"signs {number}", "".join(chance.choices("/*\"'`{}()[]<>\\\n#=,;:$@!&|+-.ab01 \t", k=size))
