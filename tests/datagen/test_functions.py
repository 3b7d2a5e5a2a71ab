# ruff: noqa: E501 (each line is one whole source file)
import pytest

from datagen.code.documentation import strip_comment, summary
from datagen.code.functions import cut_functions
from datagen.code.languages import LANGUAGES
from datagen.code.syntax import parses
from datagen.rows.raw_function import Origin, RawFunction
from datagen.teachers.rules_discriminator import review_by_rules
from datagen.teachers.rules_teacher import draft_rows, load_templates

SOURCES = {
    "python": 'class A:\n    @staticmethod\n    def add(a, b=1):\n        """Adds two numbers."""\n        return a + b\n',
    "javascript": "/**\n * Adds two numbers.\n * @param {number} a\n */\nexport function add(a, b) {\n  return a + b;\n}\n",
    "java": "class A {\n    /**\n     * Adds two numbers.\n     */\n    static int add(int a, int b) {\n        return a + b;\n    }\n}\n",
    "go": "package p\n\n// Adds two numbers.\nfunc add(a int, b int) int {\n\treturn a + b\n}\n",
    "cpp": "// Adds two numbers.\ntemplate <typename T>\nT add(T a, T b) {\n    return a + b;\n}\n",
    "rust": "/// Adds two numbers.\n#[inline]\nfn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
    "php": "<?php\n/**\n * Adds two numbers.\n */\nfunction add($a, $b) {\n    return $a + $b;\n}\n",
    "ruby": "module A\n  # Adds two numbers.\n  def add(a, b)\n    a + b\n  end\nend\n",
    "csharp": "class A {\n    // Adds two numbers.\n    int add(int a, int b) {\n        return a + b;\n    }\n}\n",
}


def cut(source: str, language: str) -> list[RawFunction]:
    return list(cut_functions(source, language, Origin("test", "file")))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_gives_its_function_and_documentation(language: str):
    (function,) = cut(SOURCES[language], language)
    assert function.name == "add"
    assert summary(function.docstring) == "Adds two numbers."
    assert "Adds two numbers" not in function.code
    assert not function.code.startswith((" ", "\t"))
    assert parses(function.code, language)


def test_a_functions_text_is_the_authors_but_for_its_docstring():
    (function,) = cut(SOURCES["python"], "python")
    assert function.code == "@staticmethod\ndef add(a, b=1):\n    return a + b"
    assert function.signature == "def add(a, b=1):"
    assert function.is_method


def test_a_body_of_documentation_alone_still_parses():
    (function,) = cut('def f():\n    """Says nothing."""\n', "python")
    assert function.code == "def f():\n    pass"


def test_inner_functions_belong_to_the_outer_one():
    assert [each.name for each in cut("def f():\n    def g():\n        return 1\n    return g\n", "python")] == ["f"]


def test_assigned_functions_are_functions():
    (function,) = cut("// Adds two numbers.\nconst add = (a, b) => {\n  return a + b;\n};\n", "javascript")
    assert (function.name, function.docstring) == ("add", "Adds two numbers.")
    assert function.code.startswith("const add = (a, b) => {")


def test_a_comment_on_the_line_before_of_other_code_is_not_documentation():
    (function,) = cut("package p\n\nvar x = 1 // Not about add.\nfunc add(a int) int {\n\treturn a\n}\n", "go")
    assert function.docstring == ""


def test_the_span_finds_the_function_in_its_module():
    source = 'é = 1\ndef f(a):\n    """Doubles.\n\n    >>> f(2)\n    4\n    """\n    return a * 2\n'
    (function,) = cut(source, "python")
    begin, end = function.span
    assert function.module[begin:end].startswith("def f(a):")
    assert function.module[begin:end].endswith("return a * 2")


def test_broken_parts_of_a_file_are_skipped_not_guessed():
    assert [each.name for each in cut("def f(:\n    return\n\ndef g():\n    return 1\n", "python")] in (["g"], [])


def test_marks_of_block_comments_are_taken_off():
    assert strip_comment("/**\n * One.\n *\n * Two.\n */") == "One.\n\nTwo."


def test_a_summary_ends_where_tags_or_examples_begin():
    assert summary("Adds {@code a} and\nb.\n@param a one") == "Adds a and b."
    assert summary("Adds.\n>>> add(1)") == "Adds."


def test_what_writes_globals_or_needs_a_program_does_not_stand_alone():
    module = (
        "from idlelib.config import idleConf\nimport math\n\n"
        'def keep(func):\n    """Keeps a function for later."""\n    global _hook\n    _hook = func\n\n'
        'def theme(name):\n    """The theme of that name."""\n    return idleConf.get(name)\n\n'
        'def root(x):\n    """The root of a number."""\n    return math.sqrt(x)\n'
    )
    found = {each.name: each for each in cut_functions(module, "python", Origin("t", "m.py"))}
    assert {name for name, each in found.items() if each.is_self_contained} == {"root"}
    assert found["keep"].unknown == ("_hook",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return argv[1] == '--worker'", "the solution needs the text 'worker', which the instruction does not name"),
        ("return argv[1] == '--start'", ""),
        ("if not argv:\n        raise ValueError('no arguments')\n    return argv[0].encode('ascii')", ""),
    ],
)
def test_a_generation_row_wants_no_text_that_its_instruction_does_not_name(body: str, reason: str):
    code = f'def wants(argv):\n    """Whether the start of the arguments asks for it."""\n    {body}\n'
    (function,) = cut_functions(code, "python", Origin("t", "m.py"))
    row = next(draft_rows(function, 0, 1, load_templates()))
    check = next(each for each in review_by_rules(row).checks if each.rule == "no texts to guess")
    assert (check.passed, check.reason) == (not reason, reason)
