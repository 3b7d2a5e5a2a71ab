"""A real server, asked by real clients."""

import base64
import json
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.trainer_packages import TRAINERS, needs
from tests.wavebench.service.conftest import START, Server, StartServer

RIGHT, WRONG = "    return a + b\n", "    return a - b\n"
FORGED = "    class Same(int):\n        def __eq__(self, other):\n            return True\n    return Same(7)\n"


def run(server: Server, code: str, language: str = "python", **more: object) -> dict:
    answer = server.post("/run_code", {"code": code, "language": language, **more})
    assert answer.status_code == 200
    return answer.json()


def test_a_ping_is_answered(server: Server):
    assert requests.get(server.url + "/v1/ping", timeout=10).json() == "pong"
    assert "/run_code" in requests.get(server.url + "/openapi.json", timeout=10).json()["paths"]


def test_the_documented_examples_have_the_documented_statuses(server: Server):
    """Of SandboxFusion's get-started and upload pages; times aside, and files are not fetched."""
    hello = run(server, 'print("Hello, world!")')
    assert hello.pop("run_result").pop("execution_time") >= 0
    assert hello == {
        "status": "Success",
        "message": "",
        "compile_result": None,
        "executor_pod_name": None,
        "files": {},
    }
    flag = base64.b64encode(b"secret flag").decode()
    read = run(server, 'print(open("flag.txt").read())', files={"flag.txt": flag})
    assert (read["status"], read["run_result"]["stdout"]) == ("Success", "secret flag\n")
    cpp = '#include <iostream>\nint main() { std::cout << "Hello, world!\\n"; return 0; }'
    compiled = run(server, cpp, "cpp")
    if compiled["status"] != "SandboxError":  # no compiler here
        assert compiled["status"] == "Success"
        assert compiled["compile_result"]["return_code"] == 0
        assert compiled["run_result"]["stdout"] == "Hello, world!\n"
        broken = run(server, "int main() { return x; }", "cpp")
        assert (broken["status"], broken["run_result"]) == ("Failed", None)
        assert broken["compile_result"]["return_code"] == 1


@pytest.mark.parametrize(
    ("code", "status", "command", "return_code"),
    [
        ("print(1)", "Success", "Finished", 0),
        ("raise SystemExit(3)", "Failed", "Finished", 3),
        ("1 / 0", "Failed", "Finished", 1),
        ("def f(:", "Failed", "Finished", 1),
        ("while True: pass", "Failed", "TimeLimitExceeded", None),
        ("import time; time.sleep(60)", "Failed", "TimeLimitExceeded", None),
        ("x = bytearray(1 << 30)", "Failed", "Finished", None),
        ("import os; os.abort()", "Failed", "Finished", None),
    ],
)
def test_endings_in_sandbox_fusions_words(
    server: Server, code: str, status: str, command: str, return_code: int | None
):
    found = run(server, code, run_timeout=0.7, memory_limit_MB=256)
    assert (found["status"], found["run_result"]["status"]) == (status, command)
    if "bytearray" in code:
        assert found["run_result"]["return_code"] in (1, 137)
    elif "abort" in code:
        assert found["run_result"]["return_code"] < 0
    else:
        assert found["run_result"]["return_code"] == return_code


def test_what_is_not_served_is_a_sandbox_error(server: Server):
    image = base64.b64encode(b"\xff\x00").decode()
    for more in (
        {"language": "lean"},
        {"language": "nodejs", "fetch_files": ["a"]},
        {"language": "nodejs", "files": {"a": image}},
        {"files": {"a": "\u00fc"}},
    ):
        found = run(server, "1", **{"language": "python", **more})
        assert found["status"] == "SandboxError"
        assert found["run_result"] is None
        assert found["message"]
    assert server.post("/run_code", {"code": "1", "language": "latin"}).status_code == 422


