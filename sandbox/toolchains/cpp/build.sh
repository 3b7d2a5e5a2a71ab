# Builds, in the current folder, what C++ programs are compiled with. SOURCES: folder of this script's parent.
set -eu
cp "$SOURCES/cpp/prelude.hpp" .
"$GXX" -std=c++17 -O0 -w -x c++-header prelude.hpp -o prelude.hpp.gch
"$GXX" -x c -O1 -fPIC -c "$SOURCES/proof.c" -o proof.o
