// boost::any holds one of a closed set of types, behind a digit that names it; of any other it only says so (?).
#include <boost/any.hpp>

namespace wavebench {
/// A value of a type outside of the set: equal to nothing that tests ask for.
struct OfAnotherType {};

template <> struct Codec<boost::any> {
    template <class T> static bool put_if(Out &out, const boost::any &value, char tag) {
        if (value.type() != typeid(T)) return false;
        out.tag(tag);
        wavebench::put<T>(out, boost::any_cast<T>(value));
        return true;
    }
    static void put(Out &out, const boost::any &value) {
        if (value.empty()) return out.tag('n');
        put_if<int>(out, value, '1') || put_if<long long>(out, value, '2') || put_if<double>(out, value, '3') ||
            put_if<float>(out, value, '4') || put_if<char>(out, value, '5') || put_if<bool>(out, value, '6') ||
            put_if<std::string>(out, value, '7') || (out.tag('?'), true);
    }
    static boost::any get(In &in) {
        switch (in.tag()) {
            case 'n': return boost::any();
            case '1': return wavebench::get<int>(in);
            case '2': return wavebench::get<long long>(in);
            case '3': return wavebench::get<double>(in);
            case '4': return wavebench::get<float>(in);
            case '5': return wavebench::get<char>(in);
            case '6': return wavebench::get<bool>(in);
            case '7': return wavebench::get<std::string>(in);
            case '?': return OfAnotherType();
        }
        throw Bad{"a value of another type"};
    }
};
} // namespace wavebench
