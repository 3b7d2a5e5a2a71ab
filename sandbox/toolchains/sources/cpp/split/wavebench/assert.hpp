// Stands behind each inclusion of <assert.h> in the tests, which defines the macro anew.
#undef assert
#define assert(...) wavebench::check([&]() -> bool { return bool(__VA_ARGS__); }, #__VA_ARGS__)
