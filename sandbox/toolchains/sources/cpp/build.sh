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
