"""What `wavebench doctor` prints of its checks fits a screen."""

from harness.checks.doctor import joined
from sandbox.extras import install_command
from sandbox.walls.check_result import CheckResult


def extra(name: str, absent: str = "") -> CheckResult:
    detail = f"{absent} not installed" if absent else "installed"
    return CheckResult(f"extra {name}", not absent, False, detail, install_command(name))


def test_all_missing_extras_are_one_line_with_one_command():
    checks = [
        CheckResult("wall pidfd", True, True, "", ""),
        extra("data"),
        extra("api", "openai, tenacity"),
        extra("hf"),
        CheckResult("extra vllm", False, False, "vllm not installed", "`make vllm` makes an environment for it"),
        extra("rl", "trl, tenacity"),
        CheckResult("model demo", True, False, "installed", ""),
    ]
    wall, installed, missing, apart, demo = joined(checks)
    assert (wall.name, installed.name, demo.name) == ("wall pidfd", "extra data, hf", "model demo")
    assert (missing.name, missing.detail) == ("extra api, rl", "openai, tenacity, trl not installed")
    assert missing.remedy == install_command("api,rl")
    assert (apart.name, apart.remedy) == ("extra vllm", "`make vllm` makes an environment for it")


def test_without_a_missing_extra_there_is_no_line_of_them():
    assert [each.name for each in joined([extra("data"), extra("hf")])] == ["extra data, hf"]
