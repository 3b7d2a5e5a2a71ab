// Codecs of containers whose headers the prelude lacks. Stands behind a candidate's text, where its signature needs them.
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace wavebench {
template <class K, class V> struct Codec<std::unordered_map<K, V>> : MapCodec<std::unordered_map<K, V>> {};
template <class T> struct Codec<std::unordered_set<T>> : SequenceCodec<std::unordered_set<T>> {};

template <class T> struct Codec<std::optional<T>> {
    static void put(Out &out, const std::optional<T> &value) {
        out.tag(value ? 'o' : 'n');
        if (value) wavebench::put<T>(out, *value);
    }
    static std::optional<T> get(In &in) {
        char tag = in.tag();
        if (tag == 'n') return std::nullopt;
        if (tag != 'o') throw Bad{"a value of another type"};
        return wavebench::get<T>(in);
    }
};
template <class... T> struct Codec<std::tuple<T...>> {
    static void put(Out &out, const std::tuple<T...> &all) {
        out.tag('t');
        out.count(sizeof...(T));
        std::apply([&](const T &...each) { (wavebench::put<T>(out, each), ...); }, all);
    }
    static std::tuple<T...> get(In &in) {
        in.expect('t');
        if (in.count() != sizeof...(T)) throw Bad{"a tuple of another size"};
        return std::tuple<T...>{wavebench::get<T>(in)...};
    }
};
} // namespace wavebench
