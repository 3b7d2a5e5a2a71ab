// Compiled behind the prelude, wire.hpp and server.hpp.
#include <typeinfo>
#include <unistd.h>

namespace wavebench {

int serve(Answer answer) {
    send("=");
    std::string call;
    while (receive(call) && !call.empty()) {
        Out out;
        out.tag('=');
        try {
            In in{call.data(), call.data() + call.size()};
            get<std::string>(in);
            answer(in, out);
        } catch (const Cannot &) {
            out.data = "?";
        } catch (const std::exception &error) {
            out.data = std::string("!") + error.what();
        } catch (...) {
            out.data = "!";
        }
        if (!send(out.data)) break;
    }
    _exit(0);
}

} // namespace wavebench