def test_files_are_given_and_fetched(server: Server):
    image = bytes(range(256))
    code = (
        "import os, sys\nprint('begun')\ndata = open('in/image', 'rb').read()\n"
        "os.mkdir('out')\nopen('out/image', 'wb').write(data[::-1])\nprint(open('in/text').read(), end='')\n"
    )
    files = {"in/image": base64.b64encode(image).decode(), "in/text": base64.b64encode(b"hello").decode()}
    asked = {"files": files, "fetch_files": ["out/image", "absent", "out"]}
    found = run(server, code, **asked)
    assert (found["status"], found["run_result"]["stdout"]) == ("Success", "begun\nhello")
    assert {path: base64.b64decode(text) for path, text in found["files"].items()} == {"out/image": image[::-1]}
    failing = run(server, code + "sys.exit(3)\n", **asked)
    assert (failing["status"], failing["run_result"]["return_code"]) == ("Failed", 3)
    assert list(failing["files"]) == ["out/image"]
    raising = run(server, "open('a', 'w').write('x')\n1 / 0\n", fetch_files=["a"])
    assert (raising["run_result"]["return_code"], raising["files"]) == (1, {"a": "eA=="})
    assert raising["run_result"]["stderr"].endswith("ZeroDivisionError: division by zero\n")
    early = run(server, "open('a', 'w').write('x')\nimport os; os._exit(0)\n", fetch_files=["a"])
    assert (early["status"], early["files"]) == ("Success", {})
    large = run(server, "open('a', 'w').write('x' * 40_000)\n", fetch_files=["a"])
    assert (large["status"], large["files"]) == ("SandboxError", {})
    assert large["message"] == "fetch_files have 40000 bytes together, and 32768 are returned"
    crowded = run(server, "open('a', 'w').write('x' * 30_000)\nprint('y' * 40_000)\n", fetch_files=["a"])
    assert "larger than 64 KiB" in crowded["message"]
    assert "larger than 64 KiB" in run(server, "print('y' * 70_000)", fetch_files=["a"])["message"]
    lies = (
        "import os, sys\nmark = sys._getframe(4).f_globals['MARK']\nos.write(1, (mark + LIE).encode())\nos._exit(0)\n"
    )
    for lie, told in (('{"a": 5, "b": "eA=="}', {}), ("[1]", {}), ('{"a": "eA=="}', {"a": "eA=="})):
        lied = run(server, f"LIE = {lie!r}\n" + lies, fetch_files=["a"])
        assert (lied["status"], lied["files"]) == ("Success", told)
    assert run(server, f"LIE = {'[' * 50_000!r}\n" + lies, fetch_files=["a"])["status"] == "SandboxError"


def test_data_sets_are_listed_and_asked(server: Server):
    assert requests.get(server.url + "/list_datasets", timeout=10).json() == ["humaneval_python", "humaneval"]
    asked = {"dataset": "humaneval_python", "config": {}}
    assert server.post("/list_ids", asked).json() == [f"own/{n}" for n in range(4)]
    prompts = server.post("/get_prompts", {**asked, "offset": 1, "limit": 2}).json()
    assert [each["id"] for each in prompts] == ["own/1", "own/2"]
    assert prompts[0]["prompt"].startswith("def double(x):")
    chat = {**asked, "config": {"extra": {"is_freeform": True}}, "id": 1}
    assert server.post("/get_prompt_by_id", chat).json()["prompt"][-1]["role"] == "user"
    assert server.post("/get_metrics", asked).json() == {}
    assert server.post("/get_metrics_function", asked).json() == {"function": None}
    assert server.post("/list_ids", {"dataset": "humaneval"}).status_code == 422, "config is required"
    lost = server.post("/list_ids", {"dataset": "mbpp", "config": {}})
    assert lost.status_code == 400
    assert "unknown dataset 'mbpp'" in lost.json()["detail"]


@pytest.mark.parametrize(
    ("completion", "freeform", "accepted", "verdict", "kind"),
    [
        (RIGHT, False, True, "passed", "heuristic"),
        (WRONG, False, False, "wrong", "heuristic"),
        (FORGED, False, False, "forged", "heuristic"),
        ("    import os\n    os._exit(0)\n", False, False, "wrong", "heuristic"),
        (f"So:\n```python\ndef add(a, b):\n{RIGHT}```\nDone.", True, True, "passed", "fenced"),
        ("", True, False, "no code", "empty"),
    ],
)
def test_accepted_means_confirmed(
    server: Server, completion: str, freeform: bool, accepted: bool, verdict: str, kind: str
):
    body = {
        "dataset": "humaneval",
        "id": "own/0",
        "completion": completion,
        "config": {"extra": {"is_freeform": freeform}},
    }
    found = server.post("/submit", body).json()
    assert (found["id"], found["accepted"], found["extra"]["verdict"]) == ("own/0", accepted, verdict)
    assert found["extracted_type"] == kind
    if verdict != "no code":
        assert found["tests"][0]["passed"] is accepted
        assert found["tests"][0]["exec_info"]["run_result"]["status"] == "Finished"


