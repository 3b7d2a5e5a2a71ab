// Compiled behind the prelude, wire.hpp and tester.hpp, with checks of every index.
#include <signal.h>
#include <stdexcept>
#include <unistd.h>

namespace wavebench {

namespace {

constexpr std::size_t most_lines = 1000, most_text = 600;

/// Ends the tests: no further call can have an answer.
struct Gone {};

std::string last_call, answer, gone, inexpressible, first_failure;
bool fresh = false; // whether there was a call since the last assertion
std::size_t recorded = 0;
bool all_held = true;

void tell(const std::string &line) {
    for (std::size_t at = 0; at < line.size();) {
        ssize_t wrote = ::write(5, line.data() + at, line.size() - at);
        if (wrote <= 0) return;
        at += wrote;
    }
}

std::string quoted(const std::string &text) {
    static const char digits[] = "0123456789abcdef";
    std::string json = "\"";
    for (unsigned char each : text) {
        if (json.size() > most_text) {
            json += "...";
            break;
        }
        if (each == '"' || each == '\\') {
            json += '\\';
            json += each;
        } else if (each < 32) {
            json += std::string("\\u00") + digits[each >> 4] + digits[each & 15];
        } else {
            json += each;
        }
    }
    return json + '"';
}

/// A value as a reader of C++ would write it.
void show(In &in, std::string &text) {
    if (text.size() > most_text) throw Bad{"long enough"};
    std::ostringstream number;
    number.precision(17);
    char tag = in.tag();
    switch (tag) {
        case 'i': number << in.raw<long long>(); break;
        case 'f': number.precision(9); number << in.raw<float>(); break;
        case 'd': number << in.raw<double>(); break;
        case 'b': text += in.tag() ? "true" : "false"; return;
        case 'c': text += std::string("'") + in.tag() + "'"; return;
        case 's': {
            std::size_t size = in.raw<unsigned>();
            text += quoted(std::string(in.take(size), size));
            return;
        }
        case 'n': text += "nothing"; return;
        case '?': text += "a value of another type"; return;
        case 'l': case 't': case 'm': {
            text += '{';
            for (std::size_t count = in.count(), index = 0; index < count; index++) {
                if (index) text += ", ";
                if (tag == 'm') {
                    text += '{';
                    show(in, text);
                    text += ", ";
                    show(in, text);
                    text += '}';
                } else {
                    show(in, text);
                }
            }
            text += '}';
            return;
        }
        default: show(in, text); return; // a tag that only names a type
    }
    text += number.str();
}

std::string shown(const std::string &data, std::size_t from, bool is_call) {
    std::string text;
    In in{data.data() + from, data.data() + data.size()};
    try {
        if (is_call) {
            text += get<std::string>(in) + '(';
            for (bool first = true; in.at != in.end; first = false) {
                if (!first) text += ", ";
                show(in, text);
            }
            text += ')';
        } else {
            show(in, text);
        }
    } catch (const Bad &) {
        text += "...";
    }
    return text;
}

void note(bool held, const std::string &demanded, const std::string &thrown) {
    std::string line = "{\"n\": " + std::to_string(recorded) + ", \"ok\": " + (held ? "true" : "false");
    if (!held) {
        all_held = false;
        if (fresh) line += ", \"call\": " + quoted(shown(last_call, 0, true));
        if (!demanded.empty()) line += ", \"expected\": " + quoted(demanded);
        std::string got = !thrown.empty() ? thrown : fresh && !answer.empty() ? shown(answer, 1, false) : "";
        if (!got.empty()) line += ", \"got\": " + quoted(got);
    }
    line += "}";
    if (!held && first_failure.empty()) first_failure = line;
    if (recorded++ < most_lines) tell(line + "\n");
    fresh = false;
}

/// The tests crashed, as on an answer that is shorter than they suppose: that refutes it.
void crashed(int) {
    static const char words[] = "refuted {\"n\": 0, \"ok\": false, \"got\": \"the tests crashed on an answer\"}\n";
    if (::write(5, words, sizeof words - 1) < 0) {
    }
    _exit(1);
}

void watch_for_crashes() {
    static char stack[1 << 16];
    stack_t alternate{};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, nullptr);
    struct sigaction action{};
    action.sa_handler = crashed;
    action.sa_flags = SA_ONSTACK;
    for (int each : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(each, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

void wait_until_loaded() {
    if (!receive(answer) || answer != "=") give_up("the program ended before it was loaded");
}

} // namespace

void give_up(const char *why) {
    gone = why;
    throw Gone();
}

void cannot(const char *why) {
    inexpressible = why;
    throw Gone();
}

In ask(const std::string &call) {
    last_call = call;
    answer.clear();
    fresh = true;
    if (!gone.empty() || !inexpressible.empty()) throw Gone();
    if (!send(call) || !receive(answer) || answer.empty()) give_up("the program ended");
    switch (answer[0]) {
        case '=': return In{answer.data() + 1, answer.data() + answer.size()};
        case '!': {
            std::string what = "it threw: " + answer.substr(1, 200);
            answer.clear();
            throw std::runtime_error(what);
        }
        case '?': cannot("the answer cannot cross");
    }
    give_up("no answer");
}

void record(bool (*holds)(const void *), const void *assertion, const char *text) {
    bool held = false;
    std::string thrown;
    try {
        held = holds(assertion);
    } catch (const Gone &) {
        note(false, text, gone);
        throw;
    } catch (const std::exception &error) {
        thrown = error.what();
    }
    note(held, text, thrown);
}

int run(void (*tests)()) {
    watch_for_crashes();
    bool returned = false;
    std::string why;
    try {
        wait_until_loaded();
        tests();
        returned = true;
    } catch (const Gone &) {
        why = gone;
    } catch (const std::exception &error) {
        why = error.what();
    } catch (...) {
        why = "the tests threw";
    }
    if (!inexpressible.empty()) {
        tell("inexpressible " + inexpressible + "\n");
        return 1;
    }
    if (returned && gone.empty() && recorded && all_held) {
        tell("held\n");
        return 0;
    }
    if (!returned && first_failure.empty()) note(false, "", why);
    tell("refuted " + (first_failure.empty() ? "{\"n\": 0, \"ok\": false, \"got\": \"no test ran\"}" : first_failure) + "\n");
    return 1;
}

} // namespace wavebench
