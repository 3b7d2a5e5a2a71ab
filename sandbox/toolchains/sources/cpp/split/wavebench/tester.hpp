// The tests' side, trusted: stand-ins that ask the candidate, and a record of every assertion.
#ifndef WAVEBENCH_TESTER
#define WAVEBENCH_TESTER

namespace wavebench {

/// Sends a call and waits for its answer, whose first byte is taken off. Throws whatever keeps it from having one.
In ask(const std::string &call);
/// Remembers why there will be no more answers, or why there can be none.
[[noreturn]] void give_up(const char *why);
[[noreturn]] void cannot(const char *why);

template <class R, class... A> R call(const char *name, const A &...arguments) {
    Out out;
    try {
        put<std::string>(out, name);
        (put<A>(out, arguments), ...);
    } catch (const Cannot &value) {
        cannot(value.why);
    }
    In in = ask(out.data);
    try {
        R result = get<R>(in);
        if (in.at != in.end) throw Bad{"more than one value"};
        return result;
    } catch (const Bad &answer) {
        give_up(answer.why);
    }
}

/// Records one assertion, which is evaluated here, so that the tests go on when it throws.
void record(bool (*holds)(const void *), const void *assertion, const char *text);
template <class F> void check(const F &assertion, const char *text) {
    record([](const void *what) -> bool { return (*static_cast<const F *>(what))(); }, &assertion, text);
}

/// Runs the tests' main function, tells the verdict, and ends with 0 where it is that they held.
int run(void (*tests)());

} // namespace wavebench
#endif
