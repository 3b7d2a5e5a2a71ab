// Plain values as bytes, for a candidate and its tests that run in two processes: frames of a 32-bit length on
// descriptors 3 (in) and 4 (out). Both sides compile this file. It includes nothing that the prelude lacks and uses no
// <cstring>: what a candidate sees decides which programs compile, and CPP/23's function is called strlen.
//
// Tags: i integer of 64 bits, f and d float of 32 and 64, b bool, c character, s string of bytes, l list, m map,
// t tuple, n and o nothing and something. A value is read as its declared type and no other.
#ifndef WAVEBENCH_WIRE
#define WAVEBENCH_WIRE

namespace wavebench {

constexpr std::size_t most_bytes = 16u << 20, most_items = 1000000;

/// The bytes are no answer.
struct Bad {
    const char *why;
};
/// A value that bytes cannot carry.
struct Cannot {
    const char *why;
};

/// Bytes to be read, none behind their end. Counts are checked before anything is made.
struct In {
    const char *at;
    const char *end;
    std::size_t made = 0;

    const char *take(std::size_t count) {
        if (count > std::size_t(end - at)) throw Bad{"it ends early"};
        at += count;
        return at - count;
    }
    template <class T> T raw() {
        T value;
        __builtin_memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    char tag() { return *take(1); }
    void expect(char wanted) {
        if (tag() != wanted) throw Bad{"a value of another type"};
    }
    std::size_t count() {
        std::size_t count = raw<unsigned>();
        made += count;
        if (count > std::size_t(end - at) || made > most_items) throw Bad{"too many items"};
        return count;
    }
};

struct Out {
    std::string data;

    void tag(char tag) { data.push_back(tag); }
    template <class T> void raw(T value) { append(reinterpret_cast<const char *>(&value), sizeof value); }
    void count(std::size_t count) { raw<unsigned>(count); }
    void append(const char *from, std::size_t count) {
        if (data.size() + count > most_bytes) throw Cannot{"a value larger than 16 MiB"};
        data.append(from, count);
    }
};

template <class T, class = void> struct Codec;
template <class T> void put(Out &out, const T &value) { Codec<T>::put(out, value); }
template <class T> T get(In &in) { return Codec<T>::get(in); }

template <class T> struct Codec<T, std::enable_if_t<std::is_integral<T>::value>> {
    static void put(Out &out, T value) {
        out.tag('i');
        out.raw<long long>(value);
    }
    static T get(In &in) {
        in.expect('i');
        long long value = in.raw<long long>();
        if ((long long)T(value) != value) throw Bad{"a number out of range"};
        return T(value);
    }
};
template <> struct Codec<bool> {
    static void put(Out &out, bool value) {
        out.tag('b');
        out.tag(value);
    }
    static bool get(In &in) {
        in.expect('b');
        return in.tag() == 1;
    }
};
template <> struct Codec<char> {
    static void put(Out &out, char value) {
        out.tag('c');
        out.tag(value);
    }
    static char get(In &in) {
        in.expect('c');
        return in.tag();
    }
};
template <class T> struct Codec<T, std::enable_if_t<std::is_floating_point<T>::value>> {
    static_assert(sizeof(T) <= 8, "long double has no fixed form");
    static void put(Out &out, T value) {
        out.tag(sizeof(T) == 4 ? 'f' : 'd');
        out.raw<T>(value);
    }
    static T get(In &in) {
        in.expect(sizeof(T) == 4 ? 'f' : 'd');
        return in.raw<T>();
    }
};
template <> struct Codec<std::string> {
    static void put(Out &out, const std::string &value) {
        out.tag('s');
        out.count(value.size());
        out.append(value.data(), value.size());
    }
    static std::string get(In &in) {
        in.expect('s');
        std::size_t size = in.raw<unsigned>();
        return std::string(in.take(size), size);
    }
};

/// Lists and sets, which differ in how an item is put in.
template <class C> struct SequenceCodec {
    using Item = typename C::value_type;
    static void put(Out &out, const C &items) {
        out.tag('l');
        out.count(items.size());
        for (const Item &item : items) wavebench::put<Item>(out, item);
    }
    static C get(In &in) {
        in.expect('l');
        C items;
        for (std::size_t left = in.count(); left; left--) items.insert(items.end(), wavebench::get<Item>(in));
        return items;
    }
};
template <class T> struct Codec<std::vector<T>> : SequenceCodec<std::vector<T>> {};
template <class T> struct Codec<std::list<T>> : SequenceCodec<std::list<T>> {};
template <class T> struct Codec<std::deque<T>> : SequenceCodec<std::deque<T>> {};
template <class T> struct Codec<std::set<T>> : SequenceCodec<std::set<T>> {};
template <class T> struct Codec<std::multiset<T>> : SequenceCodec<std::multiset<T>> {};

template <class M> struct MapCodec {
    using Key = typename M::key_type;
    using Value = typename M::mapped_type;
    static void put(Out &out, const M &map) {
        out.tag('m');
        out.count(map.size());
        for (const auto &entry : map) {
            wavebench::put<Key>(out, entry.first);
            wavebench::put<Value>(out, entry.second);
        }
    }
    static M get(In &in) {
        in.expect('m');
        M map;
        for (std::size_t left = in.count(); left; left--) {
            Key key = wavebench::get<Key>(in);
            map[key] = wavebench::get<Value>(in);
        }
        return map;
    }
};
template <class K, class V> struct Codec<std::map<K, V>> : MapCodec<std::map<K, V>> {};

template <class A, class B> struct Codec<std::pair<A, B>> {
    static void put(Out &out, const std::pair<A, B> &both) {
        out.tag('t');
        out.count(2);
        wavebench::put<A>(out, both.first);
        wavebench::put<B>(out, both.second);
    }
    static std::pair<A, B> get(In &in) {
        in.expect('t');
        if (in.count() != 2) throw Bad{"a tuple of another size"};
        A first = wavebench::get<A>(in);
        return {first, wavebench::get<B>(in)};
    }
};

bool send(const std::string &data);
bool receive(std::string &data);

} // namespace wavebench
#endif
