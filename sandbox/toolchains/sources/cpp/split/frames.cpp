// Frames of a 32-bit length and a payload, for either side. Compiled behind the prelude and wire.hpp.
#include <errno.h>
#include <unistd.h>

namespace wavebench {

static bool move_all(ssize_t (*move)(char *, std::size_t), char *at, std::size_t left) {
    while (left) {
        ssize_t moved = move(at, left);
        if (moved < 0 && errno == EINTR) continue;
        if (moved <= 0) return false;
        at += moved;
        left -= moved;
    }
    return true;
}

static bool read_all(char *to, std::size_t size) {
    return move_all([](char *at, std::size_t left) { return ::read(3, at, left); }, to, size);
}

bool send(const std::string &data) {
    unsigned size = data.size();
    std::string frame(reinterpret_cast<char *>(&size), sizeof size);
    frame += data;
    return move_all([](char *at, std::size_t left) { return ::write(4, at, left); }, &frame[0], frame.size());
}

bool receive(std::string &data) {
    unsigned size;
    if (!read_all(reinterpret_cast<char *>(&size), sizeof size) || size > most_bytes) return false;
    data.clear();
    for (std::size_t at = 0; at < size;) { // grown as bytes arrive: a length alone takes no memory
        std::size_t part = std::min<std::size_t>(size - at, 1 << 16);
        data.resize(at + part);
        if (!read_all(&data[at], part)) return false;
        at += part;
    }
    return true;
}

} // namespace wavebench
