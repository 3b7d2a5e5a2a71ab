// Compiled behind the prelude: templates that the headers, or nearly every program, would have instantiated in each
// program anew. Here they are only declared to be instantiated elsewhere; with INSTANCE=template this file is that place.
// The first two groups name what libstdc++'s own inline functions use.

#ifndef INSTANCE
#define INSTANCE extern template
#endif

#define SPECIAL_FUNCTIONS(T) \
    INSTANCE T std::__hypot3(T, T, T); \
    INSTANCE T std::__detail::__assoc_laguerre(unsigned int, unsigned int, T); \
    INSTANCE T std::__detail::__assoc_legendre_p(unsigned int, unsigned int, T, T); \
    INSTANCE T std::__detail::__beta(T, T); \
    INSTANCE T std::__detail::__comp_ellint_1(T); \
    INSTANCE T std::__detail::__comp_ellint_2(T); \
    INSTANCE T std::__detail::__comp_ellint_3(T, T); \
    INSTANCE T std::__detail::__cyl_bessel_i(T, T); \
    INSTANCE T std::__detail::__cyl_bessel_j(T, T); \
    INSTANCE T std::__detail::__cyl_bessel_k(T, T); \
    INSTANCE T std::__detail::__cyl_neumann_n(T, T); \
    INSTANCE T std::__detail::__ellint_1(T, T); \
    INSTANCE T std::__detail::__ellint_2(T, T); \
    INSTANCE T std::__detail::__ellint_3(T, T, T); \
    INSTANCE T std::__detail::__expint(T); \
    INSTANCE T std::__detail::__poly_hermite(unsigned int, T); \
    INSTANCE T std::__detail::__laguerre(unsigned int, T); \
    INSTANCE T std::__detail::__poly_legendre_p(unsigned int, T); \
    INSTANCE T std::__detail::__riemann_zeta(T); \
    INSTANCE T std::__detail::__sph_bessel(unsigned int, T); \
    INSTANCE T std::__detail::__sph_legendre(unsigned int, unsigned int, T); \
    INSTANCE T std::__detail::__sph_neumann(unsigned int, T);
SPECIAL_FUNCTIONS(float)
SPECIAL_FUNCTIONS(long double)
#undef SPECIAL_FUNCTIONS

#define NUMBER_FROM_TEXT(RESULT, READ, CHAR, ...) \
    INSTANCE RESULT __gnu_cxx::__stoa<READ, RESULT, CHAR __VA_OPT__(,) __VA_ARGS__>( \
        READ (*)(const CHAR *, CHAR ** __VA_OPT__(,) __VA_ARGS__), \
        const char *, const CHAR *, std::size_t * __VA_OPT__(,) __VA_ARGS__);
#define NUMBERS_AND_TEXTS(CHAR) \
    NUMBER_FROM_TEXT(int, long, CHAR, int) \
    NUMBER_FROM_TEXT(long, long, CHAR, int) \
    NUMBER_FROM_TEXT(unsigned long, unsigned long, CHAR, int) \
    NUMBER_FROM_TEXT(long long, long long, CHAR, int) \
    NUMBER_FROM_TEXT(unsigned long long, unsigned long long, CHAR, int) \
    NUMBER_FROM_TEXT(float, float, CHAR) \
    NUMBER_FROM_TEXT(double, double, CHAR) \
    NUMBER_FROM_TEXT(long double, long double, CHAR) \
    INSTANCE std::basic_string<CHAR> __gnu_cxx::__to_xstring<std::basic_string<CHAR>, CHAR>( \
        int (*)(CHAR *, std::size_t, const CHAR *, __builtin_va_list), std::size_t, const CHAR *, ...);
NUMBERS_AND_TEXTS(char)
NUMBERS_AND_TEXTS(wchar_t)
#undef NUMBERS_AND_TEXTS
#undef NUMBER_FROM_TEXT

INSTANCE class std::vector<bool>;
INSTANCE class std::vector<char>;
INSTANCE class std::vector<int>;
INSTANCE class std::vector<long long>;
INSTANCE class std::vector<float>;
INSTANCE class std::vector<double>;
INSTANCE class std::vector<std::string>;
INSTANCE class std::vector<std::vector<int>>;
INSTANCE class std::vector<std::vector<std::string>>;
INSTANCE class std::deque<int>;
INSTANCE class std::set<char>;
INSTANCE class std::set<int>;
INSTANCE class std::set<std::string>;
INSTANCE class std::map<char, int>;
INSTANCE class std::map<int, int>;
INSTANCE class std::map<std::string, int>;
INSTANCE class std::map<std::string, std::string>;
INSTANCE void std::sort(std::vector<int>::iterator, std::vector<int>::iterator);
INSTANCE void std::sort(std::vector<float>::iterator, std::vector<float>::iterator);
INSTANCE void std::sort(std::vector<std::string>::iterator, std::vector<std::string>::iterator);
INSTANCE void std::sort(std::string::iterator, std::string::iterator);
#undef INSTANCE
