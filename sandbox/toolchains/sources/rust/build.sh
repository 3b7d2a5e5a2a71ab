# Builds, in the current folder, what Rust programs are linked with. The crates come from Debian's packages where they
# are installed, else from crates.io.
set -eu
cp -r "$SOURCES/rust" crates
cd crates
export RUSTC CARGO_TARGET_DIR="$PWD/target"
DEBIAN="${WAVEBENCH_CARGO_REGISTRY:-/usr/share/cargo/registry}"
if [ -d "$DEBIAN" ]; then
    mkdir .cargo
    printf '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "%s"\n' "$DEBIAN" > .cargo/config.toml
    "$CARGO" build --offline --quiet
else
    "$CARGO" build --quiet
fi
cd ..
mv crates/target/debug/deps .
rm -rf crates
rm -f deps/*.d deps/libprograms_may_use*
ln -s "deps/$(cd deps && echo librand_04-*.rlib)" librand.rlib
ln -s "deps/$(cd deps && echo libregex-*.rlib)" libregex.rlib
ln -s "deps/$(cd deps && echo libmd5-*.rlib)" libmd5.rlib
"$CC" -O1 -fPIC -c "$SOURCES/proof.c" -o proof.o
"$RUSTC" --edition 2021 --crate-type rlib --crate-name wavebench -C opt-level=1 -C debuginfo=0 \
    "$SOURCES/rust/split/wavebench.rs" -o libwavebench.rlib
