# Builds, in the current folder, what C++ programs are compiled with. SOURCES: folder of this script's parent.
set -eu
options="-std=c++17 -O0 -w"
cat "$SOURCES/cpp/prelude.hpp" "$SOURCES/cpp/instances.hpp" > prelude.hpp
"$GXX" $options -ffunction-sections -DINSTANCE=template -x c++ -c prelude.hpp -o instances.o || {
    echo "this compiler's library has no such instances; programs make their own" >&2
    cp "$SOURCES/cpp/prelude.hpp" prelude.hpp
    "$GXX" -x c++ -c /dev/null -o instances.o
}
ar rcs instances.a instances.o
rm instances.o
"$GXX" $options -x c++-header prelude.hpp -o prelude.hpp.gch
"$GXX" -x c -O1 -fPIC -c "$SOURCES/proof.c" -o proof.o

# The split mode: codecs and server that candidates are linked with, codecs and recorder that testers are.
split="$SOURCES/cpp/split"
mkdir -p split/include
cp -r "$split/wavebench" split/include/
cat prelude.hpp "$split/wavebench/wire.hpp" "$split/wavebench/server.hpp" > candidate.hpp
cat candidate.hpp "$split/frames.cpp" "$split/server.cpp" > server.cpp
"$GXX" $options -ffunction-sections -DSPLIT_INSTANCE=template -include candidate.hpp -x c++ -c "$split/instances.hpp" -o split/instances.o
"$GXX" $options -c server.cpp -o split/server.o
ar rcs split/candidate.a split/instances.o split/server.o
cat candidate.hpp "$split/instances.hpp" > split/candidate.hpp
"$GXX" $options -x c++-header split/candidate.hpp -o split/candidate.hpp.gch
{
    cat "$SOURCES/cpp/prelude.hpp"
    printf '#include <stdexcept>\n'
    cat "$split/wavebench/wire.hpp" "$split/wavebench/tester.hpp"
} > split/tester.hpp
checked="$options -D_GLIBCXX_ASSERTIONS"
cat split/tester.hpp "$split/frames.cpp" "$split/tester.cpp" > tester.cpp
"$GXX" $checked -O1 -c tester.cpp -o split/tester.o
"$GXX" $checked -x c++-header split/tester.hpp -o split/tester.hpp.gch
rm candidate.hpp server.cpp tester.cpp split/instances.o split/server.o
