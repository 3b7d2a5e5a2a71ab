# Builds, in the current folder, what Go programs are compiled with: the archives of the standard library and testify,
# copied so that no later `go` command can change them, the list of them, the completion proof and the lister of tests.
set -eu
export GOCACHE="$PWD/cache" GO111MODULE=off GOPATH="${WAVEBENCH_GOPATH:-/usr/share/gocode}" CGO_ENABLED=0 GOFLAGS=
TOOLS="$("$GO" env GOTOOLDIR)"
cp "$TOOLS/compile" "$TOOLS/link" .
mkdir archives
"$GO" list -export -deps -f '{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}' std github.com/stretchr/testify/assert |
while read -r path archive; do
    cp "$archive" "archives/$(echo "$path" | tr / @).a"
    echo "packagefile $path=$PWD/archives/$(echo "$path" | tr / @).a"
done > importcfg
./compile -p aaa/proof -complete -importcfg importcfg -pack -o proof.a "$SOURCES/go/proof.go"
cp importcfg importcfg.main
echo "packagefile aaa/proof=$PWD/proof.a" >> importcfg.main
echo "packagefile candidate=candidate.a" >> importcfg.main
"$GO" build -o list-tests "$SOURCES/go/list_tests.go"
chmod -R u+w cache
rm -rf cache

# The split mode. A candidate's own package cannot import what serves it, which is not in its importcfg.
cp importcfg importcfg.split
for package in wire serve tester checks; do
    ./compile -p "aaa/$package" -complete -importcfg importcfg.split -pack -o "$package.a" "$SOURCES/go/split/$package/"*.go
    echo "packagefile aaa/$package=$PWD/$package.a" >> importcfg.split
done
cp importcfg.split importcfg.split-main
echo "packagefile candidate=candidate.a" >> importcfg.split-main
