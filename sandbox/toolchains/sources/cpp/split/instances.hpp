// Codecs that nearly every server needs: declared here, made once with SPLIT_INSTANCE=template.
#ifndef SPLIT_INSTANCE
#define SPLIT_INSTANCE extern template
#endif

namespace wavebench {
#define CODEC(...) \
    SPLIT_INSTANCE struct Codec<__VA_ARGS__>; \
    SPLIT_INSTANCE void put<__VA_ARGS__>(Out &, const __VA_ARGS__ &); \
    SPLIT_INSTANCE __VA_ARGS__ get<__VA_ARGS__>(In &);
#define WHOLE_CODEC(...) \
    SPLIT_INSTANCE void put<__VA_ARGS__>(Out &, const __VA_ARGS__ &); \
    SPLIT_INSTANCE __VA_ARGS__ get<__VA_ARGS__>(In &);
WHOLE_CODEC(bool)
WHOLE_CODEC(char)
WHOLE_CODEC(std::string)
CODEC(int)
CODEC(long long)
CODEC(float)
CODEC(double)
CODEC(std::vector<int>)
CODEC(std::vector<long long>)
CODEC(std::vector<float>)
CODEC(std::vector<double>)
CODEC(std::vector<std::string>)
CODEC(std::vector<std::vector<int>>)
CODEC(std::map<char, int>)
CODEC(std::map<std::string, std::string>)
#undef CODEC
#undef WHOLE_CODEC
} // namespace wavebench
#undef SPLIT_INSTANCE