def test_batches_are_judged_and_paid(server: Server):
    rows = [{"task_id": "own/0"}] * 3 + [{"tests": ["assert f(2) == 4"]}]
    body = {"answers": [RIGHT, WRONG, FORGED, "def f(x): return x * x"], "rows": rows, "scale": "shaped"}
    found = server.post("/judge", body).json()["results"]
    assert [(each["verdict"], each["reward"]) for each in found] == [
        ("passed", 1.0),
        ("wrong", 0.2),
        ("forged", 0.0),
        ("passed", 1.0),
    ]
    assert [each["judged"] for each in found] == [True] * 4
    assert [(each["tests"], each["tests_held"]) for each in found] == [(2, 2), (2, 0), (2, 0), (1, 1)]
    assert found[1]["failing"] == {"call": "add(1, 2)", "expected": "3", "got": "-1"}
    wrong = server.post("/judge", {"answers": [RIGHT], "rows": []})
    assert (wrong.status_code, wrong.json()["detail"][:24]) == (400, "1 answers for 0 rows: gi")


def test_a_thousand_requests_of_64_clients_are_all_answered(server: Server):
    """None lost, none mixed up, memory flat; among them some that fail."""
    sessions = threading.local()

    def ask(number: int) -> tuple[int, str]:
        if not hasattr(sessions, "own"):
            sessions.own = requests.Session()
        code = f"print({number})" if number % 10 else f"raise SystemExit({number // 10 % 100 + 1})"
        body = {"code": code, "language": "python", "run_timeout": 20}
        found = sessions.own.post(server.url + "/run_code", json=body, timeout=200).json()
        return found["run_result"]["return_code"], found["run_result"]["stdout"]

    with ThreadPoolExecutor(64) as clients:
        list(clients.map(ask, range(200)))
        before_mb = server.memory_mb
        found = list(clients.map(ask, range(1000)))
    assert found == [(0, f"{n}\n") if n % 10 else (n // 10 % 100 + 1, "") for n in range(1000)]
    assert server.memory_mb < before_mb + 40
    told = requests.get(server.url + "/metrics", timeout=10).text
    assert "wavebench_waiting_programs 0\n" in told
    counted = re.search(r'requests_total\{path="/run_code",status="200"\} (\d+)', told)
    assert counted
    assert int(counted[1]) >= 1200


def test_stopping_loses_no_answer(start_server: StartServer):
    server = start_server("--task", "humaneval")
    body = {"code": "import time; time.sleep(0.3); print('done')", "language": "python"}
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(server.post, "/run_code", body) for _ in range(8)]
        while "wavebench_open_requests 9" not in requests.get(server.url + "/metrics", timeout=10).text:
            time.sleep(0.02)
        assert "every request that had arrived was answered" in server.stop()
        found = [each.result() for each in answers]
    assert [each.json()["run_result"]["stdout"] for each in found] == ["done\n"] * 8
    assert server.process.returncode == 0


def test_an_answer_leaves_in_one_piece_and_none_is_cut_where_the_connection_closes(server: Server):
    large = {"code": "print('x' * 60_000)", "language": "python"}
    closing = server.post("/run_code", large, Connection="close")
    assert closing.headers["connection"] == "close"
    assert closing.json()["run_result"]["stdout"] == "x" * 60_000 + "\n"
    body = json.dumps({"code": "", "language": "php"}).encode()
    head = (
        f"POST /run_code HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as client:
        for _ in range(2):
            client.sendall(head.encode() + b"\r\n\r\n" + body)
            answer = client.recv(1 << 16)
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "SandboxError"


def test_other_addresses_need_a_token(start_server: StartServer):
    def start(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", START, *words], capture_output=True, text=True, timeout=60)

    refused = start("--host", "0.0.0.0")
    assert refused.returncode == 1
    assert "give --token or WAVEBENCH_SERVE_TOKEN" in refused.stderr
    assert "unknown task 'humanevil'" in start("--task", "humanevil").stderr
    server = start_server("--host", "0.0.0.0", "--token", "s3cret", "--task", "humaneval")
    body = {"code": "print(1)", "language": "python"}
    assert server.post("/run_code", body).status_code == 401
    assert server.post("/run_code", body, Authorization="Bearer other").status_code == 401
    assert server.post("/run_code", body, Authorization="Bearer s3cret").json()["status"] == "Success"
    assert requests.get(server.url + "/v1/ping", timeout=10).json() == "pong"


def test_a_web_page_under_another_name_and_a_large_body_are_refused(server: Server):
    body = {"code": "print(1)", "language": "python"}
    assert server.post("/run_code", body, Host="evil.example").status_code == 400
    large = server.post("/run_code", {**body, "code": "#" * (17 << 20)})
    assert large.status_code == 413
    assert "16 MB are taken" in large.json()["detail"]
    chunks = requests.post(server.url + "/run_code", data=iter([b"{}"]), timeout=10)
    assert chunks.status_code == 411


@needs("verl")
def test_verls_client_works_by_its_url(server: Server):
    ask = (
        "import sys, types, json\n"
        f"sys.path.append({str(TRAINERS)!r})\n"
        "for name in ('verl', 'verl.utils', 'verl.utils.reward_score'):\n"
        "    module = sys.modules[name] = types.ModuleType(name)\n"
        f"    module.__path__ = [{str(TRAINERS)!r} + '/' + name.replace('.', '/')]\n"
        "from verl.utils.reward_score.sandbox_fusion import compute_score\n"
        "cases = {'inputs': ['2\\n', '3\\n'], 'outputs': ['4\\n', '9\\n']}\n"
        "called = {'fn_name': 'square', 'inputs': ['2', '3'], 'outputs': ['4', '9']}\n"
        "square = '```python\\ndef square(x):\\n    return x * x\\n```'\n"
        "answers = ['print(int(input()) ** 2)', 'print(4)', 'raise ValueError']\n"
        f"url = {server.url!r} + '/run_code'\n"
        "texts = [f'```python\\n{each}\\n```' for each in answers]\n"
        "print(json.dumps([compute_score(url, None, 256, text, json.dumps(cases))[0] for text in texts]\n"
        "    + [compute_score(url, None, 256, square, json.dumps(called))[0]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[1.0, 0.5, 0.0, 1.0]"


PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "sandbox_fusion_examples.json").read_text()
)
ABSENT = {"nodejs_lodash_dep", "java_external_jar"}
"""Their images hold libraries that ours do not."""


@pytest.mark.parametrize("example", PUBLISHED["examples"], ids=lambda each: each["name"])
def test_sandbox_fusions_own_examples_have_their_statuses(server: Server, example: dict[str, Any]):
    """The requests and answers of its test suite, for every language that is served here."""
    request, wanted = example["request"], example["answer"]
    found = server.post("/run_code", request).json()
    if "is not installed" in found["message"]:
        pytest.skip(found["message"])
    if example["name"] == "python_fetch_files":  # which also writes outside of its folder
        assert found["files"] == {"a.txt": base64.b64encode(b"secret").decode()}
        assert "/mnt/b" in found["run_result"]["stderr"]
        return
    if example["name"] in ABSENT:
        assert found["status"] == "Failed"
        return
    compiled, ran = found["compile_result"], found["run_result"]
    assert found["status"] == wanted["status"]
    assert (ran and ran["status"]) == wanted.get("run_status", ran and ran["status"])
    assert (compiled and compiled["status"]) == wanted.get("compile_status", compiled and compiled["status"])
    if "stdout" in wanted:
        assert ran["stdout"].strip() == wanted["stdout"]
    assert wanted.get("stderr_holds", "") in (ran or compiled)["stderr"]


@pytest.mark.skipif(not find_spec("ray"), reason="ray is not installed")
def test_the_workers_may_be_those_of_a_ray_cluster(start_server: StartServer):
    data = Path(__file__).parents[2] / "data" / "problems.jsonl"
    server = start_server("--task", "humaneval", "--data", data, "--cluster", "local")

    def ask(number: int) -> tuple[str, bool]:
        printed = run(server, f"print({number})", run_timeout=60)["run_result"]["stdout"]
        body = {"dataset": "humaneval", "id": "own/0", "completion": RIGHT if number % 2 else FORGED, "config": {}}
        return printed, server.post("/submit", body).json()["accepted"]

    with ThreadPoolExecutor(4) as clients:
        assert list(clients.map(ask, range(8))) == [(f"{n}\n", n % 2 == 1) for n in range(8)]
    assert "every request that had arrived was answered" in server.stop()
    assert server.process.returncode == 0
