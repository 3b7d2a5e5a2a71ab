"""A tester and candidates of C++ by hand, with a wire of their own: how a sandbox runs `SplitSources`."""

from dataclasses import replace

from sandbox.languages import language
from sandbox.program import Limits, Program, SplitSources

_WIRE = """
#include <string>
#include <unistd.h>
#include <csignal>
#include <cstring>
#include <cstdio>
#include <cstdlib>
static bool put(const std::string& s) {
    unsigned n = s.size(); std::string f((char*)&n, 4); f += s;
    for (size_t at = 0; at < f.size();) {
        ssize_t g = write(4, f.data() + at, f.size() - at); if (g <= 0) return false; at += g;
    }
    return true;
}
static bool all(char* to, size_t n) {
    while (n) { ssize_t g = read(3, to, n); if (g <= 0) return false; to += g; n -= g; }
    return true;
}
static bool get(std::string& s) {
    unsigned n; if (!all((char*)&n, 4) || n > (1u << 20)) return false;
    s.resize(n); return all(&s[0], n);
}
"""
_SERVE = """
int main() {
    put("=");
    std::string call;
    while (get(call) && call.size() == 4) {
        int n; memcpy(&n, call.data(), 4); int r = twice(n); put(std::string((char*)&r, 4));
    }
    _exit(0);
}
"""
TESTER = (
    _WIRE
    + """
static void say(const char* line) { write(5, line, strlen(line)); _exit(strcmp(line, "held\\n") ? 1 : 0); }
static int ask(int n) {
    std::string answer;
    if (!put(std::string((char*)&n, 4)) || !get(answer)) say("refuted the candidate ended\\n");
    if (answer.size() != 4) say("inexpressible another size\\n");
    int r; memcpy(&r, answer.data(), 4); return r;
}
int main() {
    signal(SIGPIPE, SIG_IGN);
    std::string loaded;
    if (!get(loaded) || loaded != "=") say("refuted it did not load\\n");
    bool ok = true;
    for (int n = 0; n < TESTS; n++) {
        int r = ask(n); ok = ok && r == 2 * n;
        const char* form = "{\\"n\\": %d, \\"ok\\": %s, \\"call\\": \\"twice(%d)\\", "
                           "\\"expected\\": \\"%d\\", \\"got\\": \\"%d\\"}\\n";
        char line[200]; snprintf(line, 200, form, n, r == 2 * n ? "true" : "false", n, 2 * n, r);
        if (write(5, line, strlen(line)) < 0) abort();
    }
    put("");
    say(ok ? "held\\n" : "refuted an assertion does not hold\\n");
}
"""
)
RIGHT = "int twice(int n) { return 2 * n; }"
WRONG = "int twice(int n) { return n == 2 ? 5 : 2 * n; }"


def whole(code: str, tests: int = 3) -> str:
    """Candidate and tests in one process."""
    return f"#include <cassert>\n{code}\nint main() {{ for (int n = 0; n < {tests}; n++) assert(twice(n) == 2 * n); }}"


def cpp_program(
    code: str, *, apart: str = "", tester: str = TESTER, tests: int = 3, alone: bool = False, **limits: float
) -> Program:
    """`code` whole, and `apart` (or the same) in the process apart; `tester` without its number of tests."""
    row = language("cpp")
    return Program(
        "cpp",
        {"main.cpp": whole(code, tests)},
        limits=replace(row.limits, **limits) if limits else row.limits,  # type: ignore[arg-type]
        split=SplitSources(
            {"main.cpp": apart or f"{_WIRE}{code}{_SERVE}"},
            {"main.cpp": f"#define TESTS {tests}\n{tester}"},
        ),
        split_alone=alone,
    )


def serving(body: str) -> str:
    """A candidate's process with a main of its own."""
    return f"{_WIRE}{body}"


__all__ = ["RIGHT", "TESTER", "WRONG", "Limits", "cpp_program", "serving"]
