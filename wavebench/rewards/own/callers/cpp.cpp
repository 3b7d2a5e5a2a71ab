
#undef main
namespace wavebench_call {
struct Value {
    char kind = 'n';  // n null, b bool, d number, s text, l list, o object
    std::string text;  // also a number's digits
    std::vector<Value> items;
    std::vector<std::string> keys;
};

struct Parser {
    const std::string &from;
    size_t at = 0;
    char next() {
        while (at < from.size() && std::isspace(static_cast<unsigned char>(from[at]))) at++;
        return at < from.size() ? from[at] : '\0';
    }
    std::string word() {
        std::string found;
        for (at++; from[at] != '"'; at++) {
            if (from[at] != '\\') { found += from[at]; continue; }
            char sign = from[++at];
            if (sign != 'u') { found += sign == 'n' ? '\n' : sign == 't' ? '\t' : sign == 'r' ? '\r' : sign == 'b' ? '\b' : sign == 'f' ? '\f' : sign; continue; }
            unsigned code = std::stoul(from.substr(at + 1, 4), nullptr, 16);
            at += 4;
            if (code >= 0xd800 && code < 0xdc00) { code = 0x10000 + ((code - 0xd800) << 10) + std::stoul(from.substr(at + 3, 4), nullptr, 16) - 0xdc00; at += 6; }
            if (code < 0x80) found += char(code);
            else if (code < 0x800) { found += char(0xc0 | code >> 6); found += char(0x80 | (code & 63)); }
            else if (code < 0x10000) { found += char(0xe0 | code >> 12); found += char(0x80 | (code >> 6 & 63)); found += char(0x80 | (code & 63)); }
            else { found += char(0xf0 | code >> 18); found += char(0x80 | (code >> 12 & 63)); found += char(0x80 | (code >> 6 & 63)); found += char(0x80 | (code & 63)); }
        }
        at++;
        return found;
    }
    Value value() {
        Value found;
        char first = next();
        if (first == '"') { found.kind = 's'; found.text = word(); return found; }
        if (first == '[' || first == '{') {
            found.kind = first == '[' ? 'l' : 'o';
            char last = first == '[' ? ']' : '}';
            for (at++; next() != last;) {
                if (from[at] == ',') { at++; next(); }
                if (found.kind == 'o') { found.keys.push_back(word()); next(); at++; }
                found.items.push_back(value());
            }
            at++;
            return found;
        }
        size_t begin = at;
        while (at < from.size() && !std::strchr(",]} \n", from[at])) at++;
        found.text = from.substr(begin, at - begin);
        found.kind = found.text == "null" ? 'n' : found.text == "true" || found.text == "false" ? 'b' : 'd';
        return found;
    }
};

template <class T> struct As;
template <class T> T as(const Value &value) { return As<T>::of(value); }
template <class T> struct As {
    static T of(const Value &value) {
        if constexpr (std::is_same_v<T, bool>) return value.text == "true";
        else if constexpr (std::is_same_v<T, char>) return value.text.at(0);
        else if constexpr (std::is_floating_point_v<T>) return std::stod(value.text);
        else if constexpr (std::is_unsigned_v<T>) return std::stoull(value.text);
        else return std::stoll(value.text);
    }
};
template <> struct As<std::string> { static std::string of(const Value &value) { return value.text; } };
template <class T> struct As<std::vector<T>> {
    static std::vector<T> of(const Value &value) {
        std::vector<T> found;
        for (auto &each : value.items) found.push_back(as<T>(each));
        return found;
    }
};
template <class M> M as_map(const Value &value) {
    M found;
    for (size_t i = 0; i < value.items.size(); i++) found[value.keys[i]] = as<typename M::mapped_type>(value.items[i]);
    return found;
}
template <class T> struct As<std::map<std::string, T>> { static auto of(const Value &v) { return as_map<std::map<std::string, T>>(v); } };
template <class T> struct As<std::unordered_map<std::string, T>> { static auto of(const Value &v) { return as_map<std::unordered_map<std::string, T>>(v); } };
template <class T> struct As<std::optional<T>> {
    static std::optional<T> of(const Value &value) { return value.kind == 'n' ? std::nullopt : std::optional<T>(as<T>(value)); }
};
template <class A, class B> struct As<std::pair<A, B>> {
    static std::pair<A, B> of(const Value &value) { return {as<A>(value.items.at(0)), as<B>(value.items.at(1))}; }
};

inline std::string shown(const std::string &text) {
    std::string found = "\"";
    for (unsigned char sign : text) {
        char code[8];
        if (sign == '"' || sign == '\\') { found += '\\'; found += char(sign); }
        else if (sign < 32) { std::snprintf(code, sizeof code, "\\u%04x", sign); found += code; }
        else found += char(sign);
    }
    return found + '"';
}
inline std::string shown(const char *text) { return shown(std::string(text)); }
inline std::string shown(char sign) { return shown(std::string(1, sign)); }
inline std::string shown(bool held) { return held ? "true" : "false"; }
template <class T, std::enable_if_t<std::is_integral_v<T>, int> = 0> std::string shown(T number) { return std::to_string(number); }
template <class T, std::enable_if_t<std::is_floating_point_v<T>, int> = 0> std::string shown(T number) {
    std::ostringstream text;
    text << std::setprecision(17) << number;
    return text.str();
}
template <class A, class B> std::string shown(const std::pair<A, B> &pair);
template <class T> std::string shown(const std::optional<T> &value);
template <class M> auto shown(const M &map) -> decltype(map.begin()->second, std::declval<typename M::mapped_type>(), std::string());
template <class T> std::string shown(const std::vector<T> &items);
template <class... T> std::string shown(const std::tuple<T...> &items);
template <class A, class B> std::string shown(const std::pair<A, B> &pair) { return "[" + shown(pair.first) + "," + shown(pair.second) + "]"; }
template <class T> std::string shown(const std::optional<T> &value) { return value ? shown(*value) : "null"; }
template <class M> auto shown(const M &map) -> decltype(map.begin()->second, std::declval<typename M::mapped_type>(), std::string()) {
    std::string found;
    for (auto &[key, value] : map) found += (found.empty() ? "" : ",") + shown(key) + ":" + shown(value);
    return "{" + found + "}";
}
template <class T> std::string shown(const std::vector<T> &items) {
    std::string found;
    for (const T &each : items) found += (found.empty() ? "" : ",") + shown(each);
    return "[" + found + "]";
}
template <class... T> std::string shown(const std::tuple<T...> &items) {
    std::string found;
    std::apply([&](const T &...each) { ((found += (found.empty() ? "" : ",") + shown(each)), ...); }, items);
    return "[" + found + "]";
}

template <class R, class... A, size_t... I> std::string call(R (*called)(A...), const Value &given, std::index_sequence<I...>) {
    std::tuple<std::decay_t<A>...> arguments{as<std::decay_t<A>>(given.items.at(I))...};
    if constexpr (std::is_void_v<R>) { called(std::get<I>(arguments)...); return "null"; }
    else return shown(called(std::get<I>(arguments)...));
}
template <class R, class... A> std::string call(R (*called)(A...), const Value &given) {
    return call(called, given, std::index_sequence_for<A...>{});
}
}  // namespace wavebench_call

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        wavebench_call::Parser parser{line};
        std::string returned = wavebench_call::call(ENTRY, parser.value());
        std::cout << "\x1e" << returned << std::endl;
    }
}
