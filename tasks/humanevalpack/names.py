"""How HumanEvalPack's tasks are called: humanevalpack-SCENARIO-LANGUAGE."""

BENCHMARK = "humanevalpack"
SCENARIOS = ("fix", "fixdocs", "explain", "synthesize")
LANGUAGES = ("python", "js", "java", "go", "cpp", "rust")
"""As the data itself calls them."""

FAMILIES = {
    f"{BENCHMARK}-{scenario}": tuple(f"{BENCHMARK}-{scenario}-{language}" for language in LANGUAGES)
    for scenario in SCENARIOS
}
"""The six tasks of a scenario by its name."""
TASKS = tuple(name for names in FAMILIES.values() for name in names)


def parts(name: str) -> tuple[str, str]:
    """Scenario and language of a task in TASKS."""
    _, scenario, language = name.split("-")
    return scenario, language
