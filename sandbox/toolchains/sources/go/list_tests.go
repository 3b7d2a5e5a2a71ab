// Writes the main program of a test binary, as `go test` does: list-tests TESTS.go MAIN.go.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

const head = `package main

import (
	proof "aaa/proof"
	"os"
	"testing"
	"testing/internal/testdeps"

	candidate "candidate"
)

func main() {
	tests := []testing.InternalTest{
`

const tail = `	}
	code := testing.MainStart(testdeps.TestDeps{}, tests, nil, nil, nil).Run()
	proof.Write()
	os.Exit(code)
}
`

func isTest(declaration ast.Decl) (string, bool) {
	function, ok := declaration.(*ast.FuncDecl)
	if !ok || function.Recv != nil || !strings.HasPrefix(function.Name.Name, "Test") {
		return "", false
	}
	next, _ := utf8.DecodeRuneInString(function.Name.Name[len("Test"):])
	if unicode.IsLower(next) || function.Type.Params.NumFields() != 1 {
		return "", false
	}
	pointer, ok := function.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return "", false
	}
	kind, ok := pointer.X.(*ast.SelectorExpr)
	return function.Name.Name, ok && kind.Sel.Name == "T"
}

func main() {
	parsed, err := parser.ParseFile(token.NewFileSet(), os.Args[1], nil, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	names := []string{}
	for _, declaration := range parsed.Decls {
		if name, ok := isTest(declaration); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		fmt.Fprintln(os.Stderr, "the program has no test function")
		os.Exit(1)
	}
	text := head
	for _, name := range names {
		text += fmt.Sprintf("\t\t{Name: %q, F: candidate.%s},\n", name, name)
	}
	if err := os.WriteFile(os.Args[2], []byte(text+tail), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
